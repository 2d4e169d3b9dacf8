"""Batches as users run them: what is done, what is skipped, and that an engagement in trouble costs nobody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assessor import desk, issuing, open_assessment, run
from assessor.assessment import questions
from assessor.engagement import Engagement
from tests.batch.conftest import batch
from tests.batch.small import engagement

QUICK = ("--until", "run", "--engine", "none")


def by_name(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in told["engagements"]}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text("utf-8").split(") ")[-1][0] != "Z" if Path("/proc").is_dir() else True


def test_what_waits_is_taken_in_run_and_reported_and_then_nothing_is_left_to_do(tmp_path: Path) -> None:
    for name in ("a", "deep/b"):
        engagement(tmp_path / "root", name)
    told = batch(1, tmp_path / "root", "--engine", "none", "--received", "2026-11-04")
    rows = by_name(told)
    assert list(rows) == ["a", "deep/b"] and told["counts"] == {"done": 0, "attention": 2, "failed": 0, "skipped": 0}
    for name, row in rows.items():
        assert row["stages"] == dict.fromkeys(("intake", "run", "report"), "done")
        opened = Engagement(tmp_path / "root" / name)
        assert "2026-11-04" in opened.register.read_text("utf-8") and "screening.csv" in opened.register.read_text(
            "utf-8"
        )
        assert run.stands(opened, notebooks=False) and issuing.stands(opened)
        assert (opened.root / "inbox/first/screening.csv").exists(), "what is delivered stays where it is"
    again = batch(1, tmp_path / "root", "--engine", "none")
    assert {row["outcome"] for row in again["engagements"]} == {"skipped"}
    assert again["problems"] == told["problems"], "what needs a person does so until somebody has dealt with it"
    assert "[2/2]" in again["stderr"] and "Traceback" not in again["stderr"]


def test_only_what_a_change_touches_is_done_again(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        engagement(tmp_path / "root", name)
    batch(1, tmp_path / "root", *QUICK)
    report = (tmp_path / "root", "--engine", "none")
    batch(1, *report)
    terms = tmp_path / "root/a/engagement.toml"
    terms.write_text(terms.read_text("utf-8") + "# agreed\n", "utf-8")
    (tmp_path / "root/b/inbox/first/more.csv").write_text("Screened party,Result\nY,none\n", "utf-8")
    (tmp_path / "root/c/report/rendered.json").unlink()
    rows = by_name(batch(1, *report))
    assert rows["a"]["stages"] == {"intake": "unchanged", "run": "done", "report": "done"}
    assert rows["b"]["stages"] == {"intake": "done", "run": "done", "report": "done"}
    assert rows["c"]["stages"] == {"intake": "unchanged", "run": "unchanged", "report": "done"}
    tables = json.loads((tmp_path / "root/a/run.json").read_text("utf-8"))["stages"]["tables"]
    assert tables["seconds"] >= 0
    forced = by_name(batch(1, *report, "--force"))
    assert {row["stages"]["run"] for row in forced.values()} == {"done"}


def test_a_report_that_somebody_edited_is_kept_until_it_is_forced(tmp_path: Path) -> None:
    folder = engagement(tmp_path / "root", "a")
    words = (tmp_path / "root", "--engine", "none")
    batch(1, *words)
    report = folder / "report/assessment.docx"
    report.write_bytes(edited := report.read_bytes() + b" ")
    assert by_name(batch(1, *words))["a"]["outcome"] == "skipped"
    terms = folder / "engagement.toml"
    terms.write_text(terms.read_text("utf-8") + "# agreed\n", "utf-8")
    row = by_name(batch(1, *words))["a"]
    assert row["stages"]["report"] == "kept" and row["outcome"] == "attention" and "edited" in row["message"]
    assert report.read_bytes() == edited
    assert by_name(batch(1, *words, "--force"))["a"]["stages"]["report"] == "done"
    assert report.read_bytes() != edited


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no groups of processes on this system")
def test_engagements_that_crash_hang_or_fail_cost_no_other(tmp_path: Path, trouble: dict[str, str]) -> None:
    for name in ("EXITS", "HANGS", "KILLED", "ONCE", "RAISES", "fine", "well"):
        engagement(tmp_path / "root", name)
    (tmp_path / "root/broken").mkdir()
    (tmp_path / "root/broken/engagement.toml").write_text("[engagement\n", "utf-8")
    words = (tmp_path / "root", *QUICK, "--timeout", "10", "--retries", "1", "--workers", "4")
    rows = by_name(told := batch(1, *words, env=trouble))
    failed = {name: row["message"] for name, row in rows.items() if row["outcome"] == "failed"}
    assert set(failed) == {"EXITS", "HANGS", "KILLED", "RAISES", "broken"}
    assert failed["EXITS"] == "Its process ended with code 7 before the work was done, 2 times."
    assert failed["HANGS"] == "It took longer than 10 seconds and was ended, 2 times."
    assert failed["KILLED"].startswith("Its process was killed (SIGKILL), 2 times. It last said: about to be killed")
    assert "\x1b" not in failed["KILLED"]
    assert "no such luck" in failed["RAISES"] and rows["RAISES"]["attempts"] == 1, (
        "what will not change is not tried again"
    )
    assert "not valid TOML" in failed["broken"]
    assert rows["HANGS"]["place"] == "Trouble" and rows["ONCE"]["attempts"] == 2
    for name in ("ONCE", "fine", "well"):
        assert rows[name]["stages"]["run"] == "done"
    assert not alive(int((tmp_path / "child").read_text("utf-8"))), "what it had started is ended too"
    assert list((tmp_path / "tmp").iterdir()) == [], "nothing temporary is left"
    assert {p["code"] for p in told["problems"]} == {"attention", "failed"}


def test_temporary_folders_are_apart_and_gone_afterwards(tmp_path: Path, trouble: dict[str, str]) -> None:
    for name in ("LEAVES-1", "LEAVES-2", "LEAVES-3"):
        engagement(tmp_path / "root", name)
    batch(1, tmp_path / "root", *QUICK, env=trouble)
    folders = {path.name: path.read_text("utf-8") for path in (tmp_path / "seen").iterdir()}
    assert len(folders) == 3 and len(set(folders.values())) == 3
    assert not any(Path(folder).exists() for folder in folders.values())


def listens_to_interrupts() -> None:
    """In the process to be: a shell in the background has what it starts take no notice of Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_a_batch_that_is_stopped_leaves_nobody_at_work_and_goes_on_where_it_was(
    tmp_path: Path, trouble: dict[str, str], how: str
) -> None:
    engagement(tmp_path / "root", "a")
    engagement(tmp_path / "root", "z-HANGS")
    command = [sys.executable, "-m", "assessor", "batch", str(tmp_path / "root"), *QUICK, "--workers", "1"]
    begun = subprocess.Popen(
        command, env=os.environ | trouble, stderr=subprocess.PIPE, text=True, preexec_fn=listens_to_interrupts
    )
    deadline = time.monotonic() + 90
    try:
        while not (tmp_path / "child").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        begun.send_signal(getattr(signal, how))
        _, said = begun.communicate(timeout=60)
    finally:
        begun.kill()
        begun.wait()
    assert begun.returncode == (2 if how == "SIGINT" else -signal.SIGKILL)
    assert how != "SIGINT" or "goes on from there" in said
    holder = tmp_path / "root/z-HANGS/engagement.toml"
    holder.write_text(holder.read_text("utf-8").replace("z-HANGS", "z"), "utf-8")
    again = batch(1, tmp_path / "root", *QUICK, env=trouble)
    rows = by_name(again)
    assert rows["a"]["outcome"] == "skipped" and rows["z-HANGS"]["stages"]["run"] == "done"
    left = [path.name for path in (tmp_path / "tmp").iterdir() if not path.name.startswith("pymp-")]  # an empty socket
    assert left == [], "what was left is swept"


