"""`assessor sample plan | draw | evaluate` as a person and a script use them: over files, over an engagement, and what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor import check, judgements
from assessor.cli import main
from assessor.engagement import Engagement
from assessor.evidence import tables
from tests.working import checked

BY = ("--by", "M. Okonjo", "--because", "The records stand behind the declarations.")


def sample(*words: object) -> Result:
    return CliRunner().invoke(main, ["sample", *map(str, words)])


def told(*words: object, code: int = 0) -> dict[str, Any]:
    """The one JSON document on standard output."""
    result = sample(*words, "--json")
    assert result.exit_code == code, result.stderr
    return dict(json.loads(result.stdout))


def refused(*words: object) -> str:
    """The one sentence that says why it could not be done."""
    result = sample(*words)
    assert result.exit_code == 2 and not result.stdout, result.output
    [line] = result.stderr.splitlines()
    assert line.startswith("assessor: ") and line.endswith((".", "`."))
    return line


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A population of 400 parts: ids with leading zeros, two suppliers, a value."""
    path = tmp_path / "parts.csv"
    rows = [f"{number:04},{'Acorn' if number % 4 else 'Birch'},{number % 37 + 1}.50,=SUM(A1)" for number in range(400)]
    path.write_text("part,supplier,value,remark\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def results(path: Path, of: Mapping[str, Any], deviating: int = 0, missing: int = 0, column: str = "") -> Path:
    """A sheet of results of a draw: the first so many deviate, the last so many are not filled in."""
    ids = list(of["ids"])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "result", "note", *([column] if column else [])])
        for number, id_ in enumerate(ids):
            result = "deviation" if number < deviating else "right" if number < len(ids) - missing else ""
            writer.writerow([id_, result, "seen", *(["0.5"] if column else [])])
    return path


# by numbers


def test_a_plan_in_json_has_the_keys_that_scripts_rely_on() -> None:
    made = told("plan", "--population", "400", "--tolerable", "5%", "--confidence", "0.95")
    expected = {
        "sample_size": 55,
        "distribution": "hypergeometric",
        "confidence": "0.95",
        "tolerable": "0.05",
        "expected": "0",
        "population": 400,
    }
    assert {key: made[key] for key in expected} == expected and made["reason"]


def test_a_plan_for_a_person_says_what_it_proves_and_what_not() -> None:
    shown = sample("plan", "--population", "1,000", "--tolerable", "5%").stdout
    assert "Sample size: 57 of 1,000 (hypergeometric)." in shown and "It proves nothing of any single item" in shown


def test_a_plan_that_no_size_fulfils_needs_attention() -> None:
    made = told("plan", "--population", "100", "--tolerable", "3%", "--expected-count", "3", code=1)
    assert made["sample_size"] is None and "expect fewer" in made["reason"]


def test_a_discovery_sample_is_planned_by_the_number_that_must_not_escape() -> None:
    made = told("plan", "--population", "400", "--discover", "20")
    assert (made["sample_size"], made["detects"], made["tolerable"]) == (55, "0.05", None)


def test_the_bayesian_view_stands_beside_the_classical_one() -> None:
    made = told("plan", "--population", "400", "--tolerable", "5%", "--prior", "1,1")
    assert made["sample_size"] == 55 and made["bayesian"] == {"prior": "1,1", "sample_size": 54}
    proved = told(
        "evaluate",
        "--population",
        400,
        "--sample-size",
        54,
        "--deviations",
        0,
        "--tolerable",
        "5%",
        "--prior",
        "1,1",
        code=1,
    )
    assert proved["conclusion"] == "not_supported"
    assert proved["bayesian"]["upper_bound"] == "0.0475" and "as good as that belief" in proved["bayesian"]["statement"]


def test_exceptions_of_a_prohibition_need_attention() -> None:
    about = ("evaluate", "--population", 400, "--sample-size", 55, "--tolerable", "5%", "--prohibition")
    assert told(*about, "--deviations", 0)["conclusion"] == "no_exception_found"
    assert told(*about, "--deviations", 1, code=1)["conclusion"] == "exceptions_found"


# over a file


