"""A batch on a Dask cluster: each engagement is a task, which works on it in a process of its own as on this machine (`processes`).

Dask gives the task of a worker that died to another one, and gives up after some (`distributed.scheduler.allowed-failures`), so that an
engagement which kills whoever works on it ends as a failure; it blames whatever the worker held, so that we ask once more, for one at
a time. So an engagement may be begun twice, and what is published must bear that (`copies`,
the locks of `run`). A worker without a nanny stays dead, and its tasks would wait for ever: such a cluster is refused.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import assessor
from assessor import files
from assessor.batch import processes, remote
from assessor.batch.listing import Place
from assessor.batch.told import Told, Wanted
from assessor.errors import BatchError
from assessor.text import visible

_TICK = 0.25
_CONNECT = 10
"""Seconds in which a scheduler has to answer."""
_WITHOUT = 60.0
"""Seconds without any worker after which a cluster is given up: nannies start theirs anew in a few."""
_LOOK = 5.0
_TOPIC = "assessor-batch"
_MARK = ".assessor-"
_LOGGERS = (
    "distributed",
    "distributed.client",
    "distributed.comm",
    "distributed.core",
    "distributed.batched",
    "tornado",
    "asyncio",
)


def each(
    places: Sequence[Place],
    wanted: Wanted,
    *,
    address: str,
    timeout: float,
    retries: int,
    watch: processes.Watch = lambda place, step: None,
) -> Iterator[Told | None]:
    """As `processes.each`, by the workers of the cluster at `address`.

    Raises BatchError, before anything is begun, when the cluster cannot be reached, its workers have no nanny, are not alike, have
    another assessor than this or do not see the folders; and later when it goes away: what has ended by then is kept.
    """
    distributed = _library()
    with _quietly(), _client(distributed, address) as client:
        like = _fit(client, address, places, wanted)
        yield from _ended(distributed, client, address, places, wanted, like, timeout, retries, watch)


def _library() -> Any:
    try:
        import distributed
    except ImportError:
        raise BatchError(
            "A cluster needs Dask, which is not installed here; install it with `pip install 'assessor[cluster]'`."
        ) from None
    return distributed


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what the library prints about connections: it is told in a sentence."""
    before = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _client(distributed: Any, address: str) -> Iterator[Any]:
    client = distributed.Client.__new__(
        distributed.Client
    )  # in hand also where it cannot connect: it has to be closed then too
    try:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # other versions of libraries; assessor's own is compared
                client.__init__(address, timeout=_CONNECT, set_as_default=False, name=_TOPIC)
        except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
            raise BatchError(
                f"The cluster at {address} cannot be reached ({_words(error)}); start its scheduler, give its address as tcp://host:8786, or, for tls://, name the certificates in Dask's configuration."
            ) from None
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=2)
        with suppress(Exception):
            client.status = "closed"  # else it tries again when Python ends, and waits


def _words(error: BaseException) -> str:
    return visible(" ".join(str(error).split()))[:200].rstrip(" .") or type(error).__name__


def _fit(client: Any, address: str, places: Sequence[Place], wanted: Wanted) -> dict[str, Any]:
    """Ask all workers what they are; what each of them answers. Raises BatchError when they cannot do the work."""
    with _shown(places) as seen:
        answers = _answers(client, address, greet, seen)
    if not answers:
        raise BatchError(f"The cluster at {address} has no worker; start some, as the README says.")
    for worker, told in answers:
        if not told["nanny"]:
            raise BatchError(
                f"The worker at {worker} has no nanny, so that work which kills it would wait for ever; start it with `dask worker --nanny`."
            )
        if told["unseen"]:
            raise BatchError(
                f"The worker at {worker} does not see {told['unseen'][0]} as it is here; use a folder that all machines share, or object storage."
            )
    from assessor.assessment import toolkit_digest

    answers = _answers(client, address, about)
    for worker, told in answers:
        if (told["version"], told["toolkit"]) != (assessor.__version__, toolkit_digest()):
            same = " with other code" if told["version"] == assessor.__version__ else ""
            raise BatchError(
                f"The worker at {worker} has assessor {told['version']}{same}, and here is {assessor.__version__}; install the same on all machines."
            )
        first, like = answers[0]
        for name, what in (
            ("added", "procedures and readers of the firm"),
            ("office", "LibreOffice, which counts pages"),
        ):
            if told[name] != like[name]:
                raise BatchError(
                    f"The workers at {first} and {worker} differ in {what}, so that results would depend on chance; install the same on all machines."
                )
        if wanted.pdf and not told["office"]:
            raise BatchError(
                f"PDF/A needs LibreOffice, which the worker at {worker} lacks; install it there, or leave out --pdf."
            )
    return answers[0][1]


