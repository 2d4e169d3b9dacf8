"""The commands that work on an engagement folder, in the order of the work. Each is one call into the library."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assessor.commands.base import (
    ATTENTION,
    DONE,
    folder_argument,
    json_option,
    main,
    print_json,
    progress,
    show_problems,
)
from assessor.errors import AssessorError

if TYPE_CHECKING:
    from assessor.engagement import Engagement


_DAY = click.DateTime(["%Y-%m-%d"])


@main.command()
@folder_argument
@click.option("--from", "source", metavar="FILE.toml", type=click.Path(path_type=Path), help="Terms to start from.")
@click.option(
    "--from-prior",
    "prior",
    metavar="PRIOR",
    type=click.Path(path_type=Path),
    help="Roll an earlier engagement forward: its terms, and what it left open as context. Never its answers or conclusions.",
)
@click.option("--id", "number", default="", help="With --from-prior: the engagement's number (else proposed).")
@click.option("--dated", type=_DAY, help="With --from-prior: date of the report (else proposed).")
@click.option(
    "--period-begin", type=_DAY, help="With --from-prior: first day (default: the day after the earlier period)."
)
@click.option("--period-end", type=_DAY, help="With --from-prior: last day (default: as long as the earlier period).")
@json_option
def new(
    folder: Path,
    source: Path | None,
    prior: Path | None,
    number: str,
    dated: datetime | None,
    period_begin: datetime | None,
    period_end: datetime | None,
    as_json: bool,
) -> int:
    """Make a new engagement folder, from questions, --from FILE.toml or --from-prior ENGAGEMENT."""
    from assessor import starting

    if prior is None and (number or dated or period_begin or period_end):
        raise click.UsageError("--id, --dated, --period-begin and --period-end go with --from-prior.")
    if prior is not None and source is not None:
        raise click.UsageError("--from and --from-prior exclude each other.")
    if prior is not None:
        from assessor.commands import prior_view
        from assessor.prior import roll_forward

        day, begin, end = (each and each.date() for each in (dated, period_begin, period_end))
        made = roll_forward(prior, folder, id=number or None, dated=day, begin=begin, end=end)
        return prior_view.show_made(folder, made, as_json)
    if source is None:
        told = starting.ask(lambda text, default: click.prompt(text, default=default or None, err=True))
        engagement = starting.create(folder, starting.terms_text(told))
    else:
        engagement = starting.create(folder, starting.read_terms(source))
    terms = engagement.terms()
    if as_json:
        print_json({"ok": True, "problems": [], "path": folder, "engagement": terms.id, "client": terms.client_name})
    else:
        click.echo(
            f"{folder} is the engagement {terms.id} for {terms.client_name}.\nNext: assessor intake {folder} PACKAGE"
        )
    return DONE


@main.command()
@folder_argument
@click.argument("packages", metavar="PACKAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--received", type=_DAY, help="Date of receipt (default: today).")
@click.option("--supplied-by", default="", help="Who supplied it (default: the client).")
@click.option("--custodian", default="", help="Who keeps it at the client.")
@click.option("--effective-from", type=_DAY, help="First day that the delivery is evidence for, where that is known.")
@click.option("--effective-to", type=_DAY, help="Last day that the delivery is evidence for, where that is known.")
@click.option(
    "--confidential/--not-confidential",
    default=None,
    help="Whether the client claims confidential treatment for all of it (default: not said).",
)
@json_option
def intake(
    folder: Path,
    packages: tuple[Path, ...],
    received: datetime | None,
    supplied_by: str,
    custodian: str,
    effective_from: datetime | None,
    effective_to: datetime | None,
    confidential: bool | None,
    as_json: bool,
) -> int:
    """Check, copy and register deliveries (bag, folder, .zip, .tar, .tar.gz, .7z, .eml).

    Archives and mails within a delivery are kept as they are, and what they hold is registered beside them. How much a
    delivery may hold is said by [intake] of engagement.toml.
    """
    from assessor import engagement as engagements
    from assessor.evidence import package, sources

    if effective_from and effective_to and effective_from > effective_to:
        raise AssessorError(
            "The delivery is evidence for a period that ends before it begins; exchange --effective-from and --effective-to."
        )
    engagement = engagements.find(folder)
    terms = engagement.terms()
    supplier = supplied_by or terms.client_name
    day = (received or datetime.now()).date()  # noqa: DTZ005 (the calendar day where the assessor sits)
    taken = [
        package.take_in(
            engagement.root,
            path,
            received=day,
            supplied_by=supplier,
            custodian=custodian,
            limits=sources.Limits(**terms.intake),
            effective_from=effective_from.date() if effective_from else None,
            effective_to=effective_to.date() if effective_to else None,
            confidential=confidential,
            group=terms.id,
        )
        for path in packages
    ]
    problems = [
        {"code": "delivery", "place": delivery.name, "message": text}
        for delivery in taken
        for text in delivery.problems
    ]
    counts = [{"name": d.name, "files": len(d.listed), "bytes": sum(row.size or 0 for row in d.listed)} for d in taken]
    if as_json:
        print_json({"ok": not problems, "problems": problems, "deliveries": counts})
    else:
        for count in counts:
            click.echo(f"{count['name']}: {count['files']} files, {count['bytes']:,} bytes, registered.")
        show_problems("Attention", problems)
        click.echo(f"Next: assessor run {folder}")
    return ATTENTION if problems else DONE


@main.command()
@folder_argument
@click.option(
    "--only", metavar="PROCEDURE", multiple=True, help="Run this procedure's stage only, e.g. s305_declarations."
)
@click.option("--no-notebooks", is_flag=True, help="Run the procedures alone.")
@click.option("--force", is_flag=True, help="Run also what is up to date.")
@click.option(
    "--what-if",
    "supposed",
    metavar="FILE.toml",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Show what would be concluded if something were otherwise (keys: assessor/supposing/vocabulary.py); writes nothing. Several stand beside each other.",
)
@json_option
def run(
    folder: Path, only: tuple[str, ...], no_notebooks: bool, force: bool, supposed: tuple[Path, ...], as_json: bool
) -> int:
    """Read the evidence and run the notebooks (or the procedures alone)."""
    from assessor import check, engagement
    from assessor.run import run as run_engagement

    if supposed and (only or force):
        raise click.UsageError("--what-if looks at all procedures and writes nothing; leave --only and --force out.")
    if supposed:
        from assessor.commands import whatif_view
        from assessor.supposing import what_if

        return whatif_view.show(what_if(engagement.find(folder), *supposed, progress=progress), as_json)
    opened = engagement.find(folder)
    told = run_engagement(opened, only=only, notebooks=not no_notebooks, force=force, progress=progress)
    if told.failed:
        raise AssessorError(" ".join(told.failed))
    standing = check.status(opened)
    if as_json:
        print_json({**standing, "ran": told.ran, "unchanged": told.unchanged, "results": told.results})
    else:
        show_conclusions(told.results)
        click.echo(f"Next: assessor status {folder}")
    return DONE if standing["ok"] else ATTENTION


@main.command()
@folder_argument
@json_option
def status(folder: Path, as_json: bool) -> int:
    """Stage, exceptions, open questions, stale judgements, notes, signatures and requests."""
    from assessor import check, engagement

    told = check.status(engagement.find(folder))
    if as_json:
        print_json(told)
    else:
        click.echo(f"{told['engagement']} for {told['client']}: {told['stage']}")
        if "evidence" in told:
            click.echo("Evidence: " + ", ".join(f"{count} {name}" for name, count in told["evidence"].items()))
        headings = {
            "ledger_damaged": "Ledger",
            "ledger_odd": "Oddities of the ledger",
            "prior_damaged": "Earlier engagement",
            "not_confirmed": "To be confirmed",
            "delivery_waiting": "Deliveries that wait",
            "exception": "Exceptions",
            "judgement_stale": "Stale judgements",
            "judgement_ended": "Overrides that have ended",
            "judgement_orphaned": "Judgements on what is not asked any more",
            "question_open": "Open questions",
            "note_open": "Open review notes",
            "unsigned": "Unsigned workpapers",
            "same_person": "Workpapers reviewed by who prepared them",
            "request": "Evidence requests",
        }
        for code, heading in headings.items():
            show_problems(heading, [p for p in told["problems"] if p["code"] == code])
        if "prior" in told:
            from assessor.commands import prior_view

            prior_view.show_standing(told["prior"], ran="conclusions" in told)
    return DONE if told["ok"] else ATTENTION


@main.command()
@folder_argument
@click.argument("question")
@click.argument("subject")
@click.argument("answer_text", metavar="ANSWER")
@click.option("--because", required=True, help="The rationale.")
@click.option("--by", required=True, help="Who answers.")
@click.option("--role", default="assessor", show_default=True, help="In which role.")
@click.option("--supersedes", type=int, default=0, help="The entry by somebody else that this knowingly puts aside.")
@json_option
def answer(
    folder: Path,
    question: str,
    subject: str,
    answer_text: str,
    because: str,
    by: str,
    role: str,
    supersedes: int,
    as_json: bool,
) -> int:
    """Record a judgement: the answer to an open question."""
    from assessor import desk, open_assessment

    entry = desk.answer(
        open_assessment(folder),
        question,
        subject,
        answer_text,
        because=because,
        by=by,
        role=role,
        supersedes=supersedes,
    )
    if as_json:
        print_json({"ok": True, "problems": [], "entry": entry})
    else:
        click.echo(
            f"Recorded as entry {entry.seq}: {question}/{subject} = {entry.answer}.\nNext: assessor run {folder}"
        )
    return DONE


@main.command()
@folder_argument
@click.option("--port", type=int, default=0, help="Port of the server (default: a free one).")
@click.option("--no-browser", is_flag=True, help="Do not open a browser; the address is printed.")
@click.option("--json", "as_json", is_flag=True, help="How the engagement stands, as JSON, and no JupyterLab.")
def review(folder: Path, port: int, no_browser: bool, as_json: bool) -> int:
    """Open JupyterLab on the engagement's overview; --json tells what it shows."""
    from assessor import engagement
    from assessor import review as desk

    opened = engagement.find(folder)
    if as_json:
        told = desk.standing(opened)
        print_json({"ok": not told["ledger"], "problems": [], **told})
        return DONE
    code = desk.serve(opened, port=port, browser=not no_browser)
    if code:
        raise AssessorError(f"JupyterLab ended with code {code}; what it printed above says why.")
    return DONE


