"""A procedure of a firm that does what its engagement's id says, and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.batch.small import install

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


@pytest.fixture
def trouble(tmp_path: Path) -> dict[str, str]:
    """An environment in which the procedure is installed."""
    install(tmp_path / "site", "trouble", TROUBLE)
    for name in ("seen", "tmp"):
        (tmp_path / name).mkdir()
    return {
        "PYTHONPATH": str(tmp_path / "site"),
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
