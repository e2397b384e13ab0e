"""Files to arrays and timelines, and back. Knows nothing of networks, services or the page."""

from avai.media.door import Source, open_clip

__all__ = ["Source", "open_clip"]
