"""Awkward clips made with PyAV: numbered frames, beeps, broken and strange files. Run it with a folder to see them."""

from __future__ import annotations

import struct
import sys
import wave
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

BITS = 10
CELL = 16
SIZE = (BITS * CELL, 96)
RATE = 48_000


def numbered_picture(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """A grey picture whose upper half says ``number`` in white and black columns."""
    image = np.full((size[1], size[0], 3), 110, np.uint8)
    for bit in range(BITS):
        left, right = bit * size[0] // BITS, (bit + 1) * size[0] // BITS
        image[: size[1] // 2, left:right] = 235 if number >> bit & 1 else 20
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """The number that ``numbered_picture`` put into a picture, also after scaling and coding."""
    height, width = image.shape[:2]
    row = image[height // 8 : height * 3 // 8].mean(axis=(0, 2))
    cells = [row[round((bit + 0.3) * width / BITS) : round((bit + 0.7) * width / BITS)].mean() for bit in range(BITS)]
    return sum((cell > 128) << bit for bit, cell in enumerate(cells))


def beeps(seconds: float, every: float = 0.5, rate: int = RATE) -> NDArray[np.float32]:
    """Stereo silence with a burst of 1.5 kHz, 20 ms long, that begins at each multiple of ``every`` but 0."""
    samples = np.zeros((round(seconds * rate), 2), np.float32)
    burst = 0.8 * np.cos(2 * np.pi * 1500 * np.arange(round(0.02 * rate)) / rate)
    at = every
    while at < seconds - 0.02:
        first = round(at * rate)
        samples[first : first + len(burst)] = burst[:, None]
        at += every
    return samples


def tone(seconds: float, rate: int = RATE, pitch: float = 440.0, level: float = 0.5) -> NDArray[np.float32]:
    """A stereo sine."""
    wave = level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None].astype(np.float32), 2, axis=1)


def clip(
    path: Path,
    *,
    rate: Fraction = Fraction(25),
    count: int = 100,
    steps: Sequence[int] = (1,),
    sound: NDArray[np.float32] | None = None,
    late: Fraction = Fraction(0),
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    sound_codec: str = "aac",
    picture: Callable[[int, tuple[int, int]], NDArray[np.uint8]] = numbered_picture,
    pixels: str = "yuv420p",
    rotation: int = 0,
    aspect: Fraction = Fraction(1),
    gop: int = 12,
    options: dict[str, str] | None = None,
) -> Path:
    """A clip of ``count`` numbered frames. Frames come ``steps`` ticks of 1 / ``rate`` apart, by turns; ``late`` is
    how many seconds after the picture the sound begins."""
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=rate, options=options or {})
        video.width, video.height = size
        video.pix_fmt = pixels
        video.codec_context.time_base = 1 / rate
        video.codec_context.gop_size = gop
        video.codec_context.flags |= 1 << 8
        if aspect != 1:
            video.codec_context.sample_aspect_ratio = aspect
        if rotation:
            video.set_display_rotation(rotation)
        track = None
        if sound is not None:
            track = out.add_stream(sound_codec, rate=RATE, layout="stereo")
        out.start_encoding()
        at = 0
        for number in range(count):
            frame = VideoFrame.from_ndarray(picture(number, size), format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = at, 1 / rate
            frame.duration = steps[number % len(steps)]
            at += frame.duration
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if track is not None and sound is not None:
            for block, first in zip(
                np.split(sound, range(1024, len(sound), 1024)), range(0, len(sound), 1024), strict=True
            ):
                made = AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout="stereo")
                made.sample_rate, made.time_base, made.pts = RATE, Fraction(1, RATE), first + round(late * RATE)
                out.mux(track.encode(made))
            out.mux(track.encode(None))
    return path


