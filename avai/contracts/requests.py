"""What a person asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from avai.contracts.base import Name, Request, Seconds, Share, SoundName


class ProbeRequest(Request):
    """What a file is."""

    task: ClassVar[str] = "probe"
    clip: Path


class PreviewRequest(Request):
    """A small copy that every browser plays, and what the strip draws."""

    task: ClassVar[str] = "preview"
    clip: Path


class RecognizeSettings(Request):
    """What is asked of a recording, whether it is one or one of many."""

    denoise: bool = False
    strength: Share = 1.0
    split: bool = True
    most: int = Field(default=10, ge=1, le=40)
    threshold: Share = 0.0
    only: tuple[Name, ...] = Field(default=(), max_length=100)
    never: tuple[Name, ...] = Field(default=(), max_length=100)
    margin: float = Field(default=0.1, ge=0, le=2)
    shortest_silence: float = Field(default=0.4, ge=0.1, le=10)
    shortest_piece: float = Field(default=0.05, ge=0, le=60)
    silence_db: float | None = Field(default=None, ge=-80, le=-10)
    model: Path | None = None


class RecognizeRequest(RecognizeSettings):
    """What is heard, and when."""

    task: ClassVar[str] = "recognize"
    clip: Path


class RecognizeManyRequest(RecognizeSettings):
    """What is heard in each of many recordings, in one table."""

    task: ClassVar[str] = "recognize_many"
    clips: tuple[Path, ...] = Field(min_length=1, max_length=1000)

    @classmethod
    def text(cls, field: str) -> str:
        """What is asked of one recording has one description."""
        return RecognizeRequest.text(field) if field in RecognizeSettings.model_fields else super().text(field)


class StoryboardRequest(Request):
    """The best pictures of a video, one of each scene."""

    task: ClassVar[str] = "storyboard"
    clip: Path
    pictures: int = Field(default=6, ge=0, le=24)
    pinned: tuple[Seconds, ...] = Field(default=(), max_length=24)
    dropped: tuple[Seconds, ...] = Field(default=(), max_length=200)


class SummarizeRequest(Request):
    """A storyboard, shots, chapters and a short version of a video."""

    task: ClassVar[str] = "summarize"
    clip: Path
    pictures: int = Field(default=6, ge=0, le=24)
    seconds: float = Field(default=20, ge=1, le=600)
    picture: Share = 0.5
    sound: Share = 0.5
    tags: tuple[SoundName, ...] = Field(default=(), max_length=100)
    model: Path | None = None
    like: tuple[Name, ...] = Field(default=(), max_length=100)


class ComposeRequest(Request):
    """Several clips and one sound become one film."""

    task: ClassVar[str] = "compose"
    clips: tuple[Path, ...] = Field(max_length=40)
    sound: Path
    seconds: float | None = Field(default=None, ge=2, le=1800)
    order: Literal["likeness", "given"] = "likeness"
    join: Literal["dissolve", "cut"] = "dissolve"
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    loudness: float = Field(default=-14, ge=-30, le=-8)
