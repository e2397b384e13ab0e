"""Each network once a process; a damaged or missing file is said in one sentence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from avai.config import MODELS, ROOT
from avai.errors import Fault
from avai.networks import registry
from avai.networks.registry import Registry
from avai.words import LANGUAGES


def test_all_files_are_as_the_manifest_says() -> None:
    registry.check()


def test_every_file_is_in_the_manifest_small_enough_and_has_a_card() -> None:
    rows = {row["file"]: row for row in json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))}
    networks = {path.name for path in MODELS.iterdir() if path.suffix in (".safetensors", ".avai")}
    assert set(rows) == networks
    for file, row in rows.items():
        assert row["bytes"] < 10_000_000
        assert (ROOT / row["made_by"]).exists()
        assert row["licence"]
        assert row["source"]
        assert (MODELS / file).with_suffix(".md").exists()


def test_loads_once_even_when_asked_from_many_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: registry.still(), range(16)))
    assert all(each is found[0] for each in found)


@pytest.mark.parametrize("name", ["sound", "speech", "denoise", "frame", "shots", "faces", "still"])
def test_a_flipped_bit_is_found(copied: Registry, name: str) -> None:
    path = copied.folder / f"{name}.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Fault) as caught:
        getattr(copied, name)()
    assert caught.value.key == "network.damaged"
    for language in LANGUAGES:
        assert name in caught.value.sentence(language)
    with pytest.raises(Fault):
        copied.check()


def test_a_cut_file_is_found(copied: Registry) -> None:
    path = copied.folder / "esc10.avai"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(Fault, match="esc10"):
        copied.classes("esc10")


@pytest.mark.parametrize("file", ["sound.safetensors", "sound.csv", "manifest.json"])
def test_a_missing_file_is_said(copied: Registry, file: str) -> None:
    (copied.folder / file).unlink()
    with pytest.raises(Fault) as caught:
        copied.sound()
    assert caught.value.key == "network.missing"


def test_a_manifest_that_is_no_json_is_said(copied: Registry) -> None:
    (copied.folder / "manifest.json").write_text("<html>", encoding="utf-8")
    with pytest.raises(Fault, match="manifest"):
        copied.check()


def test_a_model_that_was_never_bundled_is_said() -> None:
    with pytest.raises(Fault) as caught:
        registry.classes("esc50")
    assert caught.value.key == "network.missing"


def test_nothing_is_unpickled_and_no_whole_model_is_loaded() -> None:
    risky = re.compile(r"\b(import pickle|from pickle|joblib|load_model|allow_pickle=True|marshal|shelve)\b")
    for path in (ROOT / "avai").rglob("*.py"):
        assert not risky.search(path.read_text(encoding="utf-8")), path


def test_asking_for_numpy_parts_does_not_start_tensorflow_and_starting_it_says_nothing() -> None:
    code = (
        "import sys; from avai.networks import registry, classifier, sounding;"
        "registry.check(); registry.classes('esc10'); assert 'tensorflow' not in sys.modules;"
        "registry.speech(); assert 'tensorflow' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == ""


def test_the_manifest_names_no_place_outside(tmp_path: Path) -> None:
    for row in json.loads((MODELS / "manifest.json").read_text(encoding="utf-8")):
        assert Path(row["file"]).name == row["file"]