@main.command()
@folder_argument
@json_option
def check(folder: Path, as_json: bool) -> int:
    """Lint of the assessment file before issue."""
    from assessor import check as checks
    from assessor import engagement

    told = checks.check(engagement.find(folder))
    if as_json:
        print_json(told)
    elif told["ok"]:
        click.echo("Nothing stands against issuing the report.")
    else:
        codes = dict.fromkeys(problem["code"] for problem in told["problems"])
        for code in codes:
            show_problems(code.replace("_", " ").capitalize(), [p for p in told["problems"] if p["code"] == code])
    return DONE if told["ok"] else ATTENTION


_TEMPLATE = click.option(
    "--template", metavar="T.docx", type=click.Path(path_type=Path), help="A Word template of your own."
)


@main.command()
@folder_argument
@click.option(
    "--document",
    "documents",
    metavar="NAME",
    multiple=True,
    help="Which document (default: assessment); management_letter, supplier_attestation, annual_confirmation, advisory_opinion, "
    "confidential_treatment, requests, or all. May be repeated.",
)
@click.option("--supplier", metavar="ID", default="", help="The supplier attestation of this supplier alone.")
@click.option(
    "--variant",
    metavar="full,public",
    default="full",
    help="Which versions of the assessment: full, with marked pages where confidential treatment is claimed; public, without "
    "what is claimed.",
)
@click.option("--pdf", is_flag=True, help="The assessment as PDF/A too; needs LibreOffice.")
@_TEMPLATE
@json_option
def report(
    folder: Path,
    documents: tuple[str, ...],
    supplier: str,
    variant: str,
    pdf: bool,
    template: Path | None,
    as_json: bool,
) -> int:
    """Render the Word report and its XLSX annexes, or letters and forms beside it."""
    from assessor import engagement
    from assessor.issuing import report as render
    from assessor.reporting import office

    opened = engagement.find(folder)
    variants = [name.strip() for name in variant.split(",")]
    written = render(opened, documents=documents, template=template, supplier=supplier, variants=variants, pdf=pdf)
    if not as_json and not office.available():
        click.echo("The contents have no page numbers until Word updates them: LibreOffice is not installed.", err=True)
    return _rendered(opened, written, as_json)


