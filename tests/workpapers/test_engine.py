"""The engine of our own beside papermill's: the same notebooks, and the same errors."""

from __future__ import annotations

import json
import shutil
import sys
from difflib import unified_diff
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell as code
from nbformat.v4 import new_markdown_cell

from assessor import workpapers
from assessor.engagement import Engagement
from assessor.errors import AssessorError
from assessor.run import run as run_engagement
from assessor.workpapers.engine import kernel
from tests.workpapers.notebook_runs import WAYS, comparable, run, texts, write

MAY_FAIL = {"tags": ["raises-exception"]}
CELLS = [
    new_markdown_cell("# Title"),
    code("a = 1", metadata={"tags": ["parameters"]}),
    "a, s, n, f, b, d",
    "print('one'); print('two')",
    "import sys\nfor i in range(3):\n    print('out', i); print('err', i, file=sys.stderr)",
    "print('o1', flush=True)\nprint('e1', file=sys.stderr, flush=True)\nprint('o2')",
    "from IPython.display import HTML, SVG, Markdown, clear_output, display, update_display\ndisplay(HTML('<b>x</b>'), Markdown('*m*'))\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
    "1 + 1",
    "x = 3",
    "x;",
    "None",
    "",
    "  \n",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2, 3])",
    "plt.figure(figsize=(1, 1)); plt.plot([3, 1]); plt.show()\nprint('after')",
    "figure",
    "import pandas as pd\npd.DataFrame({'a': range(200), 'b': ['x' * 80] * 200})",
    "pd.DataFrame({'a': [1]}).style.format('{:.1f}').set_uuid('u')",
    "print('gone'); clear_output(); print('kept')",
    "print('gone'); clear_output(wait=True); print('kept too')",
    "handle = display('first', display_id='d1')",
    "handle.update('second'); print('updated')",
    "display('third', display_id='d1')",
    "update_display('fourth', display_id='d1')",
    "%time sum(range(10))",
    "%who",
    "%%capture captured\nprint('captured')",
    "captured.stdout",
    "%%writefile written.txt\nhello",
    "%pwd",
    "!echo shell; echo err >&2",
    "listed = !echo listed\nlisted",
    "%%bash\necho bash; echo err >&2",
    code("%%sh\nexit 3", metadata=MAY_FAIL),
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "task = asyncio.create_task(asyncio.sleep(0, 'in the background'))",
    "await task, asyncio.get_running_loop().is_running()",
    "import contextvars; var = contextvars.ContextVar('var'); var.set(5);",
    "var.get()",
    "import warnings; warnings.warn('careful'); warnings.warn('old', DeprecationWarning)",
    "for _ in range(2): warnings.warn('again')",
    "import ipywidgets as w; slider = w.IntSlider(value=3, description='n'); slider",
    "slider.value = 5",
    "w.HBox([w.Button(description='x'), w.Image(value=b'\\x89PNG', format='png')])",
    code("raise ValueError('expected')", metadata=MAY_FAIL),
    code("def g(): return 1 / 0\ntry:\n    g()\nexcept ZeroDivisionError as e:\n    raise KeyError('second') from e", metadata=MAY_FAIL),
    code("print('before'); syntax error", metadata=MAY_FAIL),
    code("%nosuchmagic", metadata=MAY_FAIL),
    code("input('?')", metadata=MAY_FAIL),
    code("import getpass; getpass.getpass()", metadata=MAY_FAIL),
    code("raise RuntimeError('never run')", metadata={"tags": ["skip-execution"]}),
    "import os, time; os.system('echo from C'); time.sleep(0.5)",  # what reads it is a thread of the kernel
    "import subprocess; subprocess.run(['sh', '-c', 'echo err >&2']); time.sleep(0.5)",
    "import threading\nthread = threading.Thread(target=lambda: print('from a thread')); thread.start(); thread.join()",
    "import multiprocessing as mp\nprocess = mp.get_context('fork').Process(target=print, args=('from a fork',)); process.start(); process.join(); process.exitcode",
    "import logging; logging.warning('logged')",
    "__name__, type(get_ipython()).__name__, sorted(name for name in globals() if name.startswith('__'))",
    "_, __, _i, len(In)",
    "%history -n 3",
    "?len",
    "sys.stdout.isatty(), sys.stdin.isatty(), sys.stdout.encoding, sys.__stdout__.fileno(), sys.__stdout__.errors",
    "import pickle\nclass K: pass\npickle.loads(pickle.dumps(K())).__class__.__module__",
    "%env HOME",
    code("1", metadata={"tags": ["x"], "collapsed": True}),
    "from tqdm.auto import tqdm; tqdm.__name__",
    "for i in range(3): print(i, end='\\r')",
    "print('x' * 100_000)",
    "import signal; [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD)]",
    "mp.get_start_method(), type(asyncio.get_event_loop()).__name__",
    "get_ipython().history_manager.hist_file",
    "import locale, decimal; locale.setlocale(locale.LC_ALL), decimal.getcontext()",
    "[path for path in sys.path if 'tests' not in path].index('') > 0",
    "sys.getrecursionlimit(), sys.getswitchinterval(), sys.gettrace(), sys.getprofile()",
    "raise TypeError('the end\\nof it')",
    "'never run'",
]  # fmt: skip
PARAMETERS = {
    "a": [1, 2.5, None, True, {"k": "é\n'\""}],
    "s": "t",
    "n": None,
    "f": 1.5,
    "b": False,
    "d": {"deep": [[]]},
}


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, BaseException | None]:
    """The notebook of all kinds of cells as papermill's own engine leaves it."""
    folder = tmp_path_factory.mktemp("stock")
    executed, raised = run(folder, CELLS, "stock", parameters=PARAMETERS, execution_timeout=120)
    return comparable(executed, folder / "stock"), raised


