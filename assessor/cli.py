"""The commands, in the order of the work. Each is one call into the library.

Exit code 0: done. 1: done, and something needs attention, which is named. 2: could not be done: one sentence says what,
where and what to do. Results go to standard output, progress to standard error; with `--json` standard output holds one
JSON document and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from assessor.errors import AssessorError

F = TypeVar("F", bound=Callable[..., Any])

DONE, ATTENTION, FAILED = 0, 1, 2


class Commands(click.Group):
    """Lists commands in the order of their definition, and turns our errors into one sentence and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except AssessorError as error:
            if "--debug" in sys.argv:
                raise
            code = _fail(str(error))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = FAILED
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "assessor"
            code = _fail(f"{error.format_message()} `{command} --help` shows how it is used.")
        except (click.Abort, KeyboardInterrupt):
            code = _fail("Stopped. What was finished is kept; the same command goes on from there.")
        except OSError as error:
            if "--debug" in sys.argv:
                raise
            code = _fail(
                f"{error.filename or 'A file'}: {error.strerror or error}. Mend that and run the command again."
            )
        except Exception as error:
            if "--debug" in sys.argv:
                raise
            code = _fail(
                f"An error in assessor itself ({type(error).__name__}: {error}). Run it as `assessor --debug …` and report what that prints."
            )
        sys.exit(code if isinstance(code, int) else DONE)


def _fail(sentence: str) -> int:
    click.echo(f"assessor: {' '.join(sentence.split())}", err=True)
    return FAILED


def _progress(text: str) -> None:
    click.echo(f"  {text}", err=True)


def _json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(command)


def _folder(command: F) -> F:
    return click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))(command)


def _print_json(content: Any) -> None:
    from assessor.results import to_json

    click.echo(to_json(content), nl=False)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="assessor", message="assessor %(version)s")
@click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
def main(debug: bool) -> None:
    """Toolkit for third-party assessors under 15 CFR part 791 subpart D (connected vehicles)."""


@main.command()
@_folder
@click.option("--from", "source", metavar="FILE.toml", type=click.Path(path_type=Path), help="Terms to start from.")
@_json_option
def new(folder: Path, source: Path | None, as_json: bool) -> int:
    """Make a new engagement folder, from questions or --from FILE.toml."""
    from assessor import starting

    if source is None:
        told = starting.ask(lambda text, default: click.prompt(text, default=default or None, err=True))
        engagement = starting.create(folder, starting.terms_text(told))
    else:
        engagement = starting.create(folder, starting.read_terms(source))
    terms = engagement.terms()
    if as_json:
        _print_json({"ok": True, "problems": [], "path": folder, "engagement": terms.id, "client": terms.client_name})
    else:
        click.echo(
            f"{folder} is the engagement {terms.id} for {terms.client_name}.\nNext: assessor intake {folder} PACKAGE"
        )
    return DONE


@main.command()
@_folder
@click.argument("packages", metavar="PACKAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--received", type=click.DateTime(["%Y-%m-%d"]), help="Date of receipt (default: today).")
@click.option("--supplied-by", default="", help="Who supplied it (default: the client).")
@click.option("--custodian", default="", help="Who keeps it at the client.")
@_json_option
def intake(
    folder: Path, packages: tuple[Path, ...], received: datetime | None, supplied_by: str, custodian: str, as_json: bool
) -> int:
    """Check, copy and register deliveries (bag, folder, .zip, .tar, .tar.gz)."""
    from assessor import engagement as engagements
    from assessor.evidence import package

    engagement = engagements.find(folder)
    supplier = supplied_by or engagement.terms().client_name
    day = (received or datetime.now()).date()  # noqa: DTZ005 (the calendar day where the assessor sits)
    taken = [
        package.take_in(engagement.root, path, received=day, supplied_by=supplier, custodian=custodian)
        for path in packages
    ]
    problems = [
        {"code": "delivery", "place": delivery.name, "message": text}
        for delivery in taken
        for text in delivery.problems
    ]
    counts = [{"name": d.name, "files": len(d.rows), "bytes": int(d.rows["size"].fillna(0).sum())} for d in taken]
    if as_json:
        _print_json({"ok": not problems, "problems": problems, "deliveries": counts})
    else:
        for count in counts:
            click.echo(f"{count['name']}: {count['files']} files, {count['bytes']:,} bytes, registered.")
        _show_problems("Attention", problems)
        click.echo(f"Next: assessor run {folder}")
    return ATTENTION if problems else DONE


