"""§791.301: which vehicles, transactions, components and parts are within the rule.

Facts needed: vehicles, transactions, components with their items and suppliers, the register of earlier software, and the
assessor's answers on each item. The limbs stand in `scope_vehicles`, `scope_transactions`, `scope_client`, `scope_software`,
`legacy` and `scope_hardware`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from assessor.procedures import (
    contradictions,
    scope_client,
    scope_hardware,
    scope_software,
    scope_transactions,
    scope_vehicles,
)
from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.limbs import (
    TEXT,
    Mask,
    Sheet,
    certain,
    chosen,
    coded,
    either,
    impossible,
    looked_up,
    numbered,
    sure,
    written_out,
)
from assessor.procedures.working import Workings, counted, finish, named, ref, rows
from assessor.results import Outcome, ProcedureResult, Question, Scope

CLAUSE = "791.301"
TITLE = "Scope: vehicles, transactions, hardware and software"

ITEM = "791.301 item"
SCOPES = tuple(Scope)
IN, OUT, UNDETERMINED = (SCOPES.index(scope) for scope in (Scope.IN, Scope.OUT, Scope.UNDETERMINED))
_SAID = {True: "yes", False: "no", None: "open"}
SYSTEMS = {"VCS": "vehicle connectivity system", "ADS": "automated driving system"}


@dataclass(frozen=True)
class _Determined:
    """Scope of all components, and the questions asked on the way, one for each id and subject."""

    table: pd.DataFrame
    questions: dict[str, Question] = field(default_factory=dict)


def vehicles(facts: Facts) -> pd.DataFrame:
    """One row for each vehicle line; see `scope_vehicles.vehicles`."""
    return scope_vehicles.vehicles(facts)


def completed(facts: Facts) -> pd.DataFrame:
    """One row for each vehicle line; see `scope_vehicles.completed`."""
    return scope_vehicles.completed(facts)


def automated(facts: Facts) -> pd.DataFrame:
    """One row for each vehicle line; see `scope_vehicles.automated`."""
    return scope_vehicles.automated(facts)


def transactions(facts: Facts) -> pd.DataFrame:
    """One row for each transaction; see `scope_transactions.transactions`."""
    return scope_transactions.transactions(facts)


def by_line(table: pd.DataFrame, column: str) -> dict[str, bool | None]:
    """Vehicle line -> the answer of one of the tables above; None where it is open or the sheet names a line twice at odds."""
    found: dict[str, bool | None] = {}
    for row in rows(table):
        if row["line"]:
            found[row["line"]] = row[column] if found.get(row["line"], row[column]) == row[column] else None
    return found


def components(facts: Facts) -> pd.DataFrame:
    """One row for each row of `components`, aligned with it: component, item, medium, name, version, supplier, scope
    (in_scope, out_of_scope, undetermined), clause, reason, missing (words or NA), source, locator."""
    return facts.of(_determined).table


def _determined(facts: Facts) -> _Determined:
    c = facts.tables["components"]
    questions: dict[str, Question] = {}

    def note(question: Question) -> Question:
        return questions.setdefault(question.key, question)

    known = contradictions.settled(facts, c)
    software = _coded(known[list(scope_software.COLUMNS)])
    enables = _items_enable(facts, software["item"], note)
    hardware = sure(c["medium"] == "hardware")
    connects = _items_connect(facts, software["item"], hardware, enables, note)
    scopes = np.full(len(c), UNDETERMINED)
    clause, reason, missing = Sheet(len(c)), Sheet(len(c)), Sheet(len(c))
    clause.put(slice(None), ITEM)
    reason.put(slice(None), "not decided: whether it is hardware or software")
    missing.put(slice(None), "whether it is hardware or software")
    root = _roots(c)
    for medium, determine, parts, reached in (
        ("software", scope_software.determine, software, enables),
        ("hardware", scope_hardware.determine, known[list(scope_hardware.COLUMNS)], connects),
    ):
        places = np.flatnonzero(sure(c["medium"] == medium) & ~root)
        if len(places):
            told = determine(facts, parts.iloc[places], reached.iloc[places], note)
            scopes[places] = np.where(told["holds"].isna(), UNDETERMINED, np.where(sure(told["holds"]), IN, OUT))
            clause.put(places, told["clause"])
            reason.put(places, told["reason"])
            missing.put(places, told["missing"])
    scopes[root] = OUT
    reason.put(root, "it is the item itself, whose components are determined one by one")
    missing.put(root, None)
    table = c[["component", "item", "medium", "name", "version", "supplier"]].assign(
        scope=written_out(chosen([str(scope) for scope in SCOPES], scopes, c.index)),
        clause=clause.column(c.index),
        reason=reason.column(c.index),
        missing=missing.column(c.index),
        source=c["source"],
        locator=c["locator"],
    )
    return _Determined(table, questions)


def _coded(c: pd.DataFrame) -> pd.DataFrame:
    """The columns of a table, those of text as numbers of their distinct texts: half a million rows are then cheap to choose."""
    return c.assign(**{str(key): coded(column) for key, column in c.items() if column.dtype == TEXT})


def _roots(c: pd.DataFrame) -> Mask:
    """The rows that stand for the whole item in its own document."""
    root = sure(c["level"] == 0)
    top = c.loc[root, ["name", "item"]]
    root[root] = sure(top["name"].str.strip().str.lower() == top["item"].str.strip().str.lower())
    return root


def _items_enable(facts: Facts, items: pd.Series, note: scope_software.Note) -> pd.Series:
    """For each component, the assessor's answer whether its item directly enables connectivity or automated driving."""
    systems = {told["name"]: told.get("system", "") for told in facts.terms.items}
    answers: dict[object, bool | None] = {}
    for item in sorted(numbered(items)[1]):
        system = systems.get(item, "")
        question = facts.ask("directly_enables", item, {"item": item, "system": SYSTEMS.get(system, system)})
        answers[item] = answered(note(question), "yes")
    return looked_up(items, answers)


