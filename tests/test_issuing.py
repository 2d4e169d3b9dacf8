"""Whether a rendered assessment stands, and what somebody made of it since."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assessor import desk, issuing, open_assessment, resources
from assessor.engagement import Engagement
from assessor.run import run

LEAD = {"by": "M. Okonjo", "role": "lead", "because": "Closed."}


@pytest.fixture(scope="module")
def once(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rendered") / "engagement"
    shutil.copytree(ran, root)
    issuing.report(Engagement(root))
    return root


@pytest.fixture
def rendered(once: Path, tmp_path: Path) -> Engagement:
    return Engagement(Path(shutil.copytree(once, tmp_path / "engagement")))


def test_it_stands_as_long_as_nothing_that_it_follows_from_changes(rendered: Engagement) -> None:
    assert issuing.stands(rendered) and issuing.edited(rendered) == []
    desk.note(open_assessment(rendered.root), "report", "See.", by="R. Viewer", role="reviewer")
    run(rendered, notebooks=False)
    assert issuing.stands(rendered)


def template(engagement: Engagement) -> Path:
    made = engagement.root / "own.docx"
    shutil.copyfile(resources.folder("templates") / "management_letter.docx", made)
    return made


CHANGES: dict[str, Callable[[Engagement], object]] = {
    "the terms": lambda e: e.terms_file.write_text(e.terms_file.read_text("utf-8") + "# as agreed\n", "utf-8"),
    "a departure": lambda e: desk.depart(open_assessment(e.root), "No visit.", "None.", **LEAD),
    "the results": lambda e: (e.results / "results.json").write_text("{}", "utf-8"),
    "a file that is gone": lambda e: (e.report / "annexes.xlsx").unlink(),
    "its record": lambda e: (e.report / "rendered.json").write_text("{", "utf-8"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_to_anything_that_it_follows_from_ends_that(rendered: Engagement, change: str) -> None:
    CHANGES[change](rendered)
    assert not issuing.stands(rendered)


def test_another_template_variant_or_form_is_another_assessment(rendered: Engagement) -> None:
    assert not issuing.stands(rendered, template=template(rendered))
    assert not issuing.stands(rendered, variants=["full", "public"])
    assert not issuing.stands(rendered, pdf=True)


def test_what_was_edited_is_named_and_stands_all_the_same(rendered: Engagement) -> None:
    path = rendered.report / "assessment.docx"
    path.write_bytes(path.read_bytes() + b" ")
    assert issuing.edited(rendered) == [path] and issuing.stands(rendered)
    assert json.loads((rendered.report / "rendered.json").read_text("utf-8"))["made_from"]
