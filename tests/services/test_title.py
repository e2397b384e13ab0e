"""Title cards as a person sees them: the text is there, whole, in the middle, and it fades."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avai.services.title import GROUND, card, printable, set_in


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def ink(image: np.ndarray) -> np.ndarray:
    return image.max(axis=2) > 120


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Hello, gypsy", (640, 360)),
        ("海边的一天", (640, 360)),
        ("海边的一天 A day by the sea", (360, 640)),
        ("gjpqy", (176, 144)),
    ],
)
def test_the_text_stands_in_the_middle(tmp_path: Path, text: str, size: tuple[int, int]) -> None:
    out = tmp_path / "card.mp4"
    card(text, size, Fraction(25), 60, out)
    shown = pictures(out)
    assert len(shown) == 60
    assert shown[0].shape == (size[1], size[0], 3)
    inked = ink(shown[30])
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    assert 0.005 < inked.mean() < 0.3
    assert abs((rows[0] + rows[-1]) / 2 - size[1] / 2) < 0.03 * size[1]
    assert abs((columns[0] + columns[-1]) / 2 - size[0] / 2) < 0.03 * size[0]
    assert np.abs(shown[30][0, 0].astype(int) - GROUND).max() < 6


def test_it_fades_in_and_out(tmp_path: Path) -> None:
    card("Fade", (320, 180), Fraction(24), 60, tmp_path / "card.mp4")
    brightest = [float(image.max()) for image in pictures(tmp_path / "card.mp4")]
    assert brightest[0] < 30
    assert brightest[-1] < 60
    assert brightest[6] < brightest[20]
    assert min(brightest[14:44]) > 200


def test_letters_are_not_cut_off(tmp_path: Path) -> None:
    # what hangs below the line of "gjpqy" must be there: its rows end in ink that thins out, not in a cut
    card("gjpqy", (640, 360), Fraction(25), 40, tmp_path / "low.mp4")
    card("gjpqy\u00c5", (640, 360), Fraction(25), 40, tmp_path / "high.mp4")
    low, high = (ink(pictures(tmp_path / name)[20]) for name in ("low.mp4", "high.mp4"))
    depth = [np.flatnonzero(each[:, : np.flatnonzero(each.any(axis=0))[0] + 60].any(axis=1)) for each in (low, high)]
    assert abs(len(depth[0]) - len(depth[1])) <= 2
    assert low[np.flatnonzero(low.any(axis=1))[-1]].sum() < 60


def test_a_missing_letter_is_a_square_and_named() -> None:
    assert printable("Sea 😀 side") == ("Sea □ side", "😀")
    assert printable("a\u0301b\nc\td") == ("áb c d", "")
    assert printable("春夏秋冬，A–Z “ok” ñ ß Ω Я") == ("春夏秋冬，A–Z “ok” ñ ß Ω Я", "")


def test_long_texts_wrap_and_fit() -> None:
    text = "The quick brown fox jumps over the lazy dog and runs far away from here"
    lines, points = set_in(text, (640, 360))
    assert 2 <= len(lines) <= 4
    assert " ".join(lines) == text
    chinese, _ = set_in("一个关于世界、动物和音乐的小短片，春夏秋冬又一春。", (640, 360))
    assert "".join(chinese) == "一个关于世界、动物和音乐的小短片，春夏秋冬又一春。"
    assert not any(line[0] in "，。、" for line in chinese)
    unbroken, small = set_in("W" * 80, (640, 360))
    assert "".join(unbroken) == "W" * 80
    assert small < points
