"""Runs the YAML cases of `tests/cases`: facts in short form in, the rows and results of one procedure out.

procedure: s308_exemptions            # module in assessor.procedures
defaults:                             # optional: columns that every row of a table has unless it says otherwise; or the
  transactions: {kind: hardware_import}   # name of a file that has them
cases:
  - name: A sentence that says what must hold, with the boundary in it
    clause: 791.308(a)(2)                                   # optional, one or a list: what the case stands for, where
                                                            # nothing else in it names the paragraph (`coverage.py`)
    given:
      transactions: {model_year: 2030, date: 2028-06-01}    # one row, or a list of rows; what is left out is NA;
                                                            # countries may be written as a client writes them
      terms: {client: {entity: client}}                     # over the terms below, part by part
      answers: {material_change/CH-07: "yes"}               # the ledger; "stale yes" for an answer gone stale
      owners: {Acme GmbH: possible}                         # stands in for supplier_ownership.named; or a row of it
      verdicts: {client: established}                       # stands in for supplier_ownership.ownership
      derived: {s307_specific_authorizations.covered: []}   # stands in for another derived table
      register: [{of: declarations, status: partly_read}]   # the whole register instead of one item read for each table;
                                                            # `of`: the item that this table's rows are from
      findings: {code: late, subject: DoC-1}                # for the last step alone: findings that it looks at
    expect:
      transactions: {hardware_exempt: unknown}              # rows of a public function of the module, in order; the
                                                            # named columns only; `unknown` is NA; `any` is not NA
      conclusion: inconclusive                              # of run()
      tests: [{subject: Acme GmbH, outcome: inconclusive}]  # each must match a test; `no_tests` must match none. `cites` of a
                                                            # test or finding is the complete list of its places, each as
                                                            # `transactions row 2`, or `transactions` for the whole item
      findings: [prohibited_software/Acme GmbH]             # code/subject: the complete list; an entry may be a mapping
                                                            # {finding: code/subject, clauses: [791.303(a)]} of parts to match
      requests: [model_year]                                # codes: the complete list, without repetition; one may be told
                                                            # with its subjects: `model_year/Wren; Tern`
      questions: [knowingly/Acme GmbH]                      # id/subject: the complete list
      asks: [knowingly/Acme GmbH]                           # id/subject: each is among the questions
      shows: {knowingly/Acme GmbH: {imports: 2}}            # id/subject: facts that the question shows, the named ones only
      limitations: [production period]                      # each is a part of one of the limitations
      rows: {exemptions: [{line: Tern}]}                    # report tables: each must match a row
      no_rows: {exemptions: [{line: Tern}]}                 # report tables: each must match none
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import yaml

from assessor.engagement import Terms
from assessor.evidence.tables import SCHEMAS, TEXT, table
from assessor.judgements import Ledger
from assessor.procedures.facts import Facts
from assessor.results import Determination, EvidenceRef, Finding, Question, Recommendation
from assessor.rule import load

HERE = Path(__file__).parent
KEYS = {"name", "clause", "given", "expect"}
GIVEN = {"terms", "answers", "owners", "verdicts", "derived", "register", "findings"}  # beside the tables
SOURCES = {name: f"E-{number:04d}" for number, name in enumerate(SCHEMAS, 1)}
REGISTER = ["id", "path", "kind", "status", "reason", "delivery", "sha256"]
NAMED = {
    "named": TEXT,
    "supplier": TEXT,
    "supplier_name": TEXT,
    "entity": TEXT,
    "basis": TEXT,
    "prc_russia": TEXT,
    "adversary": TEXT,
    "limb": TEXT,
    "rests_on_judgement": None,
    "foreign_interest": None,
    "reason": TEXT,
}


@dataclass(frozen=True)
class Answers(Ledger):
    """A ledger whose answers fit whatever facts are shown."""

    given: Mapping[str, str] = field(default_factory=dict)

    def settle(self, question: Question) -> Question:
        answer = self.given.get(question.key)
        if answer is None:
            return question
        state = "stale" if answer.startswith("stale ") else "answered"
        return replace(question, state=state, answer=answer.removeprefix("stale "), rationale="as the case says")


def terms(**told: Any) -> Terms:
    """Terms of an invented engagement; a mapping replaces only the keys that it names."""
    values: dict[str, Any] = {
        "id": "CASE-1",
        "client_name": "Case Motors, Inc.",
        "dated": date(2026, 11, 16),
        "period_from": date(2026, 1, 1),
        "period_to": date(2026, 9, 30),
        "rule_version": "2025-04-24",
        "engagement": {},
        "team": [],
        "independence": {},
        "items": [],
        "client": {
            "name": "Case Motors, Inc.",
            "roles": ["connected_vehicle_manufacturer", "vcs_hardware_importer"],
            "us_person": True,
            "entity": "client",
        },
        "firm": {},
        "criteria": {},
        "authorizations": [],
        "responses": [],
        "report": {},
    }
    for key, value in told.items():
        values[key] = {**values[key], **value} if isinstance(value, dict) else value
    return Terms(**values)


def rows(given: Any) -> list[dict[str, Any]]:
    """A mapping is one row; nothing is no row."""
    return [given] if isinstance(given, Mapping) else list(given or [])


def facts(given: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> Facts:
    """The facts of a case, all tables included."""
    assert not (odd := given.keys() - SCHEMAS.keys() - GIVEN), f"nothing reads {sorted(odd)} of a case"
    tables = {name: _table(name, rows(given.get(name)), (defaults or {}).get(name, {})) for name in SCHEMAS}
    made = Facts(
        terms=terms(**given.get("terms", {})),
        rule=load(),
        tables=tables,
        register=register(
            rows(given["register"])
            if "register" in given
            else [{"of": name, "sha256": f"{number:064x}"} for number, name in enumerate(SOURCES, 1)]
        ),
        ledger=Answers(given=given.get("answers", {})),
    )
    if "owners" in given:
        made._derived[_function("supplier_ownership.named")] = named(given["owners"])
    if "verdicts" in given:
        made._derived[_function("supplier_ownership.ownership")] = _ownership(given["verdicts"])
    for name, told in given.get("derived", {}).items():
        made._derived[_function(name)] = pd.DataFrame(rows(told)).convert_dtypes(dtype_backend="pyarrow")
    return made


def register(items: list[dict[str, Any]]) -> pd.DataFrame:
    """The evidence register of these items; what an item does not say: its table's id, path and kind, and that it was read."""
    told = []
    for number, item in enumerate(items, 1):
        of = item.get("of")
        usual = {
            "id": SOURCES.get(of, f"E-{1000 + number}"),
            "path": f"{of or number}.csv",
            "kind": of,
            "status": "read",
        }
        told.append({**dict.fromkeys(REGISTER), "delivery": "D-1", **usual, **item})
    made = pd.DataFrame(told, columns=REGISTER)
    return made.astype("string[pyarrow]").convert_dtypes(dtype_backend="pyarrow")


