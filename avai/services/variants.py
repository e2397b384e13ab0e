"""Variants: a sound and what is made of it to learn more from, to be heard. What is drawn is what training draws."""

from __future__ import annotations

import math
import tempfile
import zipfile
from contextlib import ExitStack, suppress
from itertools import count as numbers
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.fft

from avai import media
from avai.contracts import Note, Variant, Variants, VariantsRequest
from avai.errors import RequestError, note
from avai.networks import logmel
from avai.networks.augment import HERTZ, Changes, draw, spread
from avai.networks.logmel import BANDS
from avai.progress import Progress, quiet
from avai.services.archive import Room, members
from avai.services.found import LeftOuts

RATE, MOST_SECONDS = 16_000, 10.0
"""What networks hear is heard here too: mono at 16 kHz."""
DB = 20 / math.log(10)

Samples = npt.NDArray[np.float32]


def variants(request: VariantsRequest, out: Path, progress: Progress = quiet) -> Variants:
    """Writes ``variant_00.wav``, the beginning of the clip as it is, the variants after it, and ``variants.json``. Of a
    zip, as it is given to learn from, the first sound is heard.

    Raises ``RequestError`` when the clip has no sound.
    """
    progress(0.0, "doing.decoding_sound")
    with tempfile.TemporaryDirectory() as folder:
        plain = _samples(_first_sound(request.clip, Path(folder), progress))
    rng = np.random.default_rng(request.seed)
    made = []
    for number in range(request.count + 1):
        progress(number / (request.count + 1), "doing.rendering_sound")
        sound, changes = (plain, Changes()) if number == 0 else _heard(plain, request, rng)
        file = f"variant_{number:02}.wav"
        media.write_wav(out / file, sound, RATE)
        made.append(Variant(file=file, changes=told(changes, len(plain) / RATE)))
    result = Variants(variants=tuple(made), files=("variants.json", *(each.file for each in made)))
    (out / "variants.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def _first_sound(given: Path, folder: Path, progress: Progress) -> Path:
    """The first sound in a zip, unpacked into ``folder``; any other file as it is."""
    if not zipfile.is_zipfile(given):
        return given
    with ExitStack() as held:
        for each in members(given, given.name, Room(folder), LeftOuts(), held):
            with suppress(RequestError):
                if each.container and media.probe(path := each.fetch(progress)).audio:
                    return path
    raise RequestError("recognize_note.no_sound")


def _samples(clip: Path) -> Samples:
    if not media.probe(clip).audio:
        raise RequestError("recognize_note.no_sound")
    plain = media.audio(clip, rate=RATE, mono=True, end=MOST_SECONDS).samples.reshape(-1)
    if not plain.size:
        raise RequestError("recognize_note.no_sound")
    return plain


def _heard(plain: Samples, request: VariantsRequest, rng: np.random.Generator) -> tuple[Samples, Changes]:
    """A variant in which something changes, where there is something to be heard of what is asked."""
    audible = set(request.augment) - {"mixup"}
    for _ in numbers():
        changes = draw(rng, request.augment)
        if not audible or told(changes, 1.0):
            break
    return changed(plain, changes, rng), changes


def told(changes: Changes, seconds: float) -> tuple[Note, ...]:
    """What is changed, in words, of a sound of so many seconds."""
    found = []
    if changes.speed != 1:
        found.append(note("variants_note.speed", factor=f"{changes.speed:.2f}"))
    if changes.pitch != 1:
        found.append(note("variants_note.pitch", semitones=f"{12 * math.log2(changes.pitch):+.1f}"))
    if changes.shift != (0, 0):
        start, end = (round(1000 * share * seconds) for share in changes.shift)
        found.append(note("variants_note.shift", start=f"{start:+d}", end=f"{end:+d}"))
    if changes.gain:
        low, high = DB * min(changes.gain), DB * max(changes.gain)
        found.append(note("variants_note.gain", low=f"{low:+.0f}", high=f"{high:+.0f}"))
    if changes.noise:
        found.append(note("variants_note.noise", below=f"{-DB * float(np.mean(changes.noise)):.0f}"))
    bands = sum(width for _, width in changes.masks)
    if bands or changes.gap[1]:
        gap = round(1000 * seconds * changes.gap[1] / BANDS)
        found.append(note("variants_note.mask", bands=bands, gap=gap))
    return tuple(found)


def changed(sound: Samples, changes: Changes, rng: np.random.Generator) -> Samples:
    """A mono sound at 16 kHz with these changes, no louder than full scale."""
    from avai.services.rosa import pitch_shift, time_stretch

    start, end = (round(share * len(sound)) for share in changes.shift)
    sound = np.pad(sound, (max(-start, 0), max(end, 0)))[max(start, 0) :]
    sound = sound[: len(sound) + min(end, 0)]
    if changes.speed != 1:
        sound = time_stretch(sound, rate=changes.speed)
    if changes.pitch != 1:
        sound = pitch_shift(sound, sr=RATE, n_steps=12 * math.log2(changes.pitch))
    sound = _filtered(sound, changes)
    if changes.noise:
        sound = sound + _noise(sound, changes, rng)
    first, width = (round(each * len(sound) / BANDS) for each in changes.gap)
    sound = sound.copy()
    sound[first : first + width] = 0
    return np.asarray(sound / max(1.0, float(np.abs(sound).max())), np.float32)


def _filtered(sound: Samples, changes: Changes) -> Samples:
    """The drawn filter, and bands that are masked left out."""
    curve = np.exp(spread(changes.gain)) if changes.gain else np.ones(BANDS)
    for first, width in changes.masks:
        curve[first : first + width] = 0
    return _shaped(sound, curve)


def _noise(sound: Samples, changes: Changes, rng: np.random.Generator) -> Samples:
    """Noise of the drawn colour, as far below the sound's loudest band as was drawn."""
    noise = _shaped(rng.normal(0, 0.1, len(sound)).astype(np.float32), np.exp(spread(changes.noise)))
    loudest, mean = (
        reduce(logmel.log_mel(np.pad(each, (0, logmel.WINDOW)))) for each, reduce in ((sound, np.max), (noise, np.mean))
    )
    return noise * np.float32(np.exp(loudest + np.mean(changes.noise) - mean))


def _shaped(sound: Samples, curve: npt.NDArray[np.float64]) -> Samples:
    """A sound through a filter given as magnitudes (64,) of the mel bands."""
    if (curve == 1).all():
        return sound
    hertz = scipy.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum = scipy.fft.rfft(sound) * np.interp(hertz, HERTZ, curve)
    return np.asarray(scipy.fft.irfft(spectrum, len(sound)), np.float32)
