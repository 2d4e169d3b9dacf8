"""One page on all engagements of a batch: where each stands, what is open and overdue, what is due when.

The page is one file that works from disk: its style and script stand in it, and its policy (CSP) lets run these two alone, by their
digests, and load nothing. What clients and files are called is text on it, with marks of direction shown, and leads nowhere; links
lead to documents of the engagements, by relative addresses. It holds names of clients beside each other and so is for the firm's own
use; of suppliers it holds counts (`shared`). The same engagements and day give the same bytes: no clock is read.

Nothing is read here but what each engagement's own process told (`view`); no client's folder is opened.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assessor import files
from assessor.batch import remote, shared
from assessor.batch.told import LAST_SAID, OUTCOMES, Told
from assessor.engagement import TERMS
from assessor.errors import BatchError
from assessor.results import Outcome

NAME = "overview.html"
NEAR = 90
"""Days ahead within which a deadline stands among those that come next."""
SHOWN = 2
"""Deadlines in the row of an engagement; all of them stand above."""
WORDS = {"done": "Done", "attention": "Needs attention", "failed": "Failed", "skipped": "Up to date"}
"""How each outcome is called."""
CONCLUSIONS = {
    Outcome.EXCEPTION: "Exception",
    Outcome.INCONCLUSIVE: "Inconclusive",
    Outcome.NOT_TESTED: "Not tested",
    Outcome.CONFORMS: "Conforms",
    Outcome.NOT_APPLICABLE: "Not applicable",
}
_MARK = '<meta name="generator" content="assessor overview">'
_INSIDE = (TERMS, "bagit.txt")


def place(root: str, named: str) -> Path:
    """Where the page is written: where it is `named`, else in the folder `root` that holds the engagements, else here."""
    if named:
        return Path(named)
    folder = Path(root)
    return (folder if folder.is_dir() and not (folder / _INSIDE[0]).is_file() else Path()) / NAME


def free(path: Path) -> None:
    """Raises BatchError where the page cannot or must not be written."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise BatchError(f"The overview {path} is a page; give it a name that ends with .html.")
    folder = path.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise BatchError(
            f"The overview cannot be written to {folder}; name a folder that is there and may be written to."
        )
    for each in (folder.resolve(), *folder.resolve().parents):
        if any((each / name).is_file() for name in _INSIDE):
            raise BatchError(
                f"{path} lies in the engagement {each}, and an overview names other clients; name another place."
            )
    if path.exists() and (path.is_dir() or _MARK not in path.read_text("utf-8", "replace")[:2000]):
        raise BatchError(f"{path} is there already and is no overview of ours; name another place.")


def write(path: Path, as_of: date, found: Sequence[Told]) -> None:
    """Write the page on what was told, whole or not at all. Raises BatchError when it cannot be written."""
    try:
        files.write_text(path, page(found, as_of, path))
    except OSError as error:
        raise BatchError(
            f"The engagements were worked on, and the overview {path} could not be written: {error.strerror or error}."
        ) from error


def page(found: Sequence[Told], as_of: date, path: Path) -> str:
    """The page as it stands at `path`."""
    from jinja2 import Environment, StrictUndefined

    from assessor.ownership.figure.lettering import shown

    folder = Path(__file__).parent
    template, style, script = (
        (folder / f"overview.{kind}").read_text("utf-8").strip() for kind in ("html.j2", "css", "js")
    )
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["text"] = shown
    rows = [_row(told, as_of, path, number) for number, told in enumerate(found, 1)]
    deadlines = sorted(
        ({"row": row, **each} for row in rows for each in row["deadlines"]),
        key=lambda each: (each["date"], each["row"]["number"], each["what"]),
    )
    told = environment.from_string(template).render(
        as_of=as_of,
        rows=rows,
        totals=_totals(rows),
        outcomes=[(name, WORDS[name], sum(row["outcome"] == name for row in rows)) for name in OUTCOMES],
        conclusions=_conclusions(rows),
        passed=[each for each in deadlines if each["days"] < 0],
        near=[each for each in deadlines if 0 <= each["days"] <= NEAR],
        later=[each for each in deadlines if each["days"] > NEAR],
        near_days=NEAR,
        overdue=_overdue(rows),
        shared=shared.sentence(_suppliers(found)),
        policy=f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'",
        mark=_MARK,
        style=style,
        script=script,
    )
    return told.rstrip("\n") + "\n"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _row(told: Told, as_of: date, path: Path, number: int) -> dict[str, Any]:
    """What the page shows of one engagement; a number that nobody could find out is None."""
    view = told.view
    conclusion = view.get("conclusion", "")
    requests = view.get("requests")
    overdue = [
        {**each, "days": (as_of - date.fromisoformat(each["due"])).days}
        for each in requests or ()
        if each["due"] and date.fromisoformat(each["due"]) < as_of
    ]
    deadlines = _deadlines(view, as_of)
    return {
        "number": number,
        "name": told.name,
        "id": told.id or told.name,
        "client": told.client,
        "outcome": told.outcome,
        "words": WORDS[told.outcome],
        "failed_at": told.place,
        "message": view["message"]
        if view
        else told.message.partition(LAST_SAID)[0],  # nobody knows what those words name
        "stage": view.get("stage", ""),
        "stale": view.get("stale", []),
        "kept": told.stages.get("report") == "kept",
        "waiting": view.get("waiting", 0),
        "conclusion": conclusion,
        "concluded": CONCLUSIONS.get(conclusion, "None yet" if "conclusion" in view else "Not known"),
        "parts": [(name, words, view.get("conclusions", {}).get(name, 0)) for name, words in CONCLUSIONS.items()],
        **{name: view.get(name) for name in ("exceptions", "questions", "judgements", "unsigned", "workpapers")},
        "requests": None if requests is None else len(requests),
        "overdue": overdue,
        "deadlines": deadlines,
        "next": [each for each in deadlines if each["days"] >= 0][:SHOWN],
        "passed": sum(each["days"] < 0 for each in deadlines),
        "files": [{**each, "href": _address(told.where, each["place"], path)} for each in view.get("files", ())],
        "lacking": view.get("lacking", []) if view else ["everything"],
    }


