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
from tests.evidence.test_marked_up import scan


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


@pytest.fixture(scope="session")
def answered(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It after a second delivery: a file that may answer R-03 and a scan of two pages, with signs of markup in their
    names; not to be written to."""
    root, more = tmp_path_factory.mktemp("later") / "engagement", tmp_path_factory.mktemp("delivery-2")
    shutil.copytree(made, root)
    (more / "R-03 A&amp;B.txt").write_text("x")
    scan(more / "scan &lt;.pdf", "picture", "picture")
    package.take_in(root, more, received=date(2026, 11, 20), supplied_by="Client", custodian="")
    run(Engagement(root), notebooks=False)
    return root


@pytest.fixture
def later(answered: Path, tmp_path: Path) -> Path:
    """A copy of that."""
    shutil.copytree(answered, tmp_path / "later")
    return tmp_path / "later"
