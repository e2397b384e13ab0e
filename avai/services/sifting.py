"""What of the files that have a class can be learnt from: those that can be read and heard, each content once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avai import media
from avai.config import settings
from avai.contracts import MOST_CLIPS, ClipInfo, Kind, Note
from avai.errors import RequestError, note
from avai.media import SoundCheck
from avai.progress import Progress, part
from avai.services.found import Found, LeftOuts

SHORTEST = 0.1
"""Seconds of a clip that can be learnt from."""
LONGEST = 300.0
"""Seconds of one clip that are used."""
SLACK = 0.05
BLOCK = 1 << 20


@dataclass(frozen=True)
class Candidate:
    """A file, or a stretch of one, that somebody says to be of a class: ``label`` in the words of people."""

    file: Found
    label: str
    source: str = ""
    fold: int | None = None
    start: float | None = None
    end: float | None = None

    @property
    def name(self) -> str:
        """What a person knows it by."""
        if self.start is None or self.end is None:
            return self.file.name
        return f"{self.file.name} {self.start:.2f}-{self.end:.2f}"


@dataclass(frozen=True)
class Given:
    """A clip to learn from: the file ``path``, from ``start`` to ``end`` in seconds, of the class ``label``. Clips of
    one ``source`` are never on both sides of a test. ``name`` is what a person knows it by, ``digest`` its content's.
    ``fold`` is that of the data set's own table, where it has one; ``silent``, that nothing at all is to be heard."""

    path: Path
    label: str
    source: str
    name: str
    digest: str
    start: float
    end: float
    fold: int | None = None
    silent: bool = False


def sift(
    candidates: Iterable[Candidate], kind: Kind, left: LeftOuts, warnings: list[Note], progress: Progress
) -> list[Given]:
    """The clips in the order of labels and contents, which hangs on no path; what is left out goes to ``left``."""
    chosen = _at_most(list(candidates), warnings)
    clips = _opened(chosen, kind, left, progress)
    clips.sort(key=lambda clip: (clip.label, clip.digest, clip.name))
    clips = _once(_heard(clips, left), left)
    clips = _within(_shortened(clips, warnings), warnings)
    return _numbered(_comparable(clips, warnings))


def _at_most(candidates: list[Candidate], warnings: list[Note]) -> list[Candidate]:
    """No more than ``MOST_CLIPS``: from large classes fewer, chosen by a hash of their names."""
    if len(candidates) <= MOST_CLIPS:
        return candidates
    classes: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        classes[each.label].append(each)
    most = int(level([len(group) for group in classes.values()], MOST_CLIPS))
    warnings.append(note("material_note.too_many", limit=MOST_CLIPS, all=len(candidates), most=most))
    return [
        each
        for group in classes.values()
        for each in sorted(group, key=lambda one: hashlib.sha256(one.name.encode("utf-8", "replace")).digest())[:most]
    ]


def _opened(candidates: Sequence[Candidate], kind: Kind, left: LeftOuts, progress: Progress) -> list[Given]:
    files: dict[Found, list[Candidate]] = defaultdict(list)
    for each in candidates:
        files[each.file].append(each)
    clips: list[Given] = []
    for number, (file, mine) in enumerate(files.items()):
        still = part(progress, number / len(files), number / len(files))
        still(0.0, "doing.gathering")
        try:
            path = file.fetch(still)
            info = media.probe(path)
            digest = _digest(path, still)
            if kind == "picture":
                media.still(path, size=32)  # what is broken shows when it is decoded
            elif not info.audio:
                raise RequestError("media.no_sound")
        except RequestError as error:
            if error.about_all:
                raise
            left.add(file.name, error)
            continue
        for each in mine:
            try:
                clips.append(_clip(each, path, info, digest, still))
            except RequestError as error:
                left.add(each.name, error)
    return clips


def _clip(each: Candidate, path: Path, info: ClipInfo, digest: str, progress: Progress) -> Given:
    source = each.source or digest
    if not info.audio:
        return Given(path, each.label, source, each.name, digest, 0.0, 0.0, each.fold)
    first, last = info.audio[0].start, info.audio[0].start + info.audio[0].duration
    start, end = first, last
    # times that are not in a file just as long as they tell are those of what it was cut from
    cut = each.end is not None and each.start is not None and abs(last - first - (each.end - each.start)) < 0.5
    if each.start is not None and each.end is not None and not (cut and each.end > last + SLACK):
        start, end = max(each.start, first), min(each.end, last)
        if start >= last:
            raise RequestError("material_note.span_outside", seconds=round(last, 1))
        digest = hashlib.sha256(f"{digest} {start:.3f} {end:.3f}".encode()).hexdigest()
    if end - start < SHORTEST:
        raise RequestError("media.too_short", seconds=SHORTEST)
    silent = _silent(path, start, end, info, progress)
    return Given(path, each.label, source, each.name, digest, start, end, each.fold, silent)