def _answers(client: Any, address: str, question: Any, *more: Any) -> list[tuple[str, dict[str, Any]]]:
    """What each worker answers, by the order of their addresses."""
    try:
        answers = client.run(question, *more, on_error="return")
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise BatchError(
            f"The cluster at {address} gives no answer ({_words(error)}); look at its scheduler."
        ) from None
    for worker, told in sorted(answers.items()):
        if not isinstance(told, dict):
            raise BatchError(
                f"The worker at {worker} has no assessor of this version ({_words(told)}); install assessor {assessor.__version__} there."
            )
    return sorted(answers.items())


@contextmanager
def _shown(places: Sequence[Place]) -> Iterator[list[str]]:
    """Paths that every worker must see: a file that is there for the moment, which no copy of the folder elsewhere holds, and what
    else is on the list."""
    local = [place.where for place in places if not remote.is_address(place.where)]
    packages = [package.where for place in places for package in place.packages]
    seen = [str(Path(path).absolute()) for path in (*local, *packages) if not remote.is_address(str(path))]
    if not local:
        yield seen
        return
    mark = Path(local[0]).absolute() / f"{_MARK}{uuid.uuid4().hex}"
    mark.touch()
    try:
        yield [*seen, str(mark)]
    finally:
        mark.unlink(missing_ok=True)


def greet(seen: list[str], dask_worker: Any = None) -> dict[str, Any]:
    """On a worker: whether it has a nanny, and which of the paths `seen` it does not see."""
    unseen = [path for path in seen if not Path(path).exists()]
    shown = [str(Path(path).parent) if Path(path).name.startswith(_MARK) else path for path in unseen]
    return {"nanny": bool(dask_worker.nanny), "unseen": shown}


async def about() -> dict[str, Any]:
    """On a worker: which assessor it has, and what else results depend on."""
    import asyncio

    return await asyncio.to_thread(_asked)


@cache
def _asked() -> dict[str, Any]:
    process, pipe = processes.begin(_answer)
    try:
        return dict(json.loads(pipe.recv_bytes()))
    except EOFError:
        raise BatchError("no process for engagements can begin there") from None
    finally:
        pipe.close()
        process.join()


def _answer(pipe: Connection) -> None:
    """In a process as for an engagement, whose parent holds the code already: which code it is."""
    from importlib.metadata import entry_points

    from assessor.assessment import toolkit_digest
    from assessor.reporting import office

    points = [point for group in ("assessor.procedures", "assessor.readers") for point in entry_points(group=group)]
    added = sorted([point.group, point.name, point.value, point.dist.version if point.dist else ""] for point in points)
    told = {
        "version": assessor.__version__,
        "toolkit": toolkit_digest(),
        "added": added,
        "office": bool(office.available()),
    }
    pipe.send_bytes(json.dumps(told).encode())


