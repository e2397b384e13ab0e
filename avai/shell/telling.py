"""What the shell says: a bar while it works, one line when it is done, one sentence when it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avai import words
from avai.contracts import Composition, Edit, Recognition, RecognitionTable, Result, Summary, Value
from avai.errors import StudioError
from avai.progress import Progress, quiet


@contextmanager
def bar(language: str) -> Iterator[Progress]:
    """A progress bar with the time left on standard error, when that is a terminal; else nothing."""
    if not sys.stderr.isatty():
        yield quiet
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(words.say("job.starting", language), total=1.0)

        def report(done: float, what: str) -> None:
            shown.update(task, completed=done, description=escape(words.doing(what, language)))

        yield report


def complain(error: StudioError, language: str, details: Path | None = None) -> None:
    """One sentence on standard error, and where the details are, when they are somewhere."""
    sentence = error.sentence(language)
    if details is not None:
        sentence += " " + words.say("shell.details", language, file=str(details))
    print(sentence, file=sys.stderr, flush=True)


def tell(result: Result, task: str, json: Path, language: str) -> None:
    """The facts of a result in a line on standard output; its warnings on standard error."""
    for warning in result.warnings:
        sentence = words.say(warning.code, language, **warning.values)
        print(words.say("shell.warning", language, sentence=sentence), file=sys.stderr)
    for unread in result.unread if isinstance(result, RecognitionTable) else ():
        sentence = words.say(unread.reason.code, language, **unread.reason.values)
        print(f"{unread.name}: {sentence}", file=sys.stderr)
    print(words.say(f"shell.done_{task}", language, **_facts(result, language)), "->", json)


def _facts(result: Result, language: str) -> dict[str, Value]:
    """What the sentence ``shell.done_<task>`` says."""
    match result:
        case Recognition():
            verdict = result.classes[0] if result.classes else None
            return {
                "duration": f"{result.duration:.1f}",
                "label": _verdict(verdict.label, language) if verdict else "-",
                "share": f"{verdict.confidence if verdict else 0:.0%}",
                "spans": len(result.spans),
            }
        case RecognitionTable():
            return {
                "heard": len(result.clips),
                "all": len(result.clips) + len(result.unread),
                "duration": f"{sum(each.duration for each in result.clips):.1f} s",
            }
        case Summary():
            return {
                "duration": f"{result.duration:.1f}",
                "shots": len(result.shots),
                "pictures": len(result.pictures),
                "skim": f"{result.skim.duration:.1f}",
            }
        case Edit():
            return {
                "duration": f"{result.duration:.1f}",
                "source": f"{result.source_duration:.1f}",
                "pieces": len(result.pieces),
            }
        case Composition():
            return {
                "duration": f"{result.duration:.1f}",
                "pieces": len(result.pieces),
                "loudness": f"{result.loudness:.1f}",
            }
    raise TypeError(f"nothing to say about {type(result).__name__}")


def _verdict(label: str, language: str) -> str:
    # "other" is also a layer; as a verdict it says that no class of the model fits
    return words.say("ui.no_class", language) if label == "other" else words.name_of(label, language)
