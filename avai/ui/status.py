"""The line above a result: what is being done, what went wrong, what should be known. Plain HTML, all text escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from avai import words
from avai.contracts import Note
from avai.errors import Cancelled, Fault, StudioError
from avai.jobs import Update
from avai.ui import say

NOTHING = ""


def working(update: Update, language: str, waking: bool = False) -> str:
    """A bar, what is done now, and how long it will still take; ``waking`` while no worker has its networks."""
    if update.state == "queued":
        key = "ui.waiting_to_wake" if waking and update.position <= 1 else "ui.waiting"
        text = words.say(key, language, position=update.position)
        return f'<div class="status" role="status"><i class="bar busy"><b></b></i><p>{escape(text)}</p></div>'
    parts = [words.doing(update.what, language) or words.say("ui.working", language)]
    percent = round(100 * update.done)
    if percent:
        parts.append(f"{percent} %")
    if update.left is not None:
        parts.append(say.left(update.left, language))
    bar = f'<i class="bar{"" if percent else " busy"}"><b style="width:{percent}%"></b></i>'
    return f'<div class="status" role="status">{bar}<p>{escape(" · ".join(parts))}</p></div>'


def busy(key: str, language: str) -> str:
    """A bar without an end, for what has only just begun."""
    text = escape(words.say(key, language))
    return f'<div class="status" role="status"><i class="bar busy"><b></b></i><p>{text}</p></div>'


def problem(error: StudioError, language: str, name: str = "") -> str:
    """One sentence: what is wrong and what to do; ``name`` is the file that it is about, where there are several."""
    look = "calm" if isinstance(error, Cancelled) else "fault" if isinstance(error, Fault) else "refused"
    of = f"<b>{escape(name)}</b> " if name else ""
    return f'<div class="status {look}" role="alert"><p>{of}{escape(error.sentence(language))}</p></div>'


def notes(warnings: Iterable[Note], language: str) -> str:
    """What should be known of a result, one sentence each."""
    return lines(words.say(each.code, language, **each.values) for each in warnings)


def lines(said: Iterable[str]) -> str:
    """Sentences that should be known, one a line."""
    told = "".join(f"<p>{escape(line)}</p>" for line in said)
    return f'<div class="status notes" role="status">{told}</div>' if told else NOTHING


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of texts and numbers. The last text of a row that has too few takes the room of those it lacks."""
    names = list(heads)
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in names)
    body = "".join(_row(list(row), len(names)) for row in rows)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(cells: list[str], width: int) -> str:
    wide = f' colspan="{width - len(cells) + 1}"' if len(cells) < width else ""
    first = "".join(f"<td>{escape(cell)}</td>" for cell in cells[:-1])
    return f"<tr>{first}<td{wide}>{escape(cells[-1])}</td></tr>"
