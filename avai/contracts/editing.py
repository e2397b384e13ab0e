"""Edit: the conditions of a cut, what would be kept by them, and the file that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from avai.contracts.base import Layer, Name, Request, Result, Seconds, SoundName, Span
from avai.contracts.results import Dropped, SkimPiece

Preference = Literal["speech", "music", "action", "faces", "sharp", "bright"]
Without = Literal["empty", "still", "repeats", "blurred", "black"]
Preset = Literal["none", "talk", "highlights", "dead_time", "teaser"]
TimeRange = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), "a stretch of time"]
"""``0:10-0:12.5``, in seconds or with minutes and hours; without a start from the beginning, without an end to it."""

PRESETS: Mapping[Preset, Mapping[str, Any]] = {
    "talk": {"drop_silence": True, "margin": 0.1, "shortest_silence": 0.3, "shortest": 0.2},
    "highlights": {"target": 60.0, "without": ("repeats", "blurred", "black")},
    "dead_time": {"without": ("empty",), "margin": 0.5, "shortest": 1.0},
    "teaser": {"target": 15.0, "without": ("repeats", "blurred", "black"), "best_first": True},
}
"""What each preset sets."""


class Conditions(Request):
    """What is kept of a clip. A preset sets what is left at its default. ``track`` is the sound track that is listened
    to and kept, from 1; 0: all are kept, the first is listened to."""

    preset: Preset = "none"
    target: float | None = Field(default=None, ge=1, le=7200)
    ratio: float | None = Field(default=None, ge=0.01, le=1)
    drop_silence: bool = False
    silence_db: float | None = Field(default=None, ge=-80, le=-10)
    margin: float = Field(default=0.2, ge=0, le=2)
    margin_after: float | None = Field(default=None, ge=0, le=2)
    shortest_silence: float = Field(default=0.4, ge=0.1, le=10)
    shortest: float = Field(default=0.5, ge=0.1, le=60)
    longest: float | None = Field(default=None, ge=0.5, le=600)
    keep: tuple[SoundName, ...] = Field(default=(), max_length=100)
    drop: tuple[SoundName, ...] = Field(default=(), max_length=100)
    prefer: tuple[Preference, ...] = ()
    without: tuple[Without, ...] = ()
    best_first: bool = False
    on_beat: bool = False
    speed: float | None = Field(default=None, ge=1.1, le=20)
    include: tuple[TimeRange, ...] = Field(default=(), max_length=200)
    exclude: tuple[TimeRange, ...] = Field(default=(), max_length=200)
    like: tuple[Name, ...] = Field(default=(), max_length=100)
    track: int = Field(default=1, ge=0, le=32)

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: Any) -> Any:
        """The preset's settings in the place of what is at its default: a page or a client sends all fields."""
        if not isinstance(given, dict):
            return given
        untouched: tuple[Any, ...] = (None, (), [], "")
        chosen = {
            name: value
            for name, value in given.items()
            if name in cls.model_fields and value not in (*untouched, cls.model_fields[name].default)
        }
        return {**given, **cls.with_preset(chosen)}

    @classmethod
    def with_preset(cls, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """What was chosen over what the preset among it sets."""
        preset = next((sets for name, sets in PRESETS.items() if name == chosen.get("preset")), {})
        return {**preset, **chosen, **({"preset": "none"} if preset else {})}

    @classmethod
    def text(cls, field: str) -> str:
        """What would be kept and what is made of it are asked for in the same words."""
        return f"edit.{field}"


class PlanRequest(Conditions):
    """What would be kept by conditions, before anything is rendered."""

    task: ClassVar[str] = "plan"
    clip: Path
    model: Path | None = None
    cut: tuple[TimeRange, ...] = Field(default=(), max_length=2000)
    edit: Path | None = None


Codec = Literal["h264", "h265", "vp9", "av1"]
Quality = Literal["small", "good", "best"]
Size = Literal["original", "2160", "1440", "1080", "720", "480", "360"]
Shape = Literal["original", "16:9", "9:16", "1:1", "4:5"]
Fit = Literal["crop", "blur", "bars"]


class EditRequest(PlanRequest):
    """A cut by conditions."""

    task: ClassVar[str] = "edit"
    codec: Codec = "h264"
    quality: Quality = "good"
    size: Size = "original"
    shape: Shape = "original"
    fit: Fit = "crop"
    smart: bool = False


class EditPiece(SkimPiece):
    """A kept stretch and the codes of why it was kept; it is played at ``speed``."""

    why: tuple[str, ...]
    speed: float = Field(default=1.0, gt=0, le=100)


class Plan(Result):
    """``pieces`` in the order of the output, and what is left out; ``asked`` are the conditions that they were chosen
    by. ``spans`` are the sounds that were kept or dropped by name."""

    source_duration: Seconds
    duration: Seconds
    pieces: tuple[EditPiece, ...]
    dropped: tuple[Dropped, ...] = ()
    layers: dict[Layer, tuple[Span, ...]] = Field(default={})
    asked: Conditions = Conditions()


class Edit(Plan):
    """The cut, and the file that was made of it, ``files[0]``. ``smart`` is whether whole groups of pictures were
    copied rather than encoded anew; a sound has no width and height."""

    bytes_before: int = 0
    bytes_after: int = 0
    width: int = 0
    height: int = 0
    smart: bool = False
