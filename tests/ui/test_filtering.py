"""What is shown of a result, and what is saved: chosen by confidence, number and label."""

from __future__ import annotations

from pathlib import Path

import pytest

from avai.contracts import Recognition, Score, SoundDrawing, Span, Strip, Tick
from avai.ui import strip
from avai.ui.filtering import told
from avai.ui.recognize import tag_rows

SPEECH = Span(start=0, end=5, label="speech", confidence=0.9)
QUIET = Span(start=5, end=9, label="silence")
DOG = Span(start=1, end=2, label="dog", confidence=0.8)
CAT = Span(start=2, end=2.5, label="cat", confidence=0.4)
HEARD = Recognition(
    duration=9,
    classes=(),
    spans=(SPEECH, DOG, CAT),
    layers={"speech": (SPEECH,), "music": (), "other": (), "silence": (QUIET,)},
)


def test_at_first_everything_is_shown_and_a_layer_once() -> None:
    shown = told(HEARD)
    assert shown.rows == ("speech", "music", "other", "silence")
    assert shown.every == [SPEECH, DOG, CAT, QUIET]


def test_a_class_that_is_called_like_a_layer_has_a_row_of_its_own() -> None:
    taught = HEARD.model_copy(
        update={"classes": (Score(label="speech", confidence=1), Score(label="other", confidence=0))}
    )
    assert told(taught).sounds == (SPEECH, DOG, CAT)
    assert [row["name"] for row in tag_rows(told(taught).sounds, "en")] == ["Speech (model)", "Dog", "Cat"]


def test_the_number_of_kinds_does_not_count_the_layers() -> None:
    assert told(HEARD, most=1).every == [SPEECH, DOG, QUIET]


@pytest.mark.parametrize(("sure", "left"), [(40, [SPEECH, DOG, CAT, QUIET]), (50, [SPEECH, DOG, QUIET]), (95, [QUIET])])
def test_the_least_confidence_holds_for_all(sure: float, left: list[Span]) -> None:
    assert told(HEARD, sure=sure).every == left


def test_only_and_never_name_sounds_and_layers() -> None:
    assert told(HEARD, only=["dog", "silence"]).every == [DOG, QUIET]
    assert told(HEARD, only=["dog", "silence"]).rows == ("silence",)
    assert told(HEARD, never=["dog", "speech"]).every == [CAT, QUIET]
    assert told(HEARD, never=["dog", "speech"]).rows == ("music", "other", "silence")


def test_a_drawing_is_told_to_the_strip_with_the_size_and_contrast_of_its_files(tmp_path: Path) -> None:
    def drawing(name: str, white: int) -> SoundDrawing:
        (tmp_path / f"{name}_wave.bin").write_bytes(b"123456")
        (tmp_path / f"{name}_mel.bin").write_bytes(b"1234")
        return SoundDrawing(
            wave=f"{name}_wave.bin",
            wave_rate=200,
            mel=f"{name}_mel.bin",
            parts=(0, 4),
            columns=50,
            tile=3000,
            overview_columns=50,
            black=10,
            white=white,
            ticks=(Tick(hertz=100, height=0.1),),
        )

    made = Strip(duration=1, peaks=(0.1, 0.5), sounds=(drawing("sound", 200), drawing("cleaned", 90)))
    drawn = strip.Drawn(made, tmp_path)
    wave, mel = strip.wave("Sound", made.peaks, drawn), strip.mel("Spectrogram", drawn)
    assert wave
    assert mel
    assert wave["loudest"] == 0.5
    assert [each["bytes"] for each in wave["sounds"]] == [6, 6]
    assert [each["file"]["orig_name"] for each in mel["sounds"]] == ["sound_mel.bin", "cleaned_mel.bin"]
    assert (mel["black"], mel["white"]) == (10, 200)
    assert strip.mel("Spectrogram", strip.Drawn(Strip(duration=1), tmp_path)) is None
