"""Services that go wrong in every way that a real one could. Each gives or would give a ``ClipInfo``."""

from __future__ import annotations

import ctypes
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from avai.contracts import ClipInfo, ProbeRequest
from avai.errors import Enough, RequestError, note
from avai.progress import Progress


def info(request: ProbeRequest) -> ClipInfo:
    return ClipInfo(kind="sound", container="wav", bytes=1, duration=1.0, warnings=(note("job.stopped"),))


def measure(request: ProbeRequest) -> Iterator[float]:
    """Looks at many clips, each in a moment, all in more time than is given for one."""
    for number in range(40):
        time.sleep(0.1)
        yield float(number + 1)


def quick(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    return info(request)


def work(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    """Two seconds of work with steady progress."""
    (out / "made.txt").write_text("made")
    print("noise on the standard output must not harm the line")
    for step in range(40):
        progress(step / 40, "job.reading")
        time.sleep(0.05)
    return info(request)


def hang_politely(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    (out / "half.txt").write_text("half")
    (Path(tempfile.gettempdir()) / "temporary").write_text("half")
    while True:
        progress(0.1, "job.reading")
        time.sleep(0.05)


def hang(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    (out / "half.txt").write_text("half")
    progress(0.1, "job.reading")
    time.sleep(600)
    return info(request)


def hang_once(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    """Hangs when it is called first, and works when called again."""
    assert not list(out.iterdir())
    (out / "half.txt").write_text("half")
    if not request.clip.exists():
        request.clip.touch()
        time.sleep(600)
    return info(request)


def swallow(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    """Takes ``Cancelled`` for any other error and goes on."""
    while True:
        try:
            progress(0.1, "job.reading")
        except Exception:
            time.sleep(0.01)
        time.sleep(0.01)


def improve(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    """Gets better until the person has enough; what it then still does takes longer than a stop may."""
    try:
        while True:
            progress(0.1, "job.reading")
            time.sleep(0.02)
    except Enough:
        for _ in range(30):
            progress(0.9, "job.drawing")
            time.sleep(0.05)
    return info(request)


def exit_at_once(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    (out / "half.txt").write_text("half")
    os._exit(3)


def segfault(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    ctypes.string_at(0)
    return info(request)


def killed(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    os.kill(os.getpid(), signal.SIGKILL)
    return info(request)


def grow(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    kept = []
    while True:
        kept.append(b"x" * 10_000_000)
        time.sleep(0.02)


def bug(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    raise ZeroDivisionError("the secret of the bug")


def bad_request(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    raise RequestError("job.queue_full", waiting=7)


def disk_full(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    with open("/dev/full", "w") as file:
        file.write("x")
    return info(request)


def no_libgl(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")


def scribble(request: ProbeRequest, out: Path, progress: Progress) -> ClipInfo:
    """A result that is none."""
    return ClipInfo.model_construct(kind="nonsense", container="", bytes=-1, duration=-1)


SERVICES = {
    service.__name__: f"broken_services:{service.__name__}"
    for service in (
        quick,
        work,
        hang_politely,
        hang,
        hang_once,
        exit_at_once,
        segfault,
        killed,
        grow,
        bug,
        bad_request,
        disk_full,
        no_libgl,
        swallow,
        improve,
        scribble,
    )
}
