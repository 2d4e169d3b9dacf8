"""`assessor compare` as a user calls it: two years of an engagement, deliveries, sealed files, and what cannot be compared."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from assessor import attention, check, comparison, desk, open_assessment, prior
from assessor.assessment import LAST_STEP
from assessor.cli import main
from assessor.comparison import recorded, sides
from assessor.engagement import Engagement
from assessor.errors import AssessorError
from assessor.evidence import package
from assessor.reporting import oscal
from assessor.reporting.context import context, disagreements
from assessor.reporting.differences import _CLAIMED
from assessor.run import run
from tests.evidence.samples import as_json, cyclonedx, put

NEW = "Lantern Software Co., Ltd."
SWAPPED = "components changed: supplier Armorique Calcul SAS → Lantern Software Co., Ltd."


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def told(*arguments: object) -> dict[str, Any]:
    result = call("compare", *arguments, "--json")
    assert result.exit_code in (0, 1), result.stderr
    return dict(json.loads(result.stdout))


def altered(source: Path, target: Path) -> Path:
    """The delivery of the next year: its software in another order and another file, one component of another supplier, one updated,
    and a change log that tells of something else."""
    shutil.copytree(source, target)
    path = target / "02 Software" / "pilotstack-ads.spdx.json"
    bill = json.loads(path.read_text("utf-8"))
    root, *rest = bill["packages"]
    for each in rest:
        if each["name"] == "ac-solver":
            each["supplier"] = f"Organization: {NEW}"
        if each["name"] == "rs-fusion-core":
            each["versionInfo"] = "99"
    bill["packages"] = [root, *rest[::-1]]
    path.unlink()
    (target / "02 Software" / "aa.spdx.json").write_text(json.dumps(bill), "utf-8")
    return target


@pytest.fixture(scope="module")
def years(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two years of one engagement; only to be read and copied."""
    folder = tmp_path_factory.mktemp("years")
    earlier = Path(shutil.copytree(ran, folder / "earlier"))
    later = folder / "later"
    prior.roll_forward(earlier, later)
    [bag] = (earlier / "evidence").iterdir()
    package.take_in(
        later,
        altered(bag / "data", folder / "delivery"),
        received=date(2027, 11, 4),
        supplied_by="Fellmark",
        custodian="",
    )
    run(Engagement(later), notebooks=False)
    return earlier, later


@pytest.fixture
def later(years: tuple[Path, Path], tmp_path: Path) -> Engagement:
    """A copy of the second year to work on."""
    return Engagement(Path(shutil.copytree(years[1], tmp_path / "later")))


def test_an_engagement_differs_in_nothing_from_itself(ran: Path) -> None:
    result = call("compare", ran, ran)
    assert result.exit_code == 0 and "0 added, 0 gone, 0 changed" in result.stdout and "Attention" not in result.stdout


def test_two_years_are_compared_with_evidence_on_both_sides(years: tuple[Path, Path]) -> None:
    found = told(*years)
    [swapped] = [c for c in found["changes"] if c["kind"] == "component" and c["subject"] == "ac-solver"]
    assert {"name": "supplier", "before": "Armorique Calcul SAS", "after": NEW} in swapped["fields"]
    assert (swapped["what"], swapped["classification"], swapped["clause"]) == ("changed", "candidate", "791.305(e)(1)")
    assert swapped["evidence"]["prior"][0]["item"] != swapped["evidence"]["current"][0]["item"]
    for side, root in zip(("prior", "current"), years, strict=True):
        place = swapped["evidence"][side][0]
        item = next(
            row
            for row in map(json.loads, (root / "register.jsonl").read_bytes().splitlines())
            if row["id"] == place["item"]
        )
        assert place["sha256"] == item["sha256"] and place["locator"].startswith("/packages/")
    assert sorted(c["subject"] for c in found["changes"] if c["kind"] == "component") == ["ac-solver", "rs-fusion-core"]
    assert any(c["kind"] == "verdict" and c["what"] == "added" and c["subject"] == NEW for c in found["changes"])
    assert found["counts"]["kinds"]["supplier"] == {"added": 0, "changed": 0, "gone": 0, "unchanged": 73}
    assert found["ok"] is False and found["problems"] == []


def test_a_comparison_that_is_kept_has_the_same_bytes_wherever_it_was_made(
    years: tuple[Path, Path], later: Engagement
) -> None:
    assert call("compare", *years, "--record", "--json").exit_code == 1
    kept = years[1] / "results" / recorded.NAME
    try:
        assert call("compare", years[0], later.root, "--record").exit_code == 1
        assert (later.results / recorded.NAME).read_bytes() == kept.read_bytes()
        assert str(years[0]).encode() not in kept.read_bytes()
    finally:
        kept.unlink()


