"""A taught model's file: comes back as it was; one that is damaged, foreign or hostile is refused, soon and cheaply."""

from __future__ import annotations

import io
import json
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from avai.networks import registry, taught
from avai.networks.taught import OtherVersion, dumps, loads

Member = tuple[str | zipfile.ZipInfo, bytes]


def parts() -> tuple[dict[str, Any], bytes]:
    with zipfile.ZipFile(io.BytesIO(whole())) as archive:
        return json.loads(archive.read("model.json")), archive.read("arrays.safetensors")


def whole() -> bytes:
    return dumps(registry.classes("esc10"))


def zipped(*members: Member) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def model(about: Any = None, arrays: bytes | None = None, *more: Member) -> bytes:
    """A file with other words or arrays than it should have."""
    own_about, own_arrays = parts()
    told = about if isinstance(about, bytes) else json.dumps(own_about if about is None else about).encode()
    return zipped(("model.json", told), ("arrays.safetensors", own_arrays if arrays is None else arrays), *more)


def told(**changes: Any) -> bytes:
    return model({**parts()[0], **changes})


def tensors(**header: Any) -> bytes:
    """Arrays whose header says what is given; of those not given, what is right."""
    data = parts()[1]
    size = struct.unpack("<Q", data[:8])[0]
    head = {**json.loads(data[8 : 8 + size]), **header}
    said = json.dumps(head).encode()
    return struct.pack("<Q", len(said)) + said + data[8 + size :]


def swapped(old: bytes, new: bytes, count: int = -1) -> bytes:
    return whole().replace(old, new, count)


def stated(size: int) -> bytes:
    """The directory says another size of the arrays than there is."""
    data = bytearray(whole())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(data)


def flagged() -> bytes:
    """Marked as encrypted."""
    data = bytearray(whole())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(sign)
        data[at + place] |= 1
    return bytes(data)


def linked() -> bytes:
    info = zipfile.ZipInfo("arrays.safetensors")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped(("model.json", json.dumps(parts()[0]).encode()), (info, b"/etc/passwd"))


def zip64() -> bytes:
    info = zipfile.ZipInfo("arrays.safetensors")
    info.extra = struct.pack("<HHQQ", 1, 16, 2**60, 2**60)
    return zipped(("model.json", json.dumps(parts()[0]).encode()), (info, parts()[1]))