def named(owners: Mapping[str, Any]) -> pd.DataFrame:
    """Stand-in for `supplier_ownership.named`: name as written -> determination, or a row of that table."""
    listed = []
    for name, told in owners.items():
        row = {"prc_russia": told} if isinstance(told, str) else dict(told)
        foreign = {"established": True, "possible": None}.get(row.get("prc_russia", ""), False)
        row = {"adversary": row.get("prc_russia", "possible"), **row}
        listed.append(
            {
                "named": name,
                "supplier": None,
                "supplier_name": name,
                "entity": None,
                "basis": "the case",
                "limb": None,
                "prc_russia": "possible",
                "rests_on_judgement": False,
                "foreign_interest": foreign,
                "reason": "the case says so",
            }
            | row
        )
    frame = pd.DataFrame(listed, columns=list(dict.fromkeys([*NAMED, *(key for row in listed for key in row)])))
    return frame.astype(
        {column: "string[pyarrow]" if kind is TEXT else "bool[pyarrow]" for column, kind in NAMED.items()}
    )


def cases(*files: str) -> list[Any]:
    """The cases of files as pytest parameters whose ids are the cases' sentences."""
    found: list[Any] = []
    for file in files:
        told = _read(file)
        names = [case["name"] for case in told["cases"]]
        assert len(set(names)) == len(names), f"two cases of {file} have one name"
        for case in told["cases"]:
            assert not case.keys() - KEYS, f"{file}: {case['name']}: a case has no {sorted(case.keys() - KEYS)}"
            for clause in clauses(case):
                load().clause(clause)  # it is one of the rule's
        defaults = told.get("defaults", {})
        defaults = _read(defaults)["defaults"] if isinstance(defaults, str) else defaults
        found += [pytest.param(told["procedure"], defaults, case, id=case["name"]) for case in told["cases"]]
    return found


