"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avai.errors import RequestError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to; moved into place at the end, removed on any error.

    A full disk or a folder that can't be written to becomes a ``RequestError``.
    """
    path = Path(path)
    part = path.with_name(f".{secrets.token_hex(6)}{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise RequestError("media.disk_full") from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR):
            raise RequestError("media.cannot_write") from None
        raise
    finally:
        part.unlink(missing_ok=True)
