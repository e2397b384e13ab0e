"""Rows of ``models/manifest.json``: what each file is, its size and checksum, who made it and under which licence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from avai.config import MODELS


def record(file: str, data: bytes, *, made_by: str, licence: str, source: str, folder: Path = MODELS) -> Path:
    """Write ``data`` as ``models/<file>`` with its row in the manifest; gives the path."""
    path = folder / file
    path.write_bytes(data)
    manifest = folder / "manifest.json"
    rows = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else []
    row = {
        "file": file,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "made_by": made_by,
        "licence": licence,
        "source": source,
    }
    rows = sorted([other for other in rows if other["file"] != file] + [row], key=lambda each: str(each["file"]))
    manifest.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(data):,} bytes")
    return path