def not_finite() -> bytes:
    data = bytearray(parts()[1])
    data[-4:] = struct.pack("<f", float("nan"))
    size = struct.unpack("<Q", data[:8])[0]
    data[8 + size :] = b"\xff" * (len(data) - 8 - size)
    return model(arrays=bytes(data))


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return model(None, None, ("model.json", b"{}"))


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def array(name: str, **changes: Any) -> bytes:
    data = parts()[1]
    size = struct.unpack("<Q", data[:8])[0]
    return model(arrays=tensors(**{name: {**json.loads(data[8 : 8 + size])[name], **changes}}))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"hello",
    "a pickle named .avai": lambda: b"\x80\x04\x95\x10\x00\x00\x00cos\nsystem\n(S'id'\ntR.",
    "an .h5 file named .avai": lambda: b"\x89HDF\r\n\x1a\n" + bytes(2000),
    "a .keras file named .avai": lambda: zipped(
        ("metadata.json", b"{}"), ("config.json", b"{}"), ("model.weights.h5", b"\x89HDF")
    ),
    "cut short": lambda: whole()[:-500],
    "a byte of the arrays changed": lambda: whole()[:200_000] + b"\x00\x01\x02" + whole()[200_003:],
    "bomb: 2 GB of zeros": lambda: zip_bomb(),
    "bomb: 50 MB of zeros as arrays": lambda: model(arrays=bytes(50_000_000)),
    "bomb: 50 MB of blanks as json": lambda: model(b" " * 50_000_000),
    "states fewer bytes than there are": lambda: stated(10),
    "states more bytes than there are": lambda: stated(9_999_999),
    "states four gigabytes": lambda: stated(2**32 - 2),
    "zip64 sizes": zip64,
    "encrypted": flagged,
    "a link": linked,
    "a path with ..": lambda: swapped(b"arrays.safetensors", b"../ays.safetensors"),
    "an absolute path": lambda: swapped(b"model.json", b"/odel.json"),
    "a member more": lambda: model(None, None, ("evil.py", b"x")),
    "a member twice": twice,
    "a member fewer": lambda: zipped(("model.json", json.dumps(parts()[0]).encode())),
    "members in another order": lambda: zipped(("arrays.safetensors", parts()[1]), ("model.json", b"{}")),
    "something before it": lambda: b"#!/bin/sh\n" + whole(),
    "something after it": lambda: whole() + b"more",
    "a comment": lambda: whole()[:-2] + b"\x04\x00more",
    "another compression": lambda: lzma(),
    "version 1": lambda: told(version=1),
    "version 9": lambda: told(version=9),
    "version true": lambda: told(version=True),
    "version as text": lambda: told(version="2"),
    "no version": lambda: model({"classes": []}),
    "a list as json": lambda: model([1, 2]),
    "no utf-8": lambda: model(b"\xff\xfe{}"),
    "deep json, 100 000": lambda: model(b"[" * 100_000),
    "deep settings": lambda: told(settings={"a": nested(50)}),
    "a number of 100 000 digits": lambda: model(
        json.dumps(parts()[0]).replace(": 2,", ": 2" + "0" * 100_000 + ",", 1).encode()
    ),
    "a large number": lambda: told(figures={"accuracy": 10**300}),
    "1e999": lambda: model(json.dumps(parts()[0]).replace('"figures": {', '"figures": {"a": 1e999, ', 1).encode()),
    "NaN as a figure": lambda: told(figures={"accuracy": float("nan")}),
    "a text of 500 000 letters": lambda: told(settings={"a": "x" * 500_000}),
    "a key twice": lambda: model(json.dumps(parts()[0]).replace('"kind"', '"kind": "picture", "kind"', 1).encode()),
    "a key more": lambda: told(code="import os"),
    "another kind": lambda: told(kind="smell"),
    "another method": lambda: told(method="pickle"),
    "a picture's kind on a sound's head": lambda: told(kind="picture"),
    "a network without arrays": lambda: told(method="network"),
    "a date that is none": lambda: told(made="yesterday"),
    "fewer classes": lambda: told(classes=["dog", "rain"]),
    "100 000 classes": lambda: told(classes=[f"c{number}" for number in range(100_000)]),
    "an empty class": lambda: renamed(""),
    "a class of 101 letters": lambda: renamed("x" * 101),
    "a class with a line's end": lambda: renamed("a\nb"),
    "a class with a terminal's escape": lambda: renamed("a\x1b[31m"),
    "a class that turns text round": lambda: renamed("a\u202eb"),
    "a class named other": lambda: renamed("other"),
    "a class twice": lambda: renamed("dog"),
    "a class that is a number": lambda: told(classes=[1, *parts()[0]["classes"][1:]]),
    "no safetensors": lambda: model(arrays=b"\x80\x04pickle"),
    "a header longer than the file": lambda: model(arrays=struct.pack("<Q", 2**62) + b"{}"),
    "absurd shapes": lambda: array("coef", shape=[2**40, 2**40]),
    "a shape of nothing by much": lambda: array("coef", shape=[0, 2**60]),
    "negative shapes": lambda: array("coef", shape=[-1, 2048]),
    "overlapping arrays": lambda: array("coef", data_offsets=[0, 40]),
    "an array outside the file": lambda: array("coef", data_offsets=[0, 2**50]),
    "shapes of another size": lambda: array("temperature", shape=[2]),
    "numbers of another type": lambda: array("temperature", dtype="I32"),
    "a type that is not known": lambda: array("temperature", dtype="F8_E4M3"),
    "an array more": lambda: extra_array(),
    "numbers that are none": not_finite,
}


def zip_bomb() -> bytes:
    """A deflate stream of 2 GB that says it is small."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(20_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = block * 100 + packer.flush()
    data = bytearray(zipped(("model.json", json.dumps(parts()[0]).encode()), ("arrays.safetensors", b"")))
    local, entry = data.rindex(b"PK\x03\x04"), data.rindex(b"PK\x01\x02")
    at = local + 30 + len("arrays.safetensors")
    for place in (local + 18, entry + 20):
        data[place : place + 8] = struct.pack("<II", len(stream), 9_000_000)
    end = data.rindex(b"PK\x05\x06")
    size = end - data.index(b"PK\x01\x02")
    start = at + len(stream)
    data[end + 12 : end + 20] = struct.pack("<II", size, start)
    return bytes(data[:at]) + stream + bytes(data[data.index(b"PK\x01\x02") :])


def lzma() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("model.json", json.dumps(parts()[0]))
        archive.writestr("arrays.safetensors", parts()[1])
    return out.getvalue()


def renamed(name: str) -> bytes:
    return told(classes=[name, *[each for each in parts()[0]["classes"] if each != "chainsaw"]])


def extra_array() -> bytes:
    from safetensors.numpy import load, save

    return model(arrays=save({**load(parts()[1]), "more": np.zeros(3, np.float32)}))


def test_a_model_comes_back_as_it_was() -> None:
    again = loads(whole())
    assert dumps(again) == whole()
    np.testing.assert_array_equal(again.head.coef, registry.classes("esc10").head.coef)
    assert loads(model()).classes == again.classes
    assert loads(told(made="2026-11-26", classes=["狗", *again.classes[1:]])).classes[0] == "狗"


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_model_is_refused(name: str) -> None:
    data = HOSTILE[name]()
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(ValueError, match=r".+") as caught:
        loads(data)
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 2  # tracing makes it several times slower
    assert most < 200_000_000
    assert len(str(caught.value)) < 200
    assert isinstance(caught.value, OtherVersion) == name.removeprefix("version ").isdigit()


if __name__ == "__main__":
    for what, make in HOSTILE.items():
        try:
            loads(make())
            print(f"{what}: TAKEN")
        except ValueError as error:
            print(f"{what}: {error}")
    print(f"version {taught.VERSION}")
