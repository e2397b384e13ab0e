"""How threads of this process are scheduled beside others."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

TASKS = Path("/proc/self/task")


def be_ordinary() -> None:
    """Give all threads of this process the usual scheduling again.

    SVT-AV1 that is opened by root takes the highest real-time priority, for its threads and the one that opened it:
    what that starts later would inherit it, and nothing else on the machine would get its turn.
    """
    for task in TASKS.iterdir() if TASKS.is_dir() else ():
        with suppress(OSError):  # a thread that has just ended
            if os.sched_getscheduler(int(task.name)) != os.SCHED_OTHER:
                os.sched_setscheduler(int(task.name), os.SCHED_OTHER, os.sched_param(0))
