"""Compares what is locked with the vulnerabilities that OSV knows, by pip-audit.

Exit code 0: none is known, or the database could not be asked, which is said in a sentence. 1: one is known. 2: the tool broke, so that
nothing is known; a crash never passes for "none".

Everything in the lock is looked up, whatever Python this is: pip-audit itself would leave out what is locked for other versions. One
requirement more, with vulnerabilities that have been known for years, shows that the answers say something.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import requests
from packaging.utils import canonicalize_name
from packaging.version import Version

OSV = "https://api.osv.dev/v1/query"
Pin = tuple[str, str]
"""Name and version of what is locked."""
KNOWN_BAD = ("jinja2", "2.4.1")
_DECIDED = Path(__file__).with_name("dependencies.toml")
_SECONDS = 10  # for one answer
_SECONDS_IN_ALL = 300


class Broken(Exception):
    """The audit could not be done, although the database answers."""


def main(words: Sequence[str] | None = None) -> int:
    """What the command does; its exit code."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("lock", nargs="?", type=Path, default=Path("requirements.lock"))
    asked.add_argument("--osv-url", default=os.environ.get("OSV_URL") or OSV, help="default: $OSV_URL, else osv.dev")
    asked.add_argument("--decided", type=Path, default=_DECIDED, help="vulnerabilities that are accepted for a time")
    asked.add_argument("--must-reach", action="store_true", help="fail where the database cannot be asked")
    told = asked.parse_args(words)
    try:
        pins = locked(told.lock)
        accepted = [*tomllib.loads(told.decided.read_text("utf-8")).get("vulnerability", [])]
        report, unasked = audit(pins, told.osv_url)
        if unasked:
            print(f"{told.lock} was not compared with known vulnerabilities: {told.osv_url} {unasked}.")
            return 2 if told.must_reach else 0
        found = [*holes(report, pins, accepted, datetime.now(UTC).date())]
    except (Broken, OSError, ValueError, KeyError, TypeError) as error:
        print(f"The audit of {told.lock} broke, so that nothing is known: {error}", file=sys.stderr)
        return 2
    for line in found:
        print(line)
    if found:
        many = "a known vulnerability" if len(found) == 1 else f"{len(found)} known vulnerabilities"
        print(
            f"{told.lock} holds {many}: take a version that mends this (make lock UPGRADE=NAME), or accept it for a time, with the "
            f"reason, in {os.path.relpath(told.decided)}."
        )
        return 1
    print(f"{told.lock}: no vulnerability of its {len(pins)} requirements is known to {told.osv_url}.")
    return 0


def locked(lock: Path) -> list[Pin]:
    """What is pinned in the lock, each name and version once. Raises Broken where there is nothing."""
    listed = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE)
    if not listed:
        raise Broken("it pins nothing")
    return [*dict.fromkeys(_pin(*each) for each in listed)]


def audit(pins: Sequence[Pin], url: str) -> tuple[list[dict[str, Any]], str]:
    """What pip-audit reports on each pin, or why the database at `url` could not be asked. Raises Broken when it is not that.

    Where the database cannot be asked, pip-audit goes as far as it can without, so that a broken tool is told there too. Where it can,
    one answer that fails among hundreds is asked for again.
    """
    for again in (True, False):
        unasked = why_unasked(url)
        try:
            report = [each for part in _parts([*pins, KNOWN_BAD]) for each in _run(part, url, dry=bool(unasked))]
        except subprocess.TimeoutExpired:
            return [], unasked or f"did not answer everything in {_SECONDS_IN_ALL} seconds"
        except Broken:
            if unasked or not again:
                raise
            continue
        if unasked:
            return [], unasked
        _whole(report, pins)
        return report, ""
    raise AssertionError("the second round returns or raises")


