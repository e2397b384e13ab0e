"""Names that people gave, made harmless for the files that carry them."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

LONGEST = 500


def plain(text: str) -> str:
    """A name in one line, without what XML and line formats cannot hold; at most ``LONGEST`` characters."""
    kept = "".join(_harmless(letter) for letter in text)
    return " ".join(kept.split())[:LONGEST].rstrip()


def url(path: str) -> str:
    """A relative path as a relative URL (RFC 3986): any byte that is not plain is written as %XX."""
    return quote(path, safe="/", errors="surrogateescape")


def _harmless(letter: str) -> str:
    """Control characters and ends of lines are blanks; bytes that are no text, and what is no character at all, are
    the sign for that."""
    match unicodedata.category(letter):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return "\ufffd"
        case "Cn" if (ord(letter) & 0xFFFE) == 0xFFFE:
            return "\ufffd"
    return letter