@main.command()
@_folder
@click.option(
    "--only", metavar="PROCEDURE", multiple=True, help="Run this procedure's stage only, e.g. s305_declarations."
)
@click.option("--no-notebooks", is_flag=True, help="Run the procedures alone.")
@click.option("--force", is_flag=True, help="Run also what is up to date.")
@_json_option
def run(folder: Path, only: tuple[str, ...], no_notebooks: bool, force: bool, as_json: bool) -> int:
    """Read the evidence and run the notebooks (or the procedures alone)."""
    from assessor import check, engagement
    from assessor.run import run as run_engagement

    opened = engagement.find(folder)
    told = run_engagement(opened, only=only, notebooks=not no_notebooks, force=force, progress=_progress)
    if told.failed:
        raise AssessorError(" ".join(told.failed))
    standing = check.status(opened)
    if as_json:
        _print_json({**standing, "ran": told.ran, "unchanged": told.unchanged, "results": told.results})
    else:
        _show_conclusions(told.results)
        click.echo(f"Next: assessor status {folder}")
    return DONE if standing["ok"] else ATTENTION


@main.command()
@_folder
@_json_option
def status(folder: Path, as_json: bool) -> int:
    """Stage, exceptions, open questions, stale judgements and requests."""
    from assessor import check, engagement

    told = check.status(engagement.find(folder))
    if as_json:
        _print_json(told)
    else:
        click.echo(f"{told['engagement']} for {told['client']}: {told['stage']}")
        if "evidence" in told:
            click.echo("Evidence: " + ", ".join(f"{count} {name}" for name, count in told["evidence"].items()))
        headings = {
            "ledger_damaged": "Ledger",
            "exception": "Exceptions",
            "judgement_stale": "Stale judgements",
            "question_open": "Open questions",
            "request": "Evidence requests",
        }
        for code, heading in headings.items():
            _show_problems(heading, [p for p in told["problems"] if p["code"] == code])
    return DONE if told["ok"] else ATTENTION


@main.command()
@_folder
@click.argument("question")
@click.argument("subject")
@click.argument("answer_text", metavar="ANSWER")
@click.option("--because", required=True, help="The rationale.")
@click.option("--by", required=True, help="Who answers.")
@click.option("--role", default="assessor", show_default=True, help="In which role.")
@_json_option
def answer(
    folder: Path, question: str, subject: str, answer_text: str, because: str, by: str, role: str, as_json: bool
) -> int:
    """Record a judgement: the answer to an open question."""
    from assessor import assessment, engagement, judgements

    opened = engagement.find(folder)
    asked = assessment.questions(assessment.open_assessment(folder).results())
    found = next((q for q in asked if (q.id, q.subject) == (question, subject)), None)
    if found is None:
        same = [q.subject for q in asked if q.id == question]
        hint = (
            f"it is asked about: {'; '.join(same)}"
            if same
            else f"questions asked: {', '.join(sorted({q.id for q in asked})) or 'none yet'}"
        )
        raise AssessorError(f"No procedure asks `{question}` about `{subject}`; {hint}.")
    entry = judgements.record(opened.ledger, found, answer_text, because=because, by=by, role=role)
    if as_json:
        _print_json({"ok": True, "problems": [], "entry": entry})
    else:
        click.echo(f"Recorded as entry {entry.seq}: {found.key} = {entry.answer}.\nNext: assessor run {folder}")
    return DONE


@main.command()
@_folder
@_json_option
def check(folder: Path, as_json: bool) -> int:
    """Lint of the assessment file before issue."""
    from assessor import check as checks
    from assessor import engagement

    told = checks.check(engagement.find(folder))
    if as_json:
        _print_json(told)
    elif told["ok"]:
        click.echo("Nothing stands against issuing the report.")
    else:
        codes = dict.fromkeys(problem["code"] for problem in told["problems"])
        for code in codes:
            _show_problems(code.replace("_", " ").capitalize(), [p for p in told["problems"] if p["code"] == code])
    return DONE if told["ok"] else ATTENTION


@main.command()
@_folder
@click.option("--template", metavar="T.docx", type=click.Path(path_type=Path), help="A Word template of your own.")
@_json_option
def report(folder: Path, template: Path | None, as_json: bool) -> int:
    """Render the Word report and its XLSX annexes."""
    from assessor import check as checks
    from assessor import engagement
    from assessor.run import report as render

    opened = engagement.find(folder)
    written = render(opened, template=template)
    problems = [p for p in checks.check(opened)["problems"] if p["code"] != "question_open"]
    if as_json:
        _print_json({"ok": not problems, "problems": problems, "files": written})
    else:
        for path in written:
            click.echo(f"{path}")
        _show_problems("Attention before it is issued", problems)
    return ATTENTION if problems else DONE