def _digest(path: Path, progress: Progress) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
            if len(block) == BLOCK:
                progress(0.0, "doing.gathering")
    return found.hexdigest()


def _silent(path: Path, start: float, end: float, info: ClipInfo, progress: Progress) -> bool:
    """Whether there is nothing at all to hear. Mostly the first quarter of a second tells that there is."""
    check, rate = SoundCheck(), info.audio[0].rate
    if end - start > info.duration - 0.2:
        for _ in media.audio_blocks(path, rate=rate, mono=True, seconds=0.25, check=check):
            if not check.silent:
                return False
            progress(0.0, "doing.gathering")
        return True
    at = start
    while at < end:
        until = min(at + 10.0, end)
        check.see(media.audio(path, rate=rate, mono=True, start=at, end=until).samples)
        if check.samples and not check.silent:
            return False
        progress(0.0, "doing.gathering")
        at = until
    return True


def _heard(clips: Sequence[Given], left: LeftOuts) -> list[Given]:
    """Without silent ones; but a class of nothing else is silence, on purpose."""
    sounding = {clip.label for clip in clips if not clip.silent}
    kept = []
    for clip in clips:
        if clip.silent and clip.label in sounding:
            left.add(clip.name, RequestError("material_note.silent"))
        else:
            kept.append(clip)
    return kept


def _once(clips: Sequence[Given], left: LeftOuts) -> list[Given]:
    """Each content once in its class. What is in two classes is in none: nobody can tell which is meant."""
    labels: dict[str, set[str]] = defaultdict(set)
    for clip in clips:
        labels[clip.digest].add(clip.label)
    seen: dict[str, str] = {}
    kept = []
    for clip in clips:
        if len(labels[clip.digest]) > 1:
            left.add(clip.name, RequestError("material_note.two_classes", labels=listed(labels[clip.digest])))
        elif clip.digest in seen and not clip.silent:
            left.add(clip.name, RequestError("material_note.twice", name=seen[clip.digest]))
        else:
            seen[clip.digest] = clip.name
            kept.append(clip)
    return kept


def _shortened(clips: Sequence[Given], warnings: list[Note]) -> list[Given]:
    long = sum(clip.end - clip.start > LONGEST for clip in clips)
    if long:
        warnings.append(note("material_note.long", count=long, minutes=round(LONGEST / 60)))
    return [replace(clip, end=min(clip.end, clip.start + LONGEST)) for clip in clips]


def _within(clips: Sequence[Given], warnings: list[Note]) -> list[Given]:
    """No more sound than is taken: from classes with much, fewer clips."""
    seconds: dict[str, float] = defaultdict(float)
    for clip in clips:
        seconds[clip.label] += clip.end - clip.start
    limit = settings().max_seconds
    if sum(seconds.values()) <= limit:
        return list(clips)
    most = level(list(seconds.values()), limit)
    used: dict[str, float] = defaultdict(float)
    kept = []
    for clip in clips:
        if used[clip.label] + clip.end - clip.start <= most:
            used[clip.label] += clip.end - clip.start
            kept.append(clip)
    warnings.append(
        note("material_note.much", minutes=round(limit / 60), used=len(kept), all=len(clips), most=round(most))
    )
    return kept


def _comparable(clips: Sequence[Given], warnings: list[Note]) -> list[Given]:
    """A class that comes of one source alone could not be left out and known: each of its clips counts for itself."""
    sources: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for clip in clips:
        sources[clip.label].add(clip.source)
        counts[clip.label] += 1
    single = {label for label, group in sources.items() if len(group) == 1 and counts[label] > 1}
    said = sorted({clip.label for clip in clips if clip.label in single and not clip.silent})
    if said:
        warnings.append(note("material_note.one_source", labels=listed(said)))
    return [
        replace(clip, source=f"{clip.label} {number}") if clip.label in single else clip
        for number, clip in enumerate(clips)
    ]


def _numbered(clips: Sequence[Given]) -> list[Given]:
    """Sources by number in the order of the clips, whatever they were called."""
    numbers: dict[str, str] = {}
    return [replace(clip, source=numbers.setdefault(clip.source, f"{len(numbers):05}")) for clip in clips]


def level(amounts: Sequence[float], total: float) -> float:
    """The most that each may give, so that together they give ``total``: the small give all they have."""
    left, share = total, 0.0
    for number, amount in enumerate(sorted(amounts)):
        share = left / (len(amounts) - number)
        if amount > share:
            return share
        left -= amount
    return max(amounts, default=share)


def listed(names: Iterable[str], most: int = 5) -> str:
    """Some names, so many at most, in their order."""
    ordered = sorted(names)
    return ", ".join([*ordered[:most], *(["…"] if len(ordered) > most else [])])
