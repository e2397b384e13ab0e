"""The studio from a shell: the same services, in the shell's own process, with options made from the requests."""
