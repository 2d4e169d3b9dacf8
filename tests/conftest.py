"""One engagement that was run without notebooks, for all tests that work on one."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from assessor import demo, resources
from assessor.engagement import Engagement
from assessor.evidence import package
from assessor.run import run


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's evidence taken in and run, and no answer recorded; only to be read and copied."""
    case, folder = resources.folder("fixtures") / demo.CASE, tmp_path_factory.mktemp("ran")
    engagement = Engagement(folder / "engagement")
    engagement.root.mkdir()
    shutil.copyfile(case / "engagement.toml", engagement.terms_file)
    demo.build_package(case, folder / "delivery-1")
    package.take_in(
        engagement.root, folder / "delivery-1", received=date(2026, 11, 4), supplied_by="Fellmark", custodian=""
    )
    run(engagement, notebooks=False)
    return engagement.root


@pytest.fixture
def engagement(ran: Path, tmp_path: Path) -> Engagement:
    """A copy of it to work on."""
    return Engagement(Path(shutil.copytree(ran, tmp_path / "engagement")))
