"""Names of delivered files: which lead out of a package, and how each is kept so that every file system can hold it."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_FOLDERS = 60
"""Folders that a name may go through."""
_MAX_PART, _MAX_WHOLE = 230, 1000  # bytes; a file system takes 255 and most programs 4,096 with the folder before it
_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:<>"|?*\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # devices of Windows
_PLAIN = re.compile(r"[A-Za-z0-9_\-+=,()\[\]/ ]*(\.[A-Za-z0-9_\-+=,()\[\]]+)?")


def inner(name: str) -> tuple[str, str]:
    """A member's name as parts joined by "/", without what leads out; and what is wrong with it, or "" when nothing is."""
    plain = name.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    wrong = ""
    if plain.startswith("/") or re.match(r"[A-Za-z]:", plain):
        wrong = f"the absolute name {_shown(name)}"
    elif ".." in parts:
        wrong = f"the name {_shown(name)}, which leads out of it"
    elif len(parts) > MAX_FOLDERS:
        wrong = f"folders more than {MAX_FOLDERS} deep, which is the limit"
    return "/".join("_" if part == ".." else part for part in parts), wrong


def kept(name: str, taken: set[str]) -> str:
    """The member's name, changed only where it could not be kept on every file system or beside the names in `taken`.

    Two names are the same when they differ only in Unicode form or in case: the later one gets a number. Signs that only
    look like a separator, or turn the direction of writing, are replaced.
    """
    found = name if _plain(name) else _safe(name)
    folders, slash, last = found.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    number = 1
    while _clashes(found, taken):
        number += 1
        again = f"{stem} ({number}){dot}{ending}" if stem else f"{last} ({number})"
        found = f"{folders}{slash}{again}"
    same = folded(found)
    taken.add(same)
    at = same.rfind("/")
    while at > 0 and same[: at + 1] not in taken:
        taken.add(same[: at + 1])
        at = same.rfind("/", 0, at)
    return found


def _plain(name: str) -> bool:
    """Whether nothing of it needs changing, as is mostly so; seen at a glance, since there may be very many."""
    return (
        len(name) <= _MAX_PART
        and _PLAIN.fullmatch(name) is not None
        and " /" not in name
        and not name.endswith(" ")
        and not any(map(_RESERVED.fullmatch, name.split("/")))
    )


def _safe(name: str) -> str:
    """The name with each part safe and short enough."""
    parts = [_part(part) for part in name.split("/")]
    parts = [_shortened(part) if _size(part) > _MAX_PART else part for part in parts]
    *folders, last = [f"_{part}" if _RESERVED.fullmatch(part) else part for part in parts]
    if sum(map(_size, folders)) + len(folders) > _MAX_WHOLE - _MAX_PART:
        folders = [_shortened("_".join(folders))]
    return "/".join([*folders, last])


def _part(part: str) -> str:
    """One part without signs that some file system refuses, or that NFKC turns into separators or into the folder above."""
    signs = [
        "_" if not sign.isascii() and set(unicodedata.normalize("NFKC", sign)) & set("/\\:") else sign for sign in part
    ]
    plain = _UNSAFE.sub("_", "".join(signs)).replace("\u2044", "_").replace("\u2215", "_").replace("\u29f8", "_")
    if unicodedata.normalize("NFKC", plain) in (".", ".."):
        return "_"
    return re.sub(r"[. ]+$", "_", plain)  # which Windows would drop


def _clashes(name: str, taken: set[str]) -> bool:
    """Whether a file of that name is there, or a folder, or a file where this one needs a folder."""
    plain = folded(name)
    if plain in taken or plain + "/" in taken:
        return True
    at = plain.rfind("/")
    while at > 0 and plain[: at + 1] not in taken:  # a folder that is known has no file in its way
        if plain[:at] in taken:
            return True
        at = plain.rfind("/", 0, at)
    return False


def folded(name: str) -> str:
    """What is the same of two names that some file system takes for one: Unicode form and case are left out."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _shortened(part: str) -> str:
    digest = hashlib.sha256(part.encode("utf-8")).hexdigest()[:12]
    _, dot, ending = part.rpartition(".")
    begin = part.encode("utf-8")[:160].decode("utf-8", "ignore")
    return f"{begin}~{digest}{dot}{ending}" if dot and len(ending) <= 10 else f"{begin}~{digest}"


def _size(part: str) -> int:
    return len(part.encode("utf-8"))


def _shown(name: str) -> str:
    return repr(name if len(name) <= 200 else f"{name[:200]}…")
