"""The OSCAL document: valid against the published schema, whole, true to the results, the same bytes each time."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.reporting import oscal, oscal_words, write_report
from assessor.reporting.view import View
from assessor.results import EvidenceRef, Outcome, ProcedureResult, Test
from assessor.text import visible
from tests.reporting import sample

SCHEMA = Path(__file__).parents[3] / "shared" / "oscal" / "assessment-results-1.2.1.schema.json"
HOSTILE = (
    *sample.AWKWARD,
    "",
    " ",
    "\n",
    "=1+1",
    "- a list\n+ of\n1. things\n# and a heading\n===",
    "    code\n\tcode",
    "[a link](http://example.invalid/) ![a picture][x]\n[x]: http://example.invalid/x",
    "<script>alert(1)</script> <!-- gone --> &lt; {{ insert: param, p-1 }}",
    "*a* _b_ **c** ~~d~~ ^e^ `f` ``` \\g \\* snake_case_name",
    "a | b\n--- | ---\n1 | 2",
    "\u2028line\u2029s\u0085 \ufeff",
    "\u200fעברית\u200e",
    "x" * 40_000,
)


def _view(**changes: object) -> View:
    return View(**(sample.everything() | changes))


def _hostile() -> View:
    """The sample with every hostile text as subject, reason, locator and clause, and in the findings and terms."""
    results = sample.results()
    results.append(
        ProcedureResult(
            "firm_procedure",
            "Firm's own *clause*",
            HOSTILE[0],
            Outcome.NOT_TESTED,
            HOSTILE[1],
            HOSTILE[2],
            HOSTILE,
            (),
            tests=tuple(
                Test(
                    text or "791.301", text, Outcome.NOT_TESTED, text, (EvidenceRef("E-0002", text), EvidenceRef(text))
                )
                for text in HOSTILE
            )
            * 2,
            findings=tuple(
                replace(finding, subject=text, title=text, condition=text, cause=text, effect=text, id=text, clauses=())
                for finding in results[3].findings[:1] + results[4].findings[:1]
                for text in HOSTILE
            ),
        )
    )
    terms = sample.terms(
        team=[{"name": text or "x", "role": text or "x"} for text in HOSTILE],
        items=[{"name": text, "medium": "software"} for text in HOSTILE],
        id=sample.CONTROL,
        report={"title": sample.MARKUP + sample.LINES, "confidential": sample.CONTROL},
    )
    return _view(results=results, terms=terms)


def _empty() -> View:
    register = sample.register().head(0)
    bare = sample.terms(team=[], items=[], responses=[], client={}, firm={"name": "Y"}, engagement={}, report={})
    return _view(terms=bare, results=[], register=register, tables={})


@pytest.fixture(scope="module", params=[_view, _hostile, _empty], ids=["sample", "hostile", "empty"])
def told(request: pytest.FixtureRequest) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(oscal.document(request.param())))
    return document


@pytest.fixture
def view() -> View:
    return _view()


def _parts(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with the key under which it stands."""
    yield name, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _parts(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from _parts(part, name)


def _props(owner: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for prop in owner.get("props", []):
        assert prop["ns"] == oscal_words.NAMESPACE
        found.setdefault(prop["name"], []).append(prop["value"])
    return found


def _result(view: View) -> dict[str, Any]:
    result: dict[str, Any] = oscal.document(view)["assessment-results"]["results"][0]
    return result


def test_the_document_is_valid_against_the_schema_of_oscal(told: dict[str, Any]) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"The schema of OSCAL 1.2.1 is not at {SCHEMA}.")
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")), validate_formats=True)
    assert [f"{list(error.instance_path)}: {error.message[:200]}" for error in validator.iter_errors(told)] == []
    del told["assessment-results"]["metadata"]["version"]
    assert not validator.is_valid(told)


def test_no_uuid_comes_twice(told: dict[str, Any]) -> None:
    uuids = Counter(value for key, value in _parts(told) if key == "uuid")
    assert uuids and [uuid for uuid, times in uuids.items() if times > 1] == []


def test_every_reference_is_to_something_of_its_kind_in_the_document(told: dict[str, Any]) -> None:
    whole = told["assessment-results"]
    result = whole["results"][0]
    parts = list(_parts(told))
    local = result.get("local-definitions", {})
    resources = {entry["uuid"] for entry in whole["back-matter"]["resources"]}
    parties = {entry["uuid"] for entry in whole["metadata"]["parties"]}
    of_type = {
        "resource": resources,
        "party": parties,
        "component": {entry["uuid"] for entry in local.get("components", [])},
        "inventory-item": {entry["uuid"] for entry in local.get("inventory-items", [])},
    }
    for subject in (value for key, value in parts if key == "subjects" and isinstance(value, dict)):
        assert subject["subject-uuid"] in of_type[subject["type"]]
    for key, known in {
        "observation-uuid": {entry["uuid"] for entry in result.get("observations", [])},
        "risk-uuid": {entry["uuid"] for entry in result.get("risks", [])},
        "actor-uuid": parties,
        "party-uuid": parties,
        "party-uuids": parties,
        "member-of-organizations": parties,
        "control-id": {entry["control-id"] for entry in whole["local-definitions"]["objectives-and-methods"]},
        "objective-id": {
            part["id"] for entry in whole["local-definitions"]["objectives-and-methods"] for part in entry["parts"]
        },
        "role-id": {entry["id"] for entry in whole["metadata"]["roles"]},
        "href": {f"#{uuid}" for uuid in resources},
    }.items():
        cited = {value for name, value in parts if name == key and isinstance(value, str)}
        assert {value for value in cited if key != "href" or value.startswith("#")} <= known, key
    targets = {value["target-id"] for key, value in parts if key == "target"}
    assert targets <= {value for key, value in parts if key == "id"}


def test_every_test_is_one_observation_with_its_values(view: View) -> None:
    result = _result(view)
    observed = [entry for entry in result["observations"] if entry["types"] == ["control-objective"]]
    assert len(observed) == len(view.tests)
    for entry, test in zip(observed, view.tests, strict=True):
        props = _props(entry)
        assert (props["clause"], props["outcome"]) == ([f"§{test.clause}"], [test.outcome])
        assert props["subject"] == [test.subject]
        assert [_props(each).get("locator", [""])[0] for each in entry["relevant-evidence"]] == [
            ref.locator for ref in test.evidence
        ]
        assert entry["collected"] == "2026-11-16T00:00:00Z"


def test_every_finding_comes_once_with_its_elements_its_risk_and_what_it_stands_on(view: View) -> None:
    result = _result(view)
    ours = [entry for entry in result["findings"] if "key" in _props(entry)]
    assert [_props(entry)["key"] for entry in ours] == [[finding.key] for finding in view.findings]
    observations = {entry["uuid"]: entry for entry in result["observations"]}
    risks = {entry["uuid"]: entry for entry in result["risks"]}
    for entry, finding in zip(ours, view.findings, strict=True):
        props = _props(entry)
        assert props["severity"] == [finding.severity]
        assert props["clause"] == [f"§{clause}" for clause in finding.clauses]
        assert props.get("transaction", []) == list(finding.transactions)
        assert entry["target"]["status"] == {"state": "not-satisfied", "reason": "fail"}
        first = observations[entry["related-observations"][0]["observation-uuid"]]
        assert [_props(each)["item"] for each in first["relevant-evidence"]] == [[ref.item] for ref in finding.evidence]
        (risk,) = [risks[each["risk-uuid"]] for each in entry["related-risks"]]
        assert finding.effect in risk["statement"]
        assert len(risk.get("remediations", [])) == len(finding.recommendations)
    software = ours[1]
    assert len(software["related-observations"]) == 2, "the test of the same clause and subject, and the evidence"
    assert sample.CHINESE in software["remarks"] and _props(software)["response-agrees"] == ["no"]
    assert _props(ours[2])["absent"] == ["cause"] and "has not explained it" in risks_of(result, ours[2])


def risks_of(result: dict[str, Any], finding: dict[str, Any]) -> str:
    wanted = {each["risk-uuid"] for each in finding["related-risks"]}
    return " ".join(risk["description"] for risk in result["risks"] if risk["uuid"] in wanted)


@pytest.mark.parametrize(
    ("outcomes", "outcome", "state"),
    [
        (("conforms",), "conforms", "satisfied"),
        (("conforms", "not_applicable"), "conforms", "satisfied"),
        (("exception",), "exception", "not-satisfied"),
        (("conforms", "exception", "inconclusive"), "exception", "not-satisfied"),
        (("conforms", "inconclusive"), "inconclusive", None),
        (("conforms", "not_tested"), "not_tested", None),
        (("not_applicable",), "not_applicable", None),
    ],
)
def test_only_an_exception_is_not_satisfied_and_only_what_conforms_is_satisfied(
    outcomes: tuple[str, ...], outcome: str, state: str | None
) -> None:
    tests = tuple(Test("791.302(a)", f"s{n}", Outcome(each), "r") for n, each in enumerate(outcomes))
    result = _result(_view(results=[ProcedureResult("p", "791.302", "t", Outcome(outcome), "r", "n", (), (), tests)]))
    assert [entry["target"]["status"]["state"] for entry in result.get("findings", [])] == ([state] if state else [])
    (group,) = result["reviewed-controls"]["control-objective-selections"]
    assert _props(group)["outcome"] == [outcome]
    assert group["include-objectives"] == [{"objective-id": "s791.302.a_objective"}]
    assert [_props(entry)["outcome"][0] for entry in result["observations"]] == list(outcomes)


def test_a_clause_that_a_finding_cites_is_not_called_satisfied_whatever_its_tests_say(view: View) -> None:
    findings = tuple(replace(f, clauses=("791.304", "791.305(g)(1)")) for f in view.results[4].findings[:1])
    results = [replace(r, findings=findings) if r.findings else r for r in view.results]
    result = _result(replace(view, results=results))
    satisfied = [
        clause
        for entry in result["findings"]
        if entry["target"]["status"]["state"] == "satisfied"
        for clause in _props(entry)["clause"]
    ]
    assert satisfied == ["§791.315(b)(1)"]
    assert "§791.305(g)(1)" in [_props(e)["clause"][0] for e in _result(view)["findings"]]


def test_conclusions_of_procedures_and_what_is_still_asked_are_kept(view: View) -> None:
    result = _result(view)
    selections = result["reviewed-controls"]["control-selections"]
    assert [_props(entry)["conclusion"] for entry in selections] == [[r.conclusion] for r in view.results]
    tasks = result["local-definitions"]["tasks"]
    assert [task["title"] for task in tasks] == ["Evidence request R-01", "Question legacy_line_day"]
    (judgement,) = result["assessment-log"]["entries"]
    assert judgement["start"] == "2026-11-10T09:00:00Z"
    assert _props(judgement)["answer"] == ["yes"] and judgement["logged-by"]
    assert "Source code was not read." in result["remarks"]


def test_every_item_of_evidence_is_a_resource_with_place_and_digest(view: View) -> None:
    register = sample.register().astype({"confidential": "object"})
    register.loc[0, "confidential"] = True
    register.loc[1, ["sha256", "status"]] = [None, "missing"]
    resources = oscal.document(replace(view, register=register))["assessment-results"]["back-matter"]["resources"]
    by_id = {_props(entry)["id"][0]: entry for entry in resources if "id" in _props(entry)}
    assert list(by_id) == ["TERMS", *register["id"]]
    first = by_id["E-0001"]
    assert first["rlinks"] == [
        {
            "href": "../evidence/001/data/01%20Files/vehicles%20xxxxx.dat",
            "hashes": [{"algorithm": "SHA-256", "value": f"{1:064x}"}],
        }
    ]
    assert _props(first)["confidential"] == ["yes"] and _props(first)["received"] == ["2026-10-05"]
    assert _props(by_id["E-0003"])["confidential"] == ["not stated"]
    assert "rlinks" not in by_id["E-0002"] and _props(by_id["E-0002"])["status"] == ["missing"]
    assert by_id["E-0011"]["remarks"] == r"the file is cut off\\u0000"


def test_dates_are_the_engagements(view: View) -> None:
    told = oscal.document(replace(view, terms=replace(view.terms, dated=date(2027, 3, 1))))["assessment-results"]
    assert told["metadata"]["last-modified"] == "2027-03-01T00:00:00Z"
    assert (told["results"][0]["start"], told["results"][0]["end"]) == ("2026-01-01T00:00:00Z", "2026-09-30T23:59:59Z")


def test_the_same_view_gives_the_same_bytes_and_another_one_another_document(view: View, tmp_path: Path) -> None:
    other = replace(view, results=[replace(view.results[0], reason="another"), *view.results[1:]])
    for name, each in (("a", view), ("b", _view()), ("c", other)):
        oscal.write(each, tmp_path / name, report="assessment.docx", annexes="annexes.xlsx")
    told = {name: json.loads((tmp_path / name).read_bytes())["assessment-results"] for name in "abc"}
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert told["a"]["uuid"] != told["c"]["uuid"], "a changed document has an identifier of its own"
    uuids = [[entry["uuid"] for entry in told[name]["results"][0]["observations"]] for name in "ac"]
    assert uuids[0] == uuids[1], "what is observed keeps its identifier"


def test_it_stands_beside_the_full_report_only_and_names_its_files(tmp_path: Path) -> None:
    everything = sample.everything() | {"terms": sample.terms(report={"confidential_evidence": ["E-0004"]})}
    for variants, stands in ((("full", "public"), True), (("public",), False)):
        written = write_report(tmp_path, **everything, variants=variants)
        place = tmp_path / "results" / oscal.FILE
        assert (place in written, place.exists()) == (stands, stands)
        if stands:
            resources = json.loads(place.read_bytes())["assessment-results"]["back-matter"]["resources"]
            linked = {link["href"].removeprefix("../") for entry in resources for link in entry.get("rlinks", [])}
            reports = {path.relative_to(tmp_path).as_posix() for path in written if path.suffix in (".docx", ".xlsx")}
            assert {name for name in linked if name.startswith("report/")} == reports - {
                "report/public-assessment.docx"
            }


def _read(markdown: str) -> str:
    """The text that Markdown shows, spaces left out; fails when any of it is markup."""
    shown = mistune.create_markdown(escape=False, plugins=["strikethrough", "table", "superscript", "subscript"])(
        markdown
    )
    assert set(re.findall(r"<[^>]*>", str(shown))) <= {"<p>", "</p>", "<br />"}, shown
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]*>", "", str(shown))))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_as_they_are_and_never_as_markup(text: str) -> None:
    assert _read(oscal_words.prose(text)) == re.sub(r"\s", "", visible(text))
    assert _read(oscal_words.title(text)) == re.sub(r"\s", "", oscal_words.line(text) or "not stated")
    assert "\n" not in oscal_words.title(text)


