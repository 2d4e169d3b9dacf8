"""The terms of a new engagement, carried from an earlier one's engagement.toml, with what has to be confirmed named in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import tomlkit

from assessor import rule
from assessor.engagement import Engagement, Terms
from assessor.errors import EngagementError
from assessor.prior.period import day, next_period

CONFIRM = {
    "id": "It was proposed.",
    "period": "It was proposed: from the day after the earlier period, for as long as that one lasted.",
    "dated": "It was proposed: as long after the end of the period as the earlier report.",
    "rule_version": "It is the version of the text that the toolkit holds now; the earlier engagement had another.",
    "exclusions": "What was left out then may belong to the scope now.",
    "firm": "Owners, seats and certifications may have changed (§791.315(b)(1)).",
    "team": "Members, their qualifications, citizenship and residence may have changed (§791.315(b)).",
    "independence": "Fee, other services, interests and statement are given anew for each engagement (§791.315(b)(2)).",
    "authorizations": "Versions, dates and conditions are those in force for the earlier period (§§791.306, 791.307).",
    "report": "What is claimed as confidential is claimed anew (§791.314(b)).",
}
"""What a person confirms before a report is issued, and why: the entries of `to_confirm`."""

_CARRIED = ("client", "basis", "addressee", "purpose", "exclusions")
"""Keys of [engagement] that are carried; all others belong to the year of the work."""
_PARTS = {
    "client": dict,
    "firm": dict,
    "team": list,
    "independence": dict,
    "items": list,
    "criteria": dict,
    "authorizations": list,
    "aliases": list,
    "report": dict,
}
"""Parts beside [engagement] that are carried, in the order of the file: a table, or a list of tables."""
_ITEM = re.compile(r"E-\d+")


def carried_terms(
    prior: Engagement,
    *,
    id: str | None = None,
    dated: date | None = None,
    begin: date | None = None,
    end: date | None = None,
) -> tuple[str, tuple[str, ...]]:
    """The text of the new engagement.toml, and the parts and keys of the earlier one that are not in it, sorted.

    Values are those of the earlier file; its comments are not carried, since they may tell of its conclusions. Raises
    EngagementError for an id that is the earlier one's, or when the calendar does not reach to the next period.
    """
    terms = prior.terms()
    told = tomllib.loads(prior.terms_file.read_bytes().decode("utf-8"))
    proposed = _proposed(terms, id, dated, begin, end)
    if proposed["id"] == terms.id:
        raise EngagementError(
            f"`{terms.id}` is the id of the earlier engagement; give the new one another with --id, since its samples follow from it."
        )
    parts = {name: told[name] for name, kind in _PARTS.items() if told.get(name) and isinstance(told[name], kind)}
    left_out = [name for name in told if name not in parts and name != "engagement"]
    left_out += [f"engagement.{key}" for key in told["engagement"] if key not in (*_CARRIED, *proposed)]
    if "sample_seed" in parts.get("criteria", {}):  # whoever knows it beforehand knows which items will be drawn
        parts["criteria"] = {key: value for key, value in parts["criteria"].items() if key != "sample_seed"}
        left_out.append("criteria.sample_seed")
    if "report" in parts:
        parts["report"], numbered = _without_numbers(parts["report"])
        left_out += [f"report.confidential_evidence {entry}" for entry in numbered]
    given = {"id": id, "period": begin and end, "dated": dated}
    waiting = [key for key, value in given.items() if not value]
    waiting += ["rule_version"] if proposed["rule_version"] != terms.rule_version else []
    waiting += [key for key in CONFIRM if key in parts or (key == "exclusions" and told["engagement"].get(key))]
    carried = {key: told["engagement"][key] for key in _CARRIED if key in told["engagement"]}
    engagement = {**proposed, "version": "0.1 draft", **carried, "limitations": [], "to_confirm": waiting}

    comments = (
        "The terms of the engagement; every key is described in assessor/engagement.py.",
        f"Carried from the engagement {terms.id} ({day(terms.period_from)} to {day(terms.period_to)}): "
        f"{', '.join([*(f'engagement.{key}' for key in carried), *parts])}.",
        f"Not carried, as part of that year's work: {', '.join(sorted(left_out)) or 'nothing else was there'}.",
        "What [engagement] lists in to_confirm holds for that year, or was proposed: confirm or correct each, then take it out.",
    )
    document = tomlkit.document()
    for text in comments:
        document.add(tomlkit.comment(_line(text)))
    for name, content in {"engagement": engagement, **parts}.items():
        comment = f"To be confirmed. {CONFIRM[name]}" if name in waiting else ""
        document.add(name, _table(content, comment) if isinstance(content, dict) else _tables(content, comment))
    return tomlkit.dumps(document), tuple(sorted(left_out))


def _without_numbers(report: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """[report] without ids among `confidential_evidence`, and these: the register numbers anew, so that they would name other files."""
    listed = report.get("confidential_evidence")
    numbered = [each for each in listed if _ITEM.fullmatch(str(each))] if isinstance(listed, list) else []
    if not isinstance(listed, list) or not numbered:
        return report, []
    return {**report, "confidential_evidence": [each for each in listed if each not in numbered]}, numbered


def _proposed(terms: Terms, id: str | None, dated: date | None, begin: date | None, end: date | None) -> dict[str, Any]:
    """What is new in [engagement], as given or else proposed."""
    earlier_begin, earlier_end = day(terms.period_from), day(terms.period_to)
    try:
        start, last = next_period(earlier_begin, earlier_end, begin)
        last = end or last
        signed = dated or last + (day(terms.dated) - earlier_end)
    except OverflowError:
        raise EngagementError(
            f"The period after {earlier_begin} to {earlier_end} ends beyond the calendar; mend these days in the earlier terms."
        ) from None
    period = {"from": start, "to": last}
    years = ((earlier_end.year, last.year), (day(terms.dated).year, signed.year))
    return {
        "id": id or _next_id(terms.id, years),
        "dated": signed,
        "period": period,
        "rule_version": rule.load().version,
    }


def _next_id(earlier: str, years: Sequence[tuple[int, int]]) -> str:
    """The id with its year moved on, or with the new year behind it; never the earlier one."""
    for old, new in years:
        moved = re.sub(rf"(?<!\d){old}(?!\d)", str(new), earlier)
        if moved != earlier:
            return moved
    return f"{earlier}-{years[0][1]}"


def _line(text: str) -> str:
    """A text within a comment, which ends with its line and holds no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _tables(entries: list[dict[str, Any]], comment: str) -> Any:
    listed = tomlkit.aot()
    for number, entry in enumerate(entries):
        listed.append(_table(entry, "" if number else comment))
    return listed


def _table(content: Mapping[str, Any], comment: str = "") -> Any:
    table = tomlkit.table()
    if comment:
        table.add(tomlkit.comment(comment))
    for key, value in content.items():
        table.add(key, _value(value, spread=True))
    return table


def _value(value: Any, *, spread: bool = False) -> Any:
    """A value for tomlkit: tables within stay inline, and a list of several texts or tables takes a line for each."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table.append(key, _value(inner))
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for inner in value:
            array.append(_value(inner))
        return array.multiline(spread and (len(value) > 1 or any(isinstance(inner, dict) for inner in value)))
    return tomlkit.item(value)
