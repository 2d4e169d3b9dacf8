"""Temporary folders that are gone when their work is, also when it was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

_HOUR = 3600
"""Seconds after which a folder that nobody holds was left by a process that was killed before it could hold it."""


@contextmanager
def workplace(prefix: str) -> Iterator[Path]:
    """A temporary folder that the owner alone can read; those of the same prefix whose processes were killed are removed."""
    parent = Path(tempfile.gettempdir())
    for left in parent.glob(f"{prefix}*"):
        _sweep(left)
    work = Path(tempfile.mkdtemp(prefix=prefix))
    lock = FileLock(work / ".lock")
    try:
        with lock:
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(left: Path) -> None:
    """Remove a temporary folder whose process holds it no more."""
    try:
        if left.is_symlink() or not left.is_dir() or (hasattr(os, "getuid") and left.stat().st_uid != os.getuid()):
            return
        age = datetime.now(UTC).timestamp() - left.stat().st_mtime
        if not (left / ".lock").exists() and age < _HOUR:
            return  # its process may be about to hold it
        with FileLock(left / ".lock", timeout=0):
            shutil.rmtree(left, ignore_errors=True)
    except (OSError, Timeout):
        return
