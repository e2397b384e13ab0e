"""Chapters tile a video, begin at shots, and are called by what is heard."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from avai import media, words
from avai.contracts import Shot, SkimPiece, Span
from avai.progress import quiet
from avai.services.chapters import chapters_of, in_skim, named, write_lists
from avai.services.hearing import Hearing, listen

RATE = 16_000


def shots_each(seconds: float, duration: float) -> list[Shot]:
    return [Shot(start=float(at), end=min(at + seconds, duration)) for at in np.arange(0, duration, seconds)]


def tiles(chapters: list[Span], shots: list[Shot], duration: float) -> None:
    assert chapters[0].start == 0
    assert chapters[-1].end == pytest.approx(duration, abs=0.001)
    assert all(a.end == b.start for a, b in pairwise(chapters))
    assert {each.start for each in chapters} <= {round(each.start, 3) for each in shots}


def test_a_real_battle(shared: Path) -> None:
    clip = shared / "media" / "film_tears_of_steel_battle.webm"
    duration = media.probe(clip).duration
    shots = shots_each(5, duration)
    chapters = chapters_of(shots, listen(clip, duration, quiet), duration)
    tiles(chapters, shots, duration)
    assert all(each.end - each.start >= 10 for each in chapters)
    assert len({each.label for each in chapters} - {"other"}) >= 2


@pytest.mark.parametrize(
    ("duration", "every", "count", "longest"),
    [(5, 1, 1, 5), (100, 3, 1, 100), (150, 3, 2, 90), (600, 60, 4, 180), (7200, 7, 8, 1200), (600, 600, 1, 600)],
)
def test_what_has_one_name_is_divided_only_where_it_is_long(
    duration: float, every: float, count: int, longest: float
) -> None:
    shots = shots_each(every, duration)
    chapters = chapters_of(shots, None, duration)
    tiles(chapters, shots, duration)
    assert {each.label for each in chapters} == {"silence"}
    assert len(chapters) == count
    assert max(each.end - each.start for each in chapters) <= longest


@pytest.fixture(scope="module")
def mixed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    """20 s each of speech over music, of the music alone, of speech alone, of nothing."""
    folder = shared / "media"
    talk = media.audio(folder / "talk_voice_with_pauses.mp4", rate=RATE, mono=True).samples[: 20 * RATE]
    music = media.audio(folder / "music_vibe_ace.ogg", rate=RATE, mono=True).samples[: 20 * RATE]
    talk, music = (0.05 * each / np.sqrt(np.mean(each**2)) for each in (talk, music))
    clip = tmp_path_factory.mktemp("mixed") / "mixed.wav"
    media.write_wav(clip, np.concatenate([talk + 0.7 * music, music, talk, 0 * talk]), RATE)
    return listen(clip, 80, quiet)


def test_a_second_sound_joins_where_it_goes_on_at_the_same_time(mixed: Hearing) -> None:
    found = chapters_of(shots_each(20, 80), mixed, 80)
    assert [each.label for each in found] == ["speech_over_music", "music", "speech", "silence"]
    assert [each.start for each in found] == [0, 20, 40, 60]


def test_one_after_the_other_is_not_one_over_the_other(mixed: Hearing) -> None:
    found = chapters_of([Shot(start=0, end=20), Shot(start=20, end=60), Shot(start=60, end=80)], mixed, 80)
    assert found[1].label in ("speech", "music")


def test_names_are_words_in_both_languages() -> None:
    assert named("speech_over_rain") == "Speech over rain"
    assert named("baby_cry_over_music") == "Baby cry over music"
    assert named("rock_and_roll") == words.name_of("rock_and_roll")
    assert "音乐" in named("speech_over_music", "zh")
    assert not re.search("[a-z_]", named("speech_over_rain", "zh"))


def test_lists_for_players_and_for_descriptions(tmp_path: Path) -> None:
    chapters = [
        Span(start=0, end=75.4, label="music"),
        Span(start=75.4, end=3723.9, label="speech_over_rain"),
        Span(start=3723.9, end=4000, label="silence"),
    ]
    write_lists(chapters, tmp_path)
    text = (tmp_path / "chapters.txt").read_text(encoding="utf-8")
    assert text == "0:00 Music\n1:15 Speech over rain\n1:02:03 Silence\n"
    assert "00:01:15.400 --> 01:02:03.900\nSpeech over rain\n" in (tmp_path / "chapters.vtt").read_text(
        encoding="utf-8"
    )


def test_pieces_of_a_skim_are_called_by_where_they_come_from() -> None:
    chapters = [Span(start=0, end=60, label="music"), Span(start=60, end=90, label="speech")]
    pieces = [SkimPiece(start=42.9, end=45, at=0), SkimPiece(start=58.5, end=62, at=2.1)]
    made = in_skim(pieces, chapters)
    assert [each.name for each in made] == ["0:42 Music", "0:58 Speech"]
    assert [float(time) for each in made for time in (each.start, each.end)] == pytest.approx([0, 2.1, 2.1, 5.6])