def test_from_plan_to_evaluation_over_a_file(parts: Path, tmp_path: Path) -> None:
    plan, drawn, sheet = tmp_path / "plan.json", tmp_path / "draw.json", tmp_path / "sheet.xlsx"
    told("plan", "--population", parts, "--id", "part", "--tolerable", "5%", "--out", plan)
    made = told("draw", "--population", parts, "--plan", plan, "--seed", "5 3 6 1", "--out", drawn, "--sheet", sheet)
    assert len(made["ids"]) == 55 and all(len(id_) == 4 for id_ in made["ids"])
    assert json.loads(drawn.read_text("utf-8")) == made
    again = told("draw", "--repeat", drawn, "--population", parts)
    assert again["same"] and again["ids"] == made["ids"]
    proved = told("evaluate", "--draw", drawn, "--population", parts, "--results", results(tmp_path / "r.csv", made))
    assert (proved["conclusion"], proved["upper_bound"], proved["population_digest"]) == (
        "supported",
        "0.0475",
        made["population_digest"],
    )
    assert [each["id"] for each in proved["items"]] == made["ids"]
    worse = told(
        "evaluate", "--draw", drawn, "--population", parts, "--results", results(tmp_path / "r.csv", made, 1), code=1
    )
    assert worse["conclusion"] == "not_supported" and worse["deviations"] == "1"


def test_the_sheet_of_fieldwork_comes_back_as_results(parts: Path, tmp_path: Path) -> None:
    plan, drawn, sheet = tmp_path / "plan.json", tmp_path / "draw.json", tmp_path / "sheet.xlsx"
    told("plan", "--population", parts, "--id", "part", "--tolerable", "5%", "--out", plan)
    made = told("draw", "--population", parts, "--plan", plan, "--seed", "s", "--out", drawn, "--sheet", sheet)
    shown = pd.read_excel(sheet, sheet_name="Sample", dtype=str, engine="calamine")
    assert shown["id"].tolist() == made["ids"] and shown["remark"].eq("=SUM(A1)").all()  # a text, and no formula
    assert "have no result" in refused("evaluate", "--draw", drawn, "--population", parts, "--results", sheet)
    filled = tmp_path / "filled.xlsx"
    with xlsxwriter.Workbook(str(filled)) as book:
        book.add_worksheet("Contents").write_string(0, 0, "Audit sample")
        page = book.add_worksheet("Sample")
        for row, cells in enumerate(
            [("number", "id", "result"), *((str(n), id_, "Right") for n, id_ in enumerate(made["ids"]))]
        ):
            for column, cell in enumerate(cells):
                page.write_string(row, column, cell)
    assert told("evaluate", "--draw", drawn, "--population", parts, "--results", filled)["conclusion"] == "supported"


