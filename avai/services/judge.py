"""Judge: what a taught model takes each of some clips or pictures for, to try it and to review it."""

from __future__ import annotations

from pathlib import Path

from avai import media
from avai.contracts import Judged, Judgement, JudgeRequest, Score, Unjudged
from avai.errors import RequestError, note
from avai.networks.taught import Taught
from avai.progress import Progress, part, quiet
from avai.services.examples import seen
from avai.services.hearing import listen
from avai.services.models import model_of
from avai.services.naming import shown
from avai.services.verdict import verdict


def judge(request: JudgeRequest, out: Path, progress: Progress = quiet) -> Judgement:
    """The verdict on each clip; a clip that cannot be used has its reason, and the others go on."""
    model = model_of(request.model)
    judged, unread = [], []
    for number, clip in enumerate(request.clips):
        report = part(progress, number / len(request.clips), (number + 1) / len(request.clips))
        try:
            judged.append(Judged(clip=number, name=shown(clip), scores=_scores(model, clip, report)))
        except RequestError as error:
            unread.append(Unjudged(clip=number, name=shown(clip), reason=note(error.key, **error.values)))
    result = Judgement(
        kind="sound" if model.kind == "sound" else "picture",
        classes=model.classes,
        clips=tuple(judged),
        unread=tuple(unread),
        files=("judgement.json",),
    )
    (out / "judgement.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    return result


def _scores(model: Taught, clip: Path, progress: Progress) -> tuple[Score, ...]:
    info = media.probe(clip)
    if model.kind == "picture":
        return tuple(Score(label=label, confidence=share) for label, share in model.judge_picture(seen(clip)))
    if not info.audio:
        raise RequestError("recognize_note.no_sound")
    return verdict(listen(clip, info.duration, progress), model)