def clauses(case: Mapping[str, Any]) -> list[str]:
    """The paragraphs that a case says it stands for."""
    told = case.get("clause", [])
    return [told] if isinstance(told, str) else list(told)


def check(procedure: str, defaults: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    """Fail unless the procedure gives what the case expects."""
    module = importlib.import_module(f"assessor.procedures.{procedure}")
    made = facts(case["given"], defaults)
    expected = dict(case["expect"])
    about = {
        *("conclusion", "tests", "no_tests", "findings", "requests", "questions", "asks"),
        *("shows", "limitations", "rows", "no_rows"),
    }
    assert expected, "a case that expects nothing cannot fail"
    for function in expected.keys() - about:
        _compare(made.of(getattr(module, function)), rows(expected[function]), function)
    if not expected.keys() & about:
        return
    looked_at = [[_finding(row) for row in rows(case["given"]["findings"])]] if "findings" in case["given"] else []
    result = module.run(made, *looked_at)
    if "conclusion" in expected:
        assert str(result.conclusion) == expected["conclusion"], result.reason
    for wanted in expected.get("tests", []):
        assert any(_fits(test, wanted) for test in result.tests), f"{wanted} fits none of {_told(result.tests)}"
    for unwanted in expected.get("no_tests", []):
        assert not any(_fits(test, unwanted) for test in result.tests), f"{unwanted} is in {_told(result.tests)}"
    if "findings" in expected:
        _findings(result.findings, expected["findings"])
    if "requests" in expected:
        asked = {f"{request.code}/{'; '.join(request.subjects)}": request.code for request in result.requests}
        told = {whole if whole in expected["requests"] else code for whole, code in asked.items()}
        assert sorted(told) == sorted(expected["requests"]), sorted(asked)
    if "questions" in expected:
        assert sorted(question.key for question in result.questions) == sorted(expected["questions"])
    keys = [question.key for question in result.questions]
    for wanted in expected.get("asks", []):
        assert wanted in keys, f"{wanted} is not among the questions {keys}"
    for key, wanted_facts in expected.get("shows", {}).items():
        (shown,) = [question.facts for question in result.questions if question.key == key]
        for name, value in wanted_facts.items():
            assert _same(shown[name], value), f"{key} shows {name}: {shown[name]!r}, not {value!r}"
    for wanted in expected.get("limitations", []):
        assert any(wanted in told for told in result.limitations), f"{wanted} is in none of {result.limitations}"
    for part, there in (("rows", True), ("no_rows", False)):
        for name, wanted_rows in expected.get(part, {}).items():
            told = result.tables[name]
            for wanted in rows(wanted_rows):
                found = any(_fits(SimpleNamespace(**row), wanted) for row in told)
                assert found is there, f"{wanted} fits {'none' if there else 'one'} of {told}"


def _findings(found: Any, wanted: list[Any]) -> None:
    entries = [{"finding": entry} if isinstance(entry, str) else dict(entry) for entry in wanted]
    assert sorted(f"{f.code}/{f.subject}" for f in found) == sorted(entry["finding"] for entry in entries)
    for entry in entries:
        parts = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
        key = parts.pop("finding")
        assert any(f"{f.code}/{f.subject}" == key and _fits(f, parts) for f in found), f"{entry} fits none of {found}"


def _read(file: str) -> Any:
    with (HERE / file).open(encoding="utf-8") as text:
        return yaml.safe_load(text)


def _finding(row: Mapping[str, Any]) -> Finding:
    """A finding of a procedure; what the case does not say is invented. `recommendations`: scope in words, or several."""
    told = row.get("recommendations", "in words only")
    recommended = [told] if isinstance(told, str) else told
    return Finding(
        code=row["code"],
        subject=row["subject"],
        clauses=("791.315",),
        title=f"{row['subject']}: {row['code']}",
        criteria="as the rule says",
        condition="as the case says",
        cause="",
        effect="",
        recommendations=tuple(Recommendation("Mend it.", "condition", words) for words in recommended),
        severity="low",
        evidence=(EvidenceRef("E-0001", "row 1"),),
        transactions=tuple(row.get("transactions", ())),
        procedure=row.get("procedure", "s000"),
    )


@cache
def _empty(name: str) -> pd.DataFrame:
    return table(name, [])


def _table(name: str, given: list[dict[str, Any]], defaults: Mapping[str, Any]) -> pd.DataFrame:
    if not given:
        return _empty(name)
    texts = {column for column, about in SCHEMAS[name].items() if about.type == TEXT}
    countries = {column for column, about in SCHEMAS[name].items() if "alpha-2" in about.meaning}
    made = []
    for number, row in enumerate(given, 1):
        whole = {"source": SOURCES[name], "locator": f"row {number}", **defaults, **row}
        whole |= {key: _codes(whole[key]) for key in countries & whole.keys()}
        if name == "components":
            whole.setdefault("component", f"{whole['source']} {whole['locator']}")
        made.append(
            {
                key: None
                if value == "unknown" and value not in SCHEMAS[name][key].allowed
                else str(value)
                if key in texts and value is not None
                else value
                for key, value in whole.items()
            }
        )
    return table(name, made)


def _codes(told: str | None) -> str | None:
    """Countries as somebody wrote them, as the codes that readers take them for."""
    if told is None or told == "unknown":
        return None
    codes = [load().country(part) for part in told.split(";")]
    assert None not in codes, f"{told} is no country, so that a reader would leave it out"
    return "; ".join(str(code) for code in codes)


def _function(name: str) -> Any:
    module, function = name.split(".")
    return getattr(importlib.import_module(f"assessor.procedures.{module}"), function)


def _ownership(verdicts: Mapping[str, Any]) -> Any:
    found = {}
    for entity, told in verdicts.items():
        row = {"prc_russia": told} if isinstance(told, str) else dict(told)
        found[entity] = SimpleNamespace(
            **(
                {
                    "entity": entity,
                    "name": entity,
                    "reason": "the case says so",
                    "limbs": {},
                    "chain": (),
                    "questions": (),
                    "settled_by": (),
                    "rests_on_judgement": False,
                    "foreign_interests": (),
                    "foreign": None,
                }
                | row
                | {"prc_russia": Determination(row["prc_russia"])}
            )
        )
    graph = SimpleNamespace(entities={}, alias={})
    return SimpleNamespace(verdict=found.__getitem__, verdicts=found, problems=[], graph=graph)


def _compare(got: pd.DataFrame, wanted: list[dict[str, Any]], name: str) -> None:
    assert len(got) == len(wanted), f"{name} has {len(got)} rows, not {len(wanted)}"
    for number, row in enumerate(wanted):
        for column, value in row.items():
            there = got.iloc[number][column]
            assert _same(there, value), f"{name} row {number + 1}, {column}: {there!r}, not {value!r}"


def _same(there: Any, wanted: Any) -> bool:
    missing = there is None or there is pd.NA
    if wanted == "unknown":
        return missing
    if wanted == "any":
        return not missing
    if isinstance(wanted, str) and wanted.startswith("…"):
        return not missing and wanted.strip("…").casefold() in str(there).casefold()
    if isinstance(wanted, bool):
        return not missing and bool(there) is wanted
    return not missing and (there == wanted or str(there) == str(wanted))


def _fits(there: Any, wanted: Mapping[str, Any]) -> bool:
    return all(
        _places(there) == sorted(value) if key == "cites" else _same(getattr(there, key), value)
        for key, value in wanted.items()
    )


def _places(there: Any) -> list[str]:
    """What a test or finding cites, items of the tables by their tables' names."""
    tables = {source: name for name, source in SOURCES.items()}
    return sorted(f"{tables.get(ref.item, ref.item)} {ref.locator}".strip() for ref in there.evidence)


def _told(tests: Any) -> str:
    return "; ".join(f"[{t.clause} {t.subject}: {t.outcome}, {t.reason} ({', '.join(_places(t))})]" for t in tests)
