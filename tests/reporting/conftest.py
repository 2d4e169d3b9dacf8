"""One rendered sample for all tests of the report."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from lxml import etree

from assessor.reporting import write_report
from tests.reporting import sample


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an engagement whose report has been written."""
    root = tmp_path_factory.mktemp("engagement")
    write_report(root, **sample.everything())
    return root / "report"


@pytest.fixture(scope="session")
def document(report: Path) -> etree._Element:
    """Body part of the sample's report."""
    with zipfile.ZipFile(report / "assessment.docx") as package:
        return etree.fromstring(package.read("word/document.xml"))