def test_the_assessor_answers_what_a_kept_comparison_asks(years: tuple[Path, Path], later: Engagement) -> None:
    call("compare", years[0], later.root, "--record")
    places = [p["place"] for p in check.status(later)["problems"] if p["code"] == "question_open"]
    assert f"material_difference/{SWAPPED}" in places
    answer = ("--because", "Another developer.", "--by", "M. Okonjo", "--role", "engagement lead")
    assert call("answer", later.root, "material_difference", SWAPPED, "maybe", *answer).exit_code == 2
    assert call("answer", later.root, "material_difference", SWAPPED, "yes", *answer).exit_code == 0
    run(later, notebooks=False)
    assert not [p for p in check.status(later)["problems"] if p["code"].startswith("judgement")]
    left = [
        p["place"] for p in check.status(later)["problems"] if p["code"] in ("question_open", "comparison_outdated")
    ]
    assert f"material_difference/{SWAPPED}" not in left and f"results/{recorded.NAME}" not in left
    [change] = [c for c in told(years[0], later.root)["changes"] if c["judgement"]]
    assert change["subject"] == "ac-solver" and change["judgement"]["answer"] == "yes"
    content = recorded.read(later)
    assert content is not None and content["outdated"] == ""
    [question] = [q for q in content["questions"] if q["subject"] == SWAPPED]
    assert question["state"] == "answered" and question["judgement"]["by"] == "M. Okonjo"


def test_a_comparison_is_outdated_when_the_engagement_changed(years: tuple[Path, Path], later: Engagement) -> None:
    call("compare", years[0], later.root, "--record")
    assert "comparison_outdated" not in {p["code"] for p in attention.in_comparison(later)}
    (later.terms_file).write_text(later.terms_file.read_text("utf-8") + "\n# later\n", "utf-8")
    [problem] = [p for p in attention.in_comparison(later) if p["code"] == "comparison_outdated"]
    assert "engagement.toml" in problem["message"] and "--record" in problem["message"]
    whole = json.loads((later.results / recorded.NAME).read_bytes())
    damaged = [
        {},
        [],
        {**whole, "changes": [{"kind": "component"}]},
        {**whole, "counts": {"kinds": {}}},
        {**whole, "prior": {}},
    ]
    for content in ["{", "\x00", "[" * 100_000, *map(json.dumps, damaged)]:
        (later.results / recorded.NAME).write_text(content, "utf-8")
        [problem] = [p for p in attention.in_comparison(later) if p["code"] == "comparison_outdated"]
        assert "cannot be read" in problem["message"]
        assert call("status", later.root).exit_code == 1 and call("check", later.root).exit_code == 1
        assert call("report", later.root).exit_code == 2
    assert "not_run" in {p["code"] for p in check.check(later)["problems"]}


def test_a_report_without_the_comparison_that_is_kept_is_outdated(years: tuple[Path, Path], later: Engagement) -> None:
    def outdated() -> list[str]:
        return [p["message"] for p in check.check(later)["problems"] if p["code"] == "report_outdated"]

    run(later, notebooks=False)
    call("report", later.root)
    assert not outdated()
    call("compare", years[0], later.root, "--record")
    assert len(outdated()) == 1 and "without the comparison" in outdated()[0]
    call("report", later.root)
    assert not outdated()


def test_names_that_several_bear_are_not_told_by_the_report(years: tuple[Path, Path], later: Engagement) -> None:
    """They may be claimed as confidential in the earlier engagement, whose marks this report does not know."""
    call("compare", years[0], later.root, "--record")
    kept = later.results / recorded.NAME
    content = json.loads(kept.read_text("utf-8"))
    message = "Several bear one name or number, and were taken for each other by what else they say: Secret Falcon (1 and 2); b (1 and 2)."
    content["problems"].append({"code": "ambiguous", "place": "later", "message": message})
    kept.write_text(json.dumps(content), "utf-8")
    standing = data_of(later)["comparison"]["standing"]
    assert "Several bear one name or number" in standing and "Falcon" not in standing


def data_of(engagement: Engagement) -> dict[str, Any]:
    assessment = open_assessment(engagement.root)
    facts = assessment.facts
    return context(
        *(assessment.terms, assessment.rule, assessment.results(), facts.register, facts.tables, facts.ledger),
        recorded.read(engagement),
    )


