"""Terms of an engagement: what is wrong in engagement.toml is said with its place."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from assessor import resources
from assessor.engagement import INTAKE_LIMITS, parse_terms
from assessor.errors import EngagementError
from assessor.evidence import sources

TERMS = (resources.folder("fixtures") / "fellmark" / "engagement.toml").read_text("utf-8")


def terms(folder: Path, items: str) -> Path:
    path = folder / "engagement.toml"
    path.write_text(f"{TERMS}\n{items}\n", "utf-8")
    return path


def test_an_item_may_say_to_which_system_its_hardware_is_connected(tmp_path: Path) -> None:
    told = parse_terms(terms(tmp_path, '[[items]]\nname = "Gateway"\nconnected_to = "TCU-7 telematics unit"'))
    assert told.items[-1]["connected_to"] == "TCU-7 telematics unit"


@pytest.mark.parametrize("wrong", ["true", '""', '" "', '["TCU-7 telematics unit"]'])
def test_a_connection_that_names_no_system_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(EngagementError, match="number 4 needs `connected_to` as the name"):
        parse_terms(terms(tmp_path, f'[[items]]\nname = "Gateway"\nconnected_to = {wrong}'))


@pytest.mark.parametrize("wrong", ["true", "-1", '"five"', "2.5"])
def test_a_sample_of_records_that_is_no_number_is_refused(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(TERMS.replace("[criteria]", f"[criteria]\nrecords_sample = {wrong}"), "utf-8")
    with pytest.raises(EngagementError, match="needs `records_sample` as a whole number"):
        parse_terms(path)


@pytest.mark.parametrize(
    "wrong", ["0.95", '"95"', '"1.0"', '"0"', '"0.00"', '"-0.1"', '"high"', "true", '"100%"', '"0%"']
)
@pytest.mark.parametrize("key", ["sample_confidence", "sample_tolerable"])
def test_a_confidence_or_a_rate_of_samples_that_is_none_is_refused(tmp_path: Path, key: str, wrong: str) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(re.sub(rf"{key} = .*", f"{key} = {wrong}", TERMS), "utf-8")
    with pytest.raises(EngagementError, match=f"needs `{key}` as a text such as"):
        parse_terms(path)


def test_a_rate_without_a_confidence_is_refused_and_a_confidence_alone_is_not(tmp_path: Path) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(re.sub(r"sample_confidence = .*\n", "", TERMS), "utf-8")
    with pytest.raises(EngagementError, match="needs `sample_confidence` beside `sample_tolerable`"):
        parse_terms(path)
    path.write_text(re.sub(r"sample_tolerable = .*\n", "", TERMS), "utf-8")
    assert "sample_tolerable" not in parse_terms(path).criteria


@pytest.mark.parametrize("told", ["95%", "99.5 %", "0.95", ".9"])
def test_a_confidence_is_a_part_of_a_whole_in_either_way_of_writing(tmp_path: Path, told: str) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(re.sub(r"sample_confidence = .*", f'sample_confidence = "{told}"', TERMS), "utf-8")
    assert parse_terms(path).criteria["sample_confidence"] == told


@pytest.mark.parametrize("wrong", ["4", '""', '" "', '"a\\tb"'])
def test_a_seed_that_cannot_be_printed_is_refused(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(re.sub(r"sample_seed = .*", lambda _: f"sample_seed = {wrong}", TERMS), "utf-8")
    with pytest.raises(EngagementError, match="needs `sample_seed` as a printable text"):
        parse_terms(path)


ALIASES = '[[aliases]]\nlegal = ["云桥科技有限公司", "Blue Arch Technology Co., Ltd."]\n'


def test_the_firms_own_aliases_are_read(tmp_path: Path) -> None:
    told = parse_terms(
        terms(tmp_path, ALIASES + 'short = ["云桥"]\ncountry = "CN"\nsource = "its extract of 2026-10-02"')
    )
    assert told.aliases[0]["short"] == ["云桥"]
    assert parse_terms(terms(tmp_path, "")).aliases == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (ALIASES, "[[aliases]] number 1 needs `source`"),
        (ALIASES + "source = 7", "needs `source` as a text"),
        (ALIASES + 'source = "s"\nshort = "云桥"', "needs `short` as a list of names"),
        (ALIASES + 'source = "s"\nshort = [" "]', "needs `short` as a list of names"),
        (ALIASES + 'source = "s"\ncountry = "China"', "needs `country` as a code"),
        ('[[aliases]]\nlegal = ["A Ltd"]\nsource = "s"', "needs at least two names"),
    ],
)
def test_an_entry_of_aliases_that_is_wrong_is_named(tmp_path: Path, wrong: str, problem: str) -> None:
    with pytest.raises(EngagementError, match=re.escape(problem)):
        parse_terms(terms(tmp_path, wrong))


ASSIGNED = '[workpapers]\npreparer = "A. Feldhaus"\nreviewer = "C. Merrow"\n'


def test_workpapers_are_assigned_to_a_preparer_and_a_reviewer_or_to_nobody_yet(tmp_path: Path) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(TERMS, "utf-8")
    assert parse_terms(path).workpapers == {"preparer": "A. Feldhaus", "reviewer": "C. Merrow"}
    path.write_text(TERMS.replace(ASSIGNED, ""), "utf-8")
    assert parse_terms(path).workpapers == {}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("[workpapers]\npreparer = true\n", "[workpapers] needs `preparer` as the name of a person"),
        ('[workpapers]\nreviewer = " "\n', "[workpapers] needs `reviewer` as the name of a person"),
        ('[workpapers]\npreparer = "A. Oak"\nreviewer = "a.  oak"\n', "a `reviewer` other than the `preparer`"),
        ('[[workpapers]]\npreparer = "A. Oak"\n', "needs `workpapers` as a table"),
    ],
)
def test_an_assignment_of_workpapers_that_is_wrong_is_named(tmp_path: Path, wrong: str, problem: str) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(TERMS.replace(ASSIGNED, wrong), "utf-8")
    with pytest.raises(EngagementError, match=re.escape(problem)):
        parse_terms(path)


def test_limits_of_a_delivery_are_read(tmp_path: Path) -> None:
    told = parse_terms(terms(tmp_path, "[intake]\nmax_members = 1_000\nmax_depth = 2"))
    assert told.intake == {"max_members": 1000, "max_depth": 2}
    assert sources.Limits(**told.intake).max_ratio == sources.Limits().max_ratio
    assert set(INTAKE_LIMITS) == {each.name for each in fields(sources.Limits)}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("[intake]\nmax_files = 5", "has `max_files`, which is none of max_members"),
        ("[intake]\nmax_members = 0", "needs `max_members` as a whole number"),
        ("[intake]\nmax_bytes = true", "needs `max_bytes` as a whole number"),
        ('[intake]\nmax_depth = "2"', "needs `max_depth` as a whole number"),
        ("[[intake]]\nmax_depth = 2", "needs `intake` as a table"),
    ],
)
def test_limits_of_a_delivery_that_are_none_are_named(tmp_path: Path, wrong: str, problem: str) -> None:
    with pytest.raises(EngagementError, match=re.escape(problem)):
        parse_terms(terms(tmp_path, wrong))
