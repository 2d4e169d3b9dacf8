"""`assessor bom` on folders: many files, several processes, and what may happen to them meanwhile."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor import bom
from assessor.bom import answers, texts
from assessor.bom.bill import unreadable
from assessor.cli import main
from assessor.commands import bom_view
from assessor.commands.meter import meter
from assessor.evidence import tables
from tests.evidence.samples import as_json, cyclonedx, put

ROOT = Path(__file__).parents[1]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def bill(*names: str, **more: Any) -> str:
    return as_json(cyclonedx(components=[{"name": name} for name in names], **more))


def folder(top: Path, count: int) -> Path:
    """Bills of one to three components in folders of ten."""
    for number in range(count):
        put(top, f"{number // 10:03d}/{number:04d}.json", bill(*(f"{number}-{n}" for n in range(1 + number % 3))))
    return top


def command(*arguments: object, path: Path | None = None) -> subprocess.Popen[bytes]:
    """The command as a process; modules in `path` are found by it and by the processes that it starts."""
    search = os.pathsep.join(map(str, filter(None, (ROOT, path))))
    return subprocess.Popen(
        [sys.executable, "-m", "assessor", "bom", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": search},
        preexec_fn=_heeding,
    )


def _heeding() -> None:
    """Where the tests themselves run in the background of a shell, Ctrl-C is ignored, and would be here too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def reader(place: Path, body: str) -> Path:
    """A reader of a third party, installed in a folder: files that begin with DIE are its own."""
    put(place, "odd-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    put(place, "odd-1.0.dist-info/entry_points.txt", "[assessor.readers]\nodd = odd_reader:Odd\n")
    put(
        place,
        "odd_reader.py",
        "import os, signal, sys, time\n"
        "class Odd:\n"
        "    kind = 'bom.odd'\n"
        "    @staticmethod\n"
        "    def recognise(head, path):\n"
        "        if head.startswith(b'DIE'):\n"
        f"            {body}\n"
        "        return False\n",
    )
    return place


@pytest.mark.parametrize("workers", [1, 2])
def test_the_answer_of_a_folder_is_that_of_its_files_one_after_another(tmp_path: Path, workers: int) -> None:
    top = folder(tmp_path / "in", 25)
    whole = call("bom", top, "--json", "--workers", workers)
    told = json.loads(whole.stdout)
    single = [json.loads(call("bom", path, "--json").stdout) for path in sorted(top.rglob("*.json"))]
    assert told["files"] == [file for each in single for file in each["files"]]
    assert told["components"] == [component for each in single for component in each["components"]]
    assert (told["ok"], told["left_out"], list(told)) == (True, [], ["components", "files", "left_out", "ok"])


@pytest.mark.parametrize("options", [["--json"], ["--csv"], ["--gaps"], ["--gaps", "--json"], ["--gaps", "--csv"], []])
def test_the_same_files_give_the_same_bytes_however_many_read_them(tmp_path: Path, options: list[str]) -> None:
    top = folder(tmp_path, 25)
    put(top, "003/odd.txt", "no bill")
    alone, together = (call("bom", top, *options, "--workers", count) for count in (1, 3))
    assert alone.stdout == together.stdout and alone.exit_code == together.exit_code == 1
    assert alone.stdout.count("\n") > 5


def test_json_has_a_component_and_a_file_a_line(tmp_path: Path) -> None:
    top = folder(tmp_path, 3)
    lines = call("bom", top, "--json").stdout.splitlines()
    assert lines[:2] == ["{", '  "components": ['] and lines[-1] == "}"
    assert sum(line.startswith('    {"address_country":') for line in lines) == 3 + 1 + 2 + 3
    assert sum(line.startswith('    {"components":') for line in lines) == 3


def test_bills_come_in_the_order_of_the_files_and_are_read_only_a_little_ahead(tmp_path: Path) -> None:
    top = folder(tmp_path, 40)
    put(top, "000/a-pipe-comes-first", "")
    coming = bom.each([top], workers=2)
    first = [next(coming) for _ in range(3)]
    coming.close()  # type: ignore[attr-defined]
    assert [each.path.name for each in first] == ["0000.json", "0001.json", "0002.json"]
    assert [each.path for each in bom.each([top], workers=2)] == sorted(
        each for each in top.rglob("*") if each.is_file()
    )


def test_a_process_that_dies_costs_its_file_and_no_other(tmp_path: Path) -> None:
    top = folder(tmp_path / "in", 12)
    for number in (3, 7):
        put(top, f"000/{number:04d}.x", "DIE")
    plugin = reader(tmp_path / "plugin", "os.kill(os.getpid(), signal.SIGKILL)")
    process = command(top, "--json", "--workers", 2, path=plugin)
    out, err = process.communicate(timeout=120)
    told = json.loads(out)
    assert process.returncode == 1 and b"Traceback" not in err
    lost = [file for file in told["files"] if file["status"] == "unreadable"]
    assert [Path(file["path"]).name for file in lost] == ["0003.x", "0007.x"]
    assert all("was ended by SIGKILL" in file["reason"] and "read this file alone" in file["reason"] for file in lost)
    assert len(told["files"]) == 14 and len({component["file"] for component in told["components"]}) == 12


@LINUX
def test_a_process_that_is_killed_between_two_files_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, room = folder(tmp_path / "in", 40), tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    coming = bom.each([top], workers=2)
    first = next(coming)
    wait(lambda: len(list(room.glob("*/*"))) == 7)  # they have read ahead as far as they may, and wait
    time.sleep(0.5)
    killed = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            own = f"\nPPid:\t{os.getpid()}\n" in (process / "status").read_text()
            if own and b"assessor.bom.worker" in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
    rest = list(coming)
    assert killed == 2 and [each.status for each in (first, *rest)] == ["read"] * 40


def test_what_a_library_prints_does_not_reach_the_answer(tmp_path: Path) -> None:
    top = folder(tmp_path / "in", 6)
    put(top, "odd", "DIE")
    process = command(top, "--json", "--workers", 2, path=reader(tmp_path / "plugin", "os.write(1, b'noise\\n')"))
    out, _ = process.communicate(timeout=120)
    assert [file["status"] for file in json.loads(out)["files"]] == ["read"] * 6 + ["unreadable"]


@LINUX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_stopped_leaves_no_process_no_file_and_no_half_answer(tmp_path: Path, number: int) -> None:
    top = folder(tmp_path / "in", 6)
    put(top, "000/0003.x", "DIE")
    room = tmp_path / "room"
    room.mkdir()
    os.environ["TMPDIR"], before = str(room), os.environ.get("TMPDIR")
    try:
        slow = f"open({str(tmp_path / 'started')!r}, 'w').close(); time.sleep(60)"
        process = command(top, "--json", "--workers", 2, path=reader(tmp_path / "plugin", slow))
    finally:
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
    wait(lambda: (tmp_path / "started").exists())
    children = [
        int(each)
        for task in Path(f"/proc/{process.pid}/task").iterdir()
        for each in (task / "children").read_text().split()
    ]
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, b"") and b"Traceback" not in err and b"Stopped." in err
    assert children and not any(Path(f"/proc/{each}").exists() for each in children)
    assert not list(room.iterdir())


