"""Running an engagement: evidence to tables, notebooks (or procedures alone) to results; what ran is in run.json.

A stage is done when its outputs are whole and were made from the inputs as they are now. A run that was interrupted goes
on with the first stage that is not; `force` does all again.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

import assessor
from assessor import files, judgements, resources, signing, workpapers
from assessor.assessment import (
    STAGES,
    TABLES,
    WITHOUT_NOTEBOOK,
    Assessment,
    build_tables,
    collect,
    evidence_digest,
    hold,
    inputs_digest,
    prepare,
    procedure,
    procedures,
)
from assessor.engagement import TERMS, Engagement
from assessor.errors import AssessorError, EngagementError
from assessor.results import to_json

LIBRARIES = ("docxtpl", "nbconvert", "numpy", "pandas", "papermill", "pyarrow", "python-calamine", "pypdf")
"""Libraries whose version is noted beside what they made."""

_LOCK_SECONDS = 5.0
"""How long to wait for another command: what a killed one was just starting may hold its lock for a moment longer."""


@dataclass(frozen=True)
class RunReport:
    """What a run did: stages that ran, stages that were up to date, and sentences about those that failed."""

    ran: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[str, ...]
    results: dict[str, Any]


def run(
    engagement: Engagement,
    *,
    only: Iterable[str] = (),
    notebooks: bool = True,
    force: bool = False,
    engine: str = "papermill",
    progress: Callable[[str], None] = lambda text: None,
) -> RunReport:
    """Run what is needed: tables, then every stage (or those that hold the procedures `only`), then the conclusions.

    With `notebooks` each stage is its notebook run through Papermill, by the engine of that name; without, its procedures are run
    alone and give the same results. A notebook that fails does not stop the others. Raises EngagementError when another command is at work
    on the engagement.
    """
    wanted = set(only)
    for name in wanted:
        procedure(name)  # says at once when there is none of that name
    try:
        with FileLock(engagement.root / ".run.lock", timeout=_LOCK_SECONDS):
            return _run(engagement, wanted, engine if notebooks else "", force, progress)
    except Timeout:
        raise EngagementError(f"Another command is running {engagement.root}; wait until it has ended.") from None


def stands(engagement: Engagement, *, notebooks: bool = True) -> bool:
    """Whether all stages stand as they would be made now, so that running again would change nothing."""
    manifest = _Manifest(engagement, force=False)
    extra = [name for name in procedures() if not any(name in names for names in STAGES.values())]
    stages = [stage if notebooks else f"{stage}{WITHOUT_NOTEBOOK}" for stage in STAGES]
    return (engagement.results / "results.json").is_file() and all(
        manifest.stands(stage) for stage in (TABLES, *stages, *extra)
    )


def results_stand(engagement: Engagement) -> bool:
    """Whether all stages stand, whether their notebooks were run or their procedures alone."""
    return stands(engagement) or stands(engagement, notebooks=False)


def tables_stand(engagement: Engagement) -> bool:
    """Whether tables/ holds what reading the evidence would give now."""
    return _Manifest(engagement, force=False).stands(TABLES)


def _run(
    engagement: Engagement, only: set[str], engine: str, force: bool, progress: Callable[[str], None]
) -> RunReport:
    the_rule = Assessment(engagement).rule
    for folder in (engagement.root, engagement.tables, engagement.results, engagement.workpapers, engagement.report):
        files.sweep(folder)  # of a run that was killed
    manifest = _Manifest(engagement, force)
    extra = [name for name in procedures() if not any(name in names for names in STAGES.values())]
    stages = {stage: names for stage, names in STAGES.items() if not only or only & set(names)}
    total = len(stages) + bool(extra and (not only or only & set(extra))) + 1
    count = 0

    def step(text: str) -> None:
        nonlocal count
        count += 1
        progress(f"[{count}/{total}] {text}")

    failed: list[str] = []
    if manifest.current(TABLES):
        step("evidence: unchanged")
    else:
        step("reading the evidence")
        with manifest.stage(TABLES) as outputs:
            build_tables(engagement, the_rule)
            outputs += sorted(engagement.tables.glob("*.parquet"))
    with hold(engagement) as assessment:
        for stage, names in stages.items():
            key = stage if engine else f"{stage}{WITHOUT_NOTEBOOK}"
            title = stage[3:].replace("_", " ")
            if manifest.current(key):
                step(f"{title}: unchanged")
                continue
            step(title)
            try:
                with manifest.stage(key) as outputs:
                    for name in names:  # what a stage that fails leaves behind must not be an earlier run's result
                        (engagement.results / f"{name}.json").unlink(missing_ok=True)
                    outputs += _notebook(assessment, stage, engine) if engine else []
                    outputs += [_result(assessment, name, perform=not engine) for name in names]
            except AssessorError as error:
                failed.append(str(error))
        for name in extra:
            if not only or name in only:
                step(procedure(name).TITLE)
                with manifest.stage(name) as outputs:
                    outputs.append(_result(assessment, name, perform=True))
        content = collect(assessment)
        if engine or (engagement.workpapers / "index.html").exists():
            standing = [stage for stage in STAGES if manifest.stands(stage)]
            workpapers.write_index(assessment, standing, _report_name(assessment))
    return RunReport(tuple(manifest.ran), tuple(manifest.unchanged), tuple(failed), content)


def _result(assessment: Assessment, name: str, *, perform: bool) -> Path:
    """The result file of a procedure, made here or by the notebook that has just run."""
    if perform:
        assessment.perform(name)
    return assessment.engagement.results / f"{name}.json"


def _notebook(assessment: Assessment, stage: str, engine: str) -> list[Path]:
    """Run the notebook of a stage and export it; the files it left in workpapers/."""
    if stage == "07_conclusions":
        collect(assessment)
    if engine == "assessor":
        prepare(assessment.facts)
    engagement = assessment.engagement
    target = engagement.workpapers / f"{stage}.ipynb"
    target.parent.mkdir(exist_ok=True)
    parameters = {"engagement": ".."}
    made_from = _made_from(engagement, parameters)
    workpapers.execute(
        resources.folder("notebooks") / f"{stage}.ipynb",
        target,
        parameters,
        lambda: workpapers.heading(assessment, stage, _report_name(assessment), made_from),
        engine=engine,
    )
    return [target, _page(assessment, stage)]


def _page(assessment: Assessment, stage: str) -> Path:
    """Export the executed notebook of a stage."""
    name = f"{workpapers.number(stage)} {workpapers.title(stage)} – {assessment.terms.client_name}"
    notebook = assessment.engagement.workpapers / f"{stage}.ipynb"
    ledger = judgements.read(assessment.engagement.ledger)
    standing = signing.standing(notebook, ledger)
    return workpapers.export(notebook, name, report=_report_name(assessment), signed=signing.words(standing))


def renew_page(engagement: Engagement, stage: str) -> None:
    """Export the page of an executed workpaper anew, with its signatures and notes as they are now."""
    with FileLock(engagement.root / ".run.lock", timeout=_LOCK_SECONDS):
        manifest = _Manifest(engagement, force=False)
        page = _page(Assessment(engagement), stage)
        manifest.renew(stage, page)


def _report_name(assessment: Assessment) -> str:
    """The file name of the report, which tells whether anything is claimed to be confidential."""
    from assessor.reporting.claims import marked

    return marked(assessment.terms, assessment.rule, assessment.facts.register, "assessment.docx")


def _made_from(engagement: Engagement, parameters: dict[str, str]) -> dict[str, str]:
    """What went into a workpaper, and with which versions it was made. The judgements that it rests on stand in its results; others
    leave it, and the signatures on it, as they are."""
    digests = {
        TERMS: engagement.terms_file,
        "register.jsonl": engagement.register,
    }
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return {
        **{f"Parameter {name}": value for name, value in parameters.items()},
        **{f"{name}, SHA-256": files.sha256(path) for name, path in digests.items() if path.exists()},
        "Versions": f"assessor {assessor.__version__}, Python {platform.python_version()}, {libraries}",
    }


class _Manifest:
    """run.json: for each stage, from which inputs it was made, with which outputs, in how many seconds."""

    def __init__(self, engagement: Engagement, force: bool) -> None:
        self.engagement, self.force = engagement, force
        if not engagement.register.exists():
            raise EngagementError(
                f"{engagement.root} has no evidence yet; take a delivery in with `assessor intake {engagement.root} PACKAGE`."
            )
        self.evidence, self.inputs = evidence_digest(engagement), inputs_digest(engagement)
        self.ran: list[str] = []
        self.unchanged: list[str] = []
        try:
            self.stages: dict[str, Any] = json.loads(engagement.run_file.read_text("utf-8"))["stages"]
        except (OSError, ValueError, KeyError, TypeError):
            self.stages = {}

    def made_from(self, stage: str) -> str:
        """The digest of what a stage follows from."""
        return self.evidence if stage == TABLES else self.inputs

    def current(self, stage: str) -> bool:
        """Whether the stage need not be made again."""
        if self.force or not self.stands(stage):
            return False
        self.unchanged.append(stage)
        return True

    def stands(self, stage: str) -> bool:
        """Whether the stage stands as it would be made now."""
        told = self.stages.get(stage, {})
        if told.get("inputs") != self.made_from(stage) or not isinstance(told.get("outputs"), dict):
            return False
        return all(
            (self.engagement.root / name).is_file() and files.sha256(self.engagement.root / name) == digest
            for name, digest in told["outputs"].items()
        )

    def stage(self, name: str) -> _Stage:
        """A block in which a stage is made; it is noted only when the block ends well."""
        return _Stage(self, name)

    def note(self, name: str, outputs: list[Path], seconds: float) -> None:
        """Write down that a stage is done."""
        root = self.engagement.root
        self.ran.append(name)
        self.stages[name] = {
            "inputs": self.made_from(name),
            "seconds": round(seconds, 2),
            "outputs": {path.relative_to(root).as_posix(): files.sha256(path) for path in outputs},
        }
        self._write()

    def renew(self, name: str, path: Path) -> None:
        """Write down the new digest of an output of a stage that stands."""
        outputs = self.stages.get(name, {}).get("outputs", {})
        if (place := path.relative_to(self.engagement.root).as_posix()) in outputs:
            outputs[place] = files.sha256(path)
            self._write()

    def forget(self, name: str) -> None:
        """Strike a stage that is about to be made again or failed."""
        if self.stages.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        files.write_text(
            self.engagement.run_file,
            to_json(
                {
                    "assessor": assessor.__version__,
                    "python": platform.python_version(),
                    "libraries": {library: version(library) for library in LIBRARIES},
                    "stages": self.stages,
                }
            ),
        )


class _Stage:
    def __init__(self, manifest: _Manifest, name: str) -> None:
        self.manifest, self.name, self.outputs = manifest, name, list[Path]()

    def __enter__(self) -> list[Path]:
        self.manifest.forget(self.name)
        self.started = time.monotonic()
        return self.outputs

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.manifest.note(self.name, self.outputs, time.monotonic() - self.started)
