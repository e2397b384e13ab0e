"""Files for other programs, and back."""

from __future__ import annotations

import csv
import io

import pytest

from avai.contracts import Span
from avai.errors import RequestError
from avai.exchange import audacity_labels, read_audacity_labels, tags_csv, tags_srt, tags_vtt
from avai.media import filmstrip, peaks, probe

SPANS = [
    Span(start=0.0, end=1.25, label="speech", confidence=0.91),
    Span(start=3599.9996, end=3661.5, label='a "b", <c> --> & d', confidence=0.5),
]


def test_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(tags_csv(SPANS))))
    assert [row["label"] for row in rows] == [span.label for span in SPANS]
    assert rows[0] == {"start": "0.000", "end": "1.250", "label": "speech", "confidence": "0.910"}
    assert tags_csv([]) == "start,end,label,confidence\n"


def test_webvtt() -> None:
    text = tags_vtt(SPANS, lambda label: {"speech": "人声"}.get(label, label))
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.250\n人声\n\n01:00:00.000 --> 01:01:01.500\n")
    assert 'a "b", &lt;c&gt; --&gt; &amp; d' in text


def test_subrip() -> None:
    lines = tags_srt(SPANS).split("\n")
    assert lines[:4] == ["1", "00:00:00,000 --> 00:00:01,250", "speech", ""]
    assert lines[4] == "2"


def test_captions_open_in_ffmpeg(tmp_path) -> None:
    import av

    for name, text in {"a.vtt": tags_vtt(SPANS), "a.srt": tags_srt(SPANS)}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with av.open(str(tmp_path / name)) as file:
            times = [float(packet.pts * packet.time_base) for packet in file.demux() if packet.size]
        assert times == pytest.approx([0.0, 3600.0], abs=0.001)


def test_labels_there_and_back() -> None:
    back = read_audacity_labels(audacity_labels(SPANS))
    assert [span.label for span in back] == [span.label for span in SPANS]
    assert [span.start for span in back] == pytest.approx([span.start for span in SPANS], abs=1e-6)
    assert [span.end for span in back] == pytest.approx([span.end for span in SPANS], abs=1e-6)


def test_labels_of_other_hands() -> None:
    text = "\ufeff0,5\t1,5\tdoor\n\\\t200.0\t400.0\n\n2\t2\t\r\n"
    assert [(span.start, span.end, span.label) for span in read_audacity_labels(text)] == [
        (0.5, 1.5, "door"),
        (2, 2, ""),
    ]
    for bad in ("a\tb\tc", "1\n", "3\t2\tx", "nan\t2\tx", "1\tinf\tx", "-1\t2\tx"):
        with pytest.raises(RequestError, match="Line 2"):
            read_audacity_labels("0\t1\tfine\n" + bad)


def test_peaks(odd) -> None:
    heights = peaks(odd["late.mov"], 40)
    assert len(heights) == 40
    assert max(heights[:14]) < 0.01
    assert max(heights) > 0.6
    with pytest.raises(RequestError, match="no sound"):
        peaks(odd["no_sound.mp4"], 10)


@pytest.mark.parametrize("name", ["whole.mp4", "rotated.mp4", "one_frame.mp4", "moves.gif", "vfr.mp4"])
def test_filmstrip(tmp_path, odd, name) -> None:
    assert filmstrip(odd[name], tmp_path / "strip.jpg", tiles=8, height=48) == 8
    strip, clip = probe(tmp_path / "strip.jpg"), probe(odd[name])
    assert strip.height == 48
    assert strip.width == 8 * round(48 * clip.width / clip.height)
