"""Keras networks: built from code, loaded once, called with arrays. Knows nothing of files of people or the page."""
