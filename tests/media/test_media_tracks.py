"""One sound track of several is taken, or all of them, with their languages."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from odd import make

from avai.errors import RequestError
from avai.media import Timeline, Track, audio, joined, of_track, probe, render

F = Fraction
PITCHES = {"und": 440.0, "eng": 660.0, "zho": 880.0}


def several(path: Path, source: Path) -> Path:
    """The picture of a clip with a tone for each language."""
    with av.open(str(source)) as given, av.open(str(path), "w") as out:
        picture = out.add_stream_from_template(given.streams.video[0])
        tracks = []
        for language in PITCHES:
            track = out.add_stream("aac", rate=make.RATE, layout="stereo")
            track.metadata["language"] = language
            tracks.append(track)
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = picture
                out.mux(packet)
        for track, pitch in zip(tracks, PITCHES.values(), strict=True):
            samples = make.tone(4.0, pitch=pitch)
            for first in range(0, len(samples), 1024):
                block = np.ascontiguousarray(samples[first : first + 1024].T)
                frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.time_base, frame.pts = make.RATE, F(1, make.RATE), first
                out.mux(track.encode(frame))
            out.mux(track.encode(None))
    return path


def pitch(samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / make.RATE)[spectrum.argmax()])


def test_the_asked_track_is_heard(tmp_path, odd) -> None:
    source = several(tmp_path / "three.mp4", odd["no_sound.mp4"])
    cut = joined(source, [(F(0), F(1, 2)), (F(1), F(2))])
    for number, (language, wanted) in enumerate(PITCHES.items()):
        render(Timeline(cut, of_track(cut, number)), tmp_path / "out.mp4")
        assert pitch(audio(tmp_path / "out.mp4").samples) == pytest.approx(wanted, abs=2)
        assert pitch(audio(source, track=number).samples) == pytest.approx(wanted, abs=2)
        assert [track.language for track in probe(tmp_path / "out.mp4").audio] == [language.replace("und", "")]


def test_all_tracks_are_written_with_their_languages(tmp_path, odd) -> None:
    source = several(tmp_path / "three.mp4", odd["no_sound.mp4"])
    cut = joined(source, [(F(0), F(1, 2)), (F(1), F(2))])
    render(Timeline(cut, cut, others=(of_track(cut, 1), of_track(cut, 2))), tmp_path / "out.mp4")
    info = probe(tmp_path / "out.mp4")
    assert [track.language for track in info.audio] == ["", "eng", "zho"]
    for number, wanted in enumerate(PITCHES.values()):
        samples = audio(tmp_path / "out.mp4", track=number).samples
        assert len(samples) == round(cut.length * make.RATE)
        assert pitch(samples) == pytest.approx(wanted, abs=2)
    render(Timeline(sound=cut, others=(of_track(cut, 2),)), tmp_path / "out.m4a")
    assert [track.language for track in probe(tmp_path / "out.m4a").audio] == ["", "zho"]


def test_a_track_that_is_not_there_is_a_sentence(tmp_path, odd) -> None:
    cut = joined(odd["whole.mp4"], [(F(0), F(1))])
    with pytest.raises(RequestError) as refused:
        render(Timeline(cut, of_track(cut, 3)), tmp_path / "out.mp4")
    assert refused.value.key == "media.no_track"
    assert list(tmp_path.iterdir()) == []
    silent = joined(odd["no_sound.mp4"], [(F(0), F(1))])
    render(Timeline(silent, of_track(silent, 1)), tmp_path / "out.mp4")
    assert not audio(tmp_path / "out.mp4").samples.any()


def test_tracks_of_a_real_file(tmp_path, shared) -> None:
    source = shared / "media" / "odd" / "three_audio_tracks.mp4"
    cut = joined(source, [(F(1, 2), F(3, 2))])
    render(Timeline(cut, cut, others=(of_track(cut, 1), of_track(cut, 2))), tmp_path / "out.mp4")
    before, after = probe(source), probe(tmp_path / "out.mp4")
    assert [track.language for track in after.audio] == [track.language for track in before.audio]
    for number in range(3):
        one, other = (audio(p, track=number, mono=True).samples[:, 0] for p in (source, tmp_path / "out.mp4"))
        rate = before.audio[number].rate
        part = one[round(0.6 * rate) : round(1.4 * rate)].std()
        assert other[4800:-4800].std() == pytest.approx(part, rel=0.05)


def test_a_timeline_of_no_sounds_has_none() -> None:
    assert Timeline(others=(Track(),)).sounds == ()
