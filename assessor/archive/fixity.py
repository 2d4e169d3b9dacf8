"""What was known of a sealed file before: the log beside it with a line for each check, and copies that were kept elsewhere.

    fixity.jsonl    {"at", "by", "path", "ok", "problems": N, "codes": [..], "files": N, "additions": N,
                    "last_addition": {"number", "sha256"} or null, "receipt": SHA-256 or null, "assessor"}, one line a check

Nothing protects the log; who takes an addition away and changes the log too is found by a copy of the addition's statement alone.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import assessor
from assessor.archive import additions, receipt
from assessor.archive.contents import Problem, problem
from assessor.errors import ArchiveError

LOG = "fixity.jsonl"


def log(path: Path, result: Mapping[str, Any], by: str, at: str) -> str:
    """Append who looked at `path`, when, and what came out to the log beside; its place, empty where none can be written there."""
    whole = path.resolve()
    last = next(iter(result.get("additions", [])[-1:]), None)
    line = {
        "at": at,
        "by": by or _user(),
        "path": whole.name,
        "ok": result["ok"],
        "problems": len(result["problems"]),
        "codes": sorted({each["code"] for each in result["problems"]}),
        "files": result.get("files"),
        "additions": len(result.get("additions", ())),
        "last_addition": last and {"number": last["number"], "sha256": last["sha256"]},
        "receipt": result.get("receipt_sha256"),
        "assessor": assessor.__version__,
    }
    written = whole.parent / LOG
    try:
        with written.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode("utf-8") + b"\n")
    except OSError as error:
        if isinstance(result.get("notes"), list):
            result["notes"].append(
                f"{written} could not be written ({error.strerror}), so that no record of this check was kept."
            )
        return ""
    return str(written)


def gone(path: Path, sealed: str, there: Sequence[Mapping[str, Any]], copies: Mapping[str, str]) -> list[Problem]:
    """What was known before and is not there: additions by the log, and statements of which copies were kept.

    `sealed` is the receipt's SHA-256, `there` what `additions.check` lists, `copies` what `statements` gives.
    """
    digests = {each["number"]: each["sha256"] for each in there}
    problems = []
    for number, (digest, day) in sorted(_logged(path, sealed).items()):
        if digests.get(number) != digest:
            now = "is gone" if number not in digests else "is another now"
            text = f"By {LOG} this addition was there on {day}, its statement with the SHA-256 {digest}, and it {now}."
            problems.append(problem("addition_missing", f"{additions.FOLDER}/{number:04d}", text))
    for name, digest in copies.items():
        if digest not in (sealed, *digests.values()):
            text = "Neither the receipt nor the statement of an addition here is what was kept: it was taken away or replaced."
            problems.append(problem("kept_missing", name, text))
    return problems


def statements(kept: Sequence[Path]) -> dict[str, str]:
    """SHA-256 of receipts and additions' statements that were kept elsewhere, by their paths. Raises ArchiveError for another file."""
    found = {}
    for path in kept:
        try:
            content = path.read_bytes()
            receipt.opened(content)
        except (OSError, ArchiveError):
            raise ArchiveError(f"{path} is no copy of a receipt or of an addition's statement (.dsse.json).") from None
        found[str(path)] = hashlib.sha256(content).hexdigest()
    return found


def _logged(path: Path, sealed: str) -> dict[int, tuple[str, str]]:
    """The last additions that checks without problems found in this very file: digest and time, by number."""
    whole = path.resolve()
    found: dict[int, tuple[str, str]] = {}
    try:
        lines = (whole.parent / LOG).read_bytes().splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            told = json.loads(line)
            if told["ok"] is True and (told["path"], told["receipt"]) == (whole.name, sealed) and told["last_addition"]:
                last = told["last_addition"]
                found[int(last["number"])] = str(last["sha256"]), str(told["at"])
        except (ValueError, KeyError, TypeError, RecursionError):  # a line of an earlier version, or a torn one
            continue
    return found


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