@main.command()
@folder_argument
@_TEMPLATE
@click.option(
    "--answers",
    metavar="FILE.xlsx",
    type=click.Path(path_type=Path),
    help="Show what the client wrote into the list, and write nothing.",
)
@json_option
def requests(folder: Path, template: Path | None, answers: Path | None, as_json: bool) -> int:
    """Write the client's evidence request list, Word and XLSX, or read the client's answers in it."""
    from assessor import desk, engagement, open_assessment
    from assessor import requests as lists
    from assessor.commands import requests_view
    from assessor.issuing import report as render

    opened = engagement.find(folder)
    if answers is not None:
        return requests_view.show_answers(desk.answers(open_assessment(folder), answers), folder, as_json)
    written = render(opened, documents=["requests"], template=template)
    listed = open_assessment(folder).requests()
    if not as_json:
        requests_view.show(listed)
    return _rendered(opened, written, as_json, requests=[lists.row(one) for one in listed])


def _rendered(opened: Engagement, written: list[Path], as_json: bool, **more: Any) -> int:
    """Show what was written, and what stands against sending it; letters do not wait for the report."""
    from assessor import check as checks

    ignored = {"question_open"}
    if not any(path.name.endswith("assessment.docx") for path in written):
        ignored |= {"report_missing", "report_outdated"}
    problems = [p for p in checks.check(opened)["problems"] if p["code"] not in ignored]
    letters = [path for path in written if path.suffix == ".docx" and not path.name.endswith("assessment.docx")]
    problems += [p for path in letters for p in checks.inaccessible(path)]
    if as_json:
        print_json({"ok": not problems, "problems": problems, "files": written, **more})
    else:
        for path in written:
            click.echo(f"{path}")
        show_problems("Attention before it is issued", problems)
    return ATTENTION if problems else DONE


def show_conclusions(results: dict[str, Any]) -> None:
    """Print what each procedure concludes, and how much is open."""
    for line in results["procedures"]:
        click.echo(f"{line['conclusion']:<15} §{line['clause']:<14} {line['title']}")
    open_questions = [q for q in results["questions"] if q["state"] not in ("answered",)]
    click.echo(
        f"{len(results['findings'])} exceptions, {len(open_questions)} open questions, {len(results['requests'])} evidence requests."
    )