def test_report_memo_and_annexes_show_what_is_kept(years: tuple[Path, Path], later: Engagement) -> None:
    assert data_of(later)["comparison"]["prior"] == ""
    call("compare", years[0], later.root, "--record")
    data = data_of(later)
    assert disagreements(data) == []
    part = data["comparison"]
    row = next(row for row in part["changes"] if row["subject"] == "ac-solver")
    assert row["mark"] == "Changed" and "supplier: Armorique Calcul SAS" in row["before"] and NEW in row["after"]
    assert row["prior"].startswith("[P-0003 ") and str(row["evidence"]).startswith("[E-0002 ")
    assert row["logged"] == "not in the change log" and row["material"] == "open: not answered"
    assert all(row["proposal"] != "neither" for row in part["weighty"]) and "/" not in part["standing"]
    made = call("report", later.root, "--json")
    assert made.exit_code in (0, 1), made.stderr
    assert call("report", later.root, "--document", "annual_confirmation").exit_code in (0, 1)
    for name in ("assessment", "annual_confirmation"):
        words = zipfile.ZipFile(later.report / f"{name}.docx").read("word/document.xml").decode("utf-8")
        assert "ac-solver" in words and "ValueBefore" in words and "ValueNow" in words
    sheet = CalamineWorkbook.from_path(later.report / "annexes.xlsx").get_sheet_by_name("Changes").to_python()
    assert any("ac-solver" in row for row in sheet)
    earlier = zipfile.ZipFile(later.report / "assessment.docx").read("word/document.xml")
    (later.results / recorded.NAME).unlink()
    call("report", later.root)
    assert b"ValueBefore" in earlier and b"ValueBefore" not in zipfile.ZipFile(later.report / "assessment.docx").read(
        "word/document.xml"
    )


def test_what_was_claimed_in_the_earlier_engagement_alone_is_not_printed(
    years: tuple[Path, Path], later: Engagement
) -> None:
    call("compare", years[0], later.root, "--record")
    path = later.results / recorded.NAME
    content = json.loads(path.read_bytes())
    [change] = [c for c in content["changes"] if c["subject"] == "ac-solver"]
    content["claimed"] = [change["evidence"]["prior"][0]["item"]]
    path.write_text(json.dumps(content), "utf-8")
    rows = data_of(later)["comparison"]["changes"]
    assert not any("ac-solver" in str(row.values()) for row in rows) and any(row["subject"] == _CLAIMED for row in rows)


def test_a_sealed_engagement_is_compared_as_it_was(years: tuple[Path, Path], tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    shutil.copytree(years[0], sealed / "data")
    (sealed / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "utf-8")
    plain = told(*years)
    assert told(sealed, years[1])["changes"] == plain["changes"]
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "sealed"))
    assert told(packed, years[1])["changes"] == plain["changes"]


def test_deliveries_are_compared_on_disk_and_by_their_bags(years: tuple[Path, Path], tmp_path: Path) -> None:
    [bag] = (years[0] / "evidence").iterdir()
    copy = Path(shutil.copytree(bag / "data", tmp_path / "as it was"))
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", copy)
    assert told(copy, packed)["changes"] == []
    by_bag = told(bag, next((years[1] / "evidence").iterdir()))
    components = [c for c in by_bag["changes"] if c["kind"] == "component"]
    assert sorted(c["subject"] for c in components)[0] == "ac-solver" and by_bag["prior"]["kind"] == "delivery"
    bom = tmp_path / "software alone"
    bom.mkdir()
    shutil.copy(copy / "02 Software" / "pilotstack-ads.spdx.json", bom)
    assert {p["code"] for p in told(copy, bom)["problems"]} >= {"not_compared"}


def test_two_clients_and_years_in_the_wrong_order_are_told(years: tuple[Path, Path], later: Engagement) -> None:
    words = later.terms_file.read_text("utf-8")
    later.terms_file.write_text(words.replace('name = "Fellmark Motors, Inc."', 'name = "Somebody Else"', 1), "utf-8")
    codes = {p["code"] for p in told(years[0], later.root)["problems"]}
    assert {"other_client", "stale"} <= codes
    assert {p["code"] for p in told(years[1], years[0])["problems"]} == {"order"}


