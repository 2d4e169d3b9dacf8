"""Which files are to be read: those named, and all that stand in the folders named.

Nothing in a folder is passed over in silence. What cannot be read from its place in the folder alone is listed with the reason:
a folder that may not be entered, a device, a named pipe (opening one would wait for ever), a symbolic link that leads out of
the folder or nowhere. A link to something inside the folder loses nothing, since that is read under its own name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assessor.errors import EvidenceError

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True)
class Found:
    """A path to be read: its size in bytes and, where it is not to be opened, why; `harmless` where nothing is lost by that."""

    path: Path
    size: int = 0
    reason: str = ""
    harmless: bool = False


def found(paths: Iterable[Path]) -> tuple[list[Found], list[Found]]:
    """What is to be read, in the order given and a folder's in that of the names in it; and the links that are left out.

    Raises EvidenceError for a path that does not exist and where there is no file at all.
    """
    listed: list[Found] = []
    for path in paths:
        if path.is_dir():
            listed += _walk(path)
        elif os.path.lexists(path):
            listed.append(_named(path))
        else:
            raise EvidenceError(
                f"There is no file {path}; give the path of a bill of materials or of a folder with some."
            )
    told = [each for each in listed if not each.harmless]
    if not told:
        raise EvidenceError(
            f"There is no file in {', '.join(map(str, paths))}; give bills of materials or their folder."
        )
    return told, [each for each in listed if each.harmless]


def special(mode: int) -> str:
    """Why something of this mode (`st_mode`) is not opened; empty for a plain file."""
    kind = next((words for test, words in _KINDS if test(mode)), "a folder" if stat.S_ISDIR(mode) else "")
    if not kind:
        return "" if stat.S_ISREG(mode) else "it is no plain file and is not opened"
    return f"it is {kind} and no file, and is not opened"


def _named(path: Path) -> Found:
    """A path that the user gave; a link is followed, since it was meant."""
    try:
        told = path.stat()
    except OSError as error:
        return Found(path, 0, cannot(error))
    return Found(path, told.st_size, special(told.st_mode))


def _walk(top: Path) -> Iterator[Found]:
    """All that is in a folder, at any depth; by name, a folder where its name stands."""
    root = os.path.realpath(top)
    waiting = [top]
    while waiting:  # no recursion: folders may be nested deeper than Python's calls
        path = waiting.pop()
        try:
            told = path.stat() if path == top else path.lstat()
            if stat.S_ISDIR(told.st_mode):
                waiting += sorted(path.iterdir(), reverse=True)
            elif stat.S_ISLNK(told.st_mode):
                yield _link(path, root)
            else:
                yield Found(path, told.st_size, special(told.st_mode))
        except OSError as error:
            yield Found(path, 0, cannot(error))


def _link(path: Path, root: str) -> Found:
    target = os.path.realpath(path)
    if not os.path.lexists(target):
        return Found(path, 0, f"it is a symbolic link to {path.readlink()}, which does not exist; ask for the file")
    if os.path.commonpath([root, target]) == root:
        return Found(path, 0, "it is a symbolic link to what is read under its own name", harmless=True)
    told = f"it is a symbolic link out of the folder, to {target}, and is not followed; give that by its own path"
    return Found(path, 0, told)


def cannot(error: OSError) -> str:
    """Why a file or a folder is not read, in words for people."""
    return f"it cannot be opened: {error.strerror or type(error).__name__}"
