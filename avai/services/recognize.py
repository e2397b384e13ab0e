"""Recognise: what is heard in a recording or a film, and when; the sound cleaned, and cut at its silences."""

from __future__ import annotations

from pathlib import Path

from avai import exchange, media
from avai.contracts import ClipInfo, Note, Recognition, RecognizeRequest, Strip
from avai.errors import RequestError
from avai.labels import chosen, resolved
from avai.progress import Progress, part, quiet
from avai.services.cleaning import clean
from avai.services.drawing import Drawing, drawn
from avai.services.hearing import listen
from avai.services.layers import layers_of, sounding
from avai.services.pieces import write_pieces
from avai.services.spans import long_enough, padded
from avai.services.tags import tags
from avai.services.verdict import verdict
from avai.words import sound_labels

PEAKS = 1600
SHORTEST = 0.1
"""Sound shorter than this in seconds is refused: there is nothing to recognise in it."""


def recognize(request: RecognizeRequest, out: Path, progress: Progress = quiet) -> Recognition:
    """Tags over time, layers, and a verdict on the whole clip; writes ``recognition.json`` and what goes with it.

    Files: ``tags.csv``, ``tags.vtt``, ``labels.txt`` (Audacity), ``strip.json``; ``cleaned.wav`` with ``denoise``;
    ``pieces.zip`` with ``split``, when there is something beside silence. Raises ``RequestError`` when the clip has no
    sound or too little of it. The recording is judged as it was given; cleaning is for ears.
    """
    only, never = resolved(request.only), resolved(request.never)
    info = sound_of(request.clip)
    warnings: list[Note] = list(info.warnings)
    drawing = Drawing(out, "sound")
    hearing = listen(request.clip, info.duration, part(progress, 0.0, 0.6), drawing.take)
    if hearing.ends < SHORTEST:
        raise RequestError("recognize_note.too_short", seconds=SHORTEST)
    warnings += hearing.notes
    layers = layers_of(hearing, request.silence_db, request.shortest_silence)
    spans = chosen(tags(hearing, sound_labels()), request.most, request.threshold, only, never)
    files = ["recognition.json"]
    if request.denoise and not hearing.nothing:
        clean(request.clip, out / "cleaned.wav", info, request.strength, part(progress, 0.6, 0.85))
        files.append("cleaned.wav")
    if request.split and not hearing.nothing:
        kept = padded(
            long_enough(sounding(hearing, request.silence_db, request.shortest_silence), request.shortest_piece),
            request.margin,
            request.margin,
            info.duration,
        )
        write_pieces(request.clip, kept, out / "pieces.zip", part(progress, 0.85, 0.98))
        files.append("pieces.zip")
    sounds = [drawing.finish()]
    if "cleaned.wav" in files:
        sounds.append(drawn(out / "cleaned.wav", out, "cleaned", info.duration, part(progress, 0.98, 1.0)))
    strip = Strip(duration=info.duration, peaks=drawing.peaks(PEAKS, info.duration), sounds=tuple(sounds))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    (out / "tags.csv").write_text(exchange.tags_csv(spans), encoding="utf-8")
    (out / "tags.vtt").write_text(exchange.tags_vtt(spans), encoding="utf-8")
    every = [*spans, *(span for layer in layers.values() for span in layer)]
    (out / "labels.txt").write_text(exchange.audacity_labels(every), encoding="utf-8")
    files += ["tags.csv", "tags.vtt", "labels.txt", "strip.json"]
    files += [name for sound in sounds for name in (sound.wave, sound.mel)]
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
