"""The assessment as an OSCAL 1.2.1 assessment-results document (NIST), for governance tools that read that format.

A clause of the rule is a control with one objective, a test applied to a subject an observation, a finding a finding with its
risk and its recommendations. Of an objective OSCAL can say `satisfied` or `not-satisfied`, and nothing else. So its findings
tell what came to one of the two: every finding of ours and every clause with an exception are not-satisfied; a clause whose
tests conform and that no finding cites is satisfied. A clause that is inconclusive, not tested or not applicable has no
finding; `reviewed-controls` lists every clause tested under its own outcome. Values of ours stand in props of the namespace
`oscal_words.NAMESPACE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import assessor
from assessor import files
from assessor.engagement import TERMS_ITEM
from assessor.evidence import register
from assessor.reporting import oscal_results, work
from assessor.reporting.oscal_results import References, outcomes, references, target
from assessor.reporting.oscal_words import end_of, filled, identifier, line, properties, prose, start_of, title, token
from assessor.reporting.view import View, cited
from assessor.reporting.words import KINDS, count, missing, plain, sentence
from assessor.results import Outcome, ProcedureResult, canonical, to_json, worst

FILE = "oscal-ar.json"
"""The document's name in results/."""

VERSION = "1.2.1"
_DAYS = ("received", "effective_from", "effective_to")
NOTHING_TESTED = "791.315"
"""What an assessment without results names as reviewed, since a document has to name something."""


def write(view: View, place: Path, *, report: str, annexes: str) -> None:
    """Write the document to `place`, whole or not at all; the same view gives the same bytes."""
    files.write_text(place, to_json(document(view, report=report, annexes=annexes)))


def document(view: View, *, report: str = "assessment.docx", annexes: str = "annexes.xlsx") -> dict[str, Any]:
    """`{"assessment-results": …}` as plain data; `report` and `annexes` are the names of these files in report/.

    The whole assessment stands in it, confidential business information included; a public version has none.
    The document's uuid follows from its content. Those inside follow from stable names, so that a test, a finding or an
    evidence item has the same one in every version of the report.
    """
    known = references(view)
    documents = {report: "Assessment report", annexes: "Annexes to the report"}
    told = {
        "metadata": _metadata(view, known),
        "import-ap": {
            "href": f"#{known.items[TERMS_ITEM]}",
            "remarks": "There is no plan in OSCAL; scope, criteria and team are in the terms of the engagement.",
        },
        "local-definitions": {"objectives-and-methods": [_objective(view, clause) for clause in _clauses(view)]},
        "results": [_result(view, known)],
        "back-matter": {"resources": _resources(view, known, documents)},
    }
    return {"assessment-results": {"uuid": identifier("document", canonical(told).decode("utf-8")), **told}}


def _metadata(view: View, known: References) -> dict[str, Any]:
    terms = view.terms
    firm, team = str(terms.firm["name"]), {str(member["name"]): member for member in terms.team}
    roles = {"prepared-by": "Assessor firm", "prepared-for": "Client", "assessment-team": "Assessment team"}
    holders = {"prepared-by": [firm], "prepared-for": [terms.client_name], "assessment-team": list(team)}
    for name, member in team.items():
        roles[token(str(member["role"]))] = str(member["role"])
        holders.setdefault(token(str(member["role"])), []).append(name)
    about: dict[str, Mapping[str, Any]] = {**team, terms.client_name: terms.client, firm: terms.firm}
    return {
        **filled(
            title=title(view.title),
            last_modified=start_of(terms.dated),
            version=line(view.version),
            oscal_version=VERSION,
            document_ids=[{"identifier": line(terms.id)}],
            roles=[{"id": role, "title": title(name)} for role, name in roles.items() if holders[role]],
            parties=[
                _party(name, uuid, about.get(name, {}), known.parties[firm] if name in team and name != firm else "")
                for name, uuid in known.parties.items()
            ],
            responsible_parties=[
                {"role-id": role, "party-uuids": list(dict.fromkeys(known.parties[name] for name in names))}
                for role, names in holders.items()
                if names
            ],
            remarks=prose(sentence(terms.report.get("confidential"))),
        ),
        **properties(
            ("rule", f"15 CFR part 791 subpart D, {view.rule.citation}"),
            ("rule-version", terms.rule_version),
            ("toolkit-version", assessor.__version__),
            *(("basis", basis) for basis in terms.engagement.get("basis", [])),
        ),
    }


def _party(name: str, uuid: str, about: Mapping[str, Any], firm: str) -> dict[str, Any]:
    """The firm, the client, a supplier or, as a member of the firm, a person of the team."""
    return {
        "uuid": uuid,
        "type": "person" if firm else "organization",
        "name": line(name),
        **properties(
            *(
                (key.rstrip("s"), each)
                for key in ("roles", "qualifications", "certifications")
                if isinstance(listed := about.get(key), list)
                for each in listed
            )
        ),
        **filled(
            addresses=[{"addr-lines": [line(about["address"])]}] if about.get("address") else [],
            member_of_organizations=[firm] if firm else [],
        ),
    }


def _clauses(view: View) -> list[str]:
    """Every clause that was tested or that a finding cites, in the order of the rule, then those that it does not hold."""
    found = {result.clause for result in view.results} | {test.clause for test in view.tests}
    found |= {clause for finding in view.findings for clause in finding.clauses}
    order = {clause: number for number, clause in enumerate(view.rule.clauses)}
    return sorted(found or {NOTHING_TESTED}, key=lambda clause: (order.get(clause, len(order)), clause))


