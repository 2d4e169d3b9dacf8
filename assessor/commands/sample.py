"""The commands on audit samples: plan, draw, evaluate; with an engagement each is entered into its ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, print_json
from assessor.commands.sample_options import (
    FILE,
    aim_of,
    aim_options,
    engagement_of,
    engagement_options,
    out_option,
    population_of,
    population_options,
    table_option,
    whole_number,
)
from assessor.errors import AssessorError
from assessor.text import visible


@main.group()
def sample() -> None:
    """Audit samples: plan, draw and evaluate, so that anyone can repeat and check them."""


@sample.command()
@population_options
@aim_options
@click.option("--stages", type=int, metavar="N", help="Stop or go, in so many stages at most.")
@click.option("--allocation", default="proportional", show_default=True, help="Over strata: proportional, or each.")
@table_option
@engagement_options
@out_option
@json_option
def plan(table: Path | None, stages: int | None, allocation: str, out: Path | None, as_json: bool, **told: Any) -> int:
    """How many items to examine, and what that will prove."""
    from assessor import sampled
    from assessor.samples import plans

    if table is not None:
        return _plans(table, as_json)
    source = population_of(told, or_number=True)
    aim = aim_of(told, stages=stages, allocation=allocation)
    record = plans.planned(aim, source)
    if told["engagement"] and not any(told[name] for name in ("name", "because", "by")):
        click.echo("Not recorded; to record it say --name, --because and --by.", err=True)
        _kept(out, record)
    else:
        _settled(told, sampled.PLAN if record["sample_size"] is not None else "", record, out)
    if as_json:
        print_json(record)
    else:
        size = record["sample_size"]
        whole = "" if record["population"] is None else f" of {record['population']:,}"
        click.echo(
            "No sample suffices." if size is None else f"Sample size: {size:,}{whole} ({record['distribution']})."
        )
        for part in record.get("stages", ()):
            passes = f"passes with {part['passes_with']} at most"
            click.echo(f"  stage {part['stage']}: {part['further']:,} more, {part['examined']:,} in all; {passes}")
        for part in record["sizes"]:
            if part["stratum"]:
                click.echo(visible(f"  {part['stratum']}: {part['size']:,} of {part['population']:,}"))
        click.echo(f"Why: {record['reason']}.")
        if record.get("bayesian"):
            view = record["bayesian"]
            click.echo(f"Bayesian view, from Beta({view['prior']}): {view['sample_size'] or 'no size suffices'}.")
        click.echo(record["statement"])
    return DONE if record["sample_size"] is not None else ATTENTION


@sample.command()
@population_options
@click.option("--size", type=click.IntRange(min=1), help="How many, where no plan says it.")
@click.option("--plan", "plan_file", type=FILE, metavar="PLAN.json", help="The plan (`sample plan --out`).")
@click.option("--seed", default="", help="What the chance follows from, such as the digits of dice thrown in company.")
@click.option("--method", default="", help="random (default), interval (default by weight) or cell.")
@click.option("--sheet", type=FILE, metavar="FILE.xlsx", help="A sheet to enter what is seen of each item.")
@click.option("--repeat", type=FILE, metavar="DRAW.json", help="Draw once more, and say whether it is the same.")
@engagement_options
@out_option
@json_option
def draw(
    size: int | None,
    plan_file: Path | None,
    seed: str,
    method: str,
    sheet: Path | None,
    repeat: Path | None,
    out: Path | None,
    as_json: bool,
    **told: Any,
) -> int:
    """Draw the items, so that anyone with the same population and seed draws the same."""
    from assessor import sampled
    from assessor.samples import book, fieldwork, plans, records

    if repeat is not None:
        return _repeated(told, records.read(repeat, records.DRAW), as_json)
    if sheet is not None and sheet.suffix.lower() != ".xlsx":
        raise AssessorError(f"{sheet} is no name of a workbook; name one that ends in .xlsx.")
    if sheet is not None and sheet.exists():
        raise AssessorError(f"{sheet} is there already, and results may stand in it; name another place.")
    plan_record = records.plan(plan_file) if plan_file else None
    if told["engagement"]:
        standing = book.of(engagement_of(told), told["name"])
        if standing.plan is None and size is None and plan_record is None:
            raise AssessorError(
                f"There is no plan of a sample `{told['name']}`; make one with `assessor sample plan`, or say --size."
            )
        if standing.plan is not None and size is not None:
            raise AssessorError(f"The sample `{told['name']}` is planned; leave --size out, or plan it again.")
        if standing.plan is not None and plan_record not in (None, standing.plan.details):
            raise AssessorError(
                f"The sample `{told['name']}` is planned otherwise in the ledger; leave --plan out, or plan it again."
            )
        plan_record = standing.plan.details if standing.plan else plan_record
    drawn_from = population_of(told, record=plan_record)
    record = plans.drawn(drawn_from, seed=seed, method=method, size=size, plan=plan_record)
    if sheet is not None:
        fieldwork.write(sheet, drawn_from, records.drawn(record), told["name"] or "Audit sample")
    _settled(told, sampled.DRAW, record, out, sheet)
    if as_json:
        print_json(record)
    else:
        click.echo("\n".join(map(visible, record["ids"])))
        click.echo(
            f"{len(record['ids']):,} of {record['population']:,} items, {record['method']}, seed {record['seed']!r}; population digest "
            f"{record['population_digest']}.",
            err=True,
        )
    return DONE


@sample.command()
@population_options
@aim_options
@click.option("--sample-size", default=None, metavar="N", help="How many were examined.")
@click.option("--deviations", default=None, metavar="N", help="How many of these deviate.")
@click.option("--draw", "draw_file", type=FILE, metavar="DRAW.json", help="The draw (`sample draw --out`).")
@click.option("--results", type=FILE, metavar="FILE", help="The sheet with what was seen of each item.")
@click.option("--missing-deviate", is_flag=True, help="Count items that could not be examined as deviating.")
@table_option
@engagement_options
@out_option
@json_option
def evaluate(
    table: Path | None,
    sample_size: str | None,
    deviations: str | None,
    draw_file: Path | None,
    results: Path | None,
    missing_deviate: bool,
    out: Path | None,
    as_json: bool,
    **told: Any,
) -> int:
    """What a sample proves: upper bound, confidence achieved, power of detection, in a sentence."""
    from assessor import sampled
    from assessor.samples import evaluations, fieldwork, records

    if table is not None:
        return _evaluations(table, as_json)
    if told["engagement"] and draw_file is not None:
        raise AssessorError("The ledger of an engagement holds the draw of a sample; leave --draw out.")
    if results is not None:
        record_of_draw = records.read(draw_file, records.DRAW) if draw_file else _recorded_draw(told)
        aim = aim_of(told, planned=record_of_draw.get("plan") is not None)
        population = population_of(told, record=record_of_draw)
        record = evaluations.evaluated_draw(
            aim, population, record_of_draw, fieldwork.read(results), missing_deviate=missing_deviate
        )
        _settled(told, sampled.EVALUATION, record, out)
    elif sample_size is None or deviations is None:
        raise AssessorError(
            "Say how many items were examined and how many deviate (--sample-size, --deviations), or give the results of a draw (--results)."
        )
    elif told["engagement"]:
        raise AssessorError(
            "In an engagement a sample is evaluated item by item; give the sheet with the results (--results)."
        )
    else:
        size = whole_number(told["population"])
        record = evaluations.evaluated(aim_of(told), evaluations.Finding(sample_size, deviations, size))
        _settled(told, sampled.EVALUATION, record, out)
    if as_json:
        print_json(record)
    else:
        click.echo(visible(record["statement"]))
        for part in record.get("strata", ()):
            click.echo(visible(f"  {part['stratum']}: {part['statement'].split('. It ')[0]}."))
        if record.get("bayesian"):
            click.echo(record["bayesian"]["statement"])
    return ATTENTION if record["conclusion"] in ("not_supported", "exceptions_found", "go_on") else DONE


def _recorded_draw(told: dict[str, Any]) -> Any:
    from assessor.samples import book

    if not told["engagement"]:
        raise AssessorError(
            "Results are evaluated with their draw; give it (--draw DRAW.json), or the engagement that holds it."
        )
    standing = book.of(engagement_of(told), told["name"])
    if standing.draw is None:
        raise AssessorError(
            f"There is no draw of a sample `{told['name']}` since it was planned; draw it with `assessor sample draw`."
        )
    return standing.draw.details


def _settled(
    told: dict[str, Any], step: str, record: dict[str, Any], out: Path | None, sheet: Path | None = None
) -> None:
    """Keep a record in its file, and enter it into the ledger where there is an engagement; where that is refused no file is left."""
    from assessor.samples import book

    made = [] if sheet is None else [sheet]
    try:
        if not told["engagement"] and any(told[name] for name in ("name", "because", "by")):
            raise AssessorError(
                "Only an engagement has a ledger to name who, why and which sample; say it with --engagement DIR."
            )
        if _kept(out, record) and out is not None:
            made.append(out)
        if told["engagement"] and step:
            about = {name: told[name] for name in ("because", "by", "role")}
            entry = book.record(engagement_of(told), step, told["name"], record, **about)
            click.echo(f"Recorded as entry {entry.seq} of the ledger.", err=True)
    except AssessorError:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _kept(out: Path | None, record: dict[str, Any]) -> bool:
    """Write a record into a file; whether that was not there before. Raises AssessorError where another record stands in it."""
    from assessor import files
    from assessor.results import to_json

    if out is None:
        return False
    text = to_json(record)
    if out.exists():
        if out.read_bytes() != text.encode("utf-8"):
            raise AssessorError(f"{out} is there already and holds something else; name another place.")
        return False
    files.write_text(out, text)
    return True


def _repeated(told: dict[str, Any], record: dict[str, Any], as_json: bool) -> int:
    """Whether a draw made once more from the population, as it is now, gives the same items."""
    from assessor.samples import records

    made = records.drawn(record)
    again = records.repeated(made, population_of(told, record=record).frame)
    same = again == made
    message = (
        f"The draw was repeated: the same {len(made.ids):,} items in the same order."
        if same
        else f"The draw was repeated and is another ({len(set(made.ids) - set(again.ids)):,} of the items recorded are not drawn): the record "
        "is not as the draw was."
    )
    if as_json:
        print_json({"same": same, "message": message, "ids": list(again.ids), "population_digest": again.digest})
    else:
        click.echo(message)
    return DONE if same else ATTENTION


def _plans(table: Path, as_json: bool) -> int:
    from assessor.sampling import tables

    rows = tables.plans(tables.read(table, tables.PLAN_COLUMNS))
    if as_json:
        print_json({"plans": rows})
    else:
        for number, row in enumerate(rows, 1):
            size = "none" if row["sample_size"] is None else f"{row['sample_size']:,}"
            click.echo(visible(f"row {number}: {size:>12}  {row['reason']}"))
    return ATTENTION if any(row["sample_size"] is None for row in rows) else DONE


def _evaluations(table: Path, as_json: bool) -> int:
    from assessor.sampling import tables

    rows = tables.evaluations(tables.read(table, tables.EVALUATION_COLUMNS))
    if as_json:
        print_json({"evaluations": rows})
    else:
        for number, row in enumerate(rows, 1):
            click.echo(
                visible(f"row {number}: {row['upper_bound'] or 'none':>14}  {row.get('reason') or row['statement']}")
            )
    return ATTENTION if any(row["upper_bound"] is None for row in rows) else DONE
