"""Suppositions about days, the firm's criteria, the rule's data, authorizations, declarations, judgements and any other fact."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor import rule as rules
from assessor.engagement import wrong_samples
from assessor.errors import RuleError
from assessor.evidence.tables import DATE, FLAG, SCHEMAS, TEXT, WHOLE
from assessor.results import Question
from assessor.supposing.known import Entities, NotKnown, one_of
from assessor.supposing.vocabulary import Supposition, did_you_mean, told
from assessor.supposing.world import SupposedRule, Told, World, places

_NOT_FROM_FACTS = {
    "voting_majority": "who controls whom is worked out with the rule's own majority",
}
"""Constants that reach results by another way than through the facts."""
_IN_WORDS = {date: "a date", int: "a whole number", Decimal: "a number", str: "a text"}


def days(world: World, s: Supposition) -> None:
    """Another date of the report, or another period."""
    t, said = world.terms, s.told
    made = dataclasses.replace(t, **said)
    if made.period_from > made.period_to:
        world.wrong(s, f"the period would end on {made.period_to}, before it begins on {made.period_from}.")
        return
    period = {**t.engagement.get("period", {}), "from": made.period_from, "to": made.period_to}
    world.terms = dataclasses.replace(made, engagement={**t.engagement, "dated": made.dated, "period": period})
    names = {
        "dated": "date of the report",
        "period_from": "first day of the period",
        "period_to": "last day of the period",
    }
    for key, day in said.items():
        world.told.append(Told(s.place, f"The {names[key]} is {day}; before: {getattr(t, key)}.", ("TERMS",)))


def criteria(world: World, s: Supposition) -> None:
    """Other criteria of the firm."""
    said = dict(s.told)
    if share := said.get("dominant_minority"):
        if share.min != share.max or share.min is None:
            world.wrong(s, "`dominant_minority` needs one exact share.")
            return
        said["dominant_minority"] = share.min
    if wrong := wrong_samples({**world.terms.criteria, **said}):
        world.wrong(s, f"[criteria] {wrong}")
        return
    for key, value in said.items():
        before = world.terms.criteria.get(key, "not stated")
        world.told.append(Told(s.place, f"The criterion {key} is {told(value)}; before: {told(before)}.", ("TERMS",)))
    world.terms = dataclasses.replace(world.terms, criteria={**world.terms.criteria, **said})


def of_the_rule(world: World, s: Supposition) -> None:
    """Another version of the rule's text, or another value of its data."""
    said, why = s.told, s.told["because"].rstrip(".")
    if version := said.get("version"):
        one_of(version, rules.load().data("versions"), "version of the rule's text")
        world.rule = rules.load(version)
        world.told.append(
            Told(s.place, f"The rule as its text stood on {version} ({why}); before: {world.terms.rule_version}.")
        )
        world.terms = dataclasses.replace(world.terms, rule_version=version)
        return
    if name := said.get("constant"):
        entry = world.rule.data("constants").get(one_of(name, world.rule.data("constants"), "constant of the rule"))
        if name in _NOT_FROM_FACTS:
            raise NotKnown(f"`{name}` cannot be supposed: {_NOT_FROM_FACTS[name]}.")
        before, value = world.rule.constant(name), said["value"]
        if type(value) is not type(before):
            raise NotKnown(f"`value` needs {_IN_WORDS[type(before)]}, as {before} is, not {told(value)}.")
        where = world.rule.constant_source(name)
        world.rule = _with(world, name, entry, {"decimal": str(value)} if isinstance(value, Decimal) else value, why)
        words = f"{name} is hypothetically {value} ({why}); in force: {before} ({where})."
        world.told.append(Told(s.place, words))
        return
    data = world.rule.data("countries")
    name = one_of(said["countries"], data["sets"], "set of countries")
    value = said["value"]
    wrong = [code for code in value if code not in data["countries"]] if isinstance(value, list) else ["no list"]
    if wrong or not value:
        raise NotKnown(f"`value` needs a list of alpha-2 codes; {told(wrong[0] if wrong else value)} is none.")
    sets = {**data["sets"], name: _line(data["sets"][name], sorted(set(value)), why)}
    before = sorted(world.rule.countries(name, world.terms.period_to))
    world.rule = SupposedRule(world.rule, {**getattr(world.rule, "other", {}), "countries": {**data, "sets": sets}})
    words = f"The countries {name} (§{data['sets'][name]['clause']}) are hypothetically {', '.join(sorted(set(value)))} ({why}); in force: {', '.join(before)}."
    world.told.append(Told(s.place, words))