def wait(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def test_a_file_that_went_away_after_it_was_listed_is_told(tmp_path: Path) -> None:
    top = folder(tmp_path / "in", 10)
    put(top, "000/0000.first", "DIE")
    gone = top / "000" / "0008.json"
    plugin = reader(tmp_path / "plugin", f"os.remove({str(gone)!r})")
    put(top, "000/0000.first", "DIE" + " " * 2000)  # the largest is read first
    process = command(top, "--json", "--workers", 2, path=plugin)
    out, _ = process.communicate(timeout=120)
    told = {Path(file["path"]).name: file for file in json.loads(out)["files"]}
    assert len(told) == 11 and process.returncode == 1
    status, reason = told["0008.json"]["status"], told["0008.json"]["reason"]
    # two processes: it may have been read just before
    assert (status, reason) in [("unreadable", "it cannot be opened: No such file or directory"), ("read", "")]
    (alone,) = [bom.read_file(gone)]
    assert (alone.status, alone.reason) == ("unreadable", "it cannot be opened: No such file or directory")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_is_no_file_is_told_and_not_opened(tmp_path: Path) -> None:
    top = folder(tmp_path / "in", 2)
    outside = put(tmp_path, "outside.json", bill("secret"))
    os.mkfifo(top / "pipe")
    (top / "inside.json").symlink_to(top / "000" / "0000.json")
    (top / "loop").symlink_to(top)
    (top / "out.json").symlink_to(outside)
    (top / "nowhere.json").symlink_to(top / "missing")
    result = call("bom", top, "--json")
    told = json.loads(result.stdout)
    reasons = {Path(file["path"]).name: file["reason"] for file in told["files"] if file["status"] == "unreadable"}
    assert reasons.keys() == {"pipe", "out.json", "nowhere.json"} and len(told["files"]) == 5
    assert "a named pipe" in reasons["pipe"] and "does not exist" in reasons["nowhere.json"]
    assert f"out of the folder, to {outside}" in reasons["out.json"] and "secret" not in result.stdout
    assert [Path(each["path"]).name for each in told["left_out"]] == ["inside.json", "loop"]
    assert "Left out: 2 symbolic links" in call("bom", top).stdout
    assert call("bom", top / "pipe").exit_code == 1
    assert call("bom", top / "inside.json").exit_code == 0  # one that is named is meant


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_folder_that_may_not_be_entered_is_told(tmp_path: Path) -> None:
    top = folder(tmp_path, 12)
    (top / "001").chmod(0)
    try:
        told = json.loads(call("bom", top, "--json").stdout)
    finally:
        (top / "001").chmod(0o755)
    assert [(file["status"], file["reason"]) for file in told["files"][10:]] == [
        ("unreadable", "it cannot be opened: Permission denied")
    ]


def test_a_name_that_is_no_text_is_read_like_any_other(tmp_path: Path) -> None:
    try:
        path = put(tmp_path, os.fsdecode(b"caf\xe9.json"), bill("a"))
    except OSError:
        pytest.skip("this file system takes text only")
    for options in ([], ["--json"], ["--csv"], ["--gaps"]):
        result = call("bom", path, *options)
        assert result.exit_code == (1 if "--gaps" in options else 0) and "caf" in result.stdout


def test_no_room_for_the_answer_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(known: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assessor.bom.worker.entry", full)
    result = call("bom", put(tmp_path, "a", bill("a")), "--json")
    assert result.exit_code == 2 and result.stdout == "" and "set TMPDIR to a folder with more room" in result.stderr


def test_gaps_of_files_that_were_not_read_are_not_passed_over(tmp_path: Path) -> None:
    path = put(tmp_path, "a", "no bill")
    result = call("bom", path, "--gaps")
    assert result.exit_code == 1 and "not read in full" in result.stderr and str(path) in result.stderr
    told = json.loads(call("bom", path, "--gaps", "--json").stdout)
    assert told["ok"] is False and told["gaps"] == [] and told["not_read"][0]["status"] == "unreadable"


def test_of_hundreds_of_files_each_is_listed_and_of_more_their_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = folder(tmp_path, 60)
    assert "004/0049.json" in call("bom", top).stdout
    monkeypatch.setattr(bom_view, "LISTED", 50)
    shown = call("bom", top).stdout
    assert "0049.json" not in shown and shown.count("\n") < 20
    row = next(line for line in shown.splitlines() if line.startswith("004"))
    assert row.split()[:5] == ["004", "10", "0", "0", "20"]
    assert "60 files, 180 components; 0 files not read in full." in shown
    assert (
        "Formats: 60 cyclonedx 1.6 json." in shown and "Of 120 parts state author 0, timestamp 120, name 120" in shown
    )


def test_what_is_shown_of_many_bad_files_is_bounded_and_the_worst_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bom_view, "LISTED", 50)
    for number in range(100):
        put(tmp_path, f"{number:03d}/partly.json", as_json(cyclonedx(components=[7] * (number + 1) + [{"name": "a"}])))
        put(tmp_path, f"{number:03d}/whole.json", bill("a"))
    put(tmp_path, "099/lost.json", "<html>Sign in</html>")
    result = call("bom", tmp_path)
    shown = result.stdout.splitlines()
    assert result.exit_code == 1 and len(shown) < 200
    assert shown[1].startswith("099 ") and shown[1].split()[1:4] == ["3", "1", "1"]
    told = [line for line in shown if line.endswith((": unreadable", ": partly read"))]
    assert [Path(line.split(":")[0]).name for line in told[:2]] == ["lost.json", "partly.json"]
    assert len(told) == bom_view.DETAILED and "099/partly.json" in told[1]
    assert any(line.startswith("and 81 more files with 3,321 problems") for line in shown)
    assert any(line.startswith("and 60 folders more with 120 files, of which 60 need attention") for line in shown)


def test_files_of_which_the_same_is_to_be_said_stand_together(tmp_path: Path) -> None:
    for number in range(30):
        put(tmp_path, f"cut{number:02d}", bill("a", "b")[:-40])
        put(tmp_path, f"page{number:02d}", "<html>Sign in</html>")
    shown = call("bom", tmp_path).stdout
    told = shown[shown.index("\n30 files") :].split("\n\n")
    assert told[0].splitlines()[1].startswith("30 files unreadable, of each the same is to be said")
    assert told[0].count("/page") == 3 and "and 27 more files\n  file: an HTML page" in told[0]
    assert told[1].startswith("30 files partly read") and told[1].count("/cut") == 3


def test_progress_is_told_on_standard_error_only(tmp_path: Path) -> None:
    top = folder(tmp_path, 12)
    result = call("bom", top, "--json", "--workers", 2)
    assert result.stderr.startswith("  reading 12 files, ") and result.stderr.count("\n") == 1
    json.loads(result.stdout)
    assert call("bom", top / "000" / "0000.json").stderr == ""


def test_on_a_terminal_progress_is_one_line_that_is_gone_at_the_end(tmp_path: Path) -> None:
    top = folder(tmp_path / "in", 4)
    put(top, "odd", "DIE")
    plugin = reader(tmp_path / "plugin", "time.sleep(1.5)")
    pty = pytest.importorskip("pty")
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assessor", "bom", str(top), "--json", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{plugin}", "COLUMNS": "100"},
    )
    os.close(theirs)
    out, _ = process.communicate(timeout=120)
    told = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while piece := os.read(mine, 4096):
            told += piece
    os.close(mine)
    assert len(json.loads(out)["files"]) == 5
    assert b"\n" not in told and b"4 of 5 files" in told and told.endswith(b"\r" + b" " * 99 + b"\r")