def _deadlines(view: dict[str, Any], as_of: date) -> list[dict[str, Any]]:
    """The deadlines to come, and those that have passed since the report, which could not say whether they were kept."""
    if not view.get("dated"):
        return []
    since = min(date.fromisoformat(view["dated"]), as_of)
    listed = [(date.fromisoformat(each["date"]), each) for each in view.get("deadlines", ())]
    return [{**each, "days": (day - as_of) // timedelta(days=1)} for day, each in listed if day >= since]


def _address(where: str, place: str, path: Path) -> str:
    """The address of a document as seen from the page; empty where it has none that a browser could open from disk."""
    if remote.is_address(where):
        return ""
    target = Path(os.path.abspath(where)) / place  # noqa: PTH100 (a browser takes `..` away in the same way, without asking about links)
    try:
        told = os.path.relpath(target, os.path.abspath(path.parent))  # noqa: PTH100
    except ValueError:  # another drive
        return target.as_uri()
    return quote(os.fsencode(Path(told).as_posix()))


def _overdue(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The overdue requests of each engagement and day, the oldest first."""
    groups: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        for each in row["overdue"]:
            started = {"row": row, "due": each["due"], "days": each["days"], "ids": []}
            groups.setdefault((each["due"], row["number"]), started)["ids"].append(each["id"])
    return [groups[key] for key in sorted(groups)]


def _totals(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    rows = list(rows)
    told = {
        name: sum(row[name] or 0 for row in rows)
        for name in ("exceptions", "questions", "judgements", "requests", "unsigned")
    }
    return told | {
        "engagements": len(rows),
        "clients": len({_client(row["client"] or row["id"]) for row in rows}),
        "overdue": sum(len(row["overdue"]) for row in rows),
        "late": sum(bool(row["overdue"]) for row in rows),
        "unknown": sum(bool(row["lacking"]) for row in rows),
    }


def _conclusions(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many engagements, and how many procedures of them all, came to each conclusion; and to none."""
    engagements = Counter(row["conclusion"] for row in rows)
    procedures: Counter[str] = Counter()
    for row in rows:
        procedures.update({name: count for name, _, count in row["parts"]})
    most = max([*engagements.values(), 1])
    told = [(str(name), words) for name, words in CONCLUSIONS.items()] + [("", "None yet, or not known")]
    return [
        {
            "name": name,
            "words": words,
            "engagements": engagements[name],
            "procedures": procedures[name],
            "share": round(100 * engagements[name] / most),
        }
        for name, words in told
    ]


def _suppliers(found: Iterable[Told]) -> dict[str, list[list[str]]]:
    """The hashes of suppliers by client. An engagement whose client is not known could be one of another's, and is left out."""
    by_client: dict[str, list[list[str]]] = {}
    for told in found:
        if told.client:
            by_client.setdefault(_client(told.client), []).extend(told.view.get("suppliers", ()))
    return by_client


def _client(name: str) -> str:
    """A client's name, levelled in spelling, so that its engagements of several years count as one client's."""
    from assessor.ownership.spelling import normalise

    return normalise(name) or name