def _with(world: World, name: str, entry: Mapping[str, Any], value: Any, why: str) -> SupposedRule:
    constants = {**world.rule.data("constants"), name: _line(entry, value, why)}
    return SupposedRule(world.rule, {**getattr(world.rule, "other", {}), "constants": constants})


def _line(entry: Mapping[str, Any], value: Any, why: str) -> dict[str, Any]:
    """An entry of dated data with a hypothetical value, which counts on every day on which there was one."""
    since = entry["values"][0]["since"]
    return {**entry, "values": [{"since": since, "value": value, "source": f"hypothetical: {why}"}]}


def authorization(world: World, s: Supposition) -> None:
    """An authorization with other days, or none (§§791.306, 791.307)."""
    _numbered(world, s, "authorizations", "authorization", "authorization")


def declaration(world: World, s: Supposition) -> None:
    """A declaration submitted on another day, or not at all (§791.305)."""
    _numbered(world, s, "declarations", "declaration", "declaration")


def _numbered(world: World, s: Supposition, table: str, column: str, what: str) -> None:
    t = world.tables[table]
    number = one_of(s.told["number"], t[column].dropna(), what)
    chosen = t[column].eq(number).fillna(False)
    where = places(t[chosen])
    if s.told.get("withdrawn"):
        world.drop(table, chosen)
        if table == "authorizations":
            conditions = world.tables["authorization_conditions"]["authorization"].eq(number)
            world.drop("authorization_conditions", conditions)
            kept = [each for each in world.terms.authorizations if each["number"] != number]
            world.terms = dataclasses.replace(world.terms, authorizations=kept)
        world.told.append(Told(s.place, f"There is no {what} {number}.", where))
        return
    said = {key: value for key, value in s.told.items() if key in t}
    before = {key: "; ".join(sorted({str(v) for v in t.loc[chosen, key].dropna()})) or "not stated" for key in said}
    world.change(table, chosen, said, s.place)
    world.told.append(
        Told(
            s.place,
            f"{number}: " + ", ".join(f"{key} {value} (before: {before[key]})" for key, value in said.items()) + ".",
            where,
        )
    )


def answer(world: World, s: Supposition, known: Entities, asked: list[Question]) -> None:
    """A judgement answered so. Whether it is asked at all under what is supposed shows when the procedures have run."""
    try:
        world.rule.question(s.told["question"])
    except RuleError:
        raise NotKnown(
            f"there is no question {told(s.told['question'])}{did_you_mean(s.told['question'], world.rule.questions)}."
        ) from None
    of_it = {q.subject: q for q in asked if q.id == s.told["question"]}
    subject, value = s.told["subject"], s.told["answer"]
    if subject not in of_it and known.known(subject) and (by_id := known.find(subject)) in of_it:
        subject = by_id
    before = of_it.get(subject)
    world.answers[s.told["question"], subject] = (value, s.place)
    was = f"{before.state}{f', {before.answer}' if before.answer else ''}" if before else "not asked"
    if before is not None:
        _allowed(before, value)
    world.told.append(Told(s.place, f"{s.told['question']} about {subject} is answered {told(value)}; before: {was}."))


def _allowed(question: Question, value: str) -> None:
    if question.answers and value not in question.answers:
        raise NotKnown(f"{told(value)} is no answer to {question.key}; use one of {', '.join(question.answers)}.")


