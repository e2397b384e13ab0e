"""Runs one service in this process, for a command: limits, progress, Ctrl-C, exit status."""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from avai.config import Settings, settings
from avai.contracts import Request, Result, is_drawing
from avai.errors import Cancelled, RequestError, StudioError
from avai.jobs.failures import sentence_of
from avai.progress import Progress, quiet
from avai.services import SERVICES, clips_of, seconds_of
from avai.shell.guard import Guard
from avai.shell.output import Output
from avai.shell.telling import bar, complain, tell

DONE, FAULT, REFUSED, INTERRUPTED = 0, 1, 2, 130


def make(kind: type[Request], given: dict[str, Any], out: Path, overwrite: bool, language: str) -> int:
    """Run the service of a request and put its files into ``out``; the exit status: 0, 1 (our fault) or 2 (refused)."""

    def work() -> None:
        request = _request(kind, given)
        with Output(out, kind.task, overwrite, clips_of(request)) as output, bar(language) as progress:

            def last_words(error: StudioError) -> None:
                output.discard()
                complain(error, language)

            with Guard(_limits(), last_words) as guard:
                for seconds in seconds_of(request):
                    guard.limits.measured(seconds)
                    progress(0.0, "job.measuring")
                result = _service(kind.task)(request, output.unfinished, progress)
            result = _without_drawings(result, output.unfinished, output.json.name)
            with _undisturbed():
                output.keep()
        tell(result, kind.task, output.json, language)

    return _held(work, language)


def look(kind: type[Request], given: dict[str, Any], language: str) -> int:
    """Run a service whose result is all that it gives, and print that as JSON; the exit status as of ``make``."""

    def work() -> None:
        request = _request(kind, given)
        with (
            tempfile.TemporaryDirectory() as out,
            Guard(_limits(), lambda error: complain(error, language)),
        ):
            print(_service(kind.task)(request, Path(out), quiet).model_dump_json(indent=2), flush=True)

    return _held(work, language)


def _without_drawings(result: Result, folder: Path, json: str) -> Result:
    """The result without the files of the page's time strip, so that several tasks can share a folder."""
    for file in [path for path in folder.rglob("*") if is_drawing(path.name)]:
        file.unlink()
    result = result.model_copy(update={"files": tuple(name for name in result.files if not is_drawing(name))})
    (folder / json).write_text(result.model_dump_json(indent=2), encoding="utf-8")
    return result


def _request(kind: type[Request], given: dict[str, Any]) -> Request:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("clips",) and first["type"] == "too_long":
            count, most = first["ctx"]["actual_length"], first["ctx"]["max_length"]
            raise RequestError("ui.many.too_many", count=count, most=most) from error
        option = " ".join(str(place) for place in first["loc"])
        raise RequestError("shell.bad_value", option=option, why=first["msg"]) from error


def _limits() -> Settings:
    try:
        return settings()
    except ValueError as error:
        raise RequestError("shell.setting", why=str(error)) from error


def _service(task: str) -> Callable[[Request, Path, Progress], Result]:
    module, _, name = SERVICES[task].partition(":")
    service: Callable[[Request, Path, Progress], Result] = getattr(importlib.import_module(module), name)
    return service


def _held(work: Callable[[], None], language: str) -> int:
    """Run ``work`` and say in a sentence what went wrong."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        work()
        return DONE
    except KeyboardInterrupt:
        complain(Cancelled(), language)
        os._exit(INTERRUPTED)  # at once: a library that was being imported may have left things half-way
    except RequestError as error:
        complain(error, language)
        return REFUSED
    except BrokenPipeError:
        # who reads has enough, as `head` does; what is still to be written at the end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        number = secrets.token_hex(4)
        complain(sentence_of(error, number), language, _write_down(error, number))
        return FAULT


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C comes too late: what is whole is moved in as a whole."""
    former = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _write_down(error: Exception, number: str) -> Path | None:
    """Put the details of a fault into the log; where that is, None when it cannot be written."""
    file = Path(settings().jobs_dir) / "shell.log"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(file, maxBytes=1_000_000, backupCount=1, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("avai.shell")
    log.propagate = False
    log.addHandler(handler)
    log.error("%s: %s", number, " ".join(sys.argv), exc_info=error)
    handler.close()
    return file
