"""What the shell says: a bar while it works, one line when it is done, one sentence when it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avai import words
from avai.contracts import (
    LAYERS,
    Composition,
    Plan,
    Recognition,
    RecognitionTable,
    Result,
    Storyboard,
    Summary,
    Training,
    Value,
)
from avai.errors import StudioError
from avai.labels import heard_most, sounds_of
from avai.progress import Progress, quiet

STRONGEST = 3
NAMED = 5
"""Things left out that are named one by one."""


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


def tell(result: Result, task: str, file: Path, language: str) -> None:
    """The facts of a result and where it is, in a line on standard output; its warnings on standard error."""
    for warning in result.warnings:
        sentence = words.say(warning.code, language, **warning.values)
        print(words.say("shell.warning", language, sentence=sentence), file=sys.stderr)
    for unread in result.unread if isinstance(result, RecognitionTable) else ():
        sentence = words.say(unread.reason.code, language, **unread.reason.values)
        print(f"{unread.name}: {sentence}", file=sys.stderr)
    if isinstance(result, Training):
        _tell_more(result, language)
    print(words.say(f"shell.done_{task}", language, **_facts(result, language)), "->", file)


def _tell_more(result: Training, language: str) -> None:
    """What was not learnt from, and what would make the model better, on standard error."""
    for left in result.left_out[:NAMED]:
        print(f"{left.name}: {words.say(left.reason.code, language, **left.reason.values)}", file=sys.stderr)
    if len(result.left_out) > NAMED:
        print(words.say("shell.left_out", language, count=len(result.left_out) - NAMED), file=sys.stderr)
    for advice in result.advice:
        sentence = words.say(advice.code, language, **advice.values)
        print(words.say("shell.advice", language, sentence=sentence), file=sys.stderr)


def _facts(result: Result, language: str) -> dict[str, Value]:
    """What the sentence ``shell.done_<task>`` says."""
    match result:
        case Recognition():
            return {"duration": f"{result.duration:.1f}", "heard": _heard(result, language)}
        case RecognitionTable():
            return {
                "heard": len(result.clips),
                "all": len(result.clips) + len(result.unread),
                "duration": f"{sum(each.duration for each in result.clips):.1f} s",
            }
        case Storyboard():
            return {"duration": f"{result.duration:.1f}", "pictures": len(result.pictures)}
        case Summary():
            return {
                "duration": f"{result.duration:.1f}",
                "shots": len(result.shots),
                "pictures": len(result.pictures),
                "skim": f"{result.skim.duration:.1f}",
            }
        case Plan():  # an edit is one
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
        case Training():
            return {
                "classes": len(result.classes),
                "clips": sum(each.clips for each in result.material),
                "accuracy": f"{100 * result.accuracy:.1f}",
                "low": f"{100 * result.low:.0f}",
                "high": f"{100 * result.high:.0f}",
                "method": words.say(f"ui.method.{result.method}", language),
            }
    raise TypeError(f"nothing to say about {type(result).__name__}")


def _heard(result: Recognition, language: str) -> str:
    """How long each layer is, then the class that fits the whole, else the sounds heard most."""
    lengths = {layer: sum(span.end - span.start for span in result.layers.get(layer, ())) for layer in LAYERS}
    said = [f"{words.name_of(layer, language)} {length:.1f} s" for layer, length in lengths.items() if length]
    fits = result.classes[:1] if result.classes and result.classes[0].label != "other" else ()
    named = fits or heard_most(sounds_of(result))[:STRONGEST]
    said += [f"{words.name_of(each.label, language)} {each.confidence:.0%}" for each in named]
    return words.say("ui.comma", language).join(said)
