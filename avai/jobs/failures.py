"""What a service raised, as one sentence: known troubles of the machine by name, everything else as a fault of ours."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from avai.errors import Fault, StudioError

LIBRARIES = ("libGL", "libgthread", "libglib")


def sentence_of(error: BaseException, job: str) -> StudioError:
    """The error to show for ``error``, raised while ``job`` (an id that the log has too) ran."""
    if isinstance(error, StudioError):
        return error
    for each in _chain(error):
        if isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT):
            return Fault("job.disk_full")
        if isinstance(each, MemoryError):
            return Fault("job.memory")
        if isinstance(each, ImportError) and any(name in str(each) for name in LIBRARIES):
            return Fault("job.no_libgl")
    return Fault("job.fault", id=job)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