def _objective(view: View, clause: str) -> dict[str, Any]:
    """A clause as a control with its objective, in our words where the rule's data hold it."""
    told = view.rule.clauses.get(clause)
    return {
        "control-id": token(clause),
        "description": prose(f"{cited([clause])}: {told.title}" if told else cited([clause])),
        **properties(("clause", cited([clause])), ("assessment", told.assessment if told else "")),
        "parts": [
            {"id": target(clause), "name": "objective", **filled(prose=prose(told.statement) if told else "")},
        ],
    }


def _result(view: View, known: References) -> dict[str, Any]:
    tested = oscal_results.numbered_tests(view, known)
    limitations = work.limitations(view)
    return {
        "uuid": known.id("result"),
        "title": title(view.title),
        "description": prose(
            f"{count(len(view.results), 'procedure')}, {count(len(view.tests), 'test')}, "
            f"{count(len(view.findings), 'finding')}."
        ),
        "start": start_of(view.terms.period_from),
        "end": end_of(view.terms.period_to),
        **properties(("conclusion", worst(result.conclusion for result in view.results))),
        "reviewed-controls": _reviewed(view),
        **filled(
            local_definitions=filled(
                components=oscal_results.components(view, known),
                inventory_items=oscal_results.inventory(known),
                tasks=oscal_results.tasks(view, known),
            ),
            assessment_log=filled(entries=oscal_results.judgements(view, known)),
            observations=oscal_results.observations(view, known, tested),
            risks=oscal_results.risks(view, known),
            findings=oscal_results.findings(view, known, tested),
            remarks=prose("\n\n".join(["Limitations:", *limitations])) if limitations else "",
        ),
    }


def _reviewed(view: View) -> dict[str, Any]:
    """What was tested: clauses by procedure with its conclusion, and each clause's objective under its own outcome."""
    by_outcome: dict[Outcome, list[str]] = {}
    for clause, outcome in outcomes(view).items():
        by_outcome.setdefault(outcome, []).append(clause)
    nothing = {
        "description": "No procedure has a result; nothing has been tested.",
        "include-controls": [{"control-id": token(NOTHING_TESTED)}],
    }
    return {
        "control-selections": [_selection(result) for result in view.results] or [nothing],
        **filled(
            control_objective_selections=[
                {
                    "description": f"Clauses whose outcome is {plain(outcome)}.",
                    **properties(("outcome", outcome)),
                    "include-objectives": [{"objective-id": target(clause)} for clause in by_outcome[outcome]],
                }
                for outcome in Outcome
                if outcome in by_outcome
            ]
        ),
    }


def _selection(result: ProcedureResult) -> dict[str, Any]:
    """What one procedure tested, and what it did and concluded."""
    clauses = dict.fromkeys([result.clause, *(test.clause for test in result.tests)])
    told = [f"{plain(result.conclusion).capitalize()}: {sentence(result.reason)}", *map(sentence, result.work_done)]
    return {
        "description": prose(f"{cited([result.clause])} {result.title}. Examined: {sentence(result.population)}"),
        **properties(
            ("procedure", result.procedure), ("clause", cited([result.clause])), ("conclusion", result.conclusion)
        ),
        "include-controls": [{"control-id": token(clause)} for clause in clauses],
        "remarks": prose("\n\n".join(told)),
    }


def _resources(view: View, known: References, documents: Mapping[str, str]) -> list[dict[str, Any]]:
    """The terms, the report with its annexes, the ledger, and every item of evidence with its place and digest."""
    own = {f"report/{name}": what for name, what in documents.items()}
    if view.ledger.entries:
        own["judgements.jsonl"] = "Ledger of judgements"
    found = [
        {
            "uuid": known.items[TERMS_ITEM],
            "title": "Terms of the engagement",
            "rlinks": [{"href": "../engagement.toml"}],
            **properties(("id", TERMS_ITEM)),
        }
    ]
    found += [
        {"uuid": known.id("resource", place), "title": name, "rlinks": [{"href": f"../{place}"}]}
        for place, name in own.items()
    ]
    for row in view.register.to_dict("records"):
        kind, digest = row.get("kind"), row.get("sha256")
        place = register.file_of(Path(".."), register.RegisterRow(row["id"], row["delivery"], row["path"]))
        link = {
            "href": quote(place.as_posix(), errors="surrogatepass"),
            "hashes": [
                {"algorithm": name, "value": row.get(key)}
                for name, key in (("SHA-256", "sha256"), ("SHA-512", "sha512"))
                if not missing(row.get(key))
            ],
        }
        keys = (
            "id",
            "delivery",
            "size",
            "kind",
            "status",
            "supplied_by",
            "custodian",
            "derived_from",
            "version_of",
            *_DAYS,
        )
        found.append(
            {
                "uuid": known.items[str(row["id"])],
                "title": title(row["path"]),
                **filled(
                    description="" if missing(kind) else prose(KINDS.get(str(kind), str(kind))),
                    rlinks=[] if missing(digest) else [link],  # what is missing has neither digest nor place
                    remarks="" if missing(row.get("reason")) else prose(row["reason"]),
                ),
                **properties(
                    *((key.replace("_", "-"), row.get(key)) for key in keys),
                    ("confidential", plain(row.get("confidential"))),  # nobody having said is told too
                ),
            }
        )
    return found
