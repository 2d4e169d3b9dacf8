"""The demonstration: a realistic engagement made from fixtures/ and taken from the delivery to the Word report."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from assessor import judgements, resources
from assessor.assessment import Assessment, build_tables, conclusions, questions
from assessor.engagement import TERMS, Engagement
from assessor.errors import AssessorError, EngagementError
from assessor.evidence import package
from assessor.issuing import report
from assessor.run import run

MARK = ".assessor-demo"
CASE = "fellmark"


def demo(target: Path, progress: Callable[[str], None] = lambda text: None) -> Engagement:
    """Make the demonstration engagement in `target`, run it and render its report.

    A folder that an earlier demonstration made is replaced. Raises EngagementError when `target` is anything else.
    """
    if target.exists() and not (target / MARK).exists() and any(target.iterdir() if target.is_dir() else [target]):
        raise EngagementError(f"{target} exists and is no demonstration; name another folder.")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / MARK).write_text("Made by `assessor demo`, which replaces this folder.\n", "utf-8")
    case = resources.folder("fixtures") / CASE
    engagement = Engagement(target)
    shutil.copyfile(case / TERMS, engagement.terms_file)
    terms = engagement.terms()
    with tempfile.TemporaryDirectory() as folder:
        delivery = Path(folder) / "delivery-1"
        progress("making the client's evidence package")
        build_package(case, delivery)
        progress("taking it in")
        received = terms.engagement.get("received", terms.period_to)
        package.take_in(target, delivery, received=_date(received), supplied_by=terms.client_name, custodian="")
    progress("putting the questions, and recording the assessor's answers")
    answer_from(engagement, case / "judgements.yaml")
    run(engagement, progress=progress)
    progress("rendering the report")
    report(engagement)
    return engagement


def build_package(case: Path, target: Path) -> None:
    """Run the build script of a fixture, which writes the client's evidence package to `target`."""
    spec = importlib.util.spec_from_file_location(f"assessor_fixture_{case.name}", case / "build.py")
    if spec is None or spec.loader is None:
        raise AssessorError(f"{case} has no build.py; install assessor again.")
    script = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(script)
    except ModuleNotFoundError as error:
        raise AssessorError(f"The demonstration needs the package {error.name}; install `assessor[demo]`.") from None
    script.build(target)


def answer_from(engagement: Engagement, path: Path) -> None:
    """Record the answers listed in a YAML file, each bound to the facts that its question shows.

    An answer can raise further questions (a supplier matched to its owners, say) or be a fact of another question, whose
    entry then says `round: 2`; so the procedures run once a round. Raises AssessorError when the file answers a question
    that is never asked.
    """
    build_tables(engagement, Assessment(engagement).rule)
    left: dict[tuple[str, str], dict[str, Any]] = {
        (entry["question"], entry["subject"]): entry for entry in yaml.safe_load(path.read_text("utf-8"))
    }
    turn = 0
    while left:
        turn += 1
        asked = [q for q in questions(conclusions(Assessment(engagement).facts)) if q.state == "open"]
        ready = [
            (q, left.pop((q.id, q.subject)))
            for q in asked
            if (q.id, q.subject) in left and left[q.id, q.subject].get("round", 1) <= turn
        ]
        if not ready and turn > 1:
            names = ", ".join("/".join(key) for key in sorted(left))
            raise AssessorError(
                f"{path} answers questions that are never asked: {names}. Take them out or mend the names."
            )
        judgements.record_all(
            engagement.ledger,
            [
                (q, e["answer"], " ".join(e["because"].split()), e["by"], e["role"], str(e["at"]))
                for q, e in sorted(ready, key=lambda pair: str(pair[1]["at"]))
            ],
        )


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
