"""What an import of hardware holds (§791.302(a)): which parts by item, part number and supplier, and what stays open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from assessor.procedures import hardware_imports
from assessor.procedures.working import rows
from tests.cases.runner import facts

# Homeland's radio comes first, so that a choice of the first row is no accident. Module and MCU are Qilin's, the sealed
# unit is listed under its own number; Other unit holds a module of the same number from Homeland.
PARTS = [
    {"item": "Unit", "name": "Radio", "type": "Wi-Fi module", "part_number": "W-1", "supplier": "Homeland"},
    {"item": "Unit", "name": "Module", "type": "Cellular module", "part_number": "M-1", "supplier": "Qilin"},
    {"item": "Unit", "name": "U1", "type": "MCU", "part_number": "U-1", "supplier": "Qilin"},
    {"item": "Unit", "name": "Unit", "type": "Cellular module", "part_number": "S-1", "supplier": "Depot", "level": 0},
    {"item": "Other unit", "name": "Module", "type": "Cellular module", "part_number": "M-1", "supplier": "Homeland"},
]
OWNERS = {
    "Homeland": "excluded",
    "Depot": "excluded",
    "Qilin": {"prc_russia": "established"},
    "QILIN LTD": {"prc_russia": "established", "supplier_name": "Qilin"},
    "Nordwind": "possible",
}


def held(*imports: dict[str, Any], parts: list[dict[str, Any]] = PARTS) -> list[tuple[Any, ...]]:
    """Name of the part (None: only the ledger's supplier), supplier and whether it is VCS hardware, sorted."""
    made = facts(
        {
            "components": parts,
            "transactions": list(imports),
            "owners": OWNERS,
            "answers": {"directly_enables/Unit": "yes", "directly_enables/Other unit": "yes"},
        },
        {"components": {"medium": "hardware", "level": 1}, "transactions": {"kind": "hardware_import"}},
    )
    names = {row["component"]: row["name"] for row in rows(made.tables["components"])}
    content = made.of(hardware_imports.content)
    assert not content[["component", "missing"]].isin(["False", "True"]).any(axis=None)
    return sorted(
        ((names.get(row["component"]), row["canonical"], row["sure"]) for row in rows(content)),
        key=lambda row: str(row),
    )


WHOLE = [
    ("Module", "Qilin", True),
    ("Radio", "Homeland", True),
    ("U1", "Qilin", None),
    (None, "Depot", True),  # who assembled the unit
]


@pytest.mark.parametrize(
    ("ledger", "parts"),
    [
        ({"item": "Unit", "supplier": "Depot"}, WHOLE),
        ({"item": "Unit", "part_number": "S-1", "supplier": "Depot"}, WHOLE),
        ({"item": "Unit", "part_number": "M-1", "supplier": "Qilin"}, [("Module", "Qilin", True)]),
        ({"item": "Other unit", "part_number": "M-1", "supplier": "Homeland"}, [("Module", "Homeland", True)]),
        ({"part_number": "U-1", "supplier": "Qilin"}, [("U1", "Qilin", None)]),
        ({"item": "Third unit", "part_number": "U-1", "supplier": "Qilin"}, [("U1", "Qilin", None)]),
        ({"item": "U1", "supplier": "Qilin"}, [("U1", "Qilin", None)]),
        ({"item": "U1"}, [("U1", "Qilin", None)]),
        ({"item": "Unit", "part_number": "M-1", "supplier": "QILIN LTD"}, [("Module", "Qilin", True)]),
    ],
)
def test_an_import_holds_the_parts_that_its_item_or_part_number_stands_for(
    ledger: dict[str, Any], parts: list[tuple[Any, ...]]
) -> None:
    assert held(ledger) == parts


@pytest.mark.parametrize(
    ("ledger", "supplier"),
    [
        ({"supplier": "Qilin"}, "Qilin"),
        ({}, None),
        ({"item": "Third unit", "supplier": "Nordwind"}, "Nordwind"),
        ({"item": "Unit", "part_number": "Q-9", "supplier": "Stranger"}, "Stranger"),
        ({"part_number": "Q-9"}, None),
    ],
)
def test_an_import_that_no_bill_of_materials_explains_holds_an_unknown_part_of_the_supplier_that_the_ledger_names(
    ledger: dict[str, Any], supplier: str | None
) -> None:
    assert held(ledger) == [(None, supplier, None)]


def test_a_trader_supplies_what_it_imports_and_what_is_undetermined_in_it_stays_so() -> None:
    assert held({"part_number": "W-1", "supplier": "Nordwind"}) == [
        ("Radio", "Homeland", True),
        (None, "Nordwind", True),
    ]
    assert held({"part_number": "U-1", "supplier": "Nordwind"}) == [("U1", "Qilin", None), (None, "Nordwind", None)]
    assert held({"item": "Unit", "supplier": "Nordwind"})[-1] == (None, "Nordwind", True)


def test_what_a_trader_leaves_open_is_what_is_missing_about_its_parts() -> None:
    made = facts(
        {
            "components": PARTS[2],
            "transactions": {"part_number": "U-1", "supplier": "Nordwind"},
            "owners": OWNERS,
            "answers": {"directly_enables/Unit": "yes"},
        },
        {"components": {"medium": "hardware", "level": 1}, "transactions": {"kind": "hardware_import"}},
    )
    own, trader = rows(made.of(hardware_imports.content))
    assert trader["canonical"] == "Nordwind" and trader["missing"] == own["missing"] is not None


TWO = [
    {"item": "Unit", "name": "Module", "type": "Cellular module", "part_number": "M-1", "supplier": "Homeland"},
    {"item": "Unit", "name": "Module", "type": "Cellular module", "part_number": "M-1", "supplier": "Qilin"},
    {"item": "Unit", "name": "Radio", "type": "Wi-Fi module", "part_number": "W-1", "supplier": "Homeland"},
]


def test_a_part_of_two_sources_is_that_of_the_one_the_ledger_names_and_open_where_it_names_neither() -> None:
    assert held({"part_number": "M-1", "supplier": "Homeland"}, parts=TWO) == [("Module", "Homeland", True)]
    assert held({"part_number": "M-1"}, parts=TWO) == [("Module", "Homeland", None), ("Module", "Qilin", None)]
    assert held({"part_number": "M-1", "supplier": "Nordwind"}, parts=TWO) == [
        ("Module", "Homeland", None),
        ("Module", "Qilin", None),
        (None, "Nordwind", True),
    ]
    assert held({"item": "Unit", "supplier": "Homeland"}, parts=TWO) == [
        ("Module", "Homeland", True),
        ("Module", "Qilin", True),
        ("Radio", "Homeland", True),
    ]


def test_the_maker_of_a_part_of_one_source_is_as_sure_as_its_distributor() -> None:
    part = {**TWO[1], "supplier": "Depot", "manufacturer": "Qilin"}
    assert held({"part_number": "M-1"}, parts=[part, TWO[2]]) == [("Module", "Depot", True), ("Module", "Qilin", True)]


def carrying(*imports: dict[str, Any], vehicles: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """Whether each import holds Qilin's module, and whether it is for a connected vehicle."""
    made = facts(
        {
            "components": PARTS,
            "vehicles": vehicles,
            "transactions": list(imports),
            "owners": OWNERS,
            "answers": {"directly_enables/Unit": "yes", "directly_enables/Other unit": "yes"},
        },
        {"components": {"medium": "hardware", "level": 1}, "vehicles": VEHICLE},
    )
    content = made.of(hardware_imports.content)
    holds = hardware_imports.carries(made, content[content["canonical"] == "Qilin"])
    return plain(holds), plain(hardware_imports.for_connected(made))


VEHICLE = {
    "power": "driven",
    "model_year": 2030,
    "rail_only": False,
    "public_roads": True,
    "wireless": True,
    "gvwr_unit": "lb",
}
CAR, TRUCK, UNWEIGHED = ({"line": line, "gvwr": gvwr} for line, gvwr in (("Wren", 5000), ("Ox", 14050), ("Kite", None)))


def plain(column: pd.Series) -> list[Any]:
    return [None if value is pd.NA else bool(value) for value in column]


def test_of_several_imports_only_those_that_hold_the_part_carry_it() -> None:
    module = {"kind": "hardware_import", "part_number": "M-1", "item": "Unit", "supplier": "Qilin"}
    imports = [
        {"kind": "hardware_import", "part_number": "W-1", "item": "Unit", "supplier": "Homeland"},
        module,
        {"kind": "vehicle_sale", "line": "Wren"},
        {"kind": "hardware_import", "part_number": "U-1", "item": "Unit", "supplier": "Qilin"},
        {"kind": "vehicle_import", "line": "Wren"},
        {"kind": "vehicle_import", "line": "Kite"},
        module,
        {},
    ]
    holds, _ = carrying(*imports, vehicles=[{**CAR, "items": "Other unit; Unit"}, {**UNWEIGHED, "items": "Other unit"}])
    assert holds == [False, True, False, None, True, False, True, False]


@pytest.mark.parametrize(
    ("vehicles", "ledger", "connected"),
    [
        ([CAR], {}, True),
        ([TRUCK], {}, False),
        ([UNWEIGHED], {}, None),
        ([TRUCK, CAR], {}, True),
        ([TRUCK, UNWEIGHED], {}, None),
        ([UNWEIGHED, CAR], {}, True),
        ([TRUCK, CAR], {"line": "Ox"}, False),
        ([TRUCK, UNWEIGHED], {"line": "Kite"}, None),
        ([TRUCK], {"line": "Heron"}, False),
        ([TRUCK], {"item": "Third unit"}, True),
    ],
)
def test_hardware_is_for_a_connected_vehicle_by_its_line_or_else_by_any_line_that_carries_its_item(
    vehicles: list[dict[str, Any]], ledger: dict[str, Any], connected: bool | None
) -> None:
    row = {"kind": "hardware_import", "item": "Unit", "date": date(2029, 5, 2), **ledger}
    assert carrying(row, vehicles=[{**vehicle, "items": "Unit"} for vehicle in vehicles])[1] == [connected]