def _items_connect(
    facts: Facts, items: pd.Series, hardware: Mask, enables: pd.Series, note: scope_software.Note
) -> pd.Series:
    """For each component whether its item directly enables connectivity: `enables`, but for items that the terms name as an
    automated driving system. VCS hardware is of connectivity alone, so that of such an item with hardware it is asked."""
    driving = {told["name"] for told in facts.terms.items if told.get("system") == "ADS"}
    if not driving:
        return enables
    numbers, names = numbered(items)
    answers: dict[object, bool | None] = {}
    for item in sorted(driving & {names[number] for number in np.unique(numbers[hardware]) if number >= 0}):
        question = facts.ask("enables_connectivity", item, {"item": item, "system": SYSTEMS["ADS"]})
        answers[item] = answered(note(question), "yes")
    return either(sure(looked_up(items, dict.fromkeys(driving, True))), looked_up(items, answers), enables)


def run(facts: Facts) -> ProcedureResult:
    """Determine the scope of every vehicle line, transaction, component and part; one test for each line and item."""
    noted = Workings()
    found, lines, moves = facts.of(_determined), facts.of(vehicles), facts.of(transactions)
    noted.questions += found.questions.values()
    scope_client.roles(noted, facts)
    noted.questions += facts.of(scope_vehicles.automation_questions).values()
    for answer, clause, told in _VEHICLE_TESTS:
        _test_vehicles(noted, facts, answer, clause, told)
    _test_transactions(noted, facts, moves)
    _test_items(noted, found.table)
    contradictions.report(noted, facts)
    c = facts.tables["components"]
    limitations = []
    if certain(c["license_class"] == "open_source").any():
        limitations.append(
            "Open-source components were left out by their licence as the bill of materials states it; where it records no "
            "modification, none was assumed."
        )
    return finish(
        noted,
        "s301_scope",
        CLAUSE,
        TITLE,
        population=", ".join(
            (counted(len(lines), "vehicle line"), counted(len(moves), "transaction"), counted(len(c), "component"))
        ),
        work_done=(
            "Vehicle lines were tested for mechanical power, rail, road use, wireless communication and gross vehicle weight "
            "rating, the latter in the unit supplied, then for completion and automated driving.",
            "Software components were tested for foreign interest, execution by the primary processing unit, and the "
            "exclusions of firmware, open source and earlier subcomponents.",
            "Hardware parts were sorted by the words of their class, name or description and by radio frequency.",
        ),
        examined=examined(facts.tables["vehicles"], facts.tables["transactions"], c, facts.tables["software_history"]),
        limitations=limitations,
        tables={
            "items": _items(found.table),
            "vehicles": [
                {
                    "line": row["line"],
                    "connected": _SAID[row["connected"]],
                    "completed": _SAID[row["completed"]],
                    "automated": _SAID[row["automated"]],
                    "clause": row["clause"],
                    "reason": row["reason"],
                    "evidence": str(ref(row)),
                }
                for row in rows(
                    lines.assign(completed=facts.of(completed)["completed"], automated=facts.of(automated)["automated"])
                )
            ],
            "scope_reasons": _reasons(found.table),
            "relevant": _relevant(found.table),
        },
    )


_VEHICLE_TESTS = (
    ("connected", scope_vehicles.CONNECTED, "a connected vehicle"),
    ("completed", scope_vehicles.COMPLETED, "a completed connected vehicle"),
    ("automated", scope_vehicles.AUTOMATED, "a vehicle with an automated driving system"),
)
"""What is tested of each vehicle line: column and name of its table in `scope_vehicles`, clause, and the matter in words."""


