"""Engagements in a store: which are found, what is copied and published, and that no half of it is ever believed."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assessor import run
from assessor.batch import Place, Told, Wanted, copies, remote, turns
from assessor.batch.listing import places
from assessor.engagement import Engagement
from assessor.errors import BatchError
from assessor.inbox import Package
from tests.batch import machines
from tests.batch.machines import whole
from tests.batch.small import engagement

pytest.importorskip("fsspec")

TOP = "/firm/2026"
WANTED = Wanted(until="run", engine="none", received="2026-11-20")


@pytest.fixture
def system() -> Iterator[Any]:
    """A store in memory, empty."""
    import fsspec

    made = fsspec.filesystem("memory")
    made.store.clear()
    made.pseudo_dirs[:] = [""]
    yield made
    made.store.clear()


@pytest.fixture
def stored(system: Any, tmp_path: Path) -> Any:
    """The store with an engagement `a`."""
    up(system, engagement(tmp_path / "there", "a"))
    return system


def up(system: Any, folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            system.pipe_file(f"{TOP}/{folder.name}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def down(system: Any, folder: Path, name: str = "a") -> Path:
    for path in system.find(f"{TOP}/{name}"):
        target = folder / path.removeprefix(f"{TOP}/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(system.cat_file(path))
    return folder / name


def perform(
    wanted: Wanted = WANTED, packages: tuple[Package, ...] = (), tell: Callable[[str], None] = lambda step: None
) -> Told:
    return copies.perform(Place("a", f"memory:/{TOP}/a", packages), wanted, tell)


def content(system: Any) -> dict[str, bytes]:
    return {path: system.cat_file(path) for path in system.find(TOP)}


@pytest.mark.parametrize(
    ("root", "names"),
    [
        ("memory://firm/2026", ["a", "deep/er/b"]),
        ("memory://firm/2026/", ["a", "deep/er/b"]),
        ("memory://firm/2026/a", ["a"]),
        ("memory://firm/20*/a", ["memory:///firm/2026/a"]),
        ("memory://firm/2026/*/er/[bc]/engagement.toml", ["memory:///firm/2026/deep/er/b"]),
    ],
)
def test_engagements_are_found_at_any_depth_or_by_a_pattern(system: Any, root: str, names: list[str]) -> None:
    for name in ("a", "deep/er/b", "a/within", ".hidden/c", "sealed/data/d"):
        system.pipe_file(f"{TOP}/{name}/engagement.toml", f'[engagement]\nid = "{name}"\n'.encode())
    system.pipe_file(f"{TOP}/sealed/bagit.txt", b"")
    assert [place.name for place in places(root)] == names


def test_a_list_names_addresses_too_and_two_of_one_id_are_told(system: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        system.pipe_file(f"{TOP}/{name}/engagement.toml", b'[engagement]\nid = "same"\n')
    listed = tmp_path / "list.csv"
    listed.write_text("engagement\nmemory://firm/2026/a\n")
    assert [place.where for place in places(str(listed))] == ["memory://firm/2026/a"]
    with pytest.raises(BatchError, match="both have the id 'same'"):
        places("memory://firm/2026")


@pytest.mark.parametrize(
    ("root", "says"),
    [
        ("memory://firm/none", "There is no memory://firm/none"),
        ("memory://firm/*", "holds no engagement"),
        ("s3://key:secret@firm/2026", "holds a password"),
        ("nowhere://firm", "knows nowhere://"),
    ],
)
def test_addresses_that_cannot_be_used_are_one_sentence(system: Any, root: str, says: str) -> None:
    with pytest.raises(BatchError, match=says) as raised:
        places(root)
    assert "secret" not in str(raised.value)


def test_an_address_of_files_is_a_path_and_without_the_library_one_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engagement(tmp_path, "with space")
    assert [place.where for place in places(f"file://{tmp_path}".replace(" ", "%20"))] == [str(tmp_path / "with space")]
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(BatchError, match=r"pip install 'assessor\[cluster\]'"):
        places("s3://firm/2026")


def test_what_a_run_makes_is_published_once_and_what_people_write_stays(stored: Any, tmp_path: Path) -> None:
    before = content(stored)
    told = perform()
    assert (told.outcome, told.where, told.stages) == (
        "attention",
        f"memory:/{TOP}/a",
        {"intake": "done", "run": "done"},
    )
    assert {path: content(stored)[path] for path in before} == before
    whole(down(stored, tmp_path))
    first = {path: stored.info(path)["created"] for path in stored.find(TOP)}
    assert perform().outcome == "skipped"
    assert {path: stored.info(path)["created"] for path in stored.find(TOP)} == first


def test_evidence_is_not_copied_where_nothing_is_to_be_done(stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    perform()
    copied: list[str] = []
    get = type(stored).get
    monkeypatch.setattr(type(stored), "get", lambda self, paths, *more: copied.extend(paths) or get(self, paths, *more))
    assert perform().outcome == "skipped"
    assert copied and not [path for path in copied if "/evidence/" in path]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x", "b//c", "..", "c/./d", "inbox", "back\\slash", "nul\0"])
def test_an_object_that_would_lead_out_of_the_folder_is_refused(stored: Any, tmp_path: Path, name: str) -> None:
    copy = copies._Copy("s3://firm/a", tmp_path / "copy", stored, f"{TOP}/a")
    copy.objects = {
        each: copies._Object(f"{TOP}/a/engagement.toml", "", None) for each in (name, "inbox/first/screening.csv")
    }
    with pytest.raises(BatchError, match="cannot be a file in its folder"):
        copies._bring(copy, list(copy.objects))
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.is_relative_to(copy.root)]


def test_an_engagement_with_such_an_object_fails_and_says_which(stored: Any) -> None:
    stored.pipe_file(f"{TOP}/a/inbox/a\\b", b"")
    told = perform()
    assert told.outcome == "failed" and "an object named 'inbox/a\\\\b'" in told.message
    assert not stored.exists(f"{TOP}/a/register.jsonl")


def test_what_somebody_writes_meanwhile_is_taken_into_account_and_never_overwritten(
    stored: Any, tmp_path: Path
) -> None:
    times = 0

    def tell(step: str) -> None:
        nonlocal times
        if step == "publishing" and times < 1:
            times += 1
            stored.pipe_file(f"{TOP}/a/prior.json", b"{}")
            stored.pipe_file(f"{TOP}/a/results/results.json", b"mine")

    told = perform(tell=tell)
    assert times == 1 and told.outcome == "attention"
    whole(down(stored, tmp_path))


def test_an_engagement_that_others_keep_writing_to_is_left_as_it_is(stored: Any) -> None:
    def tell(step: str) -> None:
        if step == "publishing":
            stored.pipe_file(f"{TOP}/a/inbox/note.txt", b"again")

    told = perform(tell=tell)
    assert told.outcome == "failed" and "Somebody wrote inbox/note.txt" in told.message
    assert not stored.exists(f"{TOP}/a/run.json") and not [path for path in stored.find(TOP) if "/.batch" in path]


def test_a_batch_that_is_killed_while_it_publishes_leaves_nothing_that_the_next_believes(
    stored: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform()
    stored.pipe_file(f"{TOP}/a/inbox/second/more.csv", b"Screened party,Result\nOther Devices,none\n")
    states = published(stored)
    assert len(states) > 15
    monkeypatch.setattr(turns, "STALE", 0.01)
    monkeypatch.setattr(turns, "_POLL", 0.01)
    for number, state in enumerate(states):
        stored.store.clear()
        stored.store.update(state)
        assert not run.stands(Engagement(down(stored, tmp_path / f"{number} then")), notebooks=False)
        if number % 2 == 0 or number > len(states) - 4:
            assert perform().outcome == "attention"
            whole(down(stored, tmp_path / f"{number} now"), deliveries=2)


def published(system: Any) -> list[dict[str, Any]]:
    """Run a batch; all that the store held before each writing or removing of more than a turn."""
    states = []
    with pytest.MonkeyPatch.context() as patched:
        for name in ("put_file", "pipe_file", "rm_file"):
            original = getattr(type(system), name)

            def noted(self: Any, *where: Any, original: Any = original, **options: Any) -> Any:
                if not any(turns.NAME in str(each) for each in where):
                    states.append(dict(self.store))
                return original(self, *where, **options)

            patched.setattr(type(system), name, noted)
        perform()
    return states[1:]  # before the first of them nothing is other


def test_a_report_that_was_half_published_does_not_pass_for_one_that_somebody_edited(
    stored: Any, tmp_path: Path
) -> None:
    record = {"made_from": "before", "files": {"assessment.docx": "0" * 64}}
    stored.pipe_file(f"{TOP}/a/report/rendered.json", json.dumps(record).encode())
    stored.pipe_file(f"{TOP}/a/report/assessment.docx", b"before")
    copy = copies._Copy(f"memory:/{TOP}/a", tmp_path / "copy", *remote.store(f"memory:/{TOP}/a"))
    copies._fetch(copy)
    for name in ("assessment.docx", "rendered.json"):
        (copy.root / "report" / name).write_text("now")
    seen: list[bool] = []
    put = type(stored).put

    def looking(self: Any, paths: list[str], *more: Any) -> Any:
        seen.append(stored.exists(f"{TOP}/a/report/rendered.json"))
        return put(self, paths, *more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(stored), "put", looking)
        copies._publish(copy, lambda step: None)
    assert seen == [False, False] and stored.cat_file(f"{TOP}/a/report/rendered.json") == b"now"


def test_one_at_a_time_publishes_and_a_turn_that_was_left_is_taken_over(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "STALE", 0.3)
    monkeypatch.setattr(turns, "RENEW", 0.05)
    monkeypatch.setattr(turns, "_POLL", 0.02)
    order: list[str] = []
    with turns.turn(stored, f"{TOP}/a", "there") as first:

        def second() -> None:
            with turns.turn(stored, f"{TOP}/a", "there", lambda: order.append("waits")):
                order.append("second")

        other = threading.Thread(target=second)
        other.start()
        other.join(1)
        assert order and "second" not in order, "a turn that is renewed is not taken"
        first.over.set()  # as where its process was killed
        first.renewing.join()
        other.join(5)
        assert order[-1] == "second"
        assert not first._mine() if stored.exists(first.path) else True
    assert not [path for path in stored.find(TOP) if turns.NAME in path]


def test_who_has_lost_the_turn_writes_no_more(stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "RENEW", 0.02)
    with turns.turn(stored, f"{TOP}/a", "there") as held:
        held.still("there")
        stored.pipe_file(f"{TOP}/a/{turns.NAME}000002", b"{}")
        machines.until(lambda: held.lost)
        with pytest.raises(BatchError, match="another batch took over"):
            held.still("there")


def test_deliveries_on_a_list_may_be_in_a_store_and_are_known_again_by_their_address(
    stored: Any, tmp_path: Path
) -> None:
    stored.pipe_file("/sent/box/parties.csv", b"Screened party,Result\nThird Devices,none\n")
    packages = (Package("memory://sent/box"),)
    assert perform(packages=packages).stages["intake"] == "done"
    assert perform(packages=packages).outcome == "skipped"
    folder = down(stored, tmp_path)
    assert "memory://sent/box" in json.loads((folder / "inbox.json").read_text())["packages"]
    whole(folder, deliveries=2)
    told = perform(packages=(Package("memory://sent/nothing"),))
    assert told.outcome == "failed" and "memory://sent/nothing" in told.message

    local = engagement(tmp_path, "local")
    done = copies.perform(Place("local", str(local), packages), WANTED, lambda step: None)
    assert done.stages["intake"] == "done"
    whole(local, deliveries=2)


def test_a_full_disk_is_told_and_nothing_is_published(stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device", "/tmp/there")

    monkeypatch.setattr(type(stored), "get", full)
    before = content(stored)
    told = perform()
    assert (told.outcome, told.place) == ("failed", "fetching") and told.message.startswith("/tmp/there: No space left")
    assert content(stored) == before


def test_what_is_wrong_in_an_engagement_is_told_with_its_address(stored: Any) -> None:
    stored.pipe_file(f"{TOP}/a/engagement.toml", b"[engagement")
    told = perform()
    assert told.outcome == "failed" and told.message.startswith(f"memory:/{TOP}/a/engagement.toml is not valid TOML")


def test_an_overview_shows_the_same_whether_evidence_was_copied_or_not_and_names_no_folder(stored: Any) -> None:
    wanted = Wanted(until="run", engine="none", received="2026-11-20", overview="0" * 64)
    first, second = perform(wanted), perform(wanted)
    assert second.outcome == "skipped" and first.view == second.view and first.view["lacking"] == []
    stored.pipe_file(f"{TOP}/a/engagement.toml", b"[engagement")
    assert "assessor-engagement-" not in json.dumps(perform(wanted).view)
