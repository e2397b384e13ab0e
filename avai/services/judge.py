"""Judge: what a taught model takes each of some clips or pictures for, to try it and to review it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from avai import media
from avai.contracts import Judged, Judgement, JudgeRequest, Score, Unjudged
from avai.errors import RequestError
from avai.networks import registry
from avai.networks.taught import Taught
from avai.progress import Progress, part, quiet
from avai.services.hearing import listen
from avai.services.models import model_of
from avai.services.naming import shown
from avai.services.seeing import SAMPLE
from avai.services.verdict import verdict

PLAYED, RATE = 10.0, 44_100
"""Seconds of a sound that can be played, and samples a second."""


def judge(request: JudgeRequest, out: Path, progress: Progress = quiet) -> Judgement:
    """The verdict on each clip, in the order given; writes ``judgement.json``, and ``judged_NN.wav`` (its beginning)
    or ``.jpg`` for each, to play or to look at. A clip that cannot be used has its reason, and the others go on."""
    model = model_of(request.model)
    judged: list[Judged] = []
    unread: list[Unjudged] = []
    for number, clip in enumerate(request.clips):
        report = part(progress, number / len(request.clips), (number + 1) / len(request.clips))
        report(0.0, "doing.listening" if model.kind == "sound" else "doing.looking")
        file = out / f"judged_{number + 1:02}.{'wav' if model.kind == 'sound' else 'jpg'}"
        try:
            scores = (_heard if model.kind == "sound" else _seen)(request, model, clip, file, report)
        except RequestError as error:
            if error.about_all:
                raise
            file.unlink(missing_ok=True)
            unread.append(Unjudged(clip=number, name=shown(clip), reason=error.noted()))
        else:
            judged.append(Judged(clip=number, name=shown(clip), scores=scores, file=file.name))
    result = Judgement(
        kind=model.kind,
        classes=model.classes,
        clips=tuple(judged),
        unread=tuple(unread),
        files=("judgement.json", *(each.file for each in judged)),
    )
    (out / "judgement.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def _heard(request: JudgeRequest, model: Taught, clip: Path, file: Path, progress: Progress) -> tuple[Score, ...]:
    info = media.probe(clip)
    if info.kind == "picture":
        raise RequestError("model.knows_sounds", file=shown(request.model))
    if not info.audio:
        raise RequestError("recognize_note.no_sound")
    scores = verdict(listen(clip, info.duration, part(progress, 0.0, 0.8)), model, part(progress, 0.8, 1.0))
    if not scores:
        raise RequestError("judge_note.silent")
    media.write_wav(file, media.audio(clip, rate=RATE, mono=True, end=PLAYED).samples, RATE)
    return scores


def _seen(request: JudgeRequest, model: Taught, clip: Path, file: Path, progress: Progress) -> tuple[Score, ...]:
    """Of a video, what its middle shows."""
    info = media.probe(clip)
    if info.kind == "sound":
        raise RequestError("model.knows_pictures", file=shown(request.model))
    if info.kind == "picture":
        image = media.still(clip, size=SAMPLE)
    else:
        image = media.frame_at(clip, info.duration / 2, size=SAMPLE).image
    embedding = np.asarray(registry.frame().look(image[None]).embedding[0])
    media.write_jpeg(file, image)
    return tuple(Score(label=label, confidence=share) for label, share in model.judge_picture(embedding))
