"""What is known of a clip that is to be cut: found when a condition first asks for it, and remembered by content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from avai import media
from avai.contracts import LAYERS, ClipInfo, Layer, Note, Shot, Span
from avai.errors import RequestError
from avai.media.clock import FrameTimes
from avai.progress import Progress
from avai.services import hearing as ear
from avai.services import seeing as eye
from avai.services.layers import layers_of
from avai.services.moments import Moments, curve
from avai.services.recall import recall
from avai.services.spans import Stretch
from avai.services.tags import tags
from avai.services.voices import speech_spans
from avai.words import sound_labels

MARKED: tuple[Layer, ...] = ("speech", "music")
MOST_TAGS = 10


@dataclass(frozen=True)
class Known:
    """A clip, what it is, and from when to when it can be cut: where there is picture, or a sound from end to end.

    ``listening`` and ``watching`` tell how the analysis goes. Silence is below ``silence_db`` (None: found from the
    sound) for ``shortest_silence`` seconds at least. ``track`` is the one of ``info.audio`` that is listened to.
    """

    clip: Path
    info: ClipInfo
    listening: Progress
    watching: Progress
    silence_db: float | None = None
    shortest_silence: float = 0.4
    track: int = 0

    @property
    def seen(self) -> Stretch:
        return eye.picture_span(self.info) if self.info.video else (0.0, self.info.duration)

    @property
    def duration(self) -> float:
        return self.seen[1]

    @property
    def number(self) -> int:
        """The place in the file of the sound track that is listened to."""
        return self.info.audio[self.track].number if self.info.audio else 0

    @cached_property
    def hearing(self) -> ear.Hearing | None:
        """What is heard; None without a sound track."""
        if not self.info.audio:
            return None
        return ear.listen(self.clip, self.info.duration, self.listening, track=self.number)

    @cached_property
    def change(self) -> eye.Change | None:
        """What is seen; None without a picture."""
        return eye.watch(self.clip, self.info, self.watching) if self.info.video else None

    @cached_property
    def shots(self) -> tuple[Shot, ...]:
        """The shots of the picture; a sound is one."""
        if self.change is None:
            return (Shot(start=0.0, end=self.duration, transition="start"),)
        return eye.shots(self.change, self.duration)

    @cached_property
    def moments(self) -> Moments:
        """How much each moment matters."""
        looks = self.change.looks if self.change else None
        return curve(self.duration, self.change, looks, self.hearing)

    @cached_property
    def layers(self) -> dict[Layer, tuple[Span, ...]]:
        """Speech, music, other sounds and silence over time; none without sound."""
        return layers_of(self.hearing, self.silence_db, self.shortest_silence) if self.hearing else {}

    @cached_property
    def spoken(self) -> list[Stretch]:
        """Where somebody speaks."""
        return speech_spans(self.hearing) if self.hearing and not self.hearing.nothing else []

    @cached_property
    def frames(self) -> FrameTimes | None:
        """When each frame is shown; None without a picture."""
        if not self.info.video:
            return None
        find = partial(media.frame_times, self.clip)
        return recall(self.clip, ("frames",), find, partial(self.watching, 0.0, "doing.watching"))

    def sounds(self, labels: Sequence[str]) -> Mapping[str, list[Span]]:
        """When each of the sounds, or layers, is heard."""
        if self.hearing is None:
            raise RequestError("edit_note.no_sound_for_tags", sounds=", ".join(labels))
        every = [span for layer in LAYERS for span in self.layers.get(layer, ())]
        named = [label for label in labels if label not in LAYERS]
        if named:
            every += tags(self.hearing, sound_labels(), self.layers, len(sound_labels()))
        return {label: [span for span in every if span.label == label] for label in labels}

    def tags(self) -> list[Span]:
        """The sounds that an editor may look for: speech, music, and what else is heard most, in order of time."""
        if not self.hearing:
            return []
        layers = [span for layer in MARKED for span in self.layers.get(layer, ())]
        heard = [
            span for span in tags(self.hearing, sound_labels(), self.layers, MOST_TAGS) if span.label not in LAYERS
        ]
        return sorted([*layers, *heard], key=lambda span: span.start)

    def notes(self) -> tuple[Note, ...]:
        """What the analyses that were made have to say."""
        made = [self.__dict__[name] for name in ("hearing", "change") if self.__dict__.get(name)]
        return tuple(note for each in made for note in each.notes)
