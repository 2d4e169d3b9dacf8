"""Hardware sheets and hostile bills of materials from file to table, against reading the same bytes without understanding them.

    python benchmarks/bom_sheets.py [ROWS]     default 200,000

Writes the same files in every run, each read in a process of its own. Prints CPU seconds of recognising and reading, the ratio
to the bare reading (the csv module's, python-calamine's, lxml's, PyYAML's) in the same process, and the most memory taken.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import python_calamine
import xlsxwriter
import yaml
from lxml import etree

from assessor import rule
from assessor.evidence import readers, tables

ROWS = 200_000
HEAD = ("Level", "P/N", "Name", "Qty", "Ref Des", "Manufacturer", "MPN", "Supplier", "Country of Origin")
MAKERS = ("Fellmark", "Nordlicht", "Ohmwerk", "Kanto Parts", "Sierra Semi")
COUNTRIES = ("Japan", "Germany", "China", "Mexico", "Taiwan")


def part(number: int) -> tuple[Any, ...]:
    """A part as PLM systems export it, four levels deep at most."""
    level = 1 + (number % 7 > 0) + (number % 7 > 3)
    places = f"C{2 * number}, C{2 * number + 1}"
    maker, country = MAKERS[number % 5], COUNTRIES[number % 5]
    name, mpn = f"Capacitor {number % 991} nF", f"GRM{number:08}"
    return level, f"P-{number:07}", name, 2, places, maker, mpn, f"Supplier {number % 40}", country


def parts_csv(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *map(part, range(count))])


def parts_xlsx(path: Path, count: int) -> None:
    _workbook(path, [HEAD, *map(part, range(count))])


def formulas(path: Path, count: int) -> None:
    """Formulas without a stored value in place of each quantity."""
    _workbook(path, [HEAD[1:4], *((f"P-{n}", f"part {n}", f"=A{n + 2}+1") for n in range(count * 3 // 2))])


def _workbook(path: Path, rows: list[tuple[Any, ...]]) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("BOM")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if str(value).startswith("="):
                sheet.write_formula(at, column, value, None, "")
            else:
                sheet.write(at, column, value)
    book.close()


def quotes(path: Path, count: int) -> None:
    """Quotation marks that do not match, on each line."""
    rows = (f'{n},"a"x{n},1,m\n' for n in range(count * 5 // 2))
    path.write_text("P/N,Name,Qty,MPN\n" + "".join(rows), "utf-8")


def nowhere(path: Path, count: int) -> None:
    """A problem on each line."""
    rows = (f"P-{n},a,1,m,Nowhere {n}\n" for n in range(count))
    path.write_text("P/N,Name,Qty,MPN,Country of Origin\n" + "".join(rows), "utf-8")


def empty_xml(path: Path, count: int) -> None:
    begin = '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>'
    path.write_text(begin + "<component/>" * (count * 5) + "</components></bom>", "utf-8")


def empty_yaml(path: Path, count: int) -> None:
    path.write_text("spdxVersion: SPDX-2.3\nname: x\npackages:\n" + "- {}\n" * (count * 5 // 2), "utf-8")


def bare_csv(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass


def bare_xlsx(path: Path) -> None:
    for _ in python_calamine.load_workbook(path).get_sheet_by_index(0).iter_rows():
        pass


def bare_xml(path: Path) -> None:
    for _, element in etree.iterparse(str(path)):
        element.clear()


def bare_yaml(path: Path) -> None:
    with path.open("rb") as file:
        for _ in yaml.parse(file, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
            pass


CASES: dict[str, tuple[Callable[[Path, int], None], Callable[[Path], None]]] = {
    "parts, CSV": (parts_csv, bare_csv),
    "parts, XLSX": (parts_xlsx, bare_xlsx),
    "formulas without values": (formulas, bare_xlsx),
    "unmatched quotation marks": (quotes, bare_csv),
    "a problem on each line": (nowhere, bare_csv),
    "empty components, XML": (empty_xml, bare_xml),
    "empty packages, YAML": (empty_yaml, bare_yaml),
}


def measured(name: str, path: Path) -> tuple[float, float, int, int, int]:
    """Seconds of our way and of the bare one, the peak in MB, rows and problems."""
    law = rule.load()
    started = time.process_time()
    kind, _ = readers.examine(path)
    reading = readers.read_item(kind, path, "E-1", law)
    count = len(tables.arrow("components", reading.tables["components"]))
    took = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    started = time.process_time()
    CASES[name][1](path)
    return took, time.process_time() - started, peak, count, len(reading.problems)


def lines(count: int) -> Iterator[str]:
    """A line for each case."""
    with tempfile.TemporaryDirectory() as folder:
        for name, (write, _) in CASES.items():
            path = Path(folder) / "bom"
            write(path, count)
            with get_context("spawn").Pool(1) as pool:
                took, bare, peak, rows, problems = pool.apply(measured, (name, path))
            told = f"{rows:>9,} rows, {problems:>5,} problems: {took:5.2f} s, ratio {took / bare:5.1f}, {peak} MB"
            yield f"{name:<26} {told}"


def main() -> None:
    """Run and print."""
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS):
        print(line, flush=True)


if __name__ == "__main__":
    main()
