"""One sound in every dress that sounds come in: depths, rates, codecs, channels, offsets, headers that lie."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from odd.make import RATE, float_wav
from scipy.signal import resample_poly

RATES = (16_000, 22_050, 44_100, 96_000, 192_000)


def dressed(folder: Path, sound: NDArray[np.float32]) -> dict[str, Path]:
    """One mono sound at 48 kHz in every dress that sounds come in: all are heard as the first, ``plain``, is."""

    def at(rate: int) -> NDArray[np.float32]:
        return np.asarray(resample_poly(sound, rate // math.gcd(rate, RATE), RATE // math.gcd(rate, RATE)), np.float32)

    def stored(name: str, samples: NDArray[np.float32], rate: int = RATE, subtype: str | None = None) -> Path:
        soundfile.write(folder / name, samples, rate, subtype=subtype)
        return folder / name

    def patched(name: str, source: Path, **sizes: int) -> Path:
        """A WAV whose header says other sizes, as of a recorder that could not go back to write them."""
        data = bytearray(source.read_bytes())
        struct.pack_into("<I", data, 4, sizes["size"])
        struct.pack_into("<I", data, data.index(b"data") + 4, sizes["size"])
        (folder / name).write_bytes(data)
        return folder / name

    still = np.zeros_like(sound)
    broken = np.where(np.arange(len(sound)) % 9000 == 8, np.nan, sound)
    plain = stored("plain.wav", sound)
    return {
        "plain": plain,
        "8 bit": stored("bits8.wav", sound, subtype="PCM_U8"),
        "24 bit": stored("bits24.wav", sound, subtype="PCM_24"),
        "32 bit": stored("bits32.wav", sound, subtype="PCM_32"),
        "float": stored("float32.wav", sound, subtype="FLOAT"),
        "double": stored("float64.wav", sound, subtype="DOUBLE"),
        **{f"{rate} Hz": stored(f"rate{rate}.wav", at(rate), rate) for rate in RATES},
        "mu-law": stored("mulaw.wav", at(16_000), 16_000, "ULAW"),
        "AIFF": stored("sound.aiff", sound),
        "FLAC": stored("sound.flac", sound),
        "MP3": stored("sound.mp3", sound),
        "Vorbis": stored("sound.ogg", sound),
        "offset": stored("offset.wav", sound + np.float32(0.1), subtype="PCM_24"),
        "offset below": stored("below.wav", sound - np.float32(0.2), subtype="PCM_24"),
        "upside down": stored("upside_down.wav", np.stack([sound, -sound], axis=1)),
        "no end said": patched("stream.wav", plain, size=0xFFFFFFFF),
        "no size said": patched("zero.wav", plain, size=0),
        "not numbers": float_wav(folder / "nan.wav", broken[:, None], RATE),
        "7.1": stored("surround.wav", np.stack([sound, sound, *[still] * 6], axis=1), subtype="PCM_24"),
    }  # fmt: skip
