"""A batch from its list of engagements to what it tells at its end."""

from __future__ import annotations

import dataclasses
import os
import secrets
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from assessor.batch.listing import Place, places
from assessor.batch.told import OUTCOMES, Told, Wanted
from assessor.errors import BatchError


class Progress(Protocol):
    """What the one who waits hears."""

    def begun(self, listed: list[Place]) -> None:
        """Which engagements there are."""

    def step(self, place: Place, step: str) -> None:
        """An engagement has come so far."""

    def ended(self, told: Told) -> None:
        """An engagement has come out."""

    def waited(self) -> None:
        """Nothing happened for a moment."""


def batch(
    root: str,
    wanted: Wanted | None = None,
    *,
    workers: int = 0,
    timeout: float = 3600,
    retries: int = 1,
    overview: tuple[Path, date] | None = None,
    cluster: str = "",
    progress: Progress,
) -> dict[str, Any]:
    """Bring the engagements at `root` (as of `listing.places`) up to date.

    `{"ok", "problems", "engagements", "counts", "seconds"}`: `engagements` are rows of `Told`, sorted by name, `problems` those that
    failed or need a person; `ok` is True when there is none. `workers` processes work at once (as many as there are processors when
    0), or as many as the Dask cluster at the address `cluster` has workers. `overview` is a page to be written at the end
    (`overview.write`) and its day; its place is then told under "overview". Raises BatchError when there is nothing to work on, the
    template cannot be read, the page cannot be written, or the cluster cannot do the work or goes away.
    """
    from assessor.batch import overview as overviews

    wanted = wanted or Wanted()
    started = time.monotonic()
    if wanted.template and not Path(wanted.template).is_file():
        raise BatchError(f"There is no template {wanted.template}; name a Word file.")
    if wanted.pdf and not cluster and not _has_office():
        raise BatchError("PDF/A needs LibreOffice, which is not installed here; install it, or leave out --pdf.")
    listed = places(root)
    if overview:
        overviews.free(overview[0])
        wanted = dataclasses.replace(wanted, overview=secrets.token_hex(32))
    progress.begun(listed)
    found: list[Told] = []
    ended = (
        _clustered(listed, wanted, cluster, timeout, retries, progress)
        if cluster
        else _local(listed, wanted, workers, timeout, retries, progress)
    )
    for told in ended:
        if told is None:
            progress.waited()
        else:
            found.append(told)
            progress.ended(told)
    found.sort(key=lambda told: told.name)
    told = summary(found, time.monotonic() - started)
    if overview:
        overviews.write(*overview, found)
        told["overview"] = str(overview[0])
    return told


def _has_office() -> bool:
    from assessor.reporting import office  # with all that renders, which the one who waits needs for nothing else

    return bool(office.available())


def _local(listed: list[Place], wanted: Wanted, workers: int, timeout: float, retries: int, progress: Progress) -> Any:
    from assessor.batch import processes

    count = workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    return processes.each(
        listed, wanted, workers=min(count, len(listed)), timeout=timeout, retries=retries, watch=progress.step
    )


def _clustered(
    listed: list[Place], wanted: Wanted, address: str, timeout: float, retries: int, progress: Progress
) -> Any:
    from assessor.batch import cluster

    return cluster.each(listed, wanted, address=address, timeout=timeout, retries=retries, watch=progress.step)


def summary(found: list[Told], seconds: float) -> dict[str, Any]:
    """What a batch tells at its end."""
    problems = [
        {
            "code": told.outcome if told.outcome == "failed" else "attention",
            "place": _where(told),
            "message": told.message,
        }
        for told in found
        if told.message
    ]
    counted = Counter(told.outcome for told in found)
    return {
        "ok": not problems,
        "problems": problems,
        "engagements": [_shown(told) for told in found],
        "counts": {name: counted.get(name, 0) for name in OUTCOMES},
        "seconds": round(seconds, 2),
    }


def _shown(told: Told) -> dict[str, Any]:
    """A row without what only an overview may show."""
    row = dataclasses.asdict(dataclasses.replace(told, view={}))
    del row["view"]
    return row


def _where(told: Told) -> str:
    return f"{told.name}, {told.place}" if told.place else told.name