def test_an_engagement_whose_tables_are_not_as_its_run_left_them_is_told(
    years: tuple[Path, Path], later: Engagement
) -> None:
    (later.results / "s302_hardware.json").unlink()
    [problem] = told(years[0], later.root)["problems"]
    assert problem["code"] == "stale" and "assessor run" in problem["message"]
    for path in later.results.glob("*.json"):
        path.unlink()
    found = told(years[0], later.root)
    assert "no_results" in {p["code"] for p in found["problems"]} and "conclusion" not in found["counts"]["kinds"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("nowhere", "There is no"),
        ("empty", "is empty"),
        ("photos", "is neither an engagement nor a delivery"),
        ("letter.txt", "cannot be compared"),
        ("file.tar.age", "is encrypted; decrypt it"),
        ("new", "has no tables yet; run `assessor run"),
        ("torn", "cannot be read; run `assessor run"),
        ("broken", "needs `period` as a table"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_sentence(
    years: tuple[Path, Path], tmp_path: Path, what: str, words: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.bin").write_bytes(b"\x00\x01")
    (tmp_path / "letter.txt").write_text("Dear Sirs", "utf-8")
    (tmp_path / "file.tar.age").write_bytes(b"age-encryption.org/v1")
    prior.roll_forward(years[0], tmp_path / "new")
    shutil.copytree(years[0], tmp_path / "torn")
    (tmp_path / "torn" / "tables" / "components.parquet").write_bytes(b"PAR1")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "engagement.toml").write_text("[engagement]\n", "utf-8")
    for both in ((years[0], tmp_path / what), (tmp_path / what, years[1])):
        result = call("compare", *both)
        assert result.exit_code == 2 and result.stdout == "", result.stdout
        assert words in result.stderr and result.stderr.count("\n") == 1
        assert "Traceback" not in result.stderr and "An error in assessor itself" not in result.stderr


def test_only_two_engagements_are_kept(tmp_path: Path) -> None:
    bill = put(tmp_path, "a", as_json(cyclonedx(components=[{"name": "a"}])))
    result = call("compare", bill, bill, "--record")
    assert result.exit_code == 2 and "two engagements" in result.stderr


HOSTILE = [
    "=cmd|'/c calc'!A1",
    "@SUM(1)",
    "+1",
    "-1",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "a\nb",
    "\u202edexe",
    "x" * 40_000,
]


def test_texts_of_a_client_act_nowhere(tmp_path: Path) -> None:
    old = [{"name": name, "version": "1", "supplier": {"name": "Acorn"}} for name in HOSTILE]
    new = [{"name": name, "version": "2", "supplier": {"name": name}} for name in HOSTILE]
    one, other = (
        put(tmp_path, name, as_json(cyclonedx(components=parts))) for name, parts in (("old", old), ("new", new))
    )
    found = told(one, other)
    assert len(found["changes"]) == len(HOSTILE)
    rows = list(csv.reader(io.StringIO(call("compare", one, other, "--csv").stdout)))
    assert not any(cell[:1] in "=+-@\t" for row in rows[1:] for cell in row if cell)
    book = tmp_path / "out.xlsx"
    assert call("compare", one, other, "--xlsx", book).exit_code == 1
    first = book.read_bytes()
    call("compare", one, other, "--xlsx", book)
    assert book.read_bytes() == first
    parts = {name: zipfile.ZipFile(book).read(name) for name in zipfile.ZipFile(book).namelist()}
    assert not any(re.search(rb"<f>|<f |<hyperlink", content) for content in parts.values())
    assert call("compare", one, other).exit_code == 1


def test_bills_of_materials_tell_what_they_told_before_and_more(tmp_path: Path) -> None:
    old = put(
        tmp_path,
        "old",
        as_json(cyclonedx(components=[{"name": "nav", "version": "1", "supplier": {"name": "A"}, "author": "A"}])),
    )
    new = put(
        tmp_path,
        "new",
        as_json(cyclonedx(components=[{"name": "nav", "version": "2", "supplier": {"name": "A"}, "author": "A"}])),
    )
    [change] = told(old, new)["changes"]
    assert (change["change"], change["changed"], change["before_version"], change["after_supplier"]) == (
        "changed",
        "version",
        "1",
        "A",
    )
    assert (change["what"], change["classification"], change["clause"]) == (
        "changed",
        "software_update",
        "791.305(e)(2)",
    )
    assert change["evidence"]["prior"][0]["sha256"] == told(old, new)["prior"]["inputs"][old.name]


def test_the_library_says_the_same(years: tuple[Path, Path]) -> None:
    found = comparison.compare(*years)
    assert [c.subject for c in found.changes] == [c["subject"] for c in told(*years)["changes"]]
    with pytest.raises(AssessorError):
        comparison.compare(years[0], years[0] / "nowhere")
    with pytest.raises(AssessorError):
        desk.question(open_assessment(years[1]), "material_difference", SWAPPED)


def test_a_comparison_that_was_sealed_is_held_against_what_was_sealed(
    years: tuple[Path, Path], later: Engagement
) -> None:
    call("compare", years[0], later.root, "--record")
    assert call("seal", later.root, "--despite", "a trial").exit_code in (0, 1)
    result = call("verify", later.root.with_name(f"{later.root.name}-sealed"), "--reproduce", "--json")
    told = json.loads(result.stdout)
    assert told["reproduced"] and any(recorded.NAME in note for note in told["notes"])


def test_files_that_are_no_procedure_s_result_are_named_as_elsewhere() -> None:
    assert set(sides._NO_PROCEDURES) == {Path(recorded.NAME).stem, Path(oscal.FILE).stem, "results", LAST_STEP}