@given(st.text(alphabet=st.sampled_from("ab1. \t\n*_`~^\\[]()<>!&;#{}|=+-:/"), max_size=40))
def test_no_mixture_of_marks_is_markup(text: str) -> None:
    assert _read(oscal_words.prose(text)) == re.sub(r"\s", "", text)


def test_ordinary_sentences_are_written_as_they_are() -> None:
    told = 'R&D of §791.303(a), (b): 12 units (60 %) of snake_case [E-0004 row 12; E-0007 /a/1] "as is" isn\'t 3 < 4.'
    assert oscal_words.prose(told) == oscal_words.title(told) == oscal_words.line(told) == told


def test_tokens_are_readable_and_tell_clauses_apart() -> None:
    assert oscal_words.token("791.305(a)(1)(iv)") == "s791.305.a.1.iv"
    assert oscal_words.token("791.301 VCS hardware importer (1)") == "s791.301-VCS-hardware-importer.1"
    assert oscal_words.token("quality review") == "quality-review"
    alike = ("791.305(a)", "791.305.a", "791.305-a", "791.305 a", "s791.305.a", "791.305 (a)", "§791.305(a)", "", "-")
    assert len({oscal_words.token(text) for text in alike}) == len(alike)


def test_hostile_texts_stand_in_the_document_whole() -> None:
    result = _result(_hostile())
    observed = [e for e in result["observations"] if _props(e)["procedure"] == ["firm_procedure"]]
    reasons = [e["description"] for e in observed if e["types"] == ["control-objective"]]
    assert reasons == [oscal_words.prose(text) for text in HOSTILE] * 2
    assert len(reasons[HOSTILE.index("x" * 40_000)]) == 40_000
    json.dumps(result, ensure_ascii=False).encode("utf-8")
