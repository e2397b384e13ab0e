"""What a file is."""

from __future__ import annotations

from pathlib import Path

from avai import media
from avai.contracts import ClipInfo, ProbeRequest
from avai.progress import Progress, quiet


def probe(request: ProbeRequest, out: Path, progress: Progress = quiet) -> ClipInfo:
    """Kind, streams and exact durations of a clip; ``clip.json`` in ``out``.

    Raises ``RequestError`` for a file that cannot be used.
    """
    progress(0.0, "job.reading")
    info = media.probe(request.clip)
    (out / "clip.json").write_text(info.model_dump_json(indent=2), encoding="utf-8")
    return info
