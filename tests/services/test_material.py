"""What people give to teach from is understood, or said in a sentence why not."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from avai import media
from avai.config import MODELS
from avai.contracts import MaterialRequest
from avai.errors import Cancelled, RequestError
from avai.services.layout import label_of
from avai.services.material import Gathered, check, gather, material
from avai.services.sifting import level

RATE = 8000


def sound(path: Path, seed: int, seconds: float = 0.4, rate: int = RATE) -> Path:
    """Noise of its own; seed 0 is silence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 0.1, (round(seconds * rate), 1)).astype(np.float32)
    media.write_wav(path, noise * bool(seed), rate)
    return path


def picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    media.write_jpeg(path, np.random.default_rng(seed).integers(0, 255, (40, 60, 3), np.uint8))
    return path


def look(tmp_path: Path, *given: Path, labels: tuple[str, ...] = ()) -> Gathered:
    unpacked = tmp_path / f"unpacked{len(list(tmp_path.glob('unpacked*')))}"
    unpacked.mkdir()
    return gather(MaterialRequest(material=given, labels=labels), unpacked)


def counts(found: Gathered) -> dict[str, int]:
    return dict(Counter(clip.label for clip in found.clips))


def reasons(found: Gathered) -> dict[str, str]:
    return {each.name: each.reason.code for each in found.left_out}


def codes(found: Gathered) -> set[str]:
    return {each.code for each in found.warnings}


def same(one: Gathered, other: Gathered) -> bool:
    def told(found: Gathered) -> list[tuple[object, ...]]:
        return [(c.label, c.digest, c.source, c.start, c.end) for c in found.clips]

    return told(one) == told(other)


@pytest.mark.parametrize(
    ("names", "wanted", "layout"),
    [
        ("dog/a.wav dog/b.WAV cat/c.wav cat/d.Wav", {"dog": 2, "cat": 2}, "folders"),
        ("all/train/dog/a.wav all/val/dog/b.wav all/test/cat/c.wav", {"dog": 2, "cat": 1}, "folders"),
        ("dog/session1/a.wav dog/session2/b.wav cat/session1/c.wav", {"dog": 2, "cat": 1}, "folders"),
        ("dog/audio/a.wav dog/audio/b.wav cat/audio/c.wav", {"dog": 2, "cat": 1}, "folders"),
        ("dog/44khz/a.wav dog/44khz/b.wav cat/44khz/c.wav", {"dog": 2, "cat": 1}, "folders"),
        ("0/a.wav 0/b.wav 1/c.wav 1/d.wav", {"0": 2, "1": 2}, "folders"),
        ("狗/a.wav;狗/b.wav;雨 声/c.wav", {"狗": 2, "雨_声": 1}, "folders"),
        ("dog_1.wav;dog 2.wav;dog-03.WAV;cat4.wav;cat(5).wav", {"dog": 3, "cat": 2}, "names"),
        ("sea_waves_1.wav sea_lion_1.wav rain_1.wav", {"sea": 2, "rain": 1}, "names"),
        ("sea_waves_1.wav sea_waves_2.wav rain_1.wav", {"sea_waves": 2, "rain": 1}, "names"),
        ("0_george_0.wav 0_theo_0.wav 1_george_0.wav 1_theo_1.wav", {"0": 2, "1": 2}, "names"),
        ("01 dog.wav;02 dog.wav;03 cat.wav", {"dog": 2, "cat": 1}, "names"),
        ("train/dog_1.wav test/dog_2.wav train/cat_1.wav", {"dog": 2, "cat": 1}, "names"),
    ],
)  # fmt: skip
def test_folders_and_names_say_the_class(tmp_path: Path, names: str, wanted: dict[str, int], layout: str) -> None:
    for number, name in enumerate(names.split(";" if ";" in names else " "), 1):
        sound(tmp_path / "mine" / name, number)
    found = look(tmp_path, tmp_path / "mine")
    assert counts(found) == wanted
    assert found.layout == (layout,)
    assert not found.left_out


