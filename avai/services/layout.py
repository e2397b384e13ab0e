"""Which class each file is of, by its folders or by its name, as people lay out what they collect.

dog/1.wav  cat/1.wav                 train/dog/1.wav  test/dog/2.wav        animals/dog/1.wav  tools/saw/1.wav
dog_1.wav  dog 2.wav  cat-01.WAV     0_george_1.wav   1_lucas_1.wav
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import PurePath

Parts = tuple[str, ...]

NO_CLASS = re.compile(
    r"(train|training|trainset|val|valid|validation|dev|eval|evaluation|test|testing|testset|audios?|sounds?|wavs?|mp3s?"
    r"|flac|ogg|clips?|data|datasets?|images?|pictures?|photos?|videos?|files?|recordings?|samples?|raw|fold[ _-]?\d+"
    r"|split[ _-]?\d+|训练集?|验证集?|测试集?|音频|声音|录音|图片|照片|视频|数据集?|样本)",
    re.IGNORECASE,
)
"""Folders that sort files by something else than by class."""
WEAK = re.compile(r"((session|speaker|take|part|batch|day|mic|disc|set|group|run|rec)[ _-]?)?\d+", re.IGNORECASE)
"""Folders that are a class only where no other is above them."""
MADE_UP = re.compile(r"[0-9a-f]{16,}|tmp\w{6,}", re.IGNORECASE)
"""Names of folders that programs make."""
ESC = re.compile(r"(\d)-(\d+)-[A-Z]-\d+")
"""Names of the data set ESC-50: fold, clip it was cut from, take, class."""
COMMANDS = re.compile(r"([0-9a-f]{8})_nohash_\d+")
"""Names of the data set Speech Commands: who speaks."""
LONGEST = 60


def label_of(name: str) -> str:
    """The label of a class that people call ``name``: lower case, letters, marks and digits of any script, each run of
    other characters one underscore. A name of nothing but signs stays as it is; "" for none at all."""
    plain = unicodedata.normalize("NFKC", name).lower().strip()
    kept = "".join(each if unicodedata.category(each)[0] in "LNM" else " " for each in plain)
    signs = "".join(each for each in plain if unicodedata.category(each)[0] in "SP")
    return "_".join(kept.split())[:LONGEST].strip("_") or signs[:LONGEST]


def source_of(stem: str) -> str:
    """What a clip was cut from, or who speaks in it, where its name says so by the custom of a known data set."""
    if esc := ESC.fullmatch(stem):
        return f"{esc[1]}-{esc[2]}"
    if command := COMMANDS.fullmatch(stem):
        return command[1]
    return ""


def by_folders(paths: Sequence[Parts]) -> tuple[list[str], Parts] | None:
    """The class of each path by the nearest folder that distinguishes ("" for one that lies beside the folders of
    classes), and the folders that all paths share. None for the classes when all lie in one folder."""
    folders = [path[:-1] for path in paths]
    depth = 0
    while all(len(each) > depth for each in folders) and len({each[depth] for each in folders}) == 1:
        depth += 1
    inner = [tuple(part for part in each[depth:] if not NO_CLASS.fullmatch(part.strip())) for each in folders]
    if not any(inner):
        return None
    while len({each[-1] for each in inner if each}) == 1 and any(len(each) > 1 for each in inner):
        inner = [each[:-1] if len(each) > 1 else each for each in inner]  # dog/44khz, cat/44khz
    return [_nearest(each) for each in inner], folders[0][:depth]


def _nearest(folders: Parts) -> str:
    strong = [folder for folder in folders if not WEAK.fullmatch(folder.strip())]
    return (strong or folders or ("",))[-1]


def shared_folder(paths: Sequence[Parts]) -> str:
    """The nearest folder with a name that all paths share; "" where there is none."""
    folders = [path[:-1] for path in paths]
    for depth in range(min(map(len, folders)), 0, -1):
        name = folders[0][depth - 1]
        if (
            len({each[:depth] for each in folders}) == 1
            and not NO_CLASS.fullmatch(name)
            and not MADE_UP.fullmatch(name)
        ):
            return name
    return ""


def by_names(paths: Sequence[Parts]) -> list[str]:
    """The class of each path by the word that its name begins with, and by the words after it that all such names
    share: ``sea_waves_1``, ``sea_waves_2`` are ``sea waves``, but ``0_george``, ``0_lucas`` are ``0``. "" for a name
    that says nothing, such as ``1.wav`` or ``1-100032-A-0.wav``."""
    words = [_words(PurePath(path[-1]).stem) for path in paths]
    first = Counter(each[0] for each in words if each)
    numbered = [each for each in first if each.isdecimal()]
    # numbers that come again are classes, such as spoken digits; those that do not count the files
    if sum(first[each] for each in numbered) < 2 * len(numbered):
        words = [_from_word(each) for each in words]
    alike: dict[str, list[Parts]] = defaultdict(list)
    for each in words:
        if each:
            alike[each[0]].append(tuple(each))
    named = {word: " ".join(_shared(group)) for word, group in alike.items()}
    return [named[each[0]] if each else "" for each in words]


def _words(stem: str) -> list[str]:
    if ESC.fullmatch(stem):
        return []
    plain = unicodedata.normalize("NFKC", stem).lower()
    words = re.findall(r"\d+|[^\W\d_]+", "".join(" " if unicodedata.category(c)[0] not in "LNM" else c for c in plain))
    return words if any(not word.isdecimal() for word in words) else []


def _from_word(words: list[str]) -> list[str]:
    start = next((number for number, word in enumerate(words) if not word.isdecimal()), len(words))
    return words[start:]


def _shared(group: Sequence[Parts]) -> Parts:
    """The words that all begin with; numbers after the first word count takes and end it."""
    shared = 1
    while all(len(each) > shared and not each[shared].isdecimal() for each in group):
        if len({each[shared] for each in group}) > 1:
            break
        shared += 1
    return group[0][:shared]


def classes_of(places: Sequence[Sequence[Parts]], others: bool) -> list[tuple[str, list[str]]]:
    """How each place (a folder, a zip, or all files given one by one) is laid out, ``folders`` or ``names``, and the
    class of each of its paths. ``others``: whether there are classes beside those of these places."""
    found: list[tuple[str, list[str]]] = []
    flat = []
    for number, paths in enumerate(places):
        inner = by_folders(paths) if paths else None
        found.append(("folders", inner[0] if inner else [""] * len(paths)))
        if paths and inner is None:
            flat.append(number)
    alone = len(flat) == 1 and not others and all(number in flat or not paths for number, paths in enumerate(places))
    for number in flat:
        paths = places[number]
        counts = Counter(names := by_names(paths))
        counts.pop("", None)
        folder = shared_folder(paths)
        telling = len(counts) > 1 and (alone or (len(flat) == 1 and min(counts.values()) > 1))
        if telling or not folder:
            found[number] = ("names", names)
        else:
            found[number] = ("folders", [folder] * len(paths))
    return found