def why_unasked(url: str) -> str:
    """Why the database at `url` cannot be asked, as the end of a sentence; empty where it answers."""
    asked = {"package": {"name": KNOWN_BAD[0], "ecosystem": "PyPI"}, "version": KNOWN_BAD[1]}
    try:
        # as pip-audit asks, so that proxies and certificates are the same
        answer = requests.post(url, data=json.dumps(asked), timeout=_SECONDS)
        if answer.status_code == requests.codes.bad_request:
            return ""  # it is there, and the question is wrong
        if not answer.ok:
            return f"answered {answer.status_code}"
        return "" if isinstance(answer.json(), dict) else "is no database of vulnerabilities"
    except requests.Timeout:
        return f"gave no answer in {_SECONDS} seconds"
    except (requests.exceptions.JSONDecodeError, requests.TooManyRedirects):
        return "is no database of vulnerabilities"
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return "cannot be reached from here"


def holes(
    report: Sequence[Mapping[str, Any]], pins: Sequence[Pin], accepted: Sequence[Mapping[str, Any]], today: date
) -> Iterator[str]:
    """A line for each known vulnerability of a pin: package, version, ids, and what mends it.

    `accepted`: tables with `package`, `id`, `until` (a date, itself included) and `because`.
    """
    for each in report:
        name, version = _pin(each["name"], each["version"])
        if (name, version) not in pins:
            continue
        for hole in each["vulns"]:
            ids = [hole["id"], *sorted(hole["aliases"])]
            line = (
                f"{name} {version}: {', '.join(ids)}, mended in {' or '.join(hole['fix_versions']) or 'no version yet'}"
            )
            until = [_until(a) for a in accepted if canonicalize_name(a["package"]) == name and a["id"] in ids]
            if not until:
                yield f"{line}."
            elif max(until) < today:
                yield f"{line}; it was accepted until {max(until)}."


def _until(accepted: Mapping[str, Any]) -> date:
    if not isinstance(accepted["until"], date) or not str(accepted["because"]).strip():
        raise Broken(f"what is accepted of {accepted['package']} needs a date, until, and a reason, because")
    return accepted["until"]


def _parts(pins: Sequence[Pin]) -> list[list[Pin]]:
    """The pins in so many parts that none holds two versions of a package, which pip-audit would refuse."""
    parts: list[dict[str, str]] = []
    for name, version in pins:
        part = next((each for each in parts if name not in each), None)
        if part is None:
            parts.append(part := {})
        part[name] = version
    return [[*part.items()] for part in parts]


def _run(pins: Sequence[Pin], url: str, *, dry: bool) -> list[dict[str, Any]]:
    """pip-audit's report on the pins. Nothing is resolved, nothing installed, and only `url` asked. Raises Broken where there is none."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "requirements.txt")
        listed.write_text("".join(f"{name}=={version}\n" for name, version in pins), "utf-8")
        command = [sys.executable, "-m", "pip_audit", "-r", str(listed), "--no-deps", "--disable-pip", "-s", "osv"]
        command += ["--osv-url", url, "--timeout", str(_SECONDS), "--cache-dir", str(Path(folder, "cache"))]
        command += ["-f", "json", "--progress-spinner", "off", *(["--dry-run"] if dry else [])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS_IN_ALL)
    said = done.stderr.strip().splitlines() or ["it said nothing"]
    try:
        report = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        report = None
    if not isinstance(report, list) or done.returncode != (1 if any(each.get("vulns") for each in report) else 0):
        raise Broken(f"pip-audit ended with {done.returncode} and no report that fits: {said[-1]}")
    return report


def _whole(report: Sequence[Mapping[str, Any]], pins: Sequence[Pin]) -> None:
    """Raises Broken where the report leaves a pin out, or does not know what has been known for years."""
    told = {_pin(each["name"], each["version"]): each["vulns"] for each in report if "vulns" in each}
    left = [" ".join(pin) for pin in pins if pin not in told]
    if left:
        raise Broken(f"pip-audit did not look up {', '.join(left)}")
    if not told.get(KNOWN_BAD):
        raise Broken(f"the database knows no vulnerability of {' '.join(KNOWN_BAD)}, so that its answers say nothing")


def _pin(name: str, version: str) -> Pin:
    return canonicalize_name(name), str(Version(version))


if __name__ == "__main__":
    sys.exit(main())
