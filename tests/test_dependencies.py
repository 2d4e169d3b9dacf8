"""What the toolkit stands on: how it is locked, under which licences it is, why it is there, and what the audit of it tells."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DECIDED = tomllib.loads((ROOT / ".ci" / "dependencies.toml").read_text("utf-8"))
RUN_TIME_EXTRAS = {"bayes", "cluster", "demo", "seal", "sevenzip", "validate"}


@pytest.mark.parametrize(("path", "least"), [("requirements.lock", 100), (".ci/s3/requirements.lock", 20)])
def test_everything_locked_is_pinned_with_hashes_and_comes_from_no_named_place(path: str, least: int) -> None:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / path).read_text("utf-8"), flags=re.MULTILINE)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    assert len(lines) > least
    pinned = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( ; [^@]*?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert [line for line in lines if not pinned.fullmatch(line)] == []


def direct() -> list[str]:
    """What pyproject.toml names, of all extras, the project itself left out."""
    listed = [
        *PROJECT["dependencies"],
        *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
    ]
    return sorted({name for each in listed if (name := Requirement(each).name) != PROJECT["name"]})


@pytest.mark.parametrize("name", direct())
def test_architecture_says_why_each_direct_dependency_is_there(name: str) -> None:
    text = (
        (ROOT / "ARCHITECTURE.md")
        .read_text("utf-8")
        .split("## Dependencies, and why each is there")[1]
        .split("\n## ")[0]
    )
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE), (
        f"say in ARCHITECTURE.md why {name} is there"
    )
    if name in {Requirement(each).name for each in PROJECT["dependencies"]}:
        rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| ")]
        reasons = [why for names, why in rows if name in re.split(r"[,\s]+", names.lower())]
        assert len(reasons) == 1 and len(reasons[0].strip()) > 5


def at_run_time() -> list[metadata.Distribution]:
    """The distributions that the toolkit and its extras for users bring with them, as far as this Python needs them."""
    extras: dict[str, set[str]] = {}
    open_ = [(str(PROJECT["name"]), RUN_TIME_EXTRAS)]
    while open_:
        name, wanted = open_.pop()
        name = canonicalize_name(name)
        if name in extras and wanted <= extras[name]:
            continue
        extras[name] = extras.get(name, set()) | wanted
        for each in map(Requirement, metadata.distribution(name).requires or []):
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras[name])):
                open_.append((each.name, each.extras))
    return [metadata.distribution(name) for name in sorted(extras.keys() - {PROJECT["name"]})]


def licence(told: metadata.PackageMetadata) -> str:
    """All that metadata tell of a licence; empty where that is nothing."""
    classifiers = [
        each.removeprefix("License :: ") for each in told.get_all("Classifier") or [] if each.startswith("License :: ")
    ]
    listed = [told.get("License-Expression"), told.get("License"), *(c for c in classifiers if c != "OSI Approved")]
    return "; ".join(each for each in listed if each and each.strip().upper() != "UNKNOWN")


def strong(text: str) -> bool:
    """Whether a licence names the GPL or AGPL. The LGPL is another."""
    weak = re.sub(r"(?i)\bGNU (Lesser|Library)( or Lesser)? General Public License( \(LGPL\))?|\bLGPL\w*", "", text)
    return re.search(r"(?i)\bA?GPL|GNU (Affero )?General Public|\bAffero\b", weak) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("GPLv2", True),
        ("MIT OR GPL-2.0-only", True),  # a person says which of them is taken
        ("OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("OSI Approved :: GNU Affero General Public License v3", True),
        ("OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)", False),
        ("OSI Approved :: GNU Library or Lesser General Public License (LGPL)", False),
        ("LGPL-2.1-only", False),
        ("LGPL-2.1-only AND GPL-2.0-only", True),
        ("MPL-2.0", False),
    ],
)
def test_the_gpl_is_told_from_the_lgpl(text: str, expected: bool) -> None:
    assert strong(text) is expected


def test_nothing_at_run_time_is_under_the_gpl_or_under_nobody_knows_what() -> None:
    found = at_run_time()
    assert len(found) > 100
    unclear = {
        (canonicalize_name(each.name), each.version)
        for each in found
        if not (told := licence(each.metadata)) or strong(told)
    }
    decided = {(each["package"], each["version"]) for each in DECIDED["licence"]}
    assert unclear <= decided, (
        f"look at their licences, and enter them in .ci/dependencies.toml: {sorted(unclear - decided)}"
    )
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    gone = [f"{name}=={version}" for name, version in decided if f"\n{name}=={version} " not in lock]
    assert not gone, f"no longer locked; take them out of .ci/dependencies.toml: {gone}"


def test_what_was_decided_has_a_day_and_a_reason() -> None:
    for each in DECIDED["licence"]:
        assert (
            isinstance(each["seen"], date)
            and each["because"].strip()
            and each["licence"]
            and not strong(each["licence"])
        )
    for each in DECIDED.get("vulnerability", []):
        assert isinstance(each["until"], date) and each["because"].strip() and each["package"] and each["id"]


class Osv:
    """A database of vulnerabilities on this machine: it knows what was found long ago, and what a test adds to `holes`."""

    def __init__(self) -> None:
        self.holes: dict[tuple[str, str], list[dict[str, Any]]] = {
            ("jinja2", "2.4.1"): [hole("jinja2", "PYSEC-0", "2.7.2")]
        }
        self.asked: list[tuple[str, str]] = []
        self.status = 200
        self.body: bytes | None = None
        database = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                pin = (asked["package"]["name"], asked["version"])
                database.asked.append(pin)
                told = database.holes.get(pin)
                body = json.dumps({"vulns": told} if told else {}).encode() if database.body is None else database.body
                self.send_response(database.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/query"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def hole(package: str, name: str, mended: str) -> dict[str, Any]:
    events = [{"introduced": "0"}, *([{"fixed": mended}] if mended else [])]
    affected = [
        {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    ]
    return {
        "id": name,
        "aliases": [f"CVE-{name}"],
        "summary": "bad",
        "affected": affected,
        "published": "2026-01-01T00:00:00Z",
    }


@pytest.fixture
def osv() -> Iterator[Osv]:
    made = Osv()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "some.lock"
    path.write_text(
        "click==8.1.7 \\\n    --hash=sha256:00\n    # via x\n"
        "numpy==2.0.0 ; python_full_version < '3.12' \\\n    --hash=sha256:00\nnumpy==2.2.0 ; python_full_version >= '3.12' \\\n"
        "    --hash=sha256:00\nTypes_X==1.0\n"
    )
    return path


def audit(lock: Path, url: str, *words: str) -> tuple[int, str, str]:
    command = [sys.executable, str(ROOT / ".ci" / "audit.py"), str(lock), "--osv-url", url, *words]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_PROXY": "127.0.0.1"})
    return done.returncode, done.stdout, done.stderr


def test_everything_locked_is_looked_up_whatever_python_it_is_for(osv: Osv, lock: Path) -> None:
    code, out, err = audit(lock, osv.url)
    assert (code, err) == (0, "") and "no vulnerability of its 4 requirements is known" in out and out.count("\n") == 1
    assert {("click", "8.1.7"), ("numpy", "2.0.0"), ("numpy", "2.2.0"), ("types-x", "1.0")} <= {*osv.asked}


def test_a_known_hole_is_named_with_what_mends_it(osv: Osv, lock: Path) -> None:
    osv.holes["numpy", "2.2.0"] = [hole("numpy", "GHSA-1", "2.2.1"), hole("numpy", "GHSA-2", "")]
    code, out, err = audit(lock, osv.url)
    assert (code, err) == (1, "")
    assert out.splitlines()[:2] == [
        "numpy 2.2.0: CVE-GHSA-1, GHSA-1, mended in 2.2.1.",
        "numpy 2.2.0: CVE-GHSA-2, GHSA-2, mended in no version yet.",
    ]
    assert "make lock UPGRADE=NAME" in out and "click" not in out


@pytest.mark.parametrize(("days", "expected"), [(1, 0), (-2, 1)])
def test_a_hole_is_accepted_until_a_day(osv: Osv, lock: Path, tmp_path: Path, days: int, expected: int) -> None:
    osv.holes["click", "8.1.7"] = [hole("click", "GHSA-1", "8.2")]
    until = datetime.now(UTC).date() + timedelta(days=days)
    (tmp_path / "decided.toml").write_text(
        f'[[vulnerability]]\npackage = "click"\nid = "CVE-GHSA-1"\nuntil = {until}\nbecause = "not reached"\n'
    )
    code, out, _ = audit(lock, osv.url, "--decided", str(tmp_path / "decided.toml"))
    assert code == expected and ("it was accepted until" in out) is bool(expected)


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence_and_no_failure(lock: Path) -> None:
    code, out, err = audit(lock, "http://127.0.0.1:1/v1/query")
    assert (code, err) == (0, "") and out.count("\n") == 1
    assert out.endswith(
        "was not compared with known vulnerabilities: http://127.0.0.1:1/v1/query cannot be reached from here.\n"
    )
    assert audit(lock, "http://127.0.0.1:1/v1/query", "--must-reach")[0] == 2


@pytest.mark.parametrize(("status", "body", "says"), [(404, b"", "answered 404"), (200, b"<html>", "is no database")])
def test_what_answers_without_being_the_database_is_told(
    osv: Osv, lock: Path, status: int, body: bytes, says: str
) -> None:
    osv.status, osv.body = status, body
    code, out, err = audit(lock, osv.url)
    assert (code, err) == (0, "") and says in out and out.count("\n") == 1


def test_a_database_that_knows_nothing_does_not_pass_for_nothing_found(osv: Osv, lock: Path) -> None:
    osv.holes.clear()
    code, out, err = audit(lock, osv.url)
    assert (code, out) == (2, "") and "its answers say nothing" in err and err.count("\n") == 1


def test_an_answer_that_the_tool_breaks_on_fails(osv: Osv, lock: Path) -> None:
    osv.body = b'{"message": "something else"}'
    code, out, err = audit(lock, osv.url)
    assert (code, out) == (2, "") and "pip-audit ended with 1 and no report" in err and err.count("\n") == 1


@pytest.mark.parametrize("url", ["database", "http://127.0.0.1:1/v1/query"])
def test_a_tool_that_is_broken_fails_where_the_database_cannot_be_reached_too(
    osv: Osv, lock: Path, tmp_path: Path, url: str
) -> None:
    (tmp_path / "audit.py").write_text(
        (ROOT / ".ci" / "audit.py").read_text("utf-8").replace('"pip_audit"', '"pip_audit_gone"')
    )
    command = [
        sys.executable,
        str(tmp_path / "audit.py"),
        str(lock),
        "--osv-url",
        osv.url if url == "database" else url,
    ]
    done = subprocess.run(
        [*command, "--decided", str(ROOT / ".ci" / "dependencies.toml")], capture_output=True, text=True
    )
    assert done.returncode == 2 and "No module named pip_audit_gone" in done.stderr and "Traceback" not in done.stderr


def test_a_lock_that_pins_nothing_fails(osv: Osv, tmp_path: Path) -> None:
    (tmp_path / "empty.lock").write_text("# nothing\n")
    code, _, err = audit(tmp_path / "empty.lock", osv.url)
    assert code == 2 and "pins nothing" in err
    assert audit(tmp_path / "none.lock", osv.url)[0] == 2
