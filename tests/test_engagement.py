"""Terms of an engagement: what is wrong in engagement.toml is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor import resources
from assessor.engagement import parse_terms
from assessor.errors import EngagementError

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
    path.write_text(TERMS.replace("records_sample = 5", f"records_sample = {wrong}"), "utf-8")
    with pytest.raises(EngagementError, match="needs `records_sample` as a whole number"):
        parse_terms(path)