def _test_vehicles(noted: Workings, facts: Facts, answer: str, clause: str, what: str) -> None:
    """One test for each row; of lines that are no connected vehicles nothing more is asked."""
    tables = {"connected": vehicles, "completed": completed, "automated": automated}
    connected = facts.of(vehicles)["connected"]
    lines = facts.of(tables[answer])
    for row in rows(lines if answer == "connected" else lines[~impossible(connected)]):
        outcome = {True: Outcome.CONFORMS, False: Outcome.NOT_APPLICABLE, None: Outcome.INCONCLUSIVE}[row[answer]]
        verb = {True: f"is {what}", False: f"is not {what}", None: f"may be {what}"}[row[answer]]
        name = row["line"] or "vehicle line without a name"
        noted.test(
            row["clause"] if answer == "connected" else clause,
            name,
            outcome,
            f"{name} {verb}: {row['reason']}.",
            evidence(lines[certain(lines["line"] == row["line"])]),
        )
        asked = answer == "automated" and row["line"] in facts.of(scope_vehicles.automation_questions)
        # what keeps a line from being a connected vehicle for sure was asked for before
        if row["missing"] and not asked and (answer != "completed" or row["clause"] == clause):
            noted.request(
                "vehicle_facts",
                f"For {name}: {row['missing']}.",
                [name],
                row["clause"],
                f"whether it is {what}",
            )


def _test_transactions(noted: Workings, facts: Facts, moves: pd.DataFrame) -> None:
    table = facts.tables["transactions"]
    zone = facts.of(scope_transactions.zone_question)
    noted.questions += [zone] if zone else []
    for clause, column, word in (
        (scope_transactions.IMPORT, "is_import", "import"),
        (scope_transactions.SALE, "is_sale", "sale"),
    ):
        unknown = certain(moves[column].isna()) & (moves["clause"] == clause)
        if certain(unknown).any():
            lacking = table[certain(unknown)]
            words = "; ".join(sorted(set(moves.loc[certain(unknown), "missing"].dropna())))
            noted.test(
                clause,
                f"{word}s",
                Outcome.INCONCLUSIVE,
                f"For {counted(len(lacking), 'transaction')}: {words} is not known.",
                evidence(lacking, limit=5),
            )
            noted.request(
                "transaction_facts",
                f"For {counted(len(lacking), 'transaction')}: {words}.",
                [f"{word}s"],
                clause,
                f"whether they are {word}s",
            )
        elif certain(moves[column]).any():
            yes = table[certain(moves[column])]
            noted.test(
                clause,
                f"{word}s",
                Outcome.CONFORMS,
                f"{counted(len(yes), word)} within the definition.",
                evidence(yes, limit=3),
            )


def _test_items(noted: Workings, scope: pd.DataFrame) -> None:
    for item, group in scope.groupby(scope["item"].fillna("no item"), sort=True):
        open_rows = group[certain(group["scope"] == str(Scope.UNDETERMINED))]
        counts = group["scope"].value_counts()
        words = (
            f"{counted(len(group), 'component')}: {int(counts.get(str(Scope.IN), 0)):,} in scope, {int(counts.get(str(Scope.OUT), 0)):,} out of "
            f"scope, {len(open_rows):,} undetermined"
        )
        outcome = Outcome.INCONCLUSIVE if len(open_rows) else Outcome.CONFORMS
        noted.test(ITEM, str(item), outcome, f"{words}.", evidence(open_rows if len(open_rows) else group, limit=5))
        for missing, lacking in open_rows.groupby("missing", sort=True):
            if "its supplier is not named" in str(missing):
                names = sorted(set(lacking["name"].dropna()))
                noted.request(
                    "component_supplier",
                    f"The supplier of {counted(len(lacking), 'component')} of {item}: {named(names)}.",
                    names,
                    scope_software.COVERED,
                    "whether there is a foreign interest in the component",
                )
            elif "its licence" in str(missing):
                names = sorted(set(lacking["name"].dropna()))
                noted.request(
                    "component_licence",
                    f"The licence of {counted(len(lacking), 'component')} of {item}: {named(names)}.",
                    names,
                    scope_software.OPEN_SOURCE,
                    "whether the component is open source",
                )


def _items(scope: pd.DataFrame) -> list[dict[str, object]]:
    table = []
    for (item, medium), group in scope.groupby(
        [scope["item"].fillna("no item"), scope["medium"].fillna("unknown")], sort=True
    ):
        counts = group["scope"].value_counts()
        table.append(
            {"item": item, "medium": medium, "components": len(group)}
            | {str(kind): int(counts.get(str(kind), 0)) for kind in Scope}
        )
    return table


def _reasons(scope: pd.DataFrame) -> list[dict[str, object]]:
    keys = [scope["item"].fillna("no item"), scope["scope"], scope["clause"], scope["reason"]]
    counts = scope.groupby(keys, sort=True).size()
    names = ("item", "scope", "clause", "reason")
    return [
        dict(zip(names, map(str, key), strict=True)) | {"components": int(count)}
        for key, count in zip(counts.index, counts, strict=True)
    ]


def _relevant(scope: pd.DataFrame) -> list[dict[str, object]]:
    kept = scope[~certain(scope["scope"] == str(Scope.OUT))].sort_values(
        ["item", "name", "version", "locator"], kind="stable"
    )
    return [
        {key: row[key] or "" for key in ("item", "name", "version", "supplier", "scope", "clause", "reason")}
        | {"evidence": str(ref(row))}
        for row in rows(kept)
    ]
