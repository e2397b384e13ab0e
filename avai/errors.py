"""What can go wrong, and how it is said.

    StudioError
    +-- RequestError   what a person asked for, or a file they gave, cannot work (exit 2)
    +-- Cancelled      the person pressed Stop
        +-- Enough     ... and wants what there is so far
    +-- Fault          our fault: a crashed worker, a damaged network, a time limit (exit 1)

Each carries a key into the texts and the values of its places, so the page can say it in the reader's language.
``str(error)`` is the English sentence.
"""

from __future__ import annotations

from avai import words
from avai.contracts import Note, Value

ABOUT_ALL = frozenset({"media.disk_full", "media.cannot_write"})


class StudioError(Exception):
    """Base of what the studio raises on purpose."""

    def __init__(self, key: str, **values: Value) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self, language: str = "en") -> str:
        """What to tell the person, one plain sentence that says what to do."""
        return words.say(self.key, language, **self.values)

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.key, self.values)


class RequestError(StudioError):
    """What the person gave or asked for cannot work."""

    @classmethod
    def of(cls, reason: Note) -> RequestError:
        """What a note says, as a refusal."""
        return cls(reason.code, **reason.values)

    def noted(self) -> Note:
        """Why something was left out, for a result of all else."""
        return note(self.key, **self.values)

    @property
    def about_all(self) -> bool:
        """Whether it is not about the file at hand: the next would meet it too."""
        return self.key in ABOUT_ALL


class Cancelled(StudioError):
    """The person stopped the work."""

    def __init__(self, key: str = "job.stopped", **values: Value) -> None:
        super().__init__(key, **values)


class Enough(Cancelled):
    """The person wants what there is so far: who has something catches it and ends well; else the work is stopped."""

    def __init__(self, key: str = "job.enough", **values: Value) -> None:
        super().__init__(key, **values)


class Fault(StudioError):
    """Our fault. The log has the details under the id that the sentence carries, when it carries one."""


def _again(kind: type[StudioError], key: str, values: dict[str, Value]) -> StudioError:
    return kind(key, **values)


def note(code: str, **values: Value) -> Note:
    """A warning for a result: the work is done, and this should be known. ``code`` is a key into the texts."""
    return Note(code=code, values=values, text=words.say(code, **values))
