"""Makes ``assets/fonts/AvaiTitle-Regular.otf``, the letters that title cards are set in, and ``characters.txt`` beside
it, which letters there are.

A subset of Noto Sans CJK SC (SIL Open Font License 1.1) with Latin-1, common punctuation and the 6,763 Chinese
characters of GB 2312, under a name of its own as the licence asks of changed versions.

    python assets/make_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

OUT = Path(__file__).resolve().parent / "fonts" / "AvaiTitle-Regular.otf"
FACE = "Noto Sans CJK SC"
FAMILY = "Avai Title"
KEPT_NAMES = {0, 13, 14}  # copyright, licence and its address stay as they are
NEW_NAMES = {
    1: FAMILY,
    2: "Regular",
    3: "1.0;AvaiTitle-Regular",
    4: f"{FAMILY} Regular",
    5: "Version 1.0, a subset of Noto Sans CJK SC 2.004",
    6: "AvaiTitle-Regular",
}


def characters() -> set[int]:
    """Latin-1, Latin Extended-A, Greek, Cyrillic, punctuation, full-width forms, and all of GB 2312."""
    blocks = [(0x20, 0x7F), (0xA0, 0x180), (0x391, 0x3CA), (0x400, 0x460), (0x2010, 0x2040), (0x20AC, 0x20AD)]
    blocks += [(0x2190, 0x2194), (0x3000, 0x3018), (0xFF01, 0xFF5F), (0x3041, 0x3097), (0x30A1, 0x30FD)]
    chosen = {code for first, end in blocks for code in range(first, end)} | {0x2116, 0x2122, 0x25A1, 0xFFE5}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            chosen.update(map(ord, bytes((row, cell)).decode("gb2312", errors="ignore")))
    return chosen


def main(collection: str) -> None:
    """Write the subset of the face in ``collection``."""
    fonts: list[TTFont] = TTCollection(collection, lazy=True).fonts
    font = next(font for font in fonts if font["name"].getDebugName(1) == FACE)
    options = Options()
    options.hinting = False
    options.layout_features = ["kern", "ccmp", "locl", "mark"]
    options.name_IDs = ["*"]
    options.desubroutinize = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    subset = Subsetter(options)
    subset.populate(unicodes=characters())
    subset.subset(font)

    names = font["name"]
    names.names = [record for record in names.names if record.nameID in KEPT_NAMES and record.langID == 0x409]
    for number, text in NEW_NAMES.items():
        names.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = ["AvaiTitle-Regular"]
    top.topDictIndex[0].FullName = f"{FAMILY} Regular"
    top.topDictIndex[0].FamilyName = FAMILY
    font.flavor = None
    font.save(OUT)
    known = "".join(map(chr, sorted(font.getBestCmap())))
    (OUT.parent / "characters.txt").write_text(known, encoding="utf-8")
    print(f"{OUT.name}: {len(font.getBestCmap())} characters, {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
