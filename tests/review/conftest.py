"""A demonstration engagement with answers and results, made once without notebooks."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from assessor import resources
from assessor.demo import CASE, answer_from, build_package
from assessor.engagement import Engagement
from assessor.evidence import package
from assessor.run import run


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engagement; not to be written to."""
    root = tmp_path_factory.mktemp("review") / "engagement"
    root.mkdir()
    case = resources.folder("fixtures") / CASE
    shutil.copyfile(case / "engagement.toml", root / "engagement.toml")
    build_package(case, root.parent / "delivery-1")
    package.take_in(root, root.parent / "delivery-1", received=date(2026, 10, 5), supplied_by="Client", custodian="")
    answer_from(Engagement(root), case / "judgements.yaml")
    run(Engagement(root), notebooks=False)
    return root


@pytest.fixture
def engagement(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(made, tmp_path / "engagement")
    return tmp_path / "engagement"