def _ended(
    distributed: Any,
    client: Any,
    address: str,
    places: Sequence[Place],
    wanted: Wanted,
    like: dict[str, Any],
    timeout: float,
    retries: int,
    watch: processes.Watch,
) -> Iterator[Told | None]:
    token = uuid.uuid4().hex
    topic = f"{_TOPIC}-{token}"
    heard: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    client.subscribe_topic(topic, lambda event: heard.put(("step", event[1])))
    template = Path(wanted.template).read_bytes() if wanted.template else b""
    # the day is that of whoever asks, also where a worker is on the other side of the world
    wanted = dataclasses.replace(wanted, received=wanted.received or date.today().isoformat())  # noqa: DTZ011
    waiting: dict[int, Any] = {}

    def submit(number: int, time: str) -> None:
        asked = processes.asking(_absolute(places[number]), wanted)
        arguments = (asked, template, like, timeout, retries, topic, number)
        waiting[number] = client.submit(work_on, *arguments, key=(f"{topic}-{time}", number), pure=False, retries=0)
        waiting[number].add_done_callback(lambda future: heard.put(("ended", number)))

    for number in range(len(places)):
        submit(number, "first")
    beside: list[int] = []  # those whose workers died
    alone = -1
    count = 0
    looked = seen = time.monotonic()
    try:
        while waiting or beside:
            if not waiting:
                alone = beside.pop()
                submit(alone, "alone")
            try:
                kind, what = heard.get(timeout=_TICK)
            except Empty:
                now = time.monotonic()
                if now - looked > _LOOK:
                    looked = now
                    seen = now if _workers(client) else seen
                    if now - seen > _WITHOUT:
                        raise BatchError(_gone(address, "has no worker any more", count, len(places))) from None
                if client.status != "running":
                    raise BatchError(_gone(address, "went away", count, len(places))) from None
                yield None
                continue
            if kind == "step":
                watch(places[what["number"]], str(what["step"]))
            elif what in waiting:
                future = waiting.pop(what)
                if future.status in ("cancelled", "lost"):
                    raise BatchError(_gone(address, "went away", count, len(places)))
                killed = future.status == "error" and isinstance(future.exception(), distributed.KilledWorker)
                if killed and what != alone:
                    beside.append(what)  # Dask blames all that a worker held when it died; alone it shows who it was
                else:
                    count += 1
                    yield _told(places[what], future, killed)
    finally:
        with suppress(Exception):
            if waiting and client.status == "running":
                client.cancel(list(waiting.values()))


def _gone(address: str, what: str, count: int, total: int) -> str:
    return f"The cluster at {address} {what} when {count} of {total} engagements had ended; these are kept, and the same command goes on with the others."


def _workers(client: Any) -> bool:
    """Whether there is any worker, as far as the scheduler answers."""
    try:
        return bool(client.nthreads())
    except Exception:
        return True  # a scheduler that is gone is told by the client's status


def _absolute(place: Place) -> Place:
    """A place as a process in another folder finds it."""

    def whole(where: str) -> str:
        return where if remote.is_address(where) else str(Path(where).absolute())

    packages = tuple(dataclasses.replace(package, where=whole(package.where)) for package in place.packages)
    return dataclasses.replace(place, where=whole(place.where), packages=packages)


def _told(place: Place, future: Any, killed: bool) -> Told:
    """How an engagement came out, as it would be told here."""
    if future.status == "finished":
        told = Told(**future.result())
        told.reword(_absolute(place).where, place.where)
        told.where = place.where
        return told
    error = future.exception()
    if killed:
        message = "Every worker that worked on it died, also when it was given nothing else; what they last did stands in their logs."
    else:
        message = f"Its worker could not begin it ({type(error).__name__}: {_words(error)})."
    return Told(place.name, place.where, "failed", place="cluster", message=message)


def work_on(
    asked: str, template: bytes, like: dict[str, Any], timeout: float, retries: int, topic: str, number: int
) -> dict[str, Any]:
    """On a worker: work on one engagement in a process of its own; the fields of Told. Raises BatchError where the worker is not `like`
    those that were asked, having come later."""
    from distributed import get_worker

    if _asked() != like:
        raise BatchError("it came later, and has another assessor or other additions than the workers before it")
    place, wanted = processes.asked(asked)
    worker = get_worker()

    def watch(_: Place, step: str) -> None:
        with suppress(Exception):  # whoever asked may have gone
            worker.log_event(topic, {"number": number, "step": step})

    with _template(wanted, template) as at_hand:
        for found in processes.each([place], at_hand, workers=1, timeout=timeout, retries=retries, watch=watch):
            if found is not None:
                return dataclasses.asdict(found)
    raise BatchError("The engagement did not end.")


@contextmanager
def _template(wanted: Wanted, content: bytes) -> Iterator[Wanted]:
    """What is wanted, with the template as a file of this machine."""
    if not wanted.template:
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="assessor-template-") as folder:
        path = Path(folder) / Path(wanted.template).name
        files.write_bytes(path, content)
        yield dataclasses.replace(wanted, template=str(path))
