"""Recognise: what is heard in a recording or a film, and when; the sound cleaned, and cut at its silences."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import noisereduce
import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import ClipInfo, Note, Recognition, RecognizeRequest, Score, Strip
from avai.errors import RequestError
from avai.media.sound import SoundReader, regular
from avai.media.writing import written
from avai.networks import registry
from avai.networks.sounding import sounding_windows
from avai.progress import Progress, part, quiet
from avai.services import hearing as ear
from avai.services.patience import waited
from avai.services.spans import Stretch, long_enough, overlap, padded
from avai.words import sound_labels

STRENGTH = 0.5
"""noisereduce at half strength: full strength harms more than it helps (SI-SDR -4.3 dB at 10 dB; docs/models.md)."""
PEAKS = 1600
FULL = 0.8
KINDS = (ear.speech_spans, ear.music_spans)
SHORTEST = 0.1
"""Sound shorter than this in seconds is refused: there is nothing to recognise in it."""


def recognize(request: RecognizeRequest, out: Path, progress: Progress = quiet) -> Recognition:
    """Tags over time, layers, and a verdict on the whole clip; writes ``recognition.json`` and what goes with it.

    Files: ``tags.csv``, ``tags.vtt``, ``labels.txt`` (Audacity), ``strip.json``; ``cleaned.wav`` with ``denoise``;
    ``pieces.zip`` with ``split``, when there is something beside silence. Raises ``RequestError`` when the clip has no
    sound or too little of it. The recording is judged as it was given; cleaning is for ears.
    """
    info = sound_of(request.clip)
    warnings: list[Note] = list(info.warnings)
    hearing = ear.listen(request.clip, info.duration, part(progress, 0.0, 0.6))
    if hearing.ends < SHORTEST:
        raise RequestError("recognize_note.too_short", seconds=SHORTEST)
    warnings += hearing.notes
    labels = sound_labels()
    layers = ear.layers(hearing, request.silence_db, request.shortest_silence)
    spans = ear.tags(hearing, labels, request.most)
    files = ["recognition.json"]
    if request.denoise and not hearing.nothing:
        clean(request.clip, out / "cleaned.wav", info, part(progress, 0.6, 0.85))
        files.append("cleaned.wav")
    if request.split and not hearing.nothing:
        kept = padded(
            long_enough(ear.sounding(hearing, request.silence_db, request.shortest_silence), 0.05),
            request.margin,
            request.margin,
            info.duration,
        )
        write_pieces(request.clip, kept, out / "pieces.zip", part(progress, 0.85, 0.98))
        files.append("pieces.zip")
    peaks = media.peaks(request.clip, PEAKS, part(progress, 0.98, 1.0))
    strip = Strip(duration=info.duration, peaks=tuple(peaks))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    (out / "tags.csv").write_text(media.tags_csv(spans), encoding="utf-8")
    (out / "tags.vtt").write_text(media.tags_vtt(spans), encoding="utf-8")
    every = [*spans, *(span for layer in layers.values() for span in layer)]
    (out / "labels.txt").write_text(media.audacity_labels(every), encoding="utf-8")
    files += ["tags.csv", "tags.vtt", "labels.txt", "strip.json"]
    result = Recognition(
        duration=info.duration,
        classes=verdict(hearing),
        spans=spans,
        layers=layers,
        warnings=tuple(warnings),
        files=tuple(files),
    )
    (out / "recognition.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def sound_of(clip: Path) -> ClipInfo:
    """What the clip is; a ``RequestError`` when it has no sound to work on."""
    info = media.probe(clip)
    if info.kind == "picture":
        raise RequestError("media.is_picture")
    if not info.audio:
        raise RequestError("recognize_note.no_sound")
    return info


def verdict(hearing: ear.Hearing, model: str = "esc10") -> tuple[Score, ...]:
    """What the whole clip is by the classifier, best first; empty when nothing is heard.

    The bundled model knows neither speech nor music: a clip that is full of either is ``other`` to it.
    """
    if hearing.nothing:
        return ()
    mask = sounding_windows(hearing.levels, hearing.heard.times)
    judged = dict(registry.classes(model).judge(hearing.heard.embedding, mask))
    full = _filled(hearing)
    if model == "esc10" and full >= FULL and judged["other"] < full:
        rest = sum(judged.values()) - judged["other"]
        judged = {label: share * (1 - full) / max(rest, 1e-9) for label, share in judged.items()} | {"other": full}
    best = sorted(judged.items(), key=lambda item: -item[1])
    return tuple(Score(label=label, confidence=round(min(max(share, 0.0), 1.0), 4)) for label, share in best)


def _filled(hearing: ear.Hearing) -> float:
    """The share of what sounds that is speech, or music, whichever is more."""
    loud = ear.sounding(hearing)
    sounds = max(sum(end - start for start, end in loud), 0.1)
    return min(1.0, max(sum(b - a for a, b in overlap(kind(hearing), loud)) / sounds for kind in KINDS))


def clean(clip: Path, to: Path, info: ClipInfo, progress: Progress) -> None:
    """Write the clip's sound with its noise suppressed, every channel by itself, at the rate it has (48 kHz at most).

    Works in blocks of 30 s that overlap by half a second and are cross-faded, so an hour needs no more memory than
    a minute (noisereduce: spectral gating, Sainburg 2019).
    """
    rate = min(info.audio[0].rate, 48_000)
    media.write_wav(to, _cleaned(clip, rate, info.duration, progress), rate)


def _cleaned(clip: Path, rate: int, duration: float, progress: Progress) -> Iterator[NDArray[np.float32]]:
    mix = rate // 2
    ramp = np.linspace(0, 1, mix, dtype=np.float32)[:, None]
    held = np.zeros((0, 1), np.float32)
    tail: NDArray[np.float32] | None = None
    done = 0

    def here() -> None:
        progress(done / rate / max(duration, 0.1), "doing.cleaning")

    for block in media.audio_blocks(clip, rate=rate, mono=False, seconds=30.0):
        given = np.concatenate([held, block]) if held.size else block
        calm = waited(partial(_reduced, given, rate), here)
        if tail is not None:
            over = min(len(tail), len(calm))
            calm[:over] = tail[:over] * (1 - ramp[:over]) + calm[:over] * ramp[:over]
        keep = max(len(calm) - mix, 0)
        yield calm[:keep]
        tail, held = calm[keep:], given[keep:]
        done += keep
        here()
    if tail is not None:
        yield tail


def _reduced(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    if len(samples) < 2048:
        return samples.copy()
    calm = noisereduce.reduce_noise(y=samples.T, sr=rate, prop_decrease=STRENGTH, use_tqdm=False)
    return np.nan_to_num(np.asarray(calm, dtype=np.float32).reshape(samples.shape[::-1]).T).copy()


def write_pieces(clip: Path, kept: list[Stretch], to: Path, progress: Progress) -> None:
    """A zip of WAV files, one a stretch, named by number and by where it begins and ends; whole or not at all.

    Sound goes through in blocks: a piece may be as long as the clip.
    """
    total = sum(end - start for start, end in kept)
    done = 0.0
    with (
        written(to) as unfinished,
        TemporaryDirectory(dir=to.parent) as folder,
        zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive,
        SoundReader(clip) as reader,
    ):
        for number, (start, end) in enumerate(kept, 1):
            here = part(progress, done / total, (done + end - start) / total)
            piece = Path(folder) / f"piece_{number:03d}_{start:09.3f}-{end:09.3f}.wav"
            media.write_wav(piece, _stretch(reader, start, end, here), reader.rate)
            _stored(piece, archive, partial(here, 1.0, "doing.cutting_pieces"))
            piece.unlink()
            done += end - start


def _stretch(reader: SoundReader, start: float, end: float, progress: Progress) -> Iterator[NDArray[np.float32]]:
    """The sound of [start, end) in blocks of a second."""
    first, last = round(start * reader.rate), round(end * reader.rate)
    given = 0
    for block in regular(reader.blocks(first, last), reader.rate):
        given += len(block)
        progress(given / (last - first), "doing.cutting_pieces")
        yield block


def _stored(piece: Path, archive: zipfile.ZipFile, report: Callable[[], None]) -> None:
    """Copy a file into the archive, a megabyte at a time."""
    with piece.open("rb") as given, archive.open(piece.name, "w", force_zip64=True) as taken:
        while block := given.read(1 << 20):
            taken.write(block)
            report()
