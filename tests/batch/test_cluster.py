"""A batch on a scheduler and two workers: nothing is lost and nothing done twice, whatever dies, and what cannot be done is one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

from assessor import assessment
from assessor.batch import Place, Told, batch, places
from assessor.batch import cluster as clusters
from assessor.errors import BatchError
from tests.batch import machines
from tests.batch.machines import ASKED, BUCKET, sentence, told, until, whole
from tests.batch.small import engagement

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the procedure finds its worker by /proc")


class Cluster:
    """The addresses of what runs, the environment in which it is found, and where the procedure says what it saw."""

    def __init__(self, address: str, environment: dict[str, str], scheduler: subprocess.Popen[bytes]) -> None:
        self.address, self.environment, self.scheduler = address, environment, scheduler
        self.seen = Path(environment["SEEN"])

    def batch(self, root: Path | str) -> subprocess.CompletedProcess[str]:
        return machines.assessor(str(root), "--cluster", self.address, *ASKED, environment=self.environment)

    def begin(self, root: Path | str, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "assessor", "batch", str(root), "--cluster", self.address, *ASKED, *more]
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def workers_of(self, name: str) -> list[int]:
        """The workers that an engagement was seen on."""
        return [int(path.name.rpartition(" ")[2]) for path in self.seen.iterdir() if path.name.startswith(f"{name} ")]


def ended(started: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = started.communicate(timeout=400)
    return subprocess.CompletedProcess(started.args, started.returncode, out, err)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = machines.installed(tmp_path_factory.mktemp("installed"))
    return found | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with machines.store(tmp_path_factory.mktemp("store")) as found:
        yield found


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    """A scheduler and two workers, which know the store where there is one."""
    folder = tmp_path_factory.mktemp("cluster")
    known = dict(environment)
    if machines.MOTO.exists():
        known |= request.getfixturevalue("open_store")
    with ExitStack() as stack:
        address, scheduler = stack.enter_context(machines.scheduler(folder, known))
        for name in ("first", "second"):
            stack.enter_context(machines.worker(folder, address, known, name=name))
        yield Cluster(address, known, scheduler)


@pytest.fixture(autouse=True)
def nothing_seen(environment: dict[str, str]) -> None:
    for path in Path(environment["SEEN"]).iterdir():
        path.unlink()


def test_a_killed_worker_and_an_engagement_that_kills_every_worker_cost_no_other_engagement(
    cluster: Cluster, tmp_path: Path
) -> None:
    names = ["a", "b-waits", "c", "d", "e-poison", "f"]
    for name in names:
        engagement(tmp_path, name)
    started = cluster.begin(tmp_path)
    [killed] = until(lambda: cluster.workers_of("b-waits"))
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(cluster.workers_of("b-waits")) > 1)  # another has it now
    (cluster.seen / "go").touch()
    done = ended(started)
    rows = told(done)
    assert done.returncode == 1 and [*rows] == names
    assert [name for name, row in rows.items() if row["outcome"] == "failed"] == ["e-poison"], rows
    assert rows["e-poison"]["message"].startswith("Every worker that worked on it died")
    assert rows["a"]["where"] == str(tmp_path / "a") and rows["a"]["stages"] == {"intake": "done", "run": "done"}
    for name in names:
        if name != "e-poison":
            whole(tmp_path / name)
            assert f"{name}: " in done.stderr  # told as it ended
    for path in tmp_path.glob("e-poison/evidence/*"):
        assert not path.name.startswith(".")


def test_in_a_store_a_killed_worker_costs_nothing_and_nothing_is_there_twice(
    cluster: Cluster, open_store: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import s3fs

    for name, value in open_store.items():
        monkeypatch.setenv(name, value)
    names = ["a", "b-waits", "c", "d"]
    for name in names:
        engagement(tmp_path / "there", name)
    system = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    system.mkdir(BUCKET)
    system.put(str(tmp_path / "there") + "/", f"{BUCKET}/2026/", recursive=True)

    page = tmp_path / "overview.html"
    started = cluster.begin(f"s3://{BUCKET}/2026", "--overview", str(page))
    [killed] = until(lambda: cluster.workers_of("b-waits"))
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(cluster.workers_of("b-waits")) > 1)
    (cluster.seen / "go").touch()
    done = ended(started)
    rows = told(done)
    assert [*rows] == names and {row["outcome"] for row in rows.values()} == {"attention"}, rows
    assert rows["c"]["where"] == f"s3://{BUCKET}/2026/c"
    shown = page.read_text("utf-8")
    assert all(f'data-key="{name}"' in shown for name in names), "the page has what is in the store"
    assert "assessor-engagement-" not in shown, "and names no folder of a worker"
    for name in names:
        system.get(f"{BUCKET}/2026/{name}/", str(tmp_path / "back" / name) + "/", recursive=True)
        whole(tmp_path / "back" / name)

    again = told(cluster.batch(f"s3://{BUCKET}/2026/[a-c]*"))
    assert [row["outcome"] for row in again.values()] == ["skipped"] * 3, again

    with pytest.raises(BatchError, match="There is no s3://nowhere/2026"):
        places("s3://nowhere/2026")
    wrong = {**cluster.environment, "AWS_SECRET_ACCESS_KEY": "another"}
    said = sentence(machines.assessor(f"s3://{BUCKET}/2026", *ASKED, environment=wrong))
    assert "is not open to the credentials" in said and "another" not in said


def test_a_cluster_that_goes_away_is_one_sentence_and_the_next_batch_goes_on(cluster: Cluster, tmp_path: Path) -> None:
    for name in ("a", "b-waits"):
        engagement(tmp_path, name)
    started = cluster.begin(tmp_path)
    until(lambda: cluster.workers_of("b-waits") and (tmp_path / "a" / "results" / "results.json").exists())
    assert started.stderr is not None
    while "a: attention" not in started.stderr.readline():
        assert started.poll() is None
    os.killpg(cluster.scheduler.pid, signal.SIGKILL)  # no later test has a cluster
    said = sentence(ended(started))
    assert "went away when 1 of 2 engagements had ended" in said
    whole(tmp_path / "a")
    (cluster.seen / "go").touch()
    rows = told(machines.assessor(str(tmp_path), *ASKED, environment=cluster.environment))
    assert (rows["a"]["outcome"], rows["b-waits"]["outcome"]) in (("skipped", "attention"), ("skipped", "skipped"))
    whole(tmp_path / "b-waits")


def test_what_cannot_do_the_work_is_told_before_anything_is_begun(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = engagement(tmp_path / "all", "a")
    before = sorted(folder.rglob("*"))

    def said(address: str) -> str:
        with pytest.raises(BatchError) as raised:
            batch(str(folder), cluster=address, progress=Silent())
        return str(raised.value)

    with machines.scheduler(tmp_path, environment) as (address, _):
        assert "has no worker" in said(address)
        with machines.worker(tmp_path, address, environment, "--no-nanny", name="alone"):
            assert "has no nanny" in said(address)
        other = tmp_path / "other" / "assessor"
        other.mkdir(parents=True)
        (other / "__init__.py").write_text("__version__ = '0.0.9'\n")
        old = {**environment, "PYTHONPATH": f"{other.parent}:{environment['PYTHONPATH']}"}
        with machines.worker(tmp_path, address, old, name="old"):
            assert "has no assessor of this version" in said(address)
        with machines.worker(tmp_path, address, environment, name="new"):
            monkeypatch.setattr(assessment, "toolkit_digest", lambda: "another")
            assert "with other code" in said(address)
            monkeypatch.setattr(clusters, "_shown", lambda places: nullcontext(["/no/such/folder"]))
            assert "does not see /no/such/folder" in said(address)
    monkeypatch.setattr(clusters, "_CONNECT", 1)
    assert "cannot be reached" in said(address)
    assert sorted(folder.rglob("*")) == before


def test_a_machine_without_dask_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engagement(tmp_path, "a")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BatchError, match=r"pip install 'assessor\[cluster\]'"):
        batch(str(tmp_path), cluster="tcp://127.0.0.1:1", progress=Silent())


class Silent:
    """Hears, and says nothing."""

    def begun(self, listed: list[Place]) -> None: ...

    def step(self, place: Place, step: str) -> None: ...

    def ended(self, told: Told) -> None: ...

    def waited(self) -> None: ...