@pytest.mark.parametrize("way", WAYS)
def test_a_notebook_of_all_kinds_of_cells_is_the_same_as_from_papermills_own_engine(
    tmp_path: Path, stock: tuple[str, BaseException | None], way: str
) -> None:
    executed, raised = run(tmp_path, CELLS, way, parameters=PARAMETERS)
    difference = unified_diff(stock[0].splitlines(), comparable(executed, tmp_path / way).splitlines(), lineterm="")
    assert "\n".join(difference) == ""
    assert isinstance(raised, papermill.PapermillExecutionError)
    assert str(raised) == str(stock[1])
    assert executed.cells[0].metadata.tags == ["papermill-error-cell-tag"]


@pytest.mark.parametrize("way", ["fork", "server"])
def test_what_a_cell_prints_into_a_widget_stands_in_the_widget(tmp_path: Path, way: str) -> None:
    # Alone: papermill's own engine now and then waits for ever at the cell after one that prints into a widget.
    cells = [
        "import ipywidgets as w; from IPython.display import HTML, display; out = w.Output(); display(out)",
        "with out: print('one'); print('two'); display(HTML('<i>three</i>'))",
        "with out: print('four')\nprint('outside')",
        "import time; time.sleep(0.1)",
        "[each.get('text') for each in out.outputs]",
        "out.clear_output()",
        "w.interact(lambda v: v * 2, v=3);",
    ]
    executed, raised = run(tmp_path, cells, way)
    assert raised is None
    assert texts(executed)[1:5] == ["", "outside\n", "", "['one\\ntwo\\n', None, 'four\\n']"]
    ((_, widgets),) = executed.metadata.widgets.items()
    held = [each["state"]["outputs"] for each in widgets["state"].values() if each["model_name"] == "OutputModel"]
    assert sorted(held, key=len) == [[], [{"output_type": "display_data", "data": {"text/plain": "6"}, "metadata": {}}]]


