"""Teaching: what is given to learn from, what is asked, what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from avai.contracts.base import Contract, Name, Note, Request, Result, Score, Seconds, Share

Kind = Literal["sound", "picture"]
Method = Literal["svm", "lda", "words", "network", "tuned"]
"""Linear SVM or shrinkage LDA on an embedding, SVM on a log-mel picture, a network of its own, ours tuned."""

Augmentation = Literal["noise", "shift", "speed", "pitch", "gain", "mixup", "mask"]
Layout = Literal["labels", "table", "spans", "folders", "names"]
AUGMENTATIONS: tuple[Augmentation, ...] = ("noise", "shift", "speed", "pitch", "gain", "mixup", "mask")
ClassName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
MOST_CLIPS = 5000


class MaterialRequest(Request):
    """What there is to learn from: classes, clips, seconds, what is left out and why.

    ``material`` are folders, zips, sounds, pictures, recordings with labels, tables; ``labels`` the class of each of
    them in turn, empty (or not given) where the path says it itself. Classes in ``without`` are left out, as if they
    had not been given.
    """

    task: ClassVar[str] = "material"
    material: tuple[Path, ...] = Field(min_length=1, max_length=MOST_CLIPS)
    labels: tuple[ClassName, ...] = Field(default=(), max_length=MOST_CLIPS)
    without: tuple[Name, ...] = ()


class TrainRequest(MaterialRequest):
    """A model taught on one's own sounds or pictures."""

    task: ClassVar[str] = "train"
    thorough: bool = False
    start: Literal["scratch", "pretrained"] = "scratch"
    augment: tuple[Augmentation, ...] = AUGMENTATIONS
    seed: int = Field(default=0, ge=0, le=2**31 - 1)

    @classmethod
    def text(cls, field: str) -> str:
        """What there is to learn from has one description."""
        return MaterialRequest.text(field) if field in MaterialRequest.model_fields else super().text(field)


class JudgeRequest(Request):
    """What a taught model takes each of some clips or pictures for."""

    task: ClassVar[str] = "judge"
    model: Path
    clips: tuple[Path, ...] = Field(min_length=1, max_length=1000)


class CardRequest(Request):
    """What a taught model is, without using it."""

    task: ClassVar[str] = "card"
    model: Path


class VariantsRequest(Request):
    """A sound and what may be made of it to learn more from, to be heard."""

    task: ClassVar[str] = "variants"
    clip: Path
    augment: tuple[Augmentation, ...] = AUGMENTATIONS
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    count: int = Field(default=4, ge=1, le=20)


class TaughtClass(Contract):
    """A class of the material: how much there is of it, and from how many sources."""

    label: str
    clips: int
    seconds: Seconds
    sources: int


class LeftOut(Contract):
    """Something that was given and is not learnt from, and why."""

    name: str
    reason: Note


class Material(Result):
    """What was understood of the material. What is wrong with all of it is a warning, as is what was merged. ``layout``
    says what the classes were told by: labels given with files, tables, labelled spans, folders, names of files."""

    kind: Kind
    classes: tuple[TaughtClass, ...]
    layout: tuple[Layout, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Tried(Contract):
    """A way to learn, and the share of clips that it has right when they are left out."""

    method: Method
    accuracy: Share


class Mistake(Contract):
    """A clip that is taken for another class when it is left out; ``file`` plays it, where it was written."""

    name: str
    label: str
    taken_for: str
    confidence: Share
    file: str = ""


class Point(Contract):
    """A learning curve after an epoch (a pass over the clips, counted from 1)."""

    epoch: int
    loss: float
    accuracy: Share
    held_out_loss: float
    held_out_accuracy: Share


class Training(Result):
    """A taught model and how good it is. ``accuracy`` is cross-validated, clips of one source never on both sides;
    ``low`` and ``high`` bound it (95 %). ``confusion`` has a row for each true class, a column for what its clips were
    taken for, in the order of ``classes``. ``other`` is the AUROC of telling clips of the classes from clips of a class
    that was not taught, each class held out in turn. The model is ``files[0]``."""

    kind: Kind
    method: Method
    classes: tuple[str, ...]
    accuracy: Share
    low: Share
    high: Share
    confusion: tuple[tuple[int, ...], ...]
    tried: tuple[Tried, ...]
    other: Share | None = None
    mistakes: tuple[Mistake, ...] = ()
    advice: tuple[Note, ...] = ()
    material: tuple[TaughtClass, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    curve: tuple[Point, ...] = ()
    seconds: Seconds = 0
    seed: int = 0
    made: str = ""


class Judged(Contract):
    """One of the clips: ``scores`` best first, ``other`` among them; ``file`` plays or shows it."""

    clip: int
    name: str
    scores: tuple[Score, ...]
    file: str = ""


class Unjudged(Contract):
    """One of the clips that could not be judged, and why."""

    clip: int
    name: str
    reason: Note


class Judgement(Result):
    """The clips in the order given."""

    kind: Kind
    classes: tuple[str, ...]
    clips: tuple[Judged, ...]
    unread: tuple[Unjudged, ...] = ()


class ModelCard(Result):
    """A taught model: what it knows, how it was taught, how good it is (``Training``), and when it was made."""

    kind: Kind
    method: Method
    classes: tuple[str, ...]
    accuracy: Share | None = None
    low: Share | None = None
    high: Share | None = None
    made: str = ""


class Variant(Contract):
    """A sound in ``file``, and what was changed; nothing in the first."""

    file: str
    changes: tuple[Note, ...] = ()


class Variants(Result):
    """The beginning of a clip as it is, and its variants."""

    variants: tuple[Variant, ...]
