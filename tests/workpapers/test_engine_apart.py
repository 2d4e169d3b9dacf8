"""Notebooks apart: none sees what another or the caller did, nothing of one is left, and an end that comes early is told."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from assessor import workpapers
from assessor.workpapers.engine import process
from tests.workpapers.notebook_runs import run, texts, write

FORKED = ("fork", "server")
SET = """
import builtins, decimal, gc, json, locale, logging, os, random, signal, socket, sys, tempfile, threading, time, warnings
import matplotlib, numpy as np, pandas as pd
left = "left"
json.left = builtins.left = "left"
os.environ["LEFT"] = "left"
os.umask(0o001)
os.mkdir("below"); os.chdir("below")
threading.Thread(target=time.sleep, args=(1000,), name="left").start()
matplotlib.rcParams["lines.linewidth"] = 77
pd.set_option("display.max_rows", 7); np.set_printoptions(precision=1)
temporary = [tempfile.NamedTemporaryFile(prefix="left-"), tempfile.TemporaryDirectory(prefix="left-")]
random.seed(1); np.random.seed(1)
warnings.simplefilter("error")
locale.setlocale(locale.LC_ALL, "C")
signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.alarm(1000)
opened = open("left.txt", "w"); opened.write("left")
decimal.getcontext().prec = 3; sys.setrecursionlimit(500); gc.disable()
logging.basicConfig(level=1); socket.setdefaulttimeout(7); sys.path.insert(0, "left")
sys.stdout.write("left"); sys.stdout = sys.stderr = open(os.devnull, "w")
"""
LOOK = """
import builtins, decimal, gc, json, locale, logging, os, random, signal, socket, sys, tempfile, threading, warnings
import matplotlib, numpy as np, pandas as pd
from pathlib import Path
open_files = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")]
umask = os.umask(0); os.umask(umask)
print([
    "left" in globals(), hasattr(json, "left"), hasattr(builtins, "left"), os.environ.get("LEFT"), umask, Path.cwd().name,
    [t.name for t in threading.enumerate() if t.name == "left"], matplotlib.rcParams["lines.linewidth"],
    pd.get_option("display.max_rows"), np.get_printoptions()["precision"],
    [p.name for p in Path(tempfile.gettempdir()).glob("left-*")], [f[:3] for f in warnings.filters if f[0] == "error"],
    locale.setlocale(locale.LC_ALL), signal.getsignal(signal.SIGTERM), signal.alarm(0),
    [f for f in open_files if "left" in f or "caller" in f], decimal.getcontext().prec, sys.getrecursionlimit(), gc.isenabled(),
    logging.root.level, logging.root.handlers, socket.getdefaulttimeout(), "left" in sys.path, type(sys.stdout).__name__, sys.argv,
])
"""
CHANCE = "import random, numpy as np; print(random.random(), np.random.rand())"


def state() -> list[Any]:
    """What a notebook might change of the process that started it."""
    umask = os.umask(0)
    os.umask(umask)
    threads = sorted(t.name for t in threading.enumerate())
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    return [
        dict(os.environ),
        umask,
        Path.cwd(),
        threads,
        random.getstate(),
        list(warnings.filters),
        handlers,
        sys.path[:],
    ]


@pytest.mark.parametrize("way", FORKED)
def test_neither_the_next_notebook_nor_the_caller_sees_what_a_notebook_did(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    first, _ = run(tmp_path, [LOOK, CHANCE], way)
    before = state()
    _, raised = run(tmp_path, [SET], way)
    assert raised is None, raised
    assert state() == before
    assert not list(tmp_path.glob("left-*"))
    second, _ = run(tmp_path, [LOOK, CHANCE], way)
    clean, again = texts(first), texts(second)
    assert clean[0] == again[0]
    assert clean[0].startswith(f"[False, False, False, None, {before[1]}, '{way}', [], 1.5, 60, 8, [], [")
    drawn = {*clean[1].split(), *again[1].split(), str(random.random())}
    assert len(drawn) == 5


@pytest.mark.parametrize("way", FORKED)
def test_a_notebook_holds_nothing_that_its_caller_has_open_and_ends_nothing_of_it(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["caller", "--secret"])
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    kept = tempfile.TemporaryDirectory(dir=tmp_path)
    reading, writing = os.pipe()
    with (tmp_path / "caller.txt").open("w") as file, pytest.warns(UserWarning, match="the caller's"):
        file.write("buffered by the caller")
        warnings.warn("the caller's", stacklevel=1)
        cells = [
            "import os, sys, warnings\n[n for n in os.listdir('/proc/self/fd') if 'caller' in os.path.realpath(f'/proc/self/fd/{n}')]",
            f"pipes = [os.path.realpath(f'/proc/self/fd/{{n}}') for n in os.listdir('/proc/self/fd')]\n{str(Path(f'/proc/self/fd/{writing}').readlink())!r} in str(pipes)",
            "sys.argv",
            "import logging; warnings.warn('the notebook is'); logging.warning('logged')",
            "import atexit; atexit.register(lambda: open('at exit.txt', 'w').write('done'))",
        ]
        executed, raised = run(tmp_path, cells, way)
    os.close(reading)
    os.close(writing)
    assert raised is None
    told = texts(executed)
    assert told[:3] == ["[]", "False", "['ipykernel_launcher.py']"]
    assert "UserWarning: the notebook is" in told[3]
    assert "WARNING:root:logged" in told[3]
    assert (tmp_path / way / "at exit.txt").read_text() == "done"
    assert (tmp_path / "caller.txt").read_text() == "buffered by the caller"
    assert Path(kept.name).is_dir()
    kept.cleanup()


ENDS = {
    "os._exit": "import os; os._exit(0)",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "held by a fork": "import os, time\nif not os.fork():\n    time.sleep(1000)\nos._exit(3)",
}


@pytest.mark.parametrize("way", FORKED)
@pytest.mark.parametrize("end", ENDS)
def test_a_process_that_dies_is_told_and_its_cell_is_not_called_complete(tmp_path: Path, way: str, end: str) -> None:
    started = time.monotonic()
    executed, raised = run(tmp_path, ["print('done', flush=True)", ENDS[end], "'later'"], way)
    assert isinstance(raised, DeadKernelError)
    assert time.monotonic() - started < 20
    noted = [(c.metadata.papermill.status, c.metadata.papermill.exception) for c in executed.cells]
    assert noted == [("completed", False), ("failed", True), ("pending", None)]
    assert executed.metadata.papermill.exception is True
    assert texts(executed)[0] == "done\n"


GROUP = "import os, subprocess\nfrom pathlib import Path\nPath('group').write_text(str(os.getpgid(0)))\nchild = subprocess.Popen(['sleep', '1000'])"


def members(group: int) -> list[int]:
    """The processes of a process group that live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(int(folder.name))
    return found


