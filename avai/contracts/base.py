"""What requests and results are made of."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Value = str | int | float
Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Layer = Literal["speech", "music", "other", "silence"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
SoundName = Annotated[Name, "a sound that the studio knows"]
LAYERS: tuple[Layer, ...] = ("speech", "music", "other", "silence")


class Contract(BaseModel):
    """Frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Note(Contract):
    """A warning: a key into the texts, the values of its places, and the English sentence."""

    code: str
    values: dict[str, Value] = {}
    text: str


class Span(Contract):
    """A stretch of time with a label."""

    start: Seconds
    end: Seconds
    label: str
    confidence: Share = 1.0


class Score(Contract):
    """A label of the whole clip."""

    label: str
    confidence: Share


class Request(Contract):
    """Base of requests. ``task`` is the service's name and the prefix of its texts."""

    task: ClassVar[str]

    @classmethod
    def text(cls, field: str) -> str:
        """The key of a field's description."""
        return f"{cls.task}.{field}"


class Result(Contract):
    """Base of results: warnings, and the files that were written, the main one first."""

    warnings: tuple[Note, ...] = ()
    files: tuple[str, ...] = ()