def test_the_workpapers_of_the_demonstration_are_the_same_bytes_from_both_engines(ran: Path, tmp_path: Path) -> None:
    left = {}
    for engine in workpapers.ENGINES:
        root = Path(shutil.copytree(ran, tmp_path / "engagement"))
        report = run_engagement(Engagement(root), engine=engine, force=True)
        assert not report.failed
        left[engine] = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for room in ("workpapers", "results", "tables")
            for path in sorted((root / room).rglob("*"))
            if path.is_file()
        }
        shutil.rmtree(root)
    assert len(left["assessor"]) > 7 * 3
    assert left["assessor"] == left["papermill"]
    stored = {name: content for name, content in left["assessor"].items() if name.startswith("results/s")}
    before = {f"results/{path.name}": path.read_bytes() for path in (ran / "results").glob("s*.json")}
    assert stored == before  # of the run without notebooks


@pytest.mark.parametrize("engine", workpapers.ENGINES)
@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("1 / 0", "cell 3 raised ZeroDivisionError: division by zero"),
        ("import os; os._exit(1)", "its kernel died"),
        ("import sys; sys.exit(0)", "raised an error"),
        ("import sys; sys.exit(4)", "cell 3 raised SystemExit: 4"),
        ("input()", "StdinNotImplementedError"),
        ("%%bash\nkill -9 $PPID", "its kernel died"),
    ],
)
def test_what_does_not_run_to_its_end_is_told_in_the_same_words(
    tmp_path: Path, engine: str, source: str, told: str
) -> None:
    notebook = write(tmp_path / "source.ipynb", [code("e = 1", metadata={"tags": ["parameters"]}), source, "'later'"])
    with pytest.raises(AssessorError, match=told):
        workpapers.execute(notebook, tmp_path / "one.ipynb", {"e": "."}, str, engine=engine)
    failed = nbformat.read(tmp_path / "one.failed.ipynb", as_version=4)
    assert failed.cells[-1].execution_count is None
    assert not (tmp_path / "one.ipynb").exists()


@pytest.mark.parametrize("way", WAYS)
def test_a_later_cell_follows_an_error_where_the_caller_allows_errors(tmp_path: Path, way: str) -> None:
    executed, raised = run(tmp_path, ["1 / 0", "'later'"], way, allow_errors=True)
    assert isinstance(
        raised, papermill.PapermillExecutionError
    )  # as with papermill's own engine, which raises in the end
    assert texts(executed)[-1] == "'later'"


def test_options_of_nbclient_and_a_log_of_the_output_reach_the_engine(tmp_path: Path) -> None:
    with (tmp_path / "out.txt").open("w") as out, (tmp_path / "err.txt").open("w") as err:
        cells = ["import sys, time\nprint('a', flush=True); print('b', file=sys.stderr)\ntime.sleep(0.5); print('c')"]
        executed, raised = run(tmp_path, cells, "fork", coalesce_streams=True, stdout_file=out, stderr_file=err)
    assert raised is None
    assert [each.name for each in executed.cells[0].outputs] == ["stdout", "stderr"]
    assert (tmp_path / "out.txt").read_text() == "a\nc\n"
    assert (tmp_path / "err.txt").read_text() == "b\n"


def test_a_notebook_of_another_kernel_gets_that_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    told = {"argv": argv, "display_name": "Other", "language": "python", "env": {"WHICH": "another"}}
    (tmp_path / "kernels" / "other").mkdir(parents=True)
    (tmp_path / "kernels" / "other" / "kernel.json").write_text(json.dumps(told))
    executed, raised = run(tmp_path, ["import os; os.environ.get('WHICH')"], "fork", kernel_name="other")
    assert raised is None
    assert texts(executed) == ["'another'"]


def test_a_kernel_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("no folder for settings")

    monkeypatch.setattr(kernel._Application, "init_kernel", fail)
    _, raised = run(tmp_path, ["1"], "fork")
    assert isinstance(raised, RuntimeError)
    assert str(raised) == "The kernel did not start: PermissionError: no folder for settings"