def test_an_engagement_that_somebody_else_works_on_is_told_in_a_sentence(tmp_path: Path) -> None:
    from filelock import FileLock

    folder = engagement(tmp_path / "root", "a")
    engagement(tmp_path / "root", "b")
    batch(0, tmp_path / "root", "--until", "intake")
    with FileLock(folder / ".run.lock"):
        rows = by_name(batch(1, tmp_path / "root", *QUICK))
    assert rows["a"]["outcome"] == "failed" and rows["a"]["message"].startswith("Another command is running")
    assert rows["b"]["stages"]["run"] == "done"


def test_a_full_disk_is_told_leaves_nothing_half_written_and_the_rest_goes_on(
    tmp_path: Path, trouble: dict[str, str]
) -> None:
    folder = engagement(tmp_path / "root", "FULL")
    engagement(tmp_path / "root", "b")
    rows = by_name(batch(1, tmp_path / "root", *QUICK, env=trouble))
    assert rows["FULL"]["outcome"] == "failed"
    assert rows["FULL"]["message"] == "/disk/full: No space left on device." and rows["FULL"]["place"] == "Trouble"
    assert rows["b"]["stages"]["run"] == "done"
    assert not [path for path in folder.rglob("*") if "-part-" in path.name]
    assert not (folder / "results/trouble.json").exists() and not run.stands(Engagement(folder), notebooks=False)


def test_an_answer_has_everything_made_again_but_what_was_read_of_the_evidence(tmp_path: Path) -> None:
    folder = engagement(tmp_path / "root", "a")
    words = (tmp_path / "root", "--engine", "none")
    batch(1, *words)
    before = json.loads((folder / "run.json").read_text("utf-8"))["stages"]
    assessment = open_assessment(folder)
    asked = next(q for q in questions(assessment.results()) if q.state == "open")
    desk.answer(assessment, asked.id, asked.subject, asked.answers[0], because="Seen.", by="M. Okonjo", role="assessor")
    assert by_name(batch(1, *words))["a"]["stages"] == {"intake": "unchanged", "run": "done", "report": "done"}
    after = json.loads((folder / "run.json").read_text("utf-8"))["stages"]
    assert [stage for stage in before if before[stage]["inputs"] == after[stage]["inputs"]] == ["tables"]


def test_the_one_who_waits_holds_neither_tables_nor_procedures(tmp_path: Path) -> None:
    engagement(tmp_path / "root", "a")
    script = (
        "import sys; from click.testing import CliRunner; from assessor.cli import main;"
        f"done = CliRunner().invoke(main, ['batch', {str(tmp_path / 'root')!r}, '--until', 'intake']);"
        "print(done.exit_code, sorted({'pandas', 'pyarrow', 'docx', 'papermill', 'assessor.procedures'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
