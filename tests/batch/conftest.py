"""Small engagements, which run in a moment, and a procedure of a firm that does what its engagement's id says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TERMS = """
[engagement]
id = "{id}"
client = "{client}"
dated = 2026-11-16
period = {{from = 2026-01-01, to = 2026-09-30}}
rule_version = "2025-04-24"
[client]
name = "{client}"
roles = ["connected_vehicle_manufacturer"]
[firm]
name = "Quillon"
"""

TROUBLE = """
import errno, os, signal, subprocess, sys, tempfile, time
from pathlib import Path
from assessor.results import Outcome, ProcedureResult

CLAUSE, TITLE = "791.301", "Trouble"

def run(facts):
    name = facts.terms.id
    once = "ONCE" in name and not Path(os.environ["ONCE"]).exists()
    if once:
        Path(os.environ["ONCE"]).touch()
    if once or "KILLED" in name:
        print("about to be killed\\x1b[31m")
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    if "EXITS" in name:
        os._exit(7)
    if "HANGS" in name:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(os.environ["CHILD"]).write_text(str(child.pid))
        time.sleep(600)
    if "FULL" in name:
        def full(*_, **__):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/disk/full")
        tempfile.mkstemp = full
    if "RAISES" in name:
        raise RuntimeError("no such luck")
    if "LEAVES" in name:
        Path(os.environ["TMPDIR"], "left").write_text(name)
        Path(os.environ["SEEN"], name).write_text(os.environ["TMPDIR"])
    return ProcedureResult("trouble", CLAUSE, TITLE, Outcome.NOT_TESTED, "Nothing is tested here.", "none", (), ())
"""

Batch = Callable[..., dict[str, Any]]


def engagement(root: Path, name: str, *, client: str = "Acorn Motors", delivery: bool = True) -> Path:
    """An engagement folder with a delivery in its inbox."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "engagement.toml").write_text(TERMS.format(id=Path(name).name, client=client), "utf-8")
    if delivery:
        sent = folder / "inbox" / "first"
        sent.mkdir(parents=True)
        (sent / "screening.csv").write_text(f"Screened party,Result\nSupplier of {name},none\n", "utf-8")
    return folder


@pytest.fixture
def trouble(tmp_path: Path) -> dict[str, str]:
    """An environment in which the procedure is installed."""
    site = tmp_path / "site"
    about = site / "trouble-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "trouble.py").write_text(TROUBLE, "utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: trouble\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text("[assessor.procedures]\ntrouble = trouble\n", "utf-8")
    for name in ("seen", "tmp"):
        (tmp_path / name).mkdir()
    return {
        "PYTHONPATH": str(site),
        "ONCE": str(tmp_path / "once"),
        "CHILD": str(tmp_path / "child"),
        "SEEN": str(tmp_path / "seen"),
        "TMPDIR": str(tmp_path / "tmp"),
    }


def batch(code: int, *words: object, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run the command with --json; what it tells, with what it wrote to standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "assessor", "batch", *map(str, words), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | (env or {}),
        timeout=300,
    )
    assert done.returncode == code, done.stderr
    told: dict[str, Any] = json.loads(done.stdout) if code < 2 else {}
    return told | {"stderr": done.stderr}