def unasked(world: World, s: Supposition, before: list[Question], after: list[Question]) -> None:
    """Say that a supposed answer is to nothing that is asked; an error where nothing ever asked it."""
    subject = next((key[1] for key, (_, place) in world.answers.items() if place == s.place), s.told["subject"])
    now = {q.subject: q for q in after if q.id == s.told["question"]}
    was = {q.subject: q for q in before if q.id == s.told["question"]}
    if subject in now:
        try:
            _allowed(now[subject], s.told["answer"])
        except NotKnown as error:
            world.wrong(s, str(error))
    elif subject in was:
        world.notes.append(
            f"{s.place}: {s.told['question']} about {subject} is not asked any more under what is supposed; nothing follows from that answer."
        )
    else:
        there = sorted({*now, *was})
        near = did_you_mean(subject, there) or (
            f"; it is asked about {', '.join(there[:6])}" if there else "; it is asked about nobody"
        )
        world.wrong(s, f"{s.told['question']} is not asked about {told(subject)}{near}.")


def fact(world: World, s: Supposition) -> None:
    """Any other fact of the tables: a row added, rows changed or taken away."""
    table = s.told["table"]
    t, columns = world.tables[table], SCHEMAS[table]
    if "add" in s.told:
        row = _fitting_all(table, s.told["add"])
        world.add(table, [row], s.place)
        world.told.append(Told(s.place, f"A row of {table}: {_listed(row)}."))
        return
    where = _fitting_all(table, s.told["where"])
    chosen = pd.Series(True, index=t.index)
    for key, value in where.items():
        before, chosen = chosen, chosen & t[key].eq(value).fillna(False).astype(bool)
        if not chosen.any():
            there = t.loc[before, key].dropna().astype(str)
            near = did_you_mean(value, there) or f"; there are {', '.join(sorted(set(there))[:6]) or 'none'}"
            raise NotKnown(f"no row of {table} has {_listed(where)}{near}.")
    count = int(chosen.sum())
    rows = f"{count} row{'s' if count > 1 else ''} of {table} with {_listed(where)}"
    if s.told.get("removed"):
        world.told.append(Told(s.place, f"Without {rows}.", places(t[chosen])))
        world.drop(table, chosen)
        return
    said = _fitting_all(table, s.told.get("set", {}))
    for key in s.told.get("unset", []):
        one_of(key, columns, f"column of {table}")
        said[key] = None
    before_words = {
        key: "; ".join(sorted({str(v) for v in t.loc[chosen, key].dropna()})[:6]) or "not stated" for key in said
    }
    words = ", ".join(
        f"{key} {'not stated' if v is None else v} (before: {before_words[key]})" for key, v in said.items()
    )
    world.told.append(Told(s.place, f"{rows}: {words}.", places(t[chosen])))
    world.change(table, chosen, said, s.place)


def _fitting_all(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, where the columns may hold them. Raises NotKnown with everything that does not fit."""
    fitting, wrong = {}, []
    for key, value in values.items():
        try:
            fitting[key] = _fitting(table, key, value)
        except NotKnown as error:
            wrong.append(str(error))
    if wrong:
        raise NotKnown(" ".join(wrong))
    return fitting


def _fitting(table: str, column: str, value: Any) -> Any:
    """The value, where the column may hold it."""
    if column in ("source", "locator"):
        raise NotKnown(f"`{column}` says where evidence stands and cannot be supposed.")
    schema = SCHEMAS[table][one_of(column, SCHEMAS[table], f"column of {table}")]
    fits: dict[pa.DataType, tuple[bool, str]] = {
        TEXT: (isinstance(value, str), "a text"),
        FLAG: (isinstance(value, bool), "true or false"),
        WHOLE: (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63, "a whole number"),
        DATE: (type(value) is date, "a date such as 2027-03-01, without quotes"),
    }
    right, words = fits[schema.type]
    if not right:
        raise NotKnown(f"`{column}` of {table} ({schema.meaning}) needs {words}, not {told(value)}.")
    if schema.allowed and value not in schema.allowed:
        raise NotKnown(f"`{column}` of {table} is {told(value)}; use one of {', '.join(schema.allowed)}.")
    return value


def _listed(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in row.items())
