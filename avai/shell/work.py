"""Runs one service in this process, for a command: limits, progress, Ctrl-C, exit status."""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from avai import words
from avai.config import Settings, settings
from avai.contracts import Judgement, Request, Result, Training, TrainRequest, is_drawing
from avai.errors import Cancelled, Enough, RequestError, StudioError
from avai.jobs.failures import sentence_of
from avai.progress import Progress, quiet
from avai.services import SERVICES, clips_of, seconds_of
from avai.shell.guard import Guard
from avai.shell.output import Output
from avai.shell.telling import bar, complain, tell

DONE, FAULT, REFUSED, INTERRUPTED = 0, 1, 2, 130
MODEL = ".avai"


def make(kind: type[Request], given: dict[str, Any], out: Path, overwrite: bool, language: str) -> int:
    """Run the service of a request and put its files into ``out``; the exit status: 0, 1 (our fault) or 2 (refused)."""

    def work() -> None:
        request = _request(kind, given)
        with _output(request, out, overwrite) as output, bar(language) as progress:

            def last_words(error: StudioError) -> None:
                output.discard()
                complain(error, language)

            with Guard(_limits(), last_words) as guard:
                for seconds in seconds_of(request):
                    guard.limits.measured(seconds)
                    progress(0.0, "job.measuring")
                with _scratch(output.unfinished), _ending_well(request, progress, language) as report:
                    result = _service(kind.task)(request, output.unfinished, report)
            result = _taken_away(result, output)
            with _undisturbed():
                output.keep()
        tell(result, kind.task, output.main, language)

    return _held(work, language)


def look(kind: type[Request], given: dict[str, Any], language: str) -> int:
    """Run a service whose result is all that it gives, and print that as JSON; the exit status as of ``make``."""

    def work() -> None:
        request = _request(kind, given)
        with tempfile.TemporaryDirectory() as out:

            def last_words(error: StudioError) -> None:
                shutil.rmtree(out, ignore_errors=True)
                complain(error, language)

            with Guard(_limits(), last_words) as guard, _scratch(Path(out)):
                for seconds in seconds_of(request):
                    guard.limits.measured(seconds)
                result = _service(kind.task)(request, Path(out), quiet)
            print(_alone(result).model_dump_json(indent=2), flush=True)

    return _held(work, language)


def _output(request: Request, out: Path, overwrite: bool) -> Output:
    """Where the result goes: the folder ``out``, or the file of a model."""
    if not isinstance(request, TrainRequest):
        return Output(out, request.task, overwrite, clips_of(request))
    if out.suffix != MODEL or out.is_dir():
        raise RequestError("shell.out_model", file=str(out))
    return Output(out.absolute().parent, request.task, overwrite, clips_of(request), out.name)


def _taken_away(result: Result, output: Output) -> Result:
    """The result without what only the page draws, so that several tasks can share a folder; a model under the name
    that was asked for."""
    folder = output.unfinished
    for file in [path for path in folder.rglob("*") if is_drawing(path.name)]:
        file.unlink()
    files = [name for name in result.files if not is_drawing(name)]
    if isinstance(result, Training):
        os.replace(folder / files[0], folder / output.main.name)
        files[0] = output.main.name
        mistakes = tuple(each.model_copy(update={"file": ""}) for each in result.mistakes)
        result = result.model_copy(update={"mistakes": mistakes})
    result = result.model_copy(update={"files": tuple(files)})
    (folder / output.json.name).write_text(result.model_dump_json(indent=2), encoding="utf-8")
    return result


def _alone(result: Result) -> Result:
    """The result without files, of which none are kept."""
    if isinstance(result, Judgement):
        clips = tuple(each.model_copy(update={"file": ""}) for each in result.clips)
        result = result.model_copy(update={"clips": clips})
    return result.model_copy(update={"files": ()})


@contextmanager
def _scratch(folder: Path) -> Iterator[None]:
    """A place in ``folder`` for temporary files, so that they go with it however this process ends."""
    place = folder / "scratch"
    place.mkdir()
    tempfile.tempdir = str(place)
    try:
        yield
    finally:
        tempfile.tempdir = None
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _ending_well(request: Request, progress: Progress, language: str) -> Iterator[Progress]:
    """The progress of a service. While a network is trained, a first Ctrl-C asks for the best so far, a second ends."""

    def going_on(done: float, what: str) -> None:
        if _interrupted.is_set():  # a library that was being imported took no notice
            raise KeyboardInterrupt
        progress(done, what)

    if not isinstance(request, TrainRequest) or not request.thorough:
        yield going_on
        return
    asked = threading.Event()
    former = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, former)
        asked.set()
        os.write(2, f"\n{words.say('shell.enough', language)}\n".encode())  # print may be at work just now

    def report(done: float, what: str) -> None:
        if asked.is_set():
            asked.clear()
            raise Enough
        going_on(done, what)

    signal.signal(signal.SIGINT, ask)
    try:
        yield report
    finally:
        signal.signal(signal.SIGINT, former)


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
    _interrupted.clear()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt)
    try:
        work()
        return DONE
    except KeyboardInterrupt:
        _end(language)
    except RequestError as error:
        complain(error, language)
        return REFUSED
    except BrokenPipeError:
        # who reads has enough, as `head` does; what is still to be written at the end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if _interrupted.is_set():  # a library that was being imported made another error of it
            _end(language)
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


_interrupted = threading.Event()


def _interrupt(number: int, frame: object) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def _end(language: str) -> NoReturn:
    """At once: a library that was being imported may have left things half-way."""
    complain(Cancelled(), language)
    os._exit(INTERRUPTED)


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