@main.command()
@click.argument("folder", metavar="[DIR]", default="demo", type=click.Path(path_type=Path))
@_json_option
def demo(folder: Path, as_json: bool) -> int:
    """Make and run a realistic engagement (default folder: demo)."""
    from assessor import check
    from assessor.assessment import open_assessment
    from assessor.demo import demo as make

    engagement = make(folder, _progress)
    results = open_assessment(folder).results()
    told = check.status(engagement)
    reports = sorted(engagement.report.glob("*.docx"))
    if as_json:
        _print_json({**told, "path": folder, "report": [str(path) for path in reports]})
    else:
        _show_conclusions(
            {
                "procedures": [{"clause": r.clause, "title": r.title, "conclusion": r.conclusion} for r in results],
                "findings": [f for r in results for f in r.findings],
                "requests": [q for r in results for q in r.requests],
                "questions": [
                    {"state": p["code"]} for p in told["problems"] if p["code"] in ("question_open", "judgement_stale")
                ],
            }
        )
        for path in reports:
            click.echo(f"Report: {path.resolve()}")
    return DONE


@main.command()
@click.argument("clause", required=False, default="")
@click.option("--coverage", "whole", is_flag=True, help="Every paragraph with its procedures, questions and cases.")
@click.option("--engagement", "folder", metavar="DIR", type=click.Path(path_type=Path), help="What it led to there.")
@click.option(
    "--diff", "newer", metavar="FILE", type=click.Path(path_type=Path), help="A newer text (eCFR XML or plain)."
)
@_json_option
def rule(clause: str, whole: bool, folder: Path | None, newer: Path | None, as_json: bool) -> int:
    """A clause of the rule, its procedures, questions and cases; or the whole matrix."""
    from assessor import rule as rules
    from assessor.assessment import open_assessment
    from assessor.coverage import clause_lines, coverage, shown_clause

    assessment = open_assessment(folder) if folder else None
    loaded = assessment.rule if assessment else rules.load()
    if newer:
        return _rule_difference(loaded, newer, as_json)
    if whole or not clause:
        listed = coverage(loaded)
        open_ = [entry.clause for entry in listed if not entry.accounted]
        if as_json:
            _print_json({"version": loaded.version, "clauses": listed, "unaccounted": open_})
            return DONE
        for entry in listed:
            mark = " " if entry.accounted else "!"
            counts = f"{len(entry.procedures)} procedures, {len(entry.questions)} questions, {len(entry.cases)} cases"
            click.echo(f"{mark} §{entry.clause:<52} {entry.assessment:<11} {counts}")
        background = sum(entry.assessment == "background" for entry in listed)
        click.echo(
            f"{len(listed)} clauses of the text as of {loaded.version}: {background} not for an assessor, "
            f"{len(listed) - background - len(open_)} covered, {len(open_)} not covered yet (marked !)."
        )
        return DONE
    shown = shown_clause(loaded, clause.removeprefix("§"), assessment.results() if assessment else None)
    if as_json:
        _print_json(shown)
    else:
        click.echo("\n".join(clause_lines(loaded, shown)))
    return DONE


def _rule_difference(loaded: Any, newer: Path, as_json: bool) -> int:
    """What a newer text changes, and which procedures, questions and cases that touches."""
    from assessor.coverage import coverage, touched
    from assessor.rule.difference import difference

    found, matrix = difference(loaded, newer.read_bytes()), coverage(loaded)
    lines = [
        {"paragraph": paragraph, "how": how, **touched(loaded, matrix, paragraph)}
        for how, paragraphs in (("changed", found.changed), ("appeared", found.appeared), ("gone", found.gone))
        for paragraph in paragraphs
    ]
    if as_json:
        _print_json({"version": loaded.version, "unchanged": found.unchanged_count, "paragraphs": lines})
        return ATTENTION if lines else DONE
    for line in lines:
        reach = [
            *(f"constant {name}" for name in line["constants"]),
            *line["procedures"],
            *(f"question {name}" for name in line["questions"]),
            f"{len(line['cases'])} cases",
        ]
        click.echo(f"{line['how']:<9} §{line['paragraph']:<50} touches {', '.join(reach)}")
    click.echo(f"{found.unchanged_count} paragraphs are as in the text of {loaded.version}; {len(lines)} are not.")
    return ATTENTION if lines else DONE


def _show_conclusions(results: dict[str, Any]) -> None:
    for line in results["procedures"]:
        click.echo(f"{line['conclusion']:<15} §{line['clause']:<14} {line['title']}")
    open_questions = [q for q in results["questions"] if q["state"] not in ("answered",)]
    click.echo(
        f"{len(results['findings'])} exceptions, {len(open_questions)} open questions, {len(results['requests'])} evidence requests."
    )


def _show_problems(heading: str, problems: list[Any]) -> None:
    if problems:
        click.echo(f"\n{heading} ({len(problems)})")
        for problem in problems:
            click.echo(f"  {problem['place']}\n      {problem['message']}")
