"""Numbers and small sentences as the page writes them."""

from __future__ import annotations

from avai import words
from avai.contracts import ClipInfo


def clock(seconds: float, digits: int = 1) -> str:
    """A time as ``0:07.5`` or ``1:02:03.0``."""
    ticks = round(max(0.0, seconds) * 10**digits)
    whole, part = divmod(ticks, 10**digits)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    tail = f"{rest:02d}" + (f".{part:0{digits}d}" if digits else "")
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def size(count: int) -> str:
    """A number of bytes as ``812 kB`` or ``1.4 GB``."""
    for unit, each in (("GB", 1e9), ("MB", 1e6)):
        if count >= each:
            return f"{count / each:.1f} {unit}"
    return f"{max(1, round(count / 1e3))} kB"


def left(seconds: float, language: str) -> str:
    """The time that remains, as a person says it."""
    if seconds < 60:
        return words.say("ui.left_seconds", language, seconds=max(1, round(seconds)))
    return words.say("ui.left_minutes", language, minutes=round(seconds / 60))


def title(name: str) -> str:
    """A name as it stands alone, as before a row."""
    return name[:1].upper() + name[1:]


def percent(share: float) -> str:
    """A share as it is written; what is not quite all is not called all."""
    whole = round(100 * share)
    return f"{99 if whole == 100 and share < 1 else whole} %"


def reasons(why: tuple[str, ...], language: str) -> str:
    """Codes of reasons in words."""
    return words.say("ui.comma", language).join(_reason(code, language) for code in why)


def _reason(code: str, language: str) -> str:
    name, _, label = code.partition(":")
    return words.say(f"why.{name}", language, sounds=label) if label else words.say(f"why.{name}", language)


def facts(info: ClipInfo, language: str) -> str:
    """A clip in one line: length, picture, sound, size."""
    parts = [clock(info.duration)]
    if info.video:
        parts.append(f"{info.video.width} × {info.video.height}, {info.video.rate:.4g} fps, {info.video.codec}")
    if info.audio:
        first = info.audio[0]
        kind = "ui.stereo" if first.channels == 2 else "ui.mono" if first.channels == 1 else "ui.channels"
        heard = words.say(kind, language, count=first.channels)
        parts.append(f"{heard}, {first.rate / 1000:.4g} kHz, {first.codec}")
    else:
        parts.append(words.say("ui.no_sound_track", language))
    parts.append(size(info.bytes))
    return " · ".join(parts)
