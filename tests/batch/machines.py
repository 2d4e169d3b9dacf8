"""Many machines on this one: a store like S3, a scheduler and workers as processes, and a procedure of a firm that does what the id
of its engagement says."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assessor import issuing, run
from assessor.engagement import Engagement
from assessor.evidence import register
from tests.batch.small import install

ROOT = Path(__file__).parents[2]
MOTO = ROOT / ".ci" / "s3" / ".venv" / "bin" / "python"
DASK = str(Path(sys.executable).with_name("dask"))
BUCKET = "firm"
ASKED = ("--until", "run", "--engine", "none", "--received", "2026-11-20", "--json")

_PROCEDURE = """
import os, signal, time
from pathlib import Path
from assessor.results import Outcome, ProcedureResult

CLAUSE, TITLE = "791.301", "What happens to workers"

def worker():
    # the process forked for an engagement, its fork server, the worker
    return int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])

def run(facts):
    name, seen = facts.terms.id, Path(os.environ["SEEN"])
    (seen / f"{name} {worker()}").touch()
    if "poison" in name:
        os.kill(worker(), signal.SIGKILL)
        time.sleep(60)
    while "waits" in name and not (seen / "go").exists():
        time.sleep(0.02)
    return ProcedureResult("happens", CLAUSE, TITLE, Outcome.NOT_TESTED, "Nothing is tested here.", "none", (), ())
"""


def whole(folder: Path, *, deliveries: int = 1) -> None:
    """Holds that an engagement is complete, once, and nothing of a batch is left in it."""
    opened = Engagement(folder)
    assert run.stands(opened, notebooks=False)
    names = [path.name for path in opened.evidence.iterdir() if not path.name.startswith(".")]
    rows = register.read_rows(opened.register)
    assert sorted({row.delivery for row in rows}) == sorted(names) and len(names) == deliveries
    assert len({row.id for row in rows}) == len(rows) == deliveries
    assert {entry["delivery"] for entry in json.loads((folder / "inbox.json").read_text())["packages"].values()} == {
        *names
    }
    assert not [path.name for path in folder.iterdir() if path.name.startswith((".batch", ".assessor"))]
    assert not (opened.report / issuing.REPORT_RECORD).exists()


def until(true: Callable[[], Any], seconds: float = 150) -> Any:
    """Wait until something is so; what it is then."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def process(*command: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is gone with all that it started at the end."""
    with log.open("ab") as file:
        started = subprocess.Popen(
            command,
            env=environment,
            cwd=log.parent,  # else what lies where the tests are run would be imported before what is installed
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(started.pid, sign)
            except ProcessLookupError:
                break
            try:
                started.wait(3)
            except subprocess.TimeoutExpired:
                continue
        started.wait()


@contextmanager
def store(folder: Path) -> Iterator[dict[str, str]]:
    """A store like S3 that knows one user and one bucket; the environment in which it is open."""
    if not MOTO.exists():
        pytest.skip("there is no store for tests here; .ci/run installs it into .ci/s3/.venv")
    import botocore.session

    port = free_port()
    address = f"http://127.0.0.1:{port}"
    count = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "3"}  # those below
    command = (str(MOTO), "-m", "moto.server", "-H", "127.0.0.1", "-p", f"{port}")
    with process(*command, environment=count, log=folder / "store.log"):
        until(lambda: _answers(f"{address}/moto-api/data.json"))
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        client = botocore.session.get_session().create_client(
            "iam", endpoint_url=address, region_name="us-east-1", **keys
        )
        client.create_user(UserName="batch")
        allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        client.put_user_policy(UserName="batch", PolicyName="all", PolicyDocument=json.dumps(allowed))
        key = client.create_access_key(UserName="batch")["AccessKey"]
        client.close()
        yield {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_ENDPOINT_URL": address,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2).close()
        return True
    except OSError:
        return False


def installed(folder: Path) -> dict[str, str]:
    """An environment in which the procedure is installed, and `SEEN` is where it says which worker it had."""
    (folder / "seen").mkdir()
    install(folder / "site", "happens", _PROCEDURE)
    return {"PYTHONPATH": str(folder / "site"), "SEEN": str(folder / "seen")}


@contextmanager
def scheduler(folder: Path, environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler on loopback: its address and its process."""
    port = free_port()
    command = (DASK, "scheduler", "--host", "127.0.0.1", "--port", f"{port}", "--no-dashboard")
    with process(*command, environment={**os.environ, **environment}, log=folder / "scheduler.log") as started:
        until(lambda: b"Scheduler at" in (folder / "scheduler.log").read_bytes())
        yield f"tcp://127.0.0.1:{port}", started


@contextmanager
def worker(folder: Path, address: str, environment: dict[str, str], *more: str, name: str = "worker") -> Iterator[None]:
    """A worker, with its nanny unless `more` says otherwise."""
    command = (
        DASK,
        "worker",
        address,
        "--host",
        "127.0.0.1",
        "--nthreads",
        "1",
        "--no-dashboard",
    )
    place = ("--local-directory", str(folder / name), "--memory-limit", "0", *more)
    with process(*command, *place, environment={**os.environ, **environment}, log=folder / f"{name}.log"):
        until(lambda: b"Registered to" in (folder / f"{name}.log").read_bytes())
        yield


def assessor(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    command = [sys.executable, "-m", "assessor", "batch", *words]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=400)


def told(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """The rows of `--json` by name, which are sorted and each there once."""
    rows = json.loads(done.stdout)["engagements"]
    names = [row["name"] for row in rows]
    assert names == sorted(set(names))
    return {row["name"]: row for row in rows}


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that could not be done said, which is one sentence."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("assessor: ") and last.endswith(".") and "Traceback" not in done.stderr
    return last.removeprefix("assessor: ")