def pcm(path: Path, samples: NDArray[np.float32], rate: int = 16_000) -> Path:
    """A 16-bit WAV of samples (n, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def float_wav(path: Path, samples: NDArray[np.float32], rate: int = 16_000) -> Path:
    """A 32-bit float WAV, whatever the values are."""
    data = samples.astype("<f4").tobytes()
    channels = samples.shape[1]
    form = struct.pack("<HHIIHH", 3, channels, rate, rate * channels * 4, channels * 4, 32)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def surround(path: Path, centre: NDArray[np.float32], rate: int = RATE, layout: str = "5.1") -> Path:
    """A FLAC of six or eight channels in which only the centre sounds."""
    with av.open(str(path), "w") as out:
        track = out.add_stream("flac", rate=rate, layout=layout)
        channels = np.zeros((len(centre), track.codec_context.channels), np.int16)
        channels[:, 2] = (centre * 32767).astype(np.int16)
        frame = AudioFrame.from_ndarray(channels.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        out.mux(track.encode(frame))
        out.mux(track.encode(None))
    return path


def covered(path: Path, folder: Path) -> Path:
    """An MP3 with a cover picture."""
    picture = folder / "cover.jpg"
    Image.fromarray(numbered_picture(5)).save(picture)
    with av.open(str(path), "w") as out, av.open(str(picture)) as still:
        track = out.add_stream("libmp3lame", rate=RATE, layout="stereo")
        cover = out.add_stream_from_template(still.streams.video[0])
        cover.disposition = av.stream.Disposition.attached_pic
        out.start_encoding()
        packet = next(still.demux(still.streams.video[0]))
        packet.stream = cover
        out.mux(packet)
        sound = tone(2.0)
        for first in range(0, len(sound), 1152):
            block = np.ascontiguousarray(sound[first : first + 1152].T)
            frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), first
            out.mux(track.encode(frame))
        out.mux(track.encode(None))
    return path


def cut_short(path: Path, source: Path, share: float) -> Path:
    """The first part of a file."""
    data = source.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    return path


def black_picture(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.zeros((size[1], size[0], 3), np.uint8)


def make_all(folder: Path) -> dict[str, Path]:
    """Every awkward file by its name, in ``folder``."""
    whole = clip(folder / "whole.mp4", sound=tone(4.0))
    front = clip_with_index_in_front(folder / "front.mp4", whole)
    made = {
        "whole.mp4": whole,
        "rotated.mp4": clip(folder / "rotated.mp4", rotation=90, count=20),
        "wide_pixels.mp4": clip(folder / "wide_pixels.mp4", aspect=Fraction(64, 45), count=20),
        "odd_444.mp4": clip(folder / "odd_444.mp4", size=(161, 97), pixels="yuv444p", count=20),
        "vfr.mp4": clip(folder / "vfr.mp4", rate=Fraction(20), steps=(1, 1, 7, 2, 5), count=40),
        "late.mov": clip(folder / "late.mov", sound=beeps(2.5), late=Fraction(3, 2)),
        "one_frame.mp4": clip(folder / "one_frame.mp4", count=1),
        "no_sound.mp4": clip(folder / "no_sound.mp4", count=50),
        "black.mp4": clip(folder / "black.mp4", count=50, picture=black_picture, sound=tone(2.0, level=0.0)),
        "long_sound.mp4": clip(folder / "long_sound.mp4", count=50, sound=tone(6.0)),
        "vp9.webm": clip(folder / "vp9.webm", codec="libvpx-vp9", sound_codec="libopus", sound=tone(2.0), count=50,
                         options={"deadline": "realtime", "cpu-used": "8"}),
        "mpeg4.avi": clip(folder / "mpeg4.avi", codec="mpeg4", sound_codec="libmp3lame", sound=tone(2.0), count=50),
        "hevc.mp4": clip(folder / "hevc.mp4", codec="libx265", pixels="yuv420p10le", count=30,
                         options={"preset": "ultrafast", "x265-params": "log-level=none"}),
        "moves.gif": clip(folder / "moves.gif", codec="gif", pixels="rgb8", rate=Fraction(10), count=20),
        "short_tail.mp4": cut_short(folder / "short_tail.mp4", front, 0.6),
        "short_tail.mkv": cut_short(folder / "short_tail.mkv", copied(folder / "whole.mkv", whole), 0.6),
        "half_key.mp4": ends_in_key_frame(folder / "half_key.mp4", front),
        "clock_back.ts": clock_starts_again(folder / "clock_back.ts", whole, whole),
        "zeroed.mp4": copied(folder / "zeroed.mp4", whole, zeroed=(24, 37, 38)),
        "no_index.mp4": cut_short(folder / "no_index.mp4", whole, 0.5),
        "covered.mp3": covered(folder / "covered.mp3", folder),
        "surround_71.flac": surround(folder / "surround_71.flac", tone(1.0)[:, 0], layout="7.1"),
        "surround.flac": surround(folder / "surround.flac", tone(1.0)[:, 0]),
        "loud.wav": pcm(folder / "loud.wav", np.clip(tone(1.0, 16_000, level=4.0), -1, 1), 16_000),
        "silent.wav": pcm(folder / "silent.wav", np.zeros((16_000, 1), np.float32)),
        "one_sample.wav": pcm(folder / "one_sample.wav", np.ones((1, 1), np.float32)),
        "header_only.wav": pcm(folder / "header_only.wav", np.zeros((0, 1), np.float32)),
    }  # fmt: skip
    wild = tone(1.0, 16_000)
    wild[100:110], wild[500], wild[900] = np.nan, np.inf, 40.0
    made["wild.wav"] = float_wav(folder / "wild.wav", wild)
    for name, data in {"empty.mp4": b"", "text.mp4": b"Dear diary,\n" * 90}.items():
        made[name] = folder / name
        made[name].write_bytes(data)
    made["gif_named.mp4"] = folder / "gif_named.mp4"
    made["gif_named.mp4"].write_bytes(made["moves.gif"].read_bytes())
    turned = Image.fromarray(numbered_picture(3))
    exif = Image.Exif()
    exif[0x0112] = 6
    made["turned.jpg"] = folder / "turned.jpg"
    turned.save(made["turned.jpg"], exif=exif)
    return made


def clip_with_index_in_front(path: Path, source: Path) -> Path:
    """The same streams with the index first, as files for the web have it."""
    return copied(path, source, options={"movflags": "+faststart"})


def copied(
    path: Path,
    source: Path,
    *,
    zeroed: Sequence[int] = (),
    later: float = 0.0,
    options: dict[str, str] | None = None,
) -> Path:
    """The same streams in another file, ``later`` by so many seconds; the packets of pictures with the numbers
    ``zeroed`` have nothing but zeros."""
    with av.open(str(source)) as given, av.open(str(path), "w", options=options or {}) as out:
        streams = {stream.index: out.add_stream_from_template(stream, opaque=True) for stream in given.streams}
        count = 0
        for packet in given.demux():
            if packet.dts is None or packet.pts is None:
                continue
            ticks = round(later / packet.time_base)
            packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
            made, home = packet, streams[packet.stream.index]
            if packet.stream.type == "video":
                if count in zeroed:
                    made = Packet(bytes(packet.size))
                    made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
                    made.time_base, made.is_keyframe = packet.time_base, packet.is_keyframe
                count += 1
            made.stream = home
            out.mux(made)
    return path


def ends_in_key_frame(path: Path, source: Path) -> Path:
    """The file up to the middle of its last but one key frame."""
    with av.open(str(source)) as given:
        last = [packet for packet in given.demux(video=0) if packet.is_keyframe and packet.size][-2]
        end = (last.pos or 0) + last.size // 2
    path.write_bytes(source.read_bytes()[:end])
    return path


def clock_starts_again(path: Path, *clips: Path) -> Path:
    """Clips in one MPEG transport stream, each with a clock that begins at 0, as recorders join them."""
    parts = [copied(path.with_name(f"{clip.stem}.part.ts"), clip) for clip in clips]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for name in make_all(target):
        print(name)
