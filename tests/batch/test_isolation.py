"""Nothing of one client reaches another: marks planted in every place where a process keeps something, and looked for everywhere else."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from tests.batch.conftest import batch
from tests.batch.small import engagement

CLIENTS = 20
PLANTER = '''
"""Looks into every place in which a process can keep something, prints what is there, and leaves its client's mark in each."""

import atexit, builtins, gc, io, locale, os, random, signal, sys, tempfile, threading, time, warnings
from pathlib import Path

import matplotlib, numpy, pandas
from assessor.procedures import s301_scope, s315_evidence
from assessor.results import Outcome, ProcedureResult

CLAUSE, TITLE = "791.301", "Planter"
KEPT = {}
_FILES = []


def _shell():
    try:
        from IPython import get_ipython
        return get_ipython()
    except Exception:
        return None


def seen():
    shell = _shell()
    threads = [thread.name for thread in threading.enumerate()]
    handles = []
    for path in Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").is_dir() else ():
        try:
            handles.append(os.readlink(path))
        except OSError:
            pass
    return {
        "namespace": sorted(name for name in (shell.user_ns if shell else {}) if "mark_" in name),
        "modules": [repr(KEPT), repr(sorted(name for name in sys.modules if "mark_" in name)), repr(getattr(builtins, "mark", ""))],
        "environment": [f"{k}={v}" for k, v in os.environ.items() if "MARK" in k],
        "folder": os.getcwd(),
        "threads": threads,
        "options": [str(matplotlib.rcParams["axes.labelcolor"]), str(pandas.options.display.max_colwidth), repr(pandas.options.display.float_format)],
        "temporary": [path.name for path in Path(tempfile.gettempdir()).iterdir()],
        "random": [str(random.getstate()[1][1]), str(numpy.random.get_state()[1][1])],
        "warnings": [repr(each) for each in warnings.filters if "mark" in repr(each)],
        "locale": [repr(locale.setlocale(locale.LC_ALL)), os.environ.get("LC_ALL", "")],
        "signals": repr(signal.getsignal(signal.SIGUSR1)),
        "files": handles,
        "capture": [repr(getattr(sys.stdout, "mark", "")), repr(getattr(sys.stderr, "mark", ""))],
    }


def plant(mark):
    shell = _shell()
    if shell:
        shell.user_ns[f"mark_{mark}"] = mark
    KEPT[mark] = mark
    builtins.mark = mark
    sys.modules[f"mark_{mark}"] = sys
    os.environ[f"MARK_{mark}"] = mark
    number = int(mark.rpartition("X")[2])
    threading.Thread(target=time.sleep, args=(600,), name=f"thread {mark}", daemon=True).start()
    matplotlib.rcParams["axes.labelcolor"] = f"#{number:06d}"
    pandas.options.display.max_colwidth = 7000 + number
    pandas.options.display.float_format = type(mark, (), {"__repr__": lambda self: mark, "__call__": lambda self, x: str(x)})()
    Path(tempfile.gettempdir(), f"temporary {mark}").write_text(mark)
    random.seed(7000 + number), numpy.random.seed(7000 + number)
    warnings.filterwarnings("ignore", message=f"mark {mark}")
    os.environ["LC_ALL"] = mark
    handler = lambda *_: None
    handler.__qualname__ = f"handler_{mark}"
    signal.signal(signal.SIGUSR1, handler)
    _FILES.append(open(Path(tempfile.gettempdir(), f"open {mark}"), "w"))
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.mark = mark
        except AttributeError:
            pass
    folder = Path(tempfile.gettempdir(), f"folder {mark}")
    folder.mkdir(exist_ok=True)
    print(f"printed by {mark}"), print(f"printed by {mark}", file=sys.stderr), os.write(1, f"written by {mark}\\n".encode())
    return folder


def _planting(whole):
    def run(facts):
        mark = facts.terms.id
        print("seen:", mark, seen())
        found = whole(facts)
        folder = plant(mark)
        if _shell() is None:
            os.chdir(folder)  # a notebook works in its folder
        return found
    return run


for module in (s301_scope, s315_evidence):
    if not hasattr(module, "whole"):
        module.whole = module.run
        module.run = _planting(module.whole)


def run(facts):
    found = repr(seen())
    plant(facts.terms.id)
    return ProcedureResult("planter", CLAUSE, TITLE, Outcome.NOT_TESTED, f"seen: {found}", "none", (), ())
'''


def signs(mark: str) -> list[bytes]:
    """What shows a mark in places that hold numbers alone: options and the states of random generators."""
    number = int(mark.rpartition("X")[2])
    states = random.Random(7000 + number).getstate()[1][1], numpy.random.RandomState(7000 + number).get_state()[1][1]
    return [f"'{told}'".encode() for told in (f"#{number:06d}", 7000 + number, *states)]


@pytest.fixture
def planter(tmp_path: Path) -> dict[str, str]:
    site = tmp_path / "site"
    about = site / "planter-1.0.dist-info"
    about.mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    (site / "planter.py").write_text(PLANTER, "utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: planter\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text("[assessor.procedures]\nplanter = planter\n", "utf-8")
    return {"PYTHONPATH": str(site), "TMPDIR": str(tmp_path / "tmp")}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_no_mark_of_one_client_is_in_anything_of_another(tmp_path: Path, planter: dict[str, str]) -> None:
    marks = [f"CLIENTX{number}" for number in range(101, 101 + CLIENTS)]
    for mark in marks:
        engagement(tmp_path / "root", mark, client=f"{mark} Motors")
    told = batch(1, tmp_path / "root", "--until", "run", "--workers", "2", env=planter)
    assert {row["stages"].get("run") for row in told["engagements"]} == {"done"}, told["problems"]
    looked = 0
    for mark in marks:
        root = tmp_path / "root" / mark
        executed = (root / "workpapers/02_scope.ipynb").read_text("utf-8")
        assert f"seen: {mark}" in executed and f"printed by {mark}" in executed, "the marks were planted in notebooks"
        assert "seen: {'namespace'" in (root / "results/planter.json").read_text("utf-8"), "and in the process"
        for path in (path for path in root.rglob("*") if path.is_file()):
            content = path.read_bytes()
            assert {each.decode() for each in re.findall(rb"CLIENTX\d+", content)} <= {mark}, path
            told_by = b"".join(re.findall(rb"seen: [^\n]*", content))
            assert not [sign for other in marks if other != mark for sign in signs(other) if sign in told_by], path
            looked += 1
    assert looked > CLIENTS * 30
    assert re.findall(r"CLIENTX\d+(?= Motors)", told["stderr"]) == [], (
        "the log names engagements and says nothing of theirs"
    )
    assert [path.name for path in (tmp_path / "tmp").iterdir() if not path.name.startswith("pymp-")] == []


def test_a_mark_that_was_left_would_be_seen_in_every_place(tmp_path: Path, planter: dict[str, str]) -> None:
    script = (
        "import json, os, sys; from IPython.core.interactiveshell import InteractiveShell; InteractiveShell.instance();"
        "import planter; os.chdir(planter.plant('CLIENTX555')); print(json.dumps(planter.seen()), file=sys.__stdout__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | planter, capture_output=True, text=True, check=True
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    assert len(seen) == 13
    told = {
        place: [sign for sign in ("CLIENTX555", *map(bytes.decode, signs("CLIENTX555"))) if sign in str(what)]
        for place, what in seen.items()
    }
    assert [place for place, found in told.items() if not found] == []
