"""What is added to a sealed file afterwards: never a change, always who, when and why, chained to the receipt.

    additions/0001/addition.dsse.json    an in-toto statement about the file; `previous` is the SHA-256 of the statement before it,
                                         and of the receipt for the first
    additions/0001/files/NAME            the file

An addition is made in a folder beside and renamed when it is whole. The last one can be taken away without a trace in the folder
itself. What shows it is what was known elsewhere: a copy of the last statement, which stands for all before it, or the fixity log.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assessor.archive import certificates, receipt
from assessor.archive.contents import File, Problem, problem, safe
from assessor.errors import ArchiveError

FOLDER = "additions"
_STATEMENT = "addition.dsse.json"
_TEMPORARY = ".adding"


def add(bag: Path, file: Path, *, by: str, because: str, at: str, signer: receipt.Signer | None) -> Path:
    """Add a file to a sealed folder; the addition's folder. Raises ArchiveError when name, person or reason is missing."""
    if not by.strip() or not because.strip():
        raise ArchiveError("An addition needs who adds it (--by) and why (--because).")
    if not file.is_file():
        raise ArchiveError(f"There is no file {file} to add.")
    if not safe(file.name):
        raise ArchiveError(f"{file.name!r} is no name that can be kept everywhere; give the file another.")
    folder = bag / FOLDER
    temporary = folder / _TEMPORARY
    shutil.rmtree(temporary, ignore_errors=True)  # of an addition that was killed
    try:
        (temporary / "files").mkdir(mode=0o700, parents=True)
        there = _numbers(folder)
        if there != list(range(1, len(there) + 1)):
            raise ArchiveError(f"{folder} is not whole; verify {bag} before anything is added to it.")
        before = folder / f"{len(there):04d}" / _STATEMENT if there else bag / "receipt.dsse.json"
        added = File(lambda: file.open("rb"))
        added.copy(temporary / "files" / file.name)
        kept = File(lambda: (temporary / "files" / file.name).open("rb"))
        digests = {name: kept.digest(name) for name in ("sha256", "sha512")}
        told: dict[str, Any] = {
            "at": at,
            "by": by.strip(),
            "because": because.strip(),
            "size": kept.size,
            "previous": hashlib.sha256(before.read_bytes()).hexdigest(),
        }
        if signer is not None:
            told["signer"] = signer.described()
        content = receipt.envelope(receipt.statement({file.name: digests}, receipt.ADDED, told), signer)
        (temporary / _STATEMENT).write_bytes(content)
        (temporary / _STATEMENT).chmod(0o600)
        target = folder / f"{len(there) + 1:04d}"
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return target


def check(
    files: Mapping[str, File], key: Any | None, trust: certificates.Trust | None = None
) -> tuple[list[Problem], list[str], list[dict[str, Any]]]:
    """Problems of the additions in a sealed file, notes on their signatures, and what each says of itself, with its statement's digest.

    With `trust` the certificate of each is looked at too, at the time that it tells itself.
    """
    inside = {name for name in files if name.startswith(f"{FOLDER}/")}
    numbers = sorted({int(match[1]) for name in inside if (match := re.match(rf"{FOLDER}/(\d{{4,}})/", name))})
    problems: list[Problem] = []
    notes: list[str] = []
    listed: list[dict[str, Any]] = []
    previous = hashlib.sha256(files["receipt.dsse.json"].read()).hexdigest()
    known: set[str] = set()
    for number in range(1, (numbers[-1] if numbers else 0) + 1):
        place = f"{FOLDER}/{number:04d}/{_STATEMENT}"
        if place not in files:
            problems.append(
                problem("addition_chain", place, "The statement of this addition is missing, and a later one follows.")
            )
            continue
        known.add(place)
        content = files[place].read()
        try:
            told = receipt.opened(content)
        except ArchiveError as error:
            problems.append(problem("addition_damaged", place, str(error)))
            continue
        predicate = told["predicate"]
        wrong, noted = receipt.check_signature(content, place, key, vouched=trust is not None)
        if trust is not None and not wrong:  # what remains unknown of the same chain is noted for the receipt
            wrong, _, _ = certificates.check(content, place, trust, predicate["at"])
        problems += wrong
        notes += noted
        if told["predicateType"] != receipt.ADDED or predicate.get("previous") != previous:
            problems.append(problem("addition_chain", place, "It does not follow what stands before it."))
        previous = hashlib.sha256(content).hexdigest()
        for subject in told["subject"]:
            name = f"{FOLDER}/{number:04d}/files/{subject['name']}"
            known.add(name)
            if name not in files:
                problems.append(
                    problem("missing", name, "The statement of this addition names it, and it is not there.")
                )
            elif any(files[name].digest(each) != subject["digest"][each] for each in ("sha256", "sha512")):
                problems.append(problem("changed", name, "Its bytes are not those that were added."))
        listed.append(
            {
                "number": number,
                "sha256": previous,
                **{each: predicate.get(each) for each in ("at", "by", "because")},
                "files": [s["name"] for s in told["subject"]],
            }
        )
    for name in sorted(inside - known):
        problems.append(
            problem("extra", name, "No addition names it; what a killed command left goes with the next addition.")
        )
    return problems, notes, listed


def _numbers(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.iterdir() if re.fullmatch(r"\d{4,}", path.name))