def test_the_same_from_folder_zip_and_files_with_labels(tmp_path: Path) -> None:
    files = [
        sound(tmp_path / "mine" / label / f"{n}.wav", 10 * n + len(label))
        for label in ("cat", "horse")
        for n in (1, 2, 3)
    ]
    with zipfile.ZipFile(tmp_path / "other name.zip", "w") as archive:
        for path in reversed(files):
            archive.write(path, f"deep/down/{path.parent.name}/{path.name}")
    uploads = [Path(shutil.copy(path, tmp_path / f"upload{number}.wav")) for number, path in enumerate(files)]
    folder = look(tmp_path, tmp_path / "mine")
    order = [3, 0, 5, 1, 2, 4]
    labels = tuple(files[number].parent.name.title() for number in order)
    assert same(folder, look(tmp_path, tmp_path / "other name.zip"))
    assert same(folder, look(tmp_path, *(uploads[number] for number in order), labels=labels))
    assert same(folder, look(tmp_path, tmp_path / "mine" / "horse", tmp_path / "mine" / "cat"))
    assert same(folder, look(tmp_path, *files))


def test_what_systems_lay_beside_files_is_ignored_and_what_is_no_clip_is_said(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    for label, seed in (("dog", 1), ("cat", 5)):
        sound(mine / label / "a.wav", seed)
        sound(mine / label / "b.wav", seed + 1)
        sound(mine / "__MACOSX" / label / "._a.wav", 1)
        (mine / label / ".DS_Store").write_bytes(b"\0\1")
        (mine / label / "Thumbs.db").write_bytes(b"\0\1")
    sound(mine / "stray.wav", 20)
    sound(mine / "dog" / "short.wav", 21, 0.05)
    sound(mine / "dog" / "quiet.wav", 0)
    picture(mine / "cat" / "cat.jpg", 1)
    (mine / "cat" / "notes.txt").write_text("what the cat did")
    (mine / "cat" / "text.mp3").write_text("nothing to hear")
    (mine / "cat" / "empty.wav").write_bytes(b"")
    (mine / "cat" / "cut.wav").write_bytes((mine / "cat" / "a.wav").read_bytes()[:30])
    (mine / "cat" / "link.wav").symlink_to(mine / "dog" / "a.wav")
    (mine / "elsewhere").symlink_to("/usr")
    os.mkfifo(mine / "cat" / "pipe.wav")
    found = look(tmp_path, mine)
    assert counts(found) == {"dog": 2, "cat": 2}
    assert reasons(found) == {
        "stray.wav": "material_note.no_class",
        "dog/short.wav": "media.too_short",
        "dog/quiet.wav": "material_note.silent",
        "cat/cat.jpg": "material_note.among_sounds",
        "cat/notes.txt": "material_note.text",
        "cat/text.mp3": "material_note.text",
        "cat/empty.wav": "media.empty",
        "cat/cut.wav": reasons(found)["cat/cut.wav"],
        "cat/link.wav": "material_note.link",
        "cat/pipe.wav": "media.not_a_file",
        "elsewhere": "material_note.link",
    }
    assert reasons(found)["cat/cut.wav"] in ("media.damaged", "media.nothing")


def test_films_count_by_their_sound_and_films_without_are_left_out(tmp_path: Path, gradio_media: Path) -> None:
    videos = gradio_media / "videos"
    given = [videos / "world.mp4", sound(tmp_path / "x.wav", 3), picture(tmp_path / "p.jpg", 1)]
    found = look(tmp_path, *given, labels=("a", "b", "b"))
    silent = media.probe(videos / "world.mp4").audio == ()
    assert counts(found) == ({"b": 1} if silent else {"a": 1, "b": 1})
    assert reasons(found)["p.jpg"] == "material_note.among_sounds"


def test_pictures(tmp_path: Path) -> None:
    for number, label in enumerate(("day", "day", "night", "night"), 1):
        picture(tmp_path / "mine" / label / f"{number}.JPG", number)
    whole = (tmp_path / "mine" / "day" / "1.JPG").read_bytes()
    (tmp_path / "mine" / "day" / "broken.jpg").write_bytes(whole[:60])
    sound(tmp_path / "mine" / "day" / "a.wav", 1)
    found = look(tmp_path, tmp_path / "mine")
    assert found.kind == "picture"
    assert counts(found) == {"day": 2, "night": 2}
    assert reasons(found) == {"day/a.wav": "material_note.among_pictures", "day/broken.jpg": "media.damaged"}


def test_labels_of_classes_in_any_script() -> None:
    wanted = {
        "Dog ": "dog",
        "crying  Baby!": "crying_baby",
        "狗 叫": "狗_叫",
        "हिन्दी": "हिन्दी",
        "Ｄｏｇ": "dog",
        "cafe\u0301": "café",
        "🐶": "🐶",
        "_background_noise_": "background_noise",
        " ": "",
    }
    assert {name: label_of(name) for name in wanted} == wanted


def test_a_class_named_twice_is_merged_and_other_is_called_background(tmp_path: Path) -> None:
    given = [sound(tmp_path / f"{n}.wav", n) for n in range(1, 6)]
    found = look(tmp_path, *given, labels=("Dog", "dog", "dog!", "Other", "other"))
    assert counts(found) == {"dog": 3, "background": 2}
    assert {"material_note.merged", "material_note.reserved"} <= codes(found)
    merged = next(each for each in found.warnings if each.code == "material_note.merged")
    assert "“Dog”" in merged.text
    odd = os.fsdecode(b"d\xffg")  # bytes of a name that are no text
    for n, name in enumerate((f"{odd}/1.wav", "d g/1.wav", "cat/1.wav"), 1):
        sound(tmp_path / "mine" / name, n)
    odder = look(tmp_path, tmp_path / "mine")
    assert counts(odder) == {"d_g": 2, "cat": 1}
    assert odder.warnings[0].model_dump_json()
    check(found)
    request = MaterialRequest(material=tuple(given), labels=("Dog", "dog", "cat", "Cow", "cow"), without=("cat",))
    assert counts(gather(request, tmp_path)) == {"dog": 2, "cow": 2}


def test_too_little_is_looked_at_and_refused(tmp_path: Path) -> None:
    dogs = [sound(tmp_path / f"{n}.wav", n) for n in (1, 2)]
    found = look(tmp_path, *dogs, labels=("dog", "dog"))
    assert "material_note.one_class" in codes(found)
    with pytest.raises(RequestError, match="only one class"):
        check(found)
    found = look(tmp_path, *dogs, sound(tmp_path / "3.wav", 3), labels=("dog", "dog", "cat"))
    assert counts(found) == {"dog": 2, "cat": 1}
    with pytest.raises(RequestError, match="only one clip of Cat") as refused:
        check(found)
    assert refused.value.sentence("zh").startswith("猫 只有一个")
    with pytest.raises(RequestError, match="not there"):
        look(tmp_path, tmp_path / "nowhere")
    with pytest.raises(RequestError, match="Open a saved model"):
        look(tmp_path, MODELS / "esc10.avai")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(RequestError, match="Nothing here"):
        look(tmp_path, tmp_path / "nothing")


def test_the_same_content(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    for label, seed in (("dog", 1), ("cat", 5)):
        for n in range(3):
            sound(mine / label / f"{n}.wav", seed + n)
    shutil.copy(mine / "dog" / "0.wav", mine / "dog" / "again.wav")
    shutil.copy(mine / "dog" / "1.wav", mine / "cat" / "dog.wav")
    found = look(tmp_path, mine)
    assert counts(found) == {"dog": 2, "cat": 3}
    assert Counter(reasons(found).values()) == {"material_note.twice": 1, "material_note.two_classes": 2}
    assert "Cat, Dog" in found.left_out[0].reason.text + found.left_out[-1].reason.text


def test_silence_is_a_class_when_it_is_all_of_it(tmp_path: Path) -> None:
    for n in range(3):
        sound(tmp_path / "mine" / "silence" / f"{n}.wav", 0)
        sound(tmp_path / "mine" / "dog" / f"{n}.wav", n + 1)
    found = look(tmp_path, tmp_path / "mine")
    assert counts(found) == {"dog": 3, "silence": 3}
    assert found.silent == ("silence",)
    assert len({clip.source for clip in found.clips}) == 6
    assert not found.warnings
    check(found)


def test_an_audacity_track_labels_a_recording(tmp_path: Path) -> None:
    sound(tmp_path / "mine" / "walk.wav", 1, 20)
    lines = [
        "0.5\t1.5\tdog",
        "3\t4\tcat",
        "\\\t100\t200",
        "5\t6\tdog",
        "7\t8\tcat",
        "9\t9\tdog",
        "30\t31\tcat",
        "10\t11\t",
    ]
    (tmp_path / "mine" / "walk.txt").write_text("\n".join(lines), encoding="utf-8")
    found = look(tmp_path, tmp_path / "mine")
    assert counts(found) == {"dog": 2, "cat": 2}
    assert found.layout == ("spans",)
    assert sorted((clip.start, clip.end) for clip in found.clips) == [(0.5, 1.5), (3, 4), (5, 6), (7, 8)]
    assert sorted(reasons(found).values()) == [
        "material_note.no_class",
        "material_note.span_outside",
        "media.too_short",
    ]
    # all of one recording: each counts for itself, and that is said
    assert len({clip.source for clip in found.clips}) == 4
    assert "material_note.one_source" in codes(found)
    (tmp_path / "elsewhere").mkdir()
    moved = [Path(shutil.move(tmp_path / "mine" / "walk.wav", tmp_path / "elsewhere" / "a b.wav"))]
    moved.append(Path(shutil.move(tmp_path / "mine" / "walk.txt", tmp_path / "elsewhere" / "Label Track.txt")))
    assert same(found, look(tmp_path, *moved))


def test_recordings_with_tables_of_spans_are_sources(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    for name, seed in (("one", 1), ("two", 2)):
        sound(mine / f"{name}.wav", seed, 10)
        (mine / f"{name}_labels.csv").write_text("start;end;label\n0,5;1;dog\n0:02;0:03;cat\n4;5;dog\n", "utf-8-sig")
    sound(mine / "three.wav", 3)
    found = look(tmp_path, mine)
    assert counts(found) == {"dog": 4, "cat": 2}
    assert reasons(found) == {"three.wav": "material_note.no_labels"}
    assert len({clip.source for clip in found.clips}) == 2
    assert not found.warnings


def test_an_esc_50_table(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    rows = ["filename,fold,target,category,esc10,src_file,take"]
    for number, (fold, source, label) in enumerate(
        [(1, 7, "dog"), (1, 7, "dog"), (2, 8, "dog"), (1, 9, "Rain"), (2, 9, "rain")]
    ):
        sound(mine / "audio" / f"{number}.wav", number + 1)
        rows.append(f"{number}.wav,{fold},0,{label},True,{source},A")
    sound(mine / "audio" / "extra.wav", 20)
    rows.append("gone.wav,1,0,dog,True,7,A")
    (mine / "meta").mkdir()
    (mine / "meta" / "esc50.csv").write_text("\n".join(rows))
    found = look(tmp_path, mine)
    assert counts(found) == {"dog": 3, "rain": 2}
    assert found.layout == ("table",)
    assert reasons(found) == {"audio/extra.wav": "material_note.not_in_table"}
    assert {(clip.label, clip.fold) for clip in found.clips} == {("dog", 1), ("dog", 2), ("rain", 1), ("rain", 2)}
    dogs = Counter(clip.source for clip in found.clips if clip.label == "dog")
    assert sorted(dogs.values()) == [1, 2]
    assert {"material_note.missing", "material_note.merged", "material_note.one_source"} == codes(found)
    files = sorted((mine / "audio").iterdir())
    assert same(found, look(tmp_path, *files, mine / "meta" / "esc50.csv"))
    # the names of its clips say where they were cut from, also without the table
    for number, name in enumerate(("1-100032-A-0", "1-100032-B-0", "2-100032-A-0"), 1):
        sound(tmp_path / "plain" / "dog" / f"{name}.wav", number)
        sound(tmp_path / "plain" / "cat" / f"{number}.wav", number + 10)
    dogs = Counter(clip.source for clip in look(tmp_path, tmp_path / "plain").clips if clip.label == "dog")
    assert sorted(dogs.values()) == [1, 2]


def test_a_kinetics_list(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    sound(mine / "clips" / "aB-_1_000010_000020.wav", 1, 1)
    sound(mine / "clips" / "aB-_1_000030_000040.wav", 2, 1)
    sound(mine / "clips" / "xyz.wav", 3, 30)
    rows = ["label,youtube_id,time_start,time_end,split", "ski jump,aB-_1,10,20,train", "ski jump,aB-_1,30,40,train"]
    (mine / "train.csv").write_text(
        "\n".join([*rows, "surfing,xyz,2,6,test", "surfing,xyz,10,12,test", "surfing,no,1,2,test"])
    )
    found = look(tmp_path, mine)
    assert counts(found) == {"ski_jump": 2, "surfing": 2}
    assert sorted((c.start, c.end) for c in found.clips) == [(0, 1), (0, 1), (2, 6), (10, 12)]


def test_times_of_an_urbansound_table_are_those_of_what_a_clip_was_cut_from(tmp_path: Path) -> None:
    for number, (start, label) in enumerate([(0, "siren"), (7.5, "siren"), (2, "drilling"), (9, "drilling")], 1):
        sound(tmp_path / "mine" / f"fold{number}" / f"{number}.wav", number, 1)
        with (tmp_path / "mine" / "table.csv").open("a") as table:
            table.write("" if number > 1 else "slice_file_name,fsID,start,end,salience,fold,classID,class\n")
            table.write(f"{number}.wav,{number},{start},{start + 1},1,{number},3,{label}\n")
    found = look(tmp_path, tmp_path / "mine")
    assert counts(found) == {"siren": 2, "drilling": 2}
    assert {(clip.start, clip.end) for clip in found.clips} == {(0, 1)}
    assert sorted(clip.fold or 0 for clip in found.clips) == [1, 2, 3, 4]


def test_tables_that_do_not_say_enough(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav", 1)
    for text, wanted in {
        "file,loudness\na.wav,3\n": "label",
        "file,label\nb.wav,dog\n": "None of the files",
        "file,label,start,end\na.wav,dog,soon,later\n": "Line 2",
        "file,label\n../a.wav,dog\n/etc/hostname,dog\n": "None of the files",
    }.items():
        (tmp_path / "inner").mkdir(exist_ok=True)
        (tmp_path / "inner" / "table.csv").write_text(text)
        with pytest.raises(RequestError, match=wanted):
            look(tmp_path, tmp_path / "inner" / "table.csv")
    (tmp_path / "inner" / "table.csv").write_text("file,label\na.wav,dog\n")
    (tmp_path / "inner" / "a.wav").symlink_to(tmp_path / "a.wav")
    with pytest.raises(RequestError, match="None of the files"):
        look(tmp_path, tmp_path / "inner" / "table.csv")


def test_a_table_by_itself_finds_the_files_beside_it(tmp_path: Path) -> None:
    rows = []
    for number, label in enumerate(("狗", "狗", "猫", "猫"), 1):
        sound(tmp_path / "mine" / "sub" / f"{number}.wav", number)
        rows.append(f"sub\\{number}.wav,{label}")
    (tmp_path / "mine" / "list.csv").write_bytes("\n".join(["文件,类别", *rows]).encode("gbk"))
    found = look(tmp_path, tmp_path / "mine" / "list.csv")
    assert counts(found) == {"狗": 2, "猫": 2}
    assert same(found, look(tmp_path, tmp_path / "mine"))


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert level([1, 2, 10], 9) == 6
    assert level([5, 5, 5], 9) == 3
    mine = tmp_path / "mine"
    for n in range(1, 9):
        sound(mine / "dog" / f"{n}.wav", n, 1)
    for n in (11, 12):
        sound(mine / "cat" / f"{n}.wav", n, 1)
    monkeypatch.setattr("avai.services.sifting.MOST_CLIPS", 6)
    found = look(tmp_path, mine)
    assert counts(found) == {"dog": 4, "cat": 2}
    assert codes(found) == {"material_note.too_many"}
    monkeypatch.undo()
    monkeypatch.setenv("AVAI_MAX_SECONDS", "7")
    found = look(tmp_path, mine)
    assert counts(found) == {"dog": 5, "cat": 2}
    assert codes(found) == {"material_note.much"}
    monkeypatch.setenv("AVAI_MAX_SECONDS", "7200")
    sound(mine / "cat" / "long.wav", 30, 400)
    found = look(tmp_path, mine)
    assert max(clip.end - clip.start for clip in found.clips) == 300
    assert codes(found) == {"material_note.long"}
    monkeypatch.setattr("avai.services.found.MOST_LEFT_OUT", 3)
    for n in range(5):
        (mine / "dog" / f"{n}.md").write_text("words")
    found = look(tmp_path, mine)
    assert len(found.left_out) == 3
    assert "material_note.more_left_out" in codes(found)


def test_stop_is_noticed(tmp_path: Path) -> None:
    for n in range(1, 9):
        sound(tmp_path / "mine" / f"class{n % 2}" / f"{n}.wav", n)
    asked = 0

    def progress(done: float, what: str) -> None:
        nonlocal asked
        assert 0 <= done <= 1
        asked += 1
        if asked > 12:
            raise Cancelled

    with pytest.raises(Cancelled):
        gather(MaterialRequest(material=(tmp_path / "mine",)), tmp_path, progress)


def test_the_service_writes_what_it_tells(tmp_path: Path) -> None:
    for n in range(1, 5):
        sound(tmp_path / "mine" / f"{'dog' if n % 2 else 'cat'}" / f"{n}.wav", n)
    (tmp_path / "out").mkdir()
    result = material(MaterialRequest(material=(tmp_path / "mine",)), tmp_path / "out")
    assert [(each.label, each.clips, each.seconds, each.sources) for each in result.classes] == [
        ("cat", 2, 0.8, 2),
        ("dog", 2, 0.8, 2),
    ]
    assert json.loads((tmp_path / "out" / "material.json").read_text(encoding="utf-8"))["layout"] == ["folders"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["material.json"]


def test_no_network_is_loaded_to_look() -> None:
    code = "import sys, avai.services.material as _; print([n for n in sys.modules if 'flow' in n or 'avai.net' in n])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_real_digits_and_their_speakers(tmp_path: Path, shared: Path) -> None:
    given = shared / "data" / "digits"
    with (given / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["take"] in ("0", "7")]
    (tmp_path / "mine").mkdir()
    for row in rows:
        shutil.copy(given / row["file"], tmp_path / "mine")
    shutil.copy(given / "sources.csv", tmp_path / "mine")
    found = look(tmp_path, tmp_path / "mine")
    assert counts(found) == {str(digit): 12 for digit in range(10)}
    assert len({clip.source for clip in found.clips}) == 6
    speakers = {clip.name.split("_")[1]: clip.source for clip in found.clips}
    assert len(set(speakers.values())) == 6
    assert {(clip.label, clip.name.split("_")[0]) for clip in found.clips} == {(str(d), str(d)) for d in range(10)}


def test_real_esc_10_keeps_takes_of_a_clip_and_folds_together(tmp_path: Path, shared: Path) -> None:
    given = shared / "data" / "esc10"
    with (given / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] in ("dog", "helicopter")][::2]
    with (
        zipfile.ZipFile(tmp_path / "esc.zip", "w") as archive,
        (tmp_path / "metadata.csv").open("w", newline="") as table,
    ):
        writer = csv.DictWriter(table, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        table.flush()
        archive.write(tmp_path / "metadata.csv", "esc10/metadata.csv")
        for row in rows:
            archive.write(given / row["file"], f"esc10/{row['file']}")
    found = look(tmp_path, tmp_path / "esc.zip")
    assert counts(found) == dict(Counter(row["label"] for row in rows))
    wanted = {Path(row["file"]).name: row for row in rows}
    sources: dict[str, str] = {}
    for clip in found.clips:
        row = wanted[Path(clip.name).name]
        assert (clip.label, clip.fold) == (row["label"], int(row["fold"]))
        assert sources.setdefault(clip.source, row["source_clip"]) == row["source_clip"]
    assert len(sources) == len({row["source_clip"] for row in rows})
