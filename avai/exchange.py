"""Spans to and from the files of other programs: CSV, WebVTT, SubRip, Audacity's labels, lists of chapters."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from math import isfinite

from avai.contracts import Span
from avai.errors import RequestError

Naming = Callable[[str], str]


def tags_csv(spans: Iterable[Span]) -> str:
    """Comma-separated values with a heading: start, end, label, confidence."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("start", "end", "label", "confidence"))
    for span in spans:
        table.writerow((f"{span.start:.3f}", f"{span.end:.3f}", span.label, f"{span.confidence:.3f}"))
    return text.getvalue()


def tags_vtt(spans: Iterable[Span], name: Naming = str) -> str:
    """WebVTT captions (W3C); ``name`` gives the words shown for a label."""
    cues = [f"{_clock(span.start, '.')} --> {_clock(span.end, '.')}\n{_escaped(name(span.label))}\n" for span in spans]
    return "\n".join(["WEBVTT\n", *cues])


def tags_srt(spans: Iterable[Span], name: Naming = str) -> str:
    """SubRip captions; ``name`` gives the words shown for a label."""
    return "\n".join(
        f"{number}\n{_clock(span.start, ',')} --> {_clock(span.end, ',')}\n{_one_line(name(span.label))}\n"
        for number, span in enumerate(spans, 1)
    )


def chapter_list(spans: Iterable[Span], name: Naming = str) -> str:
    """Chapters as YouTube reads them in a description: a line for each, ``1:02:03 Name``."""
    return "".join(f"{clock(span.start)} {_one_line(name(span.label))}\n" for span in spans)


def audacity_labels(spans: Iterable[Span], name: Naming = str) -> str:
    """A label track that Audacity imports: start, end and label divided by tabs, seconds with six decimals."""
    return "".join(f"{span.start:.6f}\t{span.end:.6f}\t{_one_line(name(span.label))}\n" for span in spans)


def read_audacity_labels(text: str) -> list[Span]:
    """The spans of an Audacity label track. Lines of spectral selections (they begin with a backslash) are passed over.

    Raises ``RequestError`` ``media.bad_labels`` with the number of the line that is none.
    """
    spans: list[Span] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip() or line.startswith("\\"):
            continue
        start, _, rest = line.partition("\t")
        end, _, label = rest.partition("\t")
        try:
            times = float(start.replace(",", ".")), float(end.replace(",", "."))
        except ValueError:
            raise RequestError("media.bad_labels", line=number) from None
        if not all(map(isfinite, times)) or not 0 <= times[0] <= times[1]:
            raise RequestError("media.bad_labels", line=number)
        spans.append(Span(start=times[0], end=times[1], label=label.strip()))
    return spans


def clock(seconds: float) -> str:
    """``0:07`` or ``1:02:03``: the last whole second, hours only when there are any."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _clock(seconds: float, point: str) -> str:
    """``hh:mm:ss.mmm``."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """A cue's text without what WebVTT reads as markup, or as the arrow between times."""
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
