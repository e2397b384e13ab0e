"""Zips from anywhere: what is in them is used, or one sentence says why not; nothing leads out of our folder."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from avai import media
from avai.contracts import MaterialRequest
from avai.errors import Cancelled, RequestError
from avai.services.archive import LARGEST_DIRECTORY
from avai.services.material import Gathered, gather


def wav(seed: int, seconds: float = 0.3) -> bytes:
    """A WAV with noise of its own; seed 0 is silence."""
    noise = np.random.default_rng(seed).integers(-9000, 9000, round(seconds * 8000)).astype("<i2") * bool(seed)
    size = 2 * len(noise)
    head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVEfmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", size)
    return head + noise.astype("<i2").tobytes()


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def four(prefix: str = "", start: int = 1) -> dict[str, bytes]:
    return {
        f"{prefix}{label}/{n}.wav": wav(start + n + 10 * (label == "cat")) for label in ("dog", "cat") for n in (0, 1)
    }


def look(tmp_path: Path, *given: Path, labels: tuple[str, ...] = ()) -> Gathered:
    unpacked = tmp_path / f"unpacked{random.randrange(10**9)}"
    unpacked.mkdir()
    before = {path for path in tmp_path.rglob("*") if unpacked not in path.parents}
    try:
        return gather(MaterialRequest(material=given, labels=labels), unpacked)
    finally:
        # nothing is written anywhere else, and only under names of ours
        assert {path for path in tmp_path.rglob("*") if unpacked not in path.parents} == before
        assert all(path.is_file() and not path.is_symlink() and path.stem.isdecimal() for path in unpacked.iterdir())


def counts(found: Gathered) -> dict[str, int]:
    return dict(Counter(clip.label for clip in found.clips))


def reasons(found: Gathered) -> dict[str, str]:
    return {each.name: each.reason.code for each in found.left_out}


@pytest.mark.parametrize("prefix", ["", "mine/", "a/b/c/", "./", "/", "C:\\Users\\me\\"])
def test_folders_in_zips(tmp_path: Path, prefix: str) -> None:
    members = four(prefix)
    if "\\" in prefix:
        members = {name.replace("/", "\\"): data for name, data in members.items()}
    found = look(tmp_path, zipped(tmp_path / "mine.zip", {**members, f"__MACOSX/{prefix}._x": b"1", ".DS_Store": b"1"}))
    assert counts(found) == {"dog": 2, "cat": 2}
    assert not found.left_out


def test_a_zip_by_its_content_whatever_it_is_called(tmp_path: Path) -> None:
    assert counts(look(tmp_path, zipped(tmp_path / "upload", four()))) == {"dog": 2, "cat": 2}
    for name, data, wanted in (
        ("a.zip", b"PK\3\4" + b"\0" * 100, "damaged or incomplete"),
        ("b.zip", zipped(tmp_path / "whole.zip", four()).read_bytes()[:-60], "damaged or incomplete"),
        ("c.rar", b"Rar!\x1a\x07\x01\0", "another kind"),
        ("d.tar.gz", b"\x1f\x8b\x08\0", "another kind"),
        ("e.zip", b"hello, this is text", "text"),
        ("f.zip", b"", "empty"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(RequestError, match=wanted):
            look(tmp_path, tmp_path / name)


def test_a_class_a_zip_and_flat_names_in_one(tmp_path: Path) -> None:
    dogs = zipped(tmp_path / "dog.zip", {f"{n}.wav": wav(n) for n in (1, 2)})
    cats = zipped(tmp_path / "cat.zip", {f"cat/{n}.wav": wav(n) for n in (3, 4)})
    assert counts(look(tmp_path, dogs, cats)) == {"dog": 2, "cat": 2}
    assert counts(look(tmp_path, dogs, cats, labels=("Wolf", "Lynx"))) == {"wolf": 2, "lynx": 2}
    flat = zipped(tmp_path / "x.zip", {"bell_1.wav": wav(5), "bell_2.wav": wav(6), "kettle-1.WAV": wav(7)})
    assert counts(look(tmp_path, flat)) == {"bell": 2, "kettle": 1}


def test_members_that_lead_elsewhere_are_left_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "mine.zip", four())
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("../../dog/out.wav", "dog/..\\..\\out.wav"):
            archive.writestr(name, wav(50))
        for name, mode in (("dog/link.wav", 0o120777), ("dog/device.wav", 0o060666), ("cat/file.wav", 0o100644)):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, "/etc/passwd" if "file" not in name else wav(51))
        archive.writestr("dog/inner.zip", zipped(tmp_path / "inner.zip", four(start=60)).read_bytes())
        archive.writestr("/dog/absolute.wav", wav(52))
    found = look(tmp_path, path)
    assert counts(found) == {"dog": 3, "cat": 3}
    assert reasons(found) == {
        "../../dog/out.wav": "material_note.outside",
        "dog/../../out.wav": "material_note.outside",
        "dog/link.wav": "material_note.link",
        "dog/device.wav": "media.not_a_file",
        "dog/inner.zip": "material_note.nested",
    }


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silence = wav(0)[:44] + bytes(60_000_000)
    found = look(tmp_path, zipped(tmp_path / "tight.zip", {**four(), "dog/bomb.wav": silence}))
    assert reasons(found) == {"dog/bomb.wav": "material_note.bomb"}
    monkeypatch.setenv("AVAI_MAX_BYTES", "1000000")
    big = {f"dog/{n}.wav": wav(n + 1)[:44] + bytes(400_000) for n in range(4)}
    with pytest.raises(RequestError, match="more than 1 MB"):
        look(tmp_path, zipped(tmp_path / "big.zip", big))
    much = zipped(tmp_path / "much.zip", {f"dog/{n}.wav": wav(n, 30) for n in (1, 2)}, zipfile.ZIP_STORED)
    more = zipped(tmp_path / "more.zip", {"cat/b.wav": wav(3, 30)}, zipfile.ZIP_STORED)
    found = look(tmp_path, much, more)  # each may, but not all together
    assert reasons(found) == {"cat/b.wav": "material_note.zip_too_big"}
    monkeypatch.undo()
    # forty members that are one and the same stretch of the file
    data = io.BytesIO(zipped(tmp_path / "one.zip", {"dog/1.wav": wav(1, 20)}).read_bytes())
    with zipfile.ZipFile(data, "a") as archive:
        first = archive.infolist()[0]
        archive.filelist += [first] * 40
        archive._didModify = True  # type: ignore[attr-defined]
    (tmp_path / "upon.zip").write_bytes(data.getvalue())
    with pytest.raises(RequestError, match="damaged or incomplete"):
        look(tmp_path, tmp_path / "upon.zip")


def test_sizes_that_lie_write_no_more_than_they_say(tmp_path: Path) -> None:
    path = zipped(tmp_path / "mine.zip", {**four(), "dog/lies.wav": wav(0)[:44] + bytes(5_000_000)})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.start_dir
    place = data.index(b"dog/lies.wav", at) - 46
    struct.pack_into("<I", data, place + 24, 50_000)  # uncompressed size in the table of contents
    path.write_bytes(data)
    found = look(tmp_path, path)
    assert counts(found) == {"dog": 2, "cat": 2}
    assert reasons(found) == {"dog/lies.wav": "media.damaged"}


def test_damaged_locked_and_strangely_packed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "mine.zip", four(), zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(wav(2)[100:200])] ^= 255
    path.write_bytes(data)
    found = look(tmp_path, path)
    assert reasons(found) == {"dog/1.wav": "media.damaged"}
    with zipfile.ZipFile(zipped(tmp_path / "odd.zip", four()), "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("dog/tight.wav", wav(9))
        archive.writestr("dog/tighter.wav", wav(8), zipfile.ZIP_LZMA)
    found = look(tmp_path, tmp_path / "odd.zip")
    assert reasons(found) == dict.fromkeys(("dog/tight.wav", "dog/tighter.wav"), "material_note.packing")
    data = bytearray(zipped(tmp_path / "locked.zip", four()).read_bytes())
    with zipfile.ZipFile(tmp_path / "locked.zip") as archive:
        at = archive.start_dir
    data[at + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    with pytest.raises(RequestError, match="password"):
        look(tmp_path, tmp_path / "locked.zip")


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avai.services.archive.MOST_FILES", 3)
    with pytest.raises(RequestError, match="more than 3 files"):
        look(tmp_path, zipped(tmp_path / "mine.zip", four()))
    monkeypatch.undo()
    # a table of contents that would fill the memory is not read
    path = zipped(tmp_path / "wide.zip", four())
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\5\6")
    size, at = struct.unpack_from("<II", data, end + 12)
    data[at:at] = bytes(LARGEST_DIRECTORY)
    struct.pack_into("<II", data, end + LARGEST_DIRECTORY + 12, size + LARGEST_DIRECTORY, at)
    path.write_bytes(data)
    with pytest.raises(RequestError, match="more than"):
        look(tmp_path, path)
    monkeypatch.setattr("avai.services.material.MOST_FILES", 3)
    for n in range(5):
        (tmp_path / "wide").mkdir(exist_ok=True)
        (tmp_path / "wide" / f"{n}.wav").write_bytes(wav(n))
    with pytest.raises(RequestError, match="more than 3 files"):
        look(tmp_path, tmp_path / "wide")


@pytest.mark.parametrize("coding", ["utf-8", "gbk", "cp437"])
def test_names_that_do_not_say_their_coding(tmp_path: Path, coding: str) -> None:
    classes = ("café", "naïve") if coding == "cp437" else ("狗叫", "雨声")
    stored = {
        f"{label}/{n}.wav".encode(coding).decode("cp437"): wav(n + 10 * place)
        for place, label in enumerate(classes)
        for n in (1, 2)
    }
    path = zipped(tmp_path / "mine.zip", stored)
    data = bytearray(path.read_bytes())
    for name in stored:  # Python wrote them as UTF-8 and said so: put back what other programs write
        plain, raw = name.encode(), name.encode("cp437")
        for magic, flags, length in ((b"PK\3\4", 6, 26), (b"PK\1\2", 8, 28)):
            at = data.index(plain, data.index(magic))
            start = data.rindex(magic, 0, at)
            data[start + flags + 1] &= ~8 & 255
            struct.pack_into("<H", data, start + length, len(raw))
            data[at : at + len(plain)] = raw
    path.write_bytes(_mended(data))
    found = look(tmp_path, path)
    assert counts(found) == dict.fromkeys(classes, 2)
    assert not found.left_out


def _mended(data: bytearray) -> bytes:
    """The same zip with its offsets put right after names in it became shorter."""
    places, at = [], -1
    while (at := data.find(b"PK\3\4", at + 1)) >= 0:
        places.append(at)
    directory, at = data.index(b"PK\1\2"), data.index(b"PK\1\2") - 1
    for place in places:
        at = data.index(b"PK\1\2", at + 1)
        struct.pack_into("<I", data, at + 42, place)
    end = data.rindex(b"PK\5\6")
    struct.pack_into("<II", data, end + 12, end - directory, directory)
    return bytes(data)


def test_stop_while_unpacking_leaves_no_half_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "mine.zip", {"dog/1.wav": wav(1, 300), "cat/1.wav": wav(2, 300)}, zipfile.ZIP_STORED)
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()

    def progress(done: float, what: str) -> None:
        if any(file.name.startswith(".") for file in unpacked.iterdir()):
            raise Cancelled

    with pytest.raises(Cancelled):
        gather(MaterialRequest(material=(path,)), unpacked, progress)
    assert not list(unpacked.iterdir())


def test_only_what_is_learnt_from_is_unpacked(tmp_path: Path) -> None:
    members = {**four(), "readme.txt": b"words " * 9999, "dog/tool.bin": os.urandom(1000)}
    (tmp_path / "in").mkdir()
    found = gather(MaterialRequest(material=(zipped(tmp_path / "mine.zip", members),)), tmp_path / "in")
    assert len(list((tmp_path / "in").iterdir())) == 4
    assert sorted(reasons(found).values()) == ["material_note.text", "media.unknown"]
    assert all(media.probe(clip.path).duration == clip.end for clip in found.clips)


def test_broken_bytes_are_never_our_fault(tmp_path: Path) -> None:
    table = b"file,fold,label,src_file,start,end\ndog/0.wav,1,dog,7,0.0,0.2\ncat/1.wav,x,cat,9,0,1\n"
    members = {**four("m/"), "m/t.csv": table, "m/0.txt": b"0\t1\tdog\n"}
    whole = zipped(tmp_path / "whole.zip", members, zipfile.ZIP_STORED).read_bytes()
    chance, usable, refused = random.Random(4), 0, 0
    for _ in range(120):
        data = bytearray(whole)
        first = chance.choice([0, whole.index(b"file,fold"), whole.index(b"PK\1\2")])
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(first, len(data))] = chance.choice([0, 1, 10, 44, 255, chance.randrange(256)])
        (tmp_path / "broken.zip").write_bytes(data)
        try:
            usable += len(look(tmp_path, tmp_path / "broken.zip").clips) > 0
        except RequestError as error:
            refused += bool(error.sentence("zh"))
    assert usable > 20
    assert usable + refused == 120
