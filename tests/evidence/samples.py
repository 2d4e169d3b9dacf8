"""Small evidence files for the tests of the readers, and a stand-in for the rule's one function that readers use."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import docx
import xlsxwriter
from reportlab.pdfgen import canvas


class Atlas:
    """Knows a handful of countries by exact alias."""

    known = {  # noqa: RUF012
        "us": "US",
        "united states": "US",
        "cn": "CN",
        "china": "CN",
        "p.r.c.": "CN",
        "ee": "EE",
        "estonia": "EE",
        "gb": "GB",
        "taiwan, republic of china": "TW",
        "de": "DE",
        "germany": "DE",
        "ru": "RU",
        "fr": "FR",
        "france": "FR",
        "fi": "FI",
        "ua": "UA",
        "republic of korea": "KR",
        "united kingdom": "GB",
        "england": "GB",
        "hk": "HK",
    }

    def country(self, text: object) -> str | None:
        return self.known.get(text.strip().casefold()) if isinstance(text, str) else None

    def nationality(self, text: object) -> str | None:
        adjectives = {"chinese": "CN", "hong konger": "HK", "british": "GB", "american": "US"}
        return adjectives.get(text.strip().casefold()) or self.country(text) if isinstance(text, str) else None


RULE = Atlas()


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def cyclonedx(**more: Any) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {
            "timestamp": "2026-05-01T08:00:00Z",
            "tools": {"components": [{"name": "bomgather"}]},
            "authors": [{"name": "bomgather"}, {"name": "Anneliese Korth"}],
            "component": {"type": "application", "name": "Gateway software", "version": "7"},
        },
        "components": [
            {
                "type": "library",
                "name": "bw-link-core",
                "version": "1",
                "supplier": {"name": "Brightwater Connect LLC"},
                "manufacturer": {"name": "Maker Oy"},
                "authors": [{"name": "A. Writer"}],
                "licenses": [{"license": {"name": "Proprietary"}}],
                "components": [
                    {"type": "firmware", "name": "modem-fw", "licenses": [{"expression": "MIT OR LicenseRef-x"}]}
                ],
            },
            {
                "type": "library",
                "name": "yq-mqtt",
                "pedigree": {"patches": [{"type": "unofficial"}]},
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        ],
        **more,
    }


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def pdf(path: Path, *pages: list[str], encrypt: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    page = canvas.Canvas(str(path), invariant=1, encrypt=encrypt or None)
    for lines in pages:
        for number, line in enumerate(lines):
            page.drawString(72, 780 - 16 * number, line)
        page.showPage()
    page.save()
    return path


def word(path: Path, *paragraphs: str, table: list[list[str]] | None = None) -> Path:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, texts in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
    return path


def workbook(path: Path, sheets: dict[str, list[list[Any]]], merged: list[tuple[str, str, Any]] = []) -> Path:  # noqa: B006
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    made = {}
    for name, rows in sheets.items():
        made[name] = sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, column, cell)
    for name, area, text in merged:
        made[name].merge_range(area, text)
    book.close()
    return path


def zipped(members: dict[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
