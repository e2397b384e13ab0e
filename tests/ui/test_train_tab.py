"""The tab *Train* without a browser: what was given, and how a result is said."""

from __future__ import annotations

from pathlib import Path

from avai.contracts import MaterialRequest, Mistake, Training, Tried
from avai.errors import note
from avai.ui import say, train_result
from avai.ui.review import Fresh, Trial
from avai.ui.train_give import Pot
from avai.ui.train_result import Outcome

HOSTILE = "<img src=x onerror=alert(1)>"
RESULT = Training(
    kind="sound",
    method="lda",
    classes=("dog", HOSTILE),
    accuracy=0.7,
    low=0.4,
    high=0.89,
    confusion=((7, 3), (3, 7)),
    tried=(Tried(method="svm", accuracy=0.6), Tried(method="lda", accuracy=0.7)),
    other=0.9,
    mistakes=(Mistake(name=HOSTILE, label="dog", taken_for=HOSTILE, confidence=0.8, file="mistake_01.wav"),),
    advice=(note("train_note.nothing"),),
)


def test_a_class_is_taken_out_whether_it_was_named_here_or_by_its_files() -> None:
    pot = Pot().more(["sounds.zip"]).more(["1.wav", "2.wav"], "Door bell ")
    asked = MaterialRequest(**pot.fields)  # type: ignore[arg-type]
    assert asked.labels == ("", "Door bell", "Door bell")
    assert pot.less("door_bell").given == (("sounds.zip", ""),)
    assert pot.less("door_bell").without == ()
    assert pot.less("rain").without == ("rain",)
    assert pot.less("rain").more(["3.wav"], "Rain").without == ()


def test_only_clips_that_were_given_a_class_are_taught() -> None:
    fresh = tuple(
        Fresh(Path(f"{each}.wav"), Path(f"{each}.wav"), each, (), each or None) for each in ("dog", "", "cat")
    )
    trial = Trial(None, (*fresh, Fresh(Path("none.wav"), Path("none.wav"), "none", (), "")))
    assert trial.answered == 2
    assert trial.taught(Pot()).given == (("cat.wav", "cat"), ("dog.wav", "dog"))


def test_a_result_is_said_honestly_and_names_are_never_html(tmp_path: Path) -> None:
    for language, said in (("en", "between 40 % and 89 %"), ("zh", "在 40 % 到 89 % 之间")):
        shown = train_result.verdict(Outcome(tmp_path, RESULT, 0.8), language)
        assert said in shown
        assert "80 %" in shown
        table = train_result.confusion(RESULT, language)
        assert "<img" not in shown + table
    assert 'aria-label="3 of 10 Dog taken for &lt;img' in train_result.confusion(RESULT, "en")
    assert say.percent(0.999) == "99 %"
    assert say.percent(1.0) == "100 %"