def soon(nothing: int) -> bool:
    """Whether no process of that group lives any more, some seconds from now at the latest."""
    until = time.monotonic() + 15
    while members(nothing) and time.monotonic() < until:
        time.sleep(0.05)
    return not members(nothing)


@pytest.mark.parametrize("way", FORKED)
def test_a_cell_that_takes_too_long_ends_with_all_that_it_started(tmp_path: Path, way: str) -> None:
    cells = [GROUP, "import time\nprint('begun', flush=True)\ntime.sleep(1000)", "'later'"]
    executed, raised = run(tmp_path, cells, way, execution_timeout=2)
    assert isinstance(raised, CellTimeoutError)
    assert [c.metadata.papermill.status for c in executed.cells] == ["completed", "failed", "pending"]
    group = int((tmp_path / way / "group").read_text())
    assert group not in (os.getpgid(0), 0)
    assert soon(group)


@pytest.mark.parametrize("way", FORKED)
def test_a_notebook_that_ends_well_leaves_no_process_behind(tmp_path: Path, way: str) -> None:
    cells = [
        GROUP,
        "import os, time\nif not os.fork():\n    time.sleep(1000)",
        "import threading; threading.Thread(target=time.sleep, args=(1000,)).start()",
    ]
    started = time.monotonic()
    _, raised = run(tmp_path, cells, way)
    assert raised is None
    assert time.monotonic() - started < 20
    assert soon(int((tmp_path / way / "group").read_text()))


