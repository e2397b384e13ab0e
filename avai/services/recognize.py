"""Recognise: what is heard in a recording or a film, and when; the sound cleaned, and cut at its silences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from avai import exchange, media
from avai.contracts import ClipInfo, Note, Recognition, RecognizeRequest, Span, Strip
from avai.errors import RequestError, note
from avai.labels import chosen, resolved
from avai.networks.taught import Taught
from avai.progress import Progress, part, quiet
from avai.services.cleaning import write_cleaned
from avai.services.drawing import Drawing, drawn
from avai.services.hearing import listen
from avai.services.layers import layers_of
from avai.services.models import model_of
from avai.services.pieces import pieces_of, write_pieces
from avai.services.tags import tags
from avai.services.taught_tags import taught_tags
from avai.services.verdict import verdict
from avai.words import sound_labels

PEAKS = 1600
LISTENING, CLEANING = (0.85, 0.85), (0.15, 0.92)
"""Shares of the work after which all is heard and all is cleaned: without clean-up, and with it, the longest part."""
LISTENED = 0.6
"""Share of that after which a model of one's own is asked: its network may take as long."""
FEW_VOICES = 0.1
"""Below this share of what sounds being speech, a person is told that clean-up keeps voices alone."""
SHORTEST = 0.1
"""Sound shorter than this in seconds is refused: there is nothing to recognise in it."""


def recognize(
    request: RecognizeRequest, out: Path, progress: Progress = quiet, model: Taught | None = None
) -> Recognition:
    """Tags over time, layers, and a verdict on the whole clip; writes ``recognition.json`` and what goes with it.
    ``model`` is the request's, where it has been read already.

    Files: ``tags.csv``, ``tags.vtt``, ``labels.txt`` (Audacity), ``strip.json``; ``cleaned.wav`` with ``denoise`` and,
    for a video, ``cleaned.mp4`` (or ``.webm``, ``.mkv``, ``.mov``: what takes its picture); ``pieces.zip`` with
    ``split``, when there is something beside silence. Raises ``RequestError`` when the clip has no
    sound or too little of it. The recording is judged as it was given; cleaning is for ears.
    """
    if model is None and request.model:
        model = model_of(request.model, "sound")
    known = model.classes if model else ()
    only, never = resolved(request.only, known), resolved(request.never, known)
    info = sound_of(request.clip)
    warnings: list[Note] = list(info.warnings)
    heard, cleaned = CLEANING if request.denoise else LISTENING
    with Drawing(out, "sound") as drawing:
        listened = heard * (1 if model is None else LISTENED)
        hearing = listen(request.clip, info.duration, part(progress, 0.0, listened), drawing.take)
        if hearing.ends < SHORTEST:
            raise RequestError("recognize_note.too_short", seconds=SHORTEST)
        sounds = [drawing.finish()]
    warnings += hearing.notes
    layers = layers_of(hearing, request.silence_db, request.shortest_silence)
    naming = part(progress, listened, heard)
    if model:
        found = taught_tags(hearing, model, layers["silence"], part(naming, 0.0, 0.7))
    else:
        found = tags(hearing, sound_labels(), layers)
    classes = verdict(hearing, model, part(naming, 0.7, 1.0))
    spans = chosen(found, request.most, request.threshold, only, never)
    files = ["recognition.json"]
    if request.denoise and not hearing.nothing:
        made, notes = write_cleaned(request.clip, out, info, request.strength, part(progress, heard, cleaned))
        files += made
        warnings += notes
        if seconds(layers["speech"]) < FEW_VOICES * (hearing.ends - seconds(layers["silence"])):
            warnings.append(note("recognize_note.cleaned_without_speech"))
    if request.split and not hearing.nothing:
        if kept := pieces_of(hearing, request):
            write_pieces(request.clip, kept, out / "pieces.zip", part(progress, cleaned, 0.98))
            files.append("pieces.zip")
        else:
            warnings.append(note("recognize_note.no_pieces"))
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
        classes=classes,
        spans=spans,
        layers=layers,
        warnings=tuple(warnings),
        files=tuple(files),
    )
    (out / "recognition.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def seconds(spans: Iterable[Span]) -> float:
    """How long spans of one layer are together."""
    return sum(span.end - span.start for span in spans)


def sound_of(clip: Path) -> ClipInfo:
    """What the clip is; a ``RequestError`` when it has no sound to work on."""
    info = media.probe(clip)
    if info.kind == "picture":
        raise RequestError("media.is_picture")
    if not info.audio:
        raise RequestError("recognize_note.no_sound")
    return info
