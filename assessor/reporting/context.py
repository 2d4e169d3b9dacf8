"""What a template may print: plain data only (texts, lists of records, records), described in `variables.yaml`.

The description is the contract with the firms that edit templates: `templates/README.md` is written from it
(`reference`), and a test holds that the data agree with it (`disagreements`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from assessor.engagement import Terms
from assessor.judgements import Ledger
from assessor.reporting import (
    annexes,
    authorizations,
    claims,
    conclusions,
    differences,
    findings,
    firm,
    letters,
    neighbours,
    supply,
    work,
)
from assessor.reporting.view import OWN_TERMS, View, cited
from assessor.reporting.words import day, plain, refs, rows, sentence
from assessor.results import ProcedureResult
from assessor.rule import Rule

_SCHEMA = Path(__file__).with_name("variables.yaml")
MEANING = "is"
"""Key of variables.yaml under which the meaning of a record or list stands."""

_INTRODUCTION = """# Variables of a Word template

| shipped template | what it is | made by |
| --- | --- | --- |
| `assessment.docx` | the assessment of §791.315(d) | `assessor report DIR` |
| `requests.docx` | the client's evidence request list | `assessor requests DIR`, with a sheet beside it |
| `management_letter.docx` | findings by severity, with room for management's response | `assessor report DIR --document management_letter` |
| `supplier_attestation.docx` | what each supplier of a relevant component is asked to attest | `… --document supplier_attestation`, one supplier with `--supplier ID` |
| `annual_confirmation.docx` | memo on confirming declarations for a new year, §791.305(h) | `… --document annual_confirmation` |
| `advisory_opinion.docx` | dossier for a request to BIS, §791.310(c) | `… --document advisory_opinion` |
| `confidential_treatment.docx` | cover letter with a request for confidential treatment, §791.314(b) | `… --document confidential_treatment` |

Open one in Word, change what you like (words, order, styles, page size) and save it under another name;
`assessor report DIR --document NAME --template YOURS.docx` uses it (without `--document` it is the assessment). No Python is
needed. All templates are filled from the same variables. What only a person can say (signatures, justifications, choices) is a
content control with a label and stays blank; a file that was filled in is never written over.

- `{{ client.name }}` prints a text. `{%p for f in findings %}` … `{%p endfor %}`, each alone in a paragraph, repeat what
  stands between; `{%tr for r in suppliers %}` … `{%tr endfor %}`, each alone in a table row, repeat rows.
- `{%p if findings %}` … `{%p else %}` … `{%p endif %}` choose; an empty list counts as no.
- `{{ figure.name | picture }}`, alone in its paragraph, places a picture with its text alternative.
- Every text is printed as it is: nothing in the evidence becomes markup, formatting or code. A line feed becomes a line break.
- Number headings with the list of the styles Heading 1 to 3. Mark headings that you refer to with a bookmark
  (Insert > Bookmark) and refer to them with a REF field; the contents are a TOC field, captions are numbered by SEQ fields.
  All of these are filled in when the report is made.
- A variable that does not exist, a template that refers to anything outside of itself, and tags in comments or text
  that Word does not fill are refused, each with its place. `assessor template lint YOURS.docx` tells all of this at once,
  before there is any data.
- Every variable is a text unless it is a list or a record. Outcomes, dates and counts are already words. `evidence` texts
  are references such as `[E-0004 row 12]`; where the document lists the items (`{{ e.id }}` in `{%tr for e in evidence %}`), each
  item in a reference leads there.