def test_a_changed_population_makes_a_draw_stale(parts: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "draw.json"
    made = told("draw", "--population", parts, "--id", "part", "--size", 5, "--seed", "s", "--out", drawn)
    parts.write_text(parts.read_text("utf-8") + "0400,Acorn,1,x\n", "utf-8")
    for words in (
        ("draw", "--repeat", drawn),
        ("evaluate", "--draw", drawn, "--results", results(tmp_path / "r.csv", made)),
    ):
        said = refused(*words, "--population", parts)
        assert "The draw is stale" in said and "from 400 items" in said and "now has 401" in said


def test_rows_in_another_order_are_the_same_population(parts: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "draw.json"
    told("draw", "--population", parts, "--id", "part", "--size", 5, "--seed", "s", "--out", drawn)
    head, *rows = parts.read_text("utf-8").splitlines()
    parts.write_text("\n".join([head, *reversed(rows)]), "utf-8")
    assert told("draw", "--repeat", drawn, "--population", parts)["same"]


def test_a_draw_is_repeated_as_its_record_says_but_for_what_is_said_now(parts: Path, tmp_path: Path) -> None:
    drawn, about = tmp_path / "draw.json", ("--population", parts, "--id", "part")
    told("draw", *about, "--weight", "value", "--size", 5, "--seed", "s", "--out", drawn)
    assert told("draw", "--repeat", drawn, *about)["same"]
    assert "has no column `colour`" in refused("draw", "--repeat", drawn, *about, "--stratum", "colour")


def test_a_record_with_other_items_than_the_seed_gives_is_told(parts: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "draw.json"
    made = told("draw", "--population", parts, "--id", "part", "--size", 5, "--seed", "s", "--out", drawn)
    other = next(f"{n:04}" for n in range(400) if f"{n:04}" not in made["ids"])
    drawn.write_text(json.dumps({**made, "ids": [other, *made["ids"][1:]]}), "utf-8")
    again = told("draw", "--repeat", drawn, "--population", parts, code=1)
    assert not again["same"] and "is another (1 of the items" in again["message"]


def test_items_that_could_not_be_examined_count_as_deviating_when_that_is_said(parts: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "draw.json"
    made = told("draw", "--population", parts, "--id", "part", "--size", 55, "--seed", "s", "--out", drawn)
    sheet = results(tmp_path / "r.csv", made, missing=2)
    about = ("evaluate", "--draw", drawn, "--population", parts, "--results", sheet, "--tolerable", "5%")
    assert "2 of the 55 items drawn have no result" in refused(*about)
    proved = told(*about, "--missing-deviate", code=1)
    assert proved["deviations"] == "2" and proved["counted_as_deviating"] == made["ids"][-2:]
    assert "2 items drawn could not be examined and count as deviating." in proved["statement"]


def test_results_of_other_items_cannot_stand_in(parts: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "draw.json"
    made = told("draw", "--population", parts, "--id", "part", "--size", 5, "--seed", "s", "--out", drawn)
    other = next(f"{n:04}" for n in range(400) if f"{n:04}" not in made["ids"])
    sheet = results(tmp_path / "r.csv", {"ids": [other, *made["ids"][1:]]})
    assert f"{other} was not drawn" in refused("evaluate", "--draw", drawn, "--population", parts, "--results", sheet)


def test_by_stratum(parts: Path, tmp_path: Path) -> None:
    plan, drawn = tmp_path / "plan.json", tmp_path / "draw.json"
    made = told(
        "plan", "--population", parts, "--id", "part", "--stratum", "supplier", "--tolerable", "5%", "--out", plan
    )
    sizes = {each["stratum"]: (each["population"], each["size"]) for each in made["sizes"]}
    assert sizes == {"Acorn": (300, 42), "Birch": (100, 14)} and made["sample_size"] == 56
    draw = told("draw", "--population", parts, "--plan", plan, "--seed", "s", "--out", drawn)
    assert sum(int(id_) % 4 == 0 for id_ in draw["ids"]) == 14
    assert told("draw", "--repeat", drawn, "--population", parts)["same"]
    proved = told("evaluate", "--draw", drawn, "--population", parts, "--results", results(tmp_path / "r.csv", draw))
    assert proved["conclusion"] == "supported" and [each["stratum"] for each in proved["strata"]] == ["Acorn", "Birch"]


def test_by_weight(parts: Path, tmp_path: Path) -> None:
    plan, drawn = tmp_path / "plan.json", tmp_path / "draw.json"
    made = told("plan", "--population", parts, "--id", "part", "--weight", "value", "--tolerable", "5%", "--out", plan)
    assert (made["sample_size"], made["distribution"], made["by"]) == (60, "poisson", "units")
    draw = told("draw", "--population", parts, "--plan", plan, "--seed", "s", "--out", drawn)
    assert sum(each["hits"] for each in draw["hits"]) == 60 and draw["method"] == "interval"
    assert told("draw", "--repeat", drawn, "--population", parts)["same"]
    sheet = results(tmp_path / "r.csv", draw, 1, column="taint")
    proved = told("evaluate", "--draw", drawn, "--population", parts, "--results", sheet, code=1)
    assert proved["tainted"] == 1 and proved["conclusion"] == "not_supported" and "Stringer" in proved["statement"]


def test_in_stages(parts: Path, tmp_path: Path) -> None:
    plan, drawn = tmp_path / "plan.json", tmp_path / "draw.json"
    told("plan", "--population", parts, "--id", "part", "--stages", 3, "--tolerable", "5%", "--out", plan)
    draw = told("draw", "--population", parts, "--plan", plan, "--seed", "s", "--out", drawn)
    assert len(draw["ids"]) == 125
    about = ("evaluate", "--draw", drawn, "--population", parts, "--results")
    proved = told(*about, results(tmp_path / "r.csv", draw, missing=59))
    assert (proved["conclusion"], proved["sample_size"], proved["not_examined"]) == ("supported", 66, [])
    on = told(*about, results(tmp_path / "r.csv", draw, 1, missing=59), code=1)
    assert (on["conclusion"], on["examine_up_to"]) == ("go_on", 98)


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_populations_in_other_files_are_the_same_population(form: str, parts: Path, tmp_path: Path) -> None:
    table, other = pd.read_csv(parts, dtype=str), tmp_path / f"parts.{form}"
    if form == "xlsx":
        with xlsxwriter.Workbook(str(other), {"strings_to_formulas": False}) as book:
            page = book.add_worksheet("Parts")
            for row, cells in enumerate([table.columns.tolist(), *table.to_numpy().tolist()]):
                for column, cell in enumerate(cells):
                    page.write_string(row, column, str(cell))
    else:
        table.to_parquet(other)
    about = ("--id", "part", "--size", 5, "--seed", "s", "--where", "supplier=Birch")
    first, second = (told("draw", "--population", path, *about) for path in (parts, other))
    assert first["ids"] == second["ids"] and first["population_digest"] == second["population_digest"]
    assert first["population"] == 100


def test_what_a_sample_is_to_show_is_not_chosen_after_its_results(parts: Path, tmp_path: Path) -> None:
    plan, drawn = tmp_path / "plan.json", tmp_path / "draw.json"
    told("plan", "--population", parts, "--id", "part", "--tolerable", "5%", "--confidence", "99%", "--out", plan)
    made = told("draw", "--population", parts, "--plan", plan, "--seed", "s", "--out", drawn)
    about = ("evaluate", "--draw", drawn, "--population", parts, "--results", results(tmp_path / "r.csv", made))
    assert told(*about)["confidence"] == "0.99"
    assert told(*about, "--tolerable", "1/20", "--confidence", "0.99")["conclusion"] == "supported"
    assert told(*about, "--prohibition")["conclusion"] == "no_exception_found"  # stricter is always possible
    assert "has a tolerable rate of 0.05, and 10% is asked for now" in refused(*about, "--tolerable", "10%")
    assert "has a confidence of 0.99, and 90% is asked for now" in refused(*about, "--confidence", "90%")


def test_a_discovery_sample_without_a_plan(parts: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "draw.json"
    made = told("draw", "--population", parts, "--id", "part", "--size", 55, "--seed", "s", "--out", drawn)
    sheet = results(tmp_path / "r.csv", made)
    proved = told("evaluate", "--draw", drawn, "--population", parts, "--results", sheet, "--discover", 20)
    assert (proved["detects"], proved["conclusion"], proved["detection_power"]) == (
        "0.05",
        "no_exception_found",
        "0.952016",
    )


def test_of_stages_that_have_not_begun_nothing_is_missing(parts: Path, tmp_path: Path) -> None:
    plan, drawn = tmp_path / "plan.json", tmp_path / "draw.json"
    told("plan", "--population", parts, "--id", "part", "--stages", 3, "--tolerable", "5%", "--out", plan)
    made = told("draw", "--population", parts, "--plan", plan, "--seed", "s", "--out", drawn)
    sheet = results(tmp_path / "r.csv", made, missing=27)
    lines = sheet.read_text("utf-8").splitlines()
    sheet.write_text("\n".join(lines[:1] + lines[2:]), "utf-8")  # the first item could not be examined
    about = ("evaluate", "--draw", drawn, "--population", parts, "--results", sheet)
    assert told(*about, code=1)["sample_size"] == 0
    proved = told(*about, "--missing-deviate")
    assert (proved["conclusion"], proved["sample_size"], proved["deviations"]) == ("supported", 98, "1")
    assert proved["counted_as_deviating"] == made["ids"][:1]


def test_by_weight_as_many_hits_as_items_are_all_items(tmp_path: Path) -> None:
    path, drawn = tmp_path / "few.csv", tmp_path / "draw.json"
    path.write_text("part,value\n" + "".join(f"P{number},{number + 1}\n" for number in range(40)), "utf-8")
    plan = tmp_path / "plan.json"
    made = told("plan", "--population", path, "--id", "part", "--weight", "value", "--tolerable", "5%", "--out", plan)
    assert made["sample_size"] == 40 and "All 40 items are examined" in made["statement"]
    assert len(told("draw", "--population", path, "--plan", plan, "--seed", "s", "--out", drawn)["certain"]) == 40


def test_what_is_there_already_is_not_written_over(parts: Path, tmp_path: Path) -> None:
    sheet, out = tmp_path / "s.xlsx", tmp_path / "d.json"
    about = ("draw", "--population", parts, "--id", "part", "--size", 5, "--sheet", sheet, "--out", out)
    assert not sample(*about, "--seed", "one").exit_code
    before = sheet.read_bytes(), out.read_bytes()
    assert "results may stand in it" in refused(*about, "--seed", "two")
    assert "holds something else" in refused(*about[:-4], "--out", out, "--seed", "two")
    assert not sample(*about[:-4], "--out", out, "--seed", "one").exit_code  # the same record
    assert (sheet.read_bytes(), out.read_bytes()) == before


# over an engagement


def test_in_an_engagement_each_step_is_an_entry_of_the_ledger(engagement: Engagement, tmp_path: Path) -> None:
    about = ("--engagement", engagement.root, "--name", "imports", *BY)
    assert not sample("plan", *about[:2], "--population", "transactions", "--tolerable", "10%").exit_code
    assert not judgements.read(engagement.ledger).of("sample")  # a look at what it would be
    told("plan", *about, "--population", "transactions", "--where", "kind=vehicle_import", "--tolerable", "10%")
    assert checked(engagement, "sample_gap") == ["sample imports"]
    draw = told("draw", *about, "--seed", "5 3 6 1")
    assert checked(engagement, "sample_gap") == ["sample imports"]
    proved = told("evaluate", *about, "--results", results(tmp_path / "r.csv", draw))
    assert proved["conclusion"] == "supported"
    assert not checked(engagement, "sample_gap") and not checked(engagement, "sample_redrawn")
    entries = judgements.read(engagement.ledger).of("sample")
    assert [(entry.question, entry.by) for entry in entries] == [
        (step, "M. Okonjo") for step in ("plan", "draw", "evaluation")
    ]
    assert {entry.facts_digest for entry in entries} == {draw["population_digest"]}


def test_a_table_that_changes_makes_the_sample_stale(engagement: Engagement, tmp_path: Path) -> None:
    about = ("--engagement", engagement.root, "--name", "imports", *BY)
    told("plan", *about, "--population", "transactions", "--tolerable", "10%")
    draw = told("draw", *about, "--seed", "s")
    path = engagement.tables / "transactions.parquet"
    tables.write(tables.read(path).iloc[1:], path)
    assert checked(engagement, "sample_stale") == ["sample imports"]
    assert "The draw is stale" in refused("evaluate", *about, "--results", results(tmp_path / "r.csv", draw))
    path.unlink()
    assert "cannot be read any more" in next(
        p["message"] for p in check.status(engagement)["problems"] if p["code"] == "sample_stale"
    )


def test_who_draws_again_until_it_suits_has_to_say_why(engagement: Engagement) -> None:
    about = ("--engagement", engagement.root, "--name", "imports", *BY)
    told("plan", *about, "--population", "transactions", "--tolerable", "10%")
    told("draw", *about, "--seed", "one")
    told("draw", *about, "--seed", "one")  # the same draw, entered twice
    assert not checked(engagement, "sample_redrawn")
    told("draw", *about, "--seed", "two")
    assert checked(engagement, "sample_redrawn") == ["sample imports"]
    told("plan", *about, "--population", "transactions", "--tolerable", "5%")  # another plan asks for another draw
    assert not checked(engagement, "sample_redrawn")


def test_an_evaluation_of_an_earlier_draw_counts_no_more(engagement: Engagement, tmp_path: Path) -> None:
    about = ("--engagement", engagement.root, "--name", "imports", *BY)
    told("plan", *about, "--population", "transactions", "--tolerable", "10%")
    told("evaluate", *about, "--results", results(tmp_path / "r.csv", told("draw", *about, "--seed", "one")))
    assert not checked(engagement, "sample_gap")
    told("draw", *about, "--seed", "two")
    assert checked(engagement, "sample_gap") == ["sample imports"]


def test_where_the_ledger_refuses_no_file_is_left(engagement: Engagement, tmp_path: Path) -> None:
    files = tmp_path / "d.json", tmp_path / "s.xlsx"
    about = ("--engagement", engagement.root, "--name", "x", "--population", "transactions", "--size", 5, "--seed", "s")
    assert "needs a rationale" in refused("draw", *about, "--by", "M. Okonjo", "--out", files[0], "--sheet", files[1])
    assert not any(path.exists() for path in files)


def test_a_planned_sample_is_drawn_as_planned(engagement: Engagement) -> None:
    about = ("--engagement", engagement.root, "--name", "imports", *BY)
    told("plan", *about, "--population", "transactions", "--tolerable", "10%")
    assert "leave --size out" in refused("draw", *about, "--size", 5, "--seed", "s")


def test_a_recorded_plan_and_draw_are_not_gone_around(engagement: Engagement, tmp_path: Path) -> None:
    about = ("--engagement", engagement.root, "--name", "ports", *BY)
    told("plan", *about, "--population", "transactions", "--tolerable", "5%")
    other, drawn = tmp_path / "other.json", tmp_path / "drawn.json"
    told("plan", "--engagement", engagement.root, "--population", "transactions", "--tolerable", "40%", "--out", other)
    assert "planned otherwise" in refused("draw", *about, "--plan", other, "--seed", "s")
    made = told("draw", *about, "--seed", "s", "--out", drawn)
    seen = results(tmp_path / "r.csv", made)
    assert "leave --draw out" in refused("evaluate", *about, "--draw", drawn, "--results", seen)
    assert told("evaluate", *about, "--results", seen)["conclusion"] == "supported"


def test_an_item_may_be_told_apart_by_several_columns(engagement: Engagement) -> None:
    made = told(
        "draw",
        "--engagement",
        engagement.root,
        "--name",
        "records",
        *BY,
        "--population",
        "records",
        "--size",
        3,
        "--seed",
        "s",
    )
    assert all("|" in id_ for id_ in made["ids"]) and made["source"]["ids"] == ["transaction", "record_type"]


def test_the_confidence_is_that_of_the_firm_where_none_is_given(engagement: Engagement) -> None:
    terms = engagement.terms_file.read_text("utf-8")
    assert 'sample_confidence = "0.95"' in terms
    engagement.terms_file.write_text(terms.replace('confidence = "0.95"', 'confidence = "99%"'), "utf-8")
    about = ("plan", "--engagement", engagement.root, "--population", "transactions", "--tolerable", "10%")
    assert told(*about)["confidence"] == "0.99" and told(*about, "--confidence", "90%")["confidence"] == "0.9"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("plan", "--population", "invoices", "--tolerable", "5%"), "There is no table `invoices`"),
        (("plan", "--population", "interviews", "--tolerable", "5%"), "tells the items of interviews apart"),
        (("plan", "--population", "transactions", "--tolerable", "5%", "--name", "x"), "needs a rationale (--because)"),
        (("plan", "--population", "transactions", "--tolerable", "5%", *BY), "needs a name (--name)"),
        (("draw", "--name", "x", "--seed", "s"), "There is no plan of a sample `x`"),
        (("evaluate", "--name", "x", "--results", "r.csv"), "There is no draw of a sample `x`"),
        (("evaluate", "--sample-size", "5", "--deviations", "0"), "item by item"),
        (
            (
                "draw",
                "--population",
                "transactions",
                "--id",
                "supplier",
                "--size",
                "5",
                "--seed",
                "s",
                "--name",
                "x",
                *BY,
            ),
            "have no id",
        ),
        (
            ("draw", "--population", "transactions", "--id", "kind", "--size", "5", "--seed", "s", "--name", "x", *BY),
            "occur more than once",
        ),
    ],
    ids=str,
)
def test_what_an_engagement_refuses(words: tuple[str, ...], says: str, engagement: Engagement) -> None:
    before = engagement.ledger.read_bytes() if engagement.ledger.exists() else b""
    assert says in refused(words[0], "--engagement", engagement.root, *words[1:])
    assert (engagement.ledger.read_bytes() if engagement.ledger.exists() else b"") == before


# many at once


def test_a_table_is_answered_row_by_row_and_other_columns_pass_through(tmp_path: Path) -> None:
    path = tmp_path / "plans.csv"
    path.write_text(
        "clause,distribution,confidence,population_N,tolerable,expected_rate,expected_count\n"
        "791.312,,95%,400,5%,,\n"
        "791.315,binomial,0.95,,0.05,0.01,\n"
        "x,,95,400,5%,,\n"
        "x,,95%,400,5%,6%,\n"
        "x,poisson,95%,,5%,,0.5\n",
        "utf-8",
    )
    rows = told("plan", "--table", path, code=1)["plans"]
    assert [row["sample_size"] for row in rows] == [55, 93, None, None, 79]
    assert [row["clause"] for row in rows] == ["791.312", "791.315", "x", "x", "x"]
    assert "write 0.95 or 95%" in rows[2]["reason"] and "not above the expected one" in rows[3]["reason"]


def test_a_table_of_evaluations(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    path.write_text(
        "distribution,confidence,population_N,sample_n,deviations\nhypergeometric,0.95,400,55,0\n,0.95,,59,0\n,0.95,40,41,0\n",
        "utf-8",
    )
    rows = told("evaluate", "--table", path, code=1)["evaluations"]
    assert [row["upper_bound"] for row in rows] == ["0.0475", "0.0495076099", None]
    assert "larger than the population" in rows[2]["reason"]


CELLS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["", "0.95", "95%", "5%", "1/20", "0", "1", "400", "3", "59", "hypergeometric", "binomial", "poisson", "9" * 15]
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=5))
def test_no_table_breaks_it(rows: list[list[str]]) -> None:
    from assessor.sampling import tables as many

    named = [dict(zip(many.PLAN_COLUMNS, row, strict=True)) for row in rows]
    assert [row["sample_size"] is None or row["sample_size"] > 0 for row in many.plans(named)] == [True] * len(rows)
    found = [dict(zip((*many.EVALUATION_COLUMNS, "x"), row, strict=True)) for row in rows]
    assert len(many.evaluations(found)) == len(rows)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "has no column `confidence`"),
        (b"confidence\n0.95\n", "has no column `tolerable`"),
        (b"confidence,tolerable\n0.95\n", "line 2, has not 2 cells"),
        (b"confidence,tolerable\n0.95,5%,1\n", "line 2, has not 2 cells"),
        (b"confidence,tolerable,tolerable\n", "two columns of one name"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b'confidence,tolerable\n"0.95,5%\n', "no CSV that can be read"),
    ],
    ids=str,
)
def test_a_table_that_is_none_is_refused(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert says in refused("plan", "--table", path)


# what is refused


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("plan",), "Say which rate can just not be tolerated"),
        (("plan", "--tolerable", "5%", "--confidence", "95"), "write 0.95 or 95%"),
        (("plan", "--tolerable", "1%", "--expected-rate", "2%"), "not above the expected one"),
        (("plan", "--tolerable", "5%", "--population", "no.csv", "--id", "part"), "There is no file no.csv"),
        (("plan", "--tolerable", "5%", "--population", "{parts}"), "Say which column"),
        (
            ("plan", "--tolerable", "5%", "--population", "{parts}", "--id", "number"),
            "has no column `number`; there are: part",
        ),
        (("plan", "--tolerable", "5%", "--population", "{parts}", "--id", "supplier"), "2 ids occur more than once"),
        (
            ("plan", "--tolerable", "5%", "--population", "{parts}", "--id", "part", "--where", "supplier"),
            "is no condition",
        ),
        (
            ("plan", "--tolerable", "5%", "--population", "{parts}", "--id", "part", "--where", "supplier=X"),
            "the population is empty",
        ),
        (("plan", "--tolerable", "5%", "--population", "{parts}", "--id", "remark"), "a formula stands as text"),
        (
            ("plan", "--tolerable", "5%", "--population", "{parts}", "--id", "part", "--weight", "supplier"),
            "is no number",
        ),
        (
            (
                "plan",
                "--tolerable",
                "5%",
                "--population",
                "{parts}",
                "--id",
                "part",
                "--stratum",
                "supplier",
                "--weight",
                "value",
            ),
            "not by both",
        ),
        (("plan", "--tolerable", "5%", "--stages", "3", "--prohibition"), "leave these out"),
        (("plan", "--discover", "3"), "needs the population"),
        (("plan", "--population", "400", "--discover", "20", "--stages", "3"), "discovery"),
        (
            ("plan", "--population", "40", "--tolerable", "1%", "--distribution", "binomial", "--stages", "3"),
            "before all items",
        ),
        (
            ("plan", "--population", "400", "--tolerable", "5%", "--expected-count", "2", "--prior", "1,1"),
            "the expected count",
        ),
        (("plan", "--population", "²", "--tolerable", "5%"), "²"),
        (("plan", "--discover", "3", "--population", "400", "--tolerable", "5%"), "tolerates no rate"),
        (("plan", "--tolerable", "5%", "--stratum", "supplier"), "name it with --population"),
        (("plan", "--tolerable", "5%", "--name", "x"), "Only an engagement"),
        (("draw", "--population", "{parts}", "--id", "part", "--size", "5"), "needs a seed"),
        (("draw", "--population", "{parts}", "--id", "part", "--seed", "s"), "Say how many items to draw"),
        (
            ("draw", "--population", "{parts}", "--id", "part", "--seed", "s", "--size", "401"),
            "larger than the population of 400",
        ),
        (
            ("draw", "--population", "{parts}", "--id", "part", "--seed", "s", "--size", "5", "--sheet", "s.csv"),
            "ends in .xlsx",
        ),
        (
            ("draw", "--population", "{parts}", "--id", "part", "--stratum", "supplier", "--seed", "s", "--size", "5"),
            "how many of each",
        ),
        (("draw", "--repeat", "{parts}", "--population", "{parts}"), "no JSON that can be read"),
        (("evaluate", "--sample-size", "5"), "how many items were examined"),
        (("evaluate", "--sample-size", "50", "--deviations", "0", "--population", "40"), "larger than the population"),
        (("evaluate", "--sample-size", "5", "--deviations", "0", "--population", "{parts}"), "is no number"),
        (("evaluate", "--results", "{parts}"), "with their draw"),
    ],
    ids=str,
)
def test_what_is_refused_in_a_sentence(words: tuple[str, ...], says: str, parts: Path) -> None:
    assert says in refused(*(word.replace("{parts}", str(parts)) for word in words))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"schema": "other"}, "is no plan of the schema"),
        ({"sizes": 5}, "not as `assessor sample plan` wrote it"),
        ({"sizes": [{"stratum": "", "size": "55"}]}, "not as `assessor sample plan` wrote it"),
        ({"sizes": [{"stratum": "", "size": None}]}, "gives no size"),
        ({"population": "many"}, "not as `assessor sample plan` wrote it"),
        ({"stages": [1]}, "not as `assessor sample plan` wrote it"),
        ({"source": {}}, "does not say how its population was read"),
        ({"population_digest": "0" * 64}, "has changed since the plan"),
        ({"population_digest": None, "population": 7}, "is for 7 items"),
    ],
    ids=str,
)
def test_a_plan_that_was_edited_is_refused(edit: dict[str, Any], says: str, parts: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    made = told("plan", "--population", parts, "--id", "part", "--tolerable", "5%")
    path.write_text(json.dumps({**made, **edit}), "utf-8")
    assert says in refused("draw", "--population", parts, "--plan", path, "--seed", "s")


@pytest.mark.parametrize(
    "edit",
    [
        {"population": 399},
        {"ids": 5},
        {"hits": [1]},
        {"method": "x"},
        {"seed": ""},
        {"generator_version": 2},
        {"sizes": [{"stratum": "Z", "size": 5}]},
        {"plan": 5},
        {"by": "x"},
    ],
    ids=str,
)
def test_a_draw_that_was_edited_does_not_pass(edit: dict[str, Any], parts: Path, tmp_path: Path) -> None:
    path = tmp_path / "draw.json"
    made = told("draw", "--population", parts, "--id", "part", "--size", 5, "--seed", "s")
    path.write_text(json.dumps({**made, **edit}), "utf-8")
    result = sample("draw", "--repeat", path, "--population", parts)
    assert result.exit_code == 2 or "the record is not as the draw was" in result.stdout


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["id,outcome"], "has no column `result`"),
        (["id,result", "{0},fine"], "`fine` is no result"),
        (["id,result", ",right"], "names no item"),
        (["id,result", "{0},right", "{0},right"], "two rows of"),
        (["id,result"], "5 of the 5 items drawn have no result"),
    ],
    ids=str,
)
def test_results_that_cannot_count_are_refused(rows: list[str], says: str, parts: Path, tmp_path: Path) -> None:
    drawn, sheet = tmp_path / "draw.json", tmp_path / "r.csv"
    made = told("draw", "--population", parts, "--id", "part", "--size", 5, "--seed", "s", "--out", drawn)
    sheet.write_text("\n".join(row.format(*made["ids"]) for row in rows), "utf-8")
    assert says in refused("evaluate", "--draw", drawn, "--population", parts, "--results", sheet)


def test_nothing_is_left_where_a_draw_is_refused(parts: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    refused(
        "draw",
        "--population",
        parts,
        "--id",
        "part",
        "--size",
        999,
        "--seed",
        "s",
        "--out",
        tmp_path / "d.json",
        "--sheet",
        tmp_path / "s.xlsx",
    )
    assert sorted(tmp_path.iterdir()) == before