def test_elsewhere_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    with meter(clock=lambda: now) as tell:
        for done in range(101):
            tell(done, 100, done * 10**6, 100 * 10**6)
            now += 0.5
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "  reading 100 files, 100.0 MB"
    assert lines[1] == "  20 of 100 files, 20.0 MB of 100.0 MB, about 40 s left" and len(lines) == 5


_CELLS = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8"), max_size=8), st.sampled_from(["=1", "-", "＝1", "\n=", 'a"b', ","])
)


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({}, optional={"name": _CELLS, "description": _CELLS, "firmware": st.booleans()}),
        max_size=5,
    )
)
def test_csv_says_what_the_table_says_and_no_cell_is_a_formula(rows: list[dict[str, Any]]) -> None:
    made = tables.arrow("components", rows)
    text = b"".join([texts.heading(tuple(made.column_names)), *texts.rows_csv(made)]).decode()
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(read) == len(rows)
    for cells, row in zip(read, rows, strict=True):
        for name, value in row.items():
            written = "" if value is None else str(value)
            risky = (
                isinstance(value, str)
                and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
                and value
            )
            assert cells[name] == (f"'{written}" if risky else written)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ('{"SHA-1":"aa"}', {"SHA-1": "aa"}),
        ('{"b": "1", "a": "2"}', {"b": "1", "a": "2"}),
        ('{"a":"\\n"}', {"a": "\n"}),
        ('{"a":"b",}', {"not understood": '{"a":"b",}'}),
        ('{"a":"\n"}', {"not understood": '{"a":"\n"}'}),
        ("[1]", {"not understood": "[1]"}),
        ("", {}),
        (None, {}),
    ],
)
def test_digests_are_an_object_whatever_is_stored(stored: str | None, told: dict[str, str]) -> None:
    made = tables.arrow("components", [{"name": "a", "hashes": stored}])
    one = unreadable(Path("a"), "")
    text = b"".join(texts.components_json(type(one)(**{**vars(one), "components": made})))
    assert json.loads(text)["hashes"] == told and text.count(b"\n") == 0


def test_few_bytes_are_read_without_starting_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", started)
    top = folder(tmp_path, 5)
    assert call("bom", top).exit_code == 0
    monkeypatch.setattr(answers, "FEW", 0)
    assert "a process was started" in call("bom", top).stderr