@pytest.mark.parametrize("way", FORKED)
def test_nothing_of_a_notebook_is_written_to_the_terminal(
    tmp_path: Path, way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    cells = [
        "import os, sys, subprocess; print('a'); print('b', file=sys.stderr); print('c', file=sys.__stderr__)",
        "os.system('echo d; echo e >&2'); subprocess.run(['echo', 'f']); os.write(1, b'g'); os.write(2, b'h');",
        "import logging, warnings; logging.error('i'); warnings.warn('j')",
        "import threading; threading.Thread(target=lambda: 1 / 0).start()",
        "1 / 0",
    ]
    run(tmp_path, cells, way)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine", workpapers.ENGINES)
def test_a_workpaper_writes_nothing_to_the_terminal_and_nothing_to_a_history(
    tmp_path: Path, engine: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    told = nbformat.v4.new_code_cell("engagement = '.'", metadata={"tags": ["parameters"]})
    cells = [told, "import os, sys; os.system('echo from C'); print('told', file=sys.__stderr__)"]
    notebook = write(tmp_path / "source.ipynb", cells)
    workpapers.execute(notebook, tmp_path / "one.ipynb", {"engagement": "."}, str, engine=engine)
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "")
    assert capfd.readouterr() == ("", "")
    assert not list((tmp_path / "ipython").rglob("history*"))


SLEEPER = """
import sys, threading
from tests.workpapers.notebook_runs import run
from pathlib import Path
folder, way = Path(sys.argv[1]), sys.argv[2]
_, raised = run(folder, [sys.argv[3], "import time; Path('ready').touch(); time.sleep(1000)"], way)
raise raised
"""


def listens_to_interrupts() -> None:
    """In the process to be: a shell in the background has what it starts take no notice of Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("way", FORKED)
@pytest.mark.parametrize("by", ["interrupted", "killed"])
def test_a_notebook_ends_with_the_process_that_started_it(tmp_path: Path, way: str, by: str) -> None:
    caller = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(tmp_path), way, GROUP],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listens_to_interrupts,
    )
    until = time.monotonic() + 60
    try:
        while not (tmp_path / way / "ready").exists() and caller.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        group = int((tmp_path / way / "group").read_text())
        assert len(members(group)) == 2
        caller.send_signal(signal.SIGINT if by == "interrupted" else signal.SIGKILL)
        _, errors = caller.communicate(timeout=60)
    finally:
        caller.kill()
        caller.wait()
    assert soon(group)
    if by == "interrupted":
        assert errors.splitlines()[-1] == "KeyboardInterrupt"
        assert "pending" not in errors


def told_by(script: str) -> str:
    """What a process of its own prints, for which pytest started no threads."""
    code = "import os, sys, threading, time\nfrom assessor.workpapers.engine import process\n" + textwrap.dedent(script)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_process_is_forked_straight_from_one_thread_and_the_pools_known_to_stand_it() -> None:
    assert told_by("print(process.method())") == "fork"
    with_pools = """
        import io, numpy as np, pandas as pd
        held = io.BytesIO(); pd.DataFrame({"a": range(9999)}).to_parquet(held); pd.read_parquet(held); np.ones((99, 99)) @ np.ones((99, 99))
        print(process.method(), len(os.listdir("/proc/self/task")) > 1)
    """
    assert told_by(with_pools) == "fork True"


@pytest.mark.parametrize(
    "other",
    [
        "threading.Thread(target=time.sleep, args=(5,), daemon=True).start()",
        "import zmq; context = zmq.Context(); s = context.socket(zmq.PUB)",
        "from IPython.core.interactiveshell import InteractiveShell; InteractiveShell.instance()",
    ],
    ids=["a thread", "threads of ZeroMQ", "a shell of IPython"],
)
def test_with_other_threads_or_a_shell_around_a_server_forks(other: str) -> None:
    assert told_by(f"import pandas\n{other}\nprint(process.method())") == "server"


def test_where_nothing_can_be_forked_a_kernel_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.sys, "platform", "darwin")
    assert process.method() == "spawn"