`make.py` lays out the shipped templates and this page: `python templates/make.py`.
"""


def context(
    terms: Terms,
    rule: Rule,
    results: list[ProcedureResult],
    register: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    ledger: Ledger,
    compared: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The report's data. Same inputs give the same data; every list has a stated order. `compared`: the comparison with an earlier
    engagement that is kept (`comparison.recorded`).

    Figures are added by `add_figures`; until then their lists are empty.
    """
    view = View(terms, rule, results, register, tables, ledger, compared)
    schedule = supply.suppliers(view)
    return {
        "report": {
            "title": view.title,
            "id": terms.id,
            "version": view.version,
            "dated": day(terms.dated),
            "confidential": sentence(terms.report.get("confidential"))
            or "No confidential treatment has been claimed for this report.",
            "addressee": plain(terms.engagement.get("addressee") or terms.client_name),
            "annexes": f"{claims.marked(terms, rule, register, 'annexes.xlsx')}: {', '.join(annexes.SHEETS).lower()}.",
            "terms": OWN_TERMS,
        },
        "client": {
            "name": terms.client_name,
            "address": plain(terms.client.get("address")),
            "contact": plain(terms.client.get("contact")),
        },
        "period": {"begin": day(terms.period_from), "end": day(terms.period_to)},
        "rule": letters.rule(view),
        "summary": conclusions.summary(view),
        "conclusions": conclusions.conclusions(view),
        "procedures": conclusions.procedures(view),
        "findings": findings.findings(view),
        "assessor": firm.assessor(view),
        "scope": work.scope(view) | supply.scope_tables(view),
        "defects": work.defects(view),
        "methodology": work.methodology(view),
        "suppliers": schedule,
        "interests": supply.interests(view),
        "components": supply.components(view),
        "nexus": supply.nexus(view),
        "policies": {
            "elements": rows(
                [
                    {**row, "clause": cited([plain(row.get("clause"))]), "evidence": row.get("place")}
                    for row in view.rows_of("elements", "s315_policies")
                ],
                ("element", "clause", "document", "found", "confirmed", "evidence"),
            ),
            "controls": rows(
                view.rows_of("controls", "s315_policies"),
                ("control", "population", "tested", "exceptions", "outcome", "evidence"),
            ),
            "fieldwork": rows(
                view.rows_of("fieldwork", "s315_policies"), ("fieldwork", "noted", "elements", "outcome", "evidence")
            ),
            "conclusion": next(
                (sentence(r.reason) for r in results if r.procedure == "s315_policies"), "The policies were not tested."
            ),
            "effectiveness": _effectiveness(results, terms),
            "findings": findings.findings(view, ("s315_policies",)),
        },
        "authorizations": authorizations.authorizations(view),
        "recommendations": findings.recommendations(view),
        "responses": findings.responses(view),
        "questions": work.questions(view),
        "limitations": work.limitations(view),
        "neighbouring": neighbours.neighbouring(view),
        "judgements": work.judgements(view),
        "evidence": work.register(view),
        "deadlines": work.deadlines(view),
        "records": rows(view.rows_of("records", "s312_records"), ("record_type", "expected", "held", "missing")),
        "record_sample": rows(
            view.rows_of("record_sample", "s312_records"),
            ("kind", "record_type", "population", "sample", "inspected", "deviations"),
        ),
        "records_evidence": work.records_evidence(view),
        "comparison": differences.differences(view),
        "figures": [],
        **letters.letters(view),
    }


def _effectiveness(results: list[ProcedureResult], terms: Terms) -> dict[str, str]:
    """What is concluded on the programme as a whole (§791.315(d)(3)), with its evidence; a sentence when nothing is."""
    tests = [t for r in results if r.procedure == "s315_policies" for t in r.tests if t.subject == terms.client_name]
    if not tests:
        return {"text": "Whether the policies as a whole are effective was not concluded on.", "evidence": ""}
    return {"text": sentence(tests[0].reason), "evidence": refs(tests[0].evidence)}


def add_figures(data: dict[str, Any], figures: list[dict[str, str]]) -> None:
    """Enter figures (chapter, name, caption, alternative, supplier) where the template looks for them: a chain's beside its
    supplier, the others in `figures`."""
    chains = {figure["supplier"]: figure for figure in figures if figure["supplier"]}
    for supplier in data["nexus"]["suppliers"]:
        if figure := chains.get(supplier["name"]):
            supplier["figure"], supplier["caption"] = figure["name"], figure["caption"]
    data["figures"] = [
        {key: f[key] for key in ("chapter", "name", "caption", "alternative")} for f in figures if not f["supplier"]
    ]


def schema() -> dict[str, Any]:
    """The description of the context: a text's meaning, a record's fields, or a list of one record or text."""
    return dict(yaml.safe_load(_SCHEMA.read_text("utf-8")))


def reference() -> str:
    """`templates/README.md`: every variable with its type and meaning."""
    lines = [_INTRODUCTION, "| variable | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {kind} | {meaning} |" for name, kind, meaning in _described(schema(), "")]
    return "\n".join(lines) + "\n"


def _described(told: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    for key, value in told.items():
        if key == MEANING:
            continue
        name = f"{prefix}{key}"
        if isinstance(value, str):
            yield name, "text", value
        elif isinstance(value, list) and isinstance(value[0], str):
            yield f"{name}[]", "list of texts", value[0]
        elif isinstance(value, list):
            yield f"{name}[]", "list of records", value[0][MEANING]
            yield from _described(value[0], f"{name}[].")
        else:
            yield name, "record", value[MEANING]
            yield from _described(value, f"{name}.")


def disagreements(data: Any, told: Any = None, place: str = "") -> list[str]:
    """Where data and description differ: missing or undescribed keys, wrong types. Empty when they agree."""
    told = schema() if told is None else told
    if isinstance(told, str):
        return [] if isinstance(data, str) else [f"{place} is a {type(data).__name__}, not a text"]
    if isinstance(told, list):
        if not isinstance(data, list):
            return [f"{place} is a {type(data).__name__}, not a list"]
        return [
            problem
            for number, entry in enumerate(data)
            for problem in disagreements(entry, told[0], f"{place}[{number}]")
        ]
    if not isinstance(data, dict):
        return [f"{place} is a {type(data).__name__}, not a record"]
    wanted = set(told) - {MEANING}
    found = [f"{place}.{key} is missing" for key in sorted(wanted - set(data))]
    found += [f"{place}.{key} is not described" for key in sorted(set(data) - wanted)]
    return found + [
        problem
        for key in sorted(wanted & set(data))
        for problem in disagreements(data[key], told[key], f"{place}.{key}")
    ]
