"""The commands on audit samples: plan, draw, evaluate; with an engagement each is entered into its ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, print_json
from assessor.errors import AssessorError
from assessor.text import visible

if TYPE_CHECKING:
    from assessor.samples.work import Aim

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_AIM = (
    "confidence",
    "tolerable",
    "expected_rate",
    "expected_count",
    "distribution",
    "prohibition",
    "discover",
    "prior",
)
_SOURCE = ("population", "id_columns", "stratum", "weight", "where", "sheet_name", "engagement")
_ENTRY = ("name", "because", "by", "role")


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_of_population = _all(
    click.option(
        "--population",
        default="",
        metavar="N|FILE|TABLE",
        help="How many items, or where they are: a file (.csv, .xlsx, .ods, .parquet), or with --engagement a table.",
    ),
    click.option("--id", "id_columns", default="", metavar="COLUMN[,…]", help="What tells the items apart."),
    click.option("--stratum", default="", metavar="COLUMN", help="Draw by supplier, vehicle line, risk, period …"),
    click.option("--weight", default="", metavar="COLUMN", help="Draw by value or units."),
    click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Only such rows; may be given several times."),
    click.option("--sheet-name", default="", metavar="NAME", help="The sheet of a workbook that has several."),
)
_of_engagement = _all(
    click.option("--engagement", metavar="DIR", type=_FILE, help="Record it in this engagement's ledger."),
    click.option("--name", default="", help="The sample's name in the engagement."),
    click.option("--because", default="", help="Why this sample, or this way."),
    click.option("--by", default="", help="Who says so."),
    click.option("--role", default="assessor", show_default=True, help="In which role."),
)
_of_aim = _all(
    click.option("--confidence", default="95%", show_default=True, help="As 0.95 or 95%."),
    click.option(
        "--tolerable", default=None, metavar="RATE", help="The rate that can just not be tolerated: 5%, 0.05, 1/20."
    ),
    click.option("--expected-rate", default=None, metavar="RATE", help="What share is expected to deviate (none)."),
    click.option("--expected-count", default=None, metavar="N", help="How many in the sample are."),
    click.option("--distribution", default="", help="hypergeometric (a known population), binomial or poisson."),
    click.option(
        "--prohibition",
        is_flag=True,
        help="No rate is tolerable: --tolerable is the rate that must be detected, and every exception is a finding.",
    ),
    click.option("--discover", type=click.IntRange(min=1), help="So many deviating items must not escape notice."),
    click.option("--prior", default="", metavar="A,B", help="A Bayesian view besides, from a belief of Beta(A, B)."),
)
_table = click.option("--table", type=_FILE, metavar="FILE.csv", help="Many at once, a row each; rows pass through.")
_out = click.option("--out", type=_FILE, metavar="FILE.json", help="Keep the record in a file.")


@main.group()
def sample() -> None:
    """Audit samples: plan, draw and evaluate, so that anyone can repeat and check them."""


@sample.command()
@_of_population
@_of_aim
@click.option("--stages", type=int, metavar="N", help="Stop or go, in so many stages at most.")
@click.option("--allocation", default="proportional", show_default=True, help="Over strata: proportional, or each.")
@_table
@_of_engagement
@_out
@json_option
def plan(table: Path | None, stages: int | None, allocation: str, out: Path | None, as_json: bool, **told: Any) -> int:
    """How many items to examine, and what that will prove."""
    from assessor.samples import book, work

    if table is not None:
        return _plans(table, as_json)
    source = _population(told, or_number=True)
    aim = _aim(told, stages=stages, allocation=allocation)
    record = work.planned(aim, source)
    if told["engagement"] and not any(told[name] for name in ("name", "because", "by")):
        click.echo("Not recorded; to record it say --name, --because and --by.", err=True)
    elif record["sample_size"] is not None:
        _entered(told, book.PLAN, record)
    _kept(out, record)
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
@_of_population
@click.option("--size", type=click.IntRange(min=1), help="How many, where no plan says it.")
@click.option("--plan", "plan_file", type=_FILE, metavar="PLAN.json", help="The plan (`sample plan --out`).")
@click.option("--seed", default="", help="What the chance follows from, such as the digits of dice thrown in company.")
@click.option("--method", default="", help="random (default), interval (default by weight) or cell.")
@click.option("--sheet", type=_FILE, metavar="FILE.xlsx", help="A sheet to enter what is seen of each item.")
@click.option("--repeat", type=_FILE, metavar="DRAW.json", help="Draw once more, and say whether it is the same.")
@_of_engagement
@_out
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
    from assessor.samples import book, fieldwork, records, work

    if repeat is not None:
        return _repeated(told, records.read(repeat, records.DRAW), as_json)
    if sheet is not None and sheet.suffix.lower() != ".xlsx":
        raise AssessorError(f"{sheet} is no name of a workbook; name one that ends in .xlsx.")
    plan_record = records.plan(plan_file) if plan_file else None
    if told["engagement"] and plan_record is None and size is None:
        standing = book.of(_engagement(told), told["name"])
        if standing.plan is None:
            raise AssessorError(
                f"There is no plan of a sample `{told['name']}`; make one with `assessor sample plan`, or say --size."
            )
        plan_record = standing.plan.details
    drawn_from = _population(told, record=plan_record)
    record = work.drawn(drawn_from, seed=seed, method=method, size=size, plan=plan_record)
    if sheet is not None:
        fieldwork.write(sheet, drawn_from, records.drawn(record), told["name"] or "Audit sample")
    _entered(told, book.DRAW, record)
    _kept(out, record)
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
@_of_population
@_of_aim
@click.option("--sample-size", default=None, metavar="N", help="How many were examined.")
@click.option("--deviations", default=None, metavar="N", help="How many of these deviate.")
@click.option("--draw", "draw_file", type=_FILE, metavar="DRAW.json", help="The draw (`sample draw --out`).")
@click.option("--results", type=_FILE, metavar="FILE", help="The sheet with what was seen of each item.")
@click.option("--missing-deviate", is_flag=True, help="Count items that could not be examined as deviating.")
@_table
@_of_engagement
@_out
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
    from assessor.samples import book, fieldwork, records, work

    if table is not None:
        return _evaluations(table, as_json)
    aim = _aim(told)
    if results is not None:
        record_of_draw = records.read(draw_file, records.DRAW) if draw_file else _recorded_draw(told)
        population = _population(told, record=record_of_draw)
        record = work.evaluated_draw(
            aim, population, record_of_draw, fieldwork.read(results), missing_deviate=missing_deviate
        )
        _entered(told, book.EVALUATION, record)
    elif sample_size is None or deviations is None:
        raise AssessorError(
            "Say how many items were examined and how many deviate (--sample-size, --deviations), or give the results of a draw (--results)."
        )
    elif told["engagement"]:
        raise AssessorError(
            "In an engagement a sample is evaluated item by item; give the sheet with the results (--results)."
        )
    else:
        size = _whole_number(told["population"])
        record = work.evaluated(aim, work.Finding(sample_size, deviations, size))
    _kept(out, record)
    if as_json:
        print_json(record)
    else:
        click.echo(visible(record["statement"]))
        for part in record.get("strata", ()):
            click.echo(visible(f"  {part['stratum']}: {part['statement'].split('. It ')[0]}."))
        if record.get("bayesian"):
            click.echo(record["bayesian"]["statement"])
    return ATTENTION if record["conclusion"] in ("not_supported", "exceptions_found", "go_on") else DONE


def _aim(told: dict[str, Any], **more: Any) -> Aim:
    from assessor.samples.work import Aim

    return Aim(**{name: told[name] for name in _AIM}, **more)


def _engagement(told: dict[str, Any]) -> Any:
    from assessor import engagement

    return engagement.find(told["engagement"])


def _whole_number(text: str) -> str | None:
    """A number of items. Raises AssessorError for the name of a file, whose items an evaluation by numbers does not look at."""
    if text and not text.replace(",", "").replace("_", "").isdigit():
        raise AssessorError(
            f"The population `{text[:60]}` is no number; say how many items there are (--population 400)."
        )
    return text.replace(",", "").replace("_", "") or None


def _population(told: dict[str, Any], *, record: Any = None, or_number: bool = False) -> Any:
    """The population that the options name: read from a file or table; where a plan or draw says how it was read, in that way; a number of
    items or None where that will do."""
    from assessor.samples import populations

    where, source = told["population"], (record or {}).get("source")
    if or_number and not told["engagement"] and (not where or where.replace(",", "").replace("_", "").isdigit()):
        if any(told[name] for name in ("id_columns", "stratum", "weight", "where", "sheet_name")):
            raise AssessorError("Columns are of a file or table; name it with --population.")
        number = _whole_number(where)
        return None if number is None else int(number)
    given = any(told[name] for name in ("id_columns", "stratum", "weight", "where", "sheet_name"))
    if source is not None and not given:
        chosen = populations.selection(source, where or str(source["where"]))
    else:
        chosen = populations.Selection(
            where,
            tuple(filter(None, (name.strip() for name in told["id_columns"].split(",")))),
            told["stratum"],
            told["weight"],
            tuple(_condition(each) for each in told["where"]),
            told["sheet_name"],
        )
    if not chosen.where:
        raise AssessorError("Say where the population is (--population FILE, or --engagement DIR --population TABLE).")
    if told["engagement"]:
        return populations.of_table(_engagement(told), chosen)
    return populations.of_file(chosen)


def _condition(text: str) -> tuple[str, str]:
    column, sign, value = text.partition("=")
    if not sign or not column.strip():
        raise AssessorError(f"`{text[:60]}` is no condition; write --where COLUMN=VALUE.")
    return column.strip(), value.strip()


def _recorded_draw(told: dict[str, Any]) -> Any:
    from assessor.samples import book

    if not told["engagement"]:
        raise AssessorError(
            "Results are evaluated with their draw; give it (--draw DRAW.json), or the engagement that holds it."
        )
    standing = book.of(_engagement(told), told["name"])
    if standing.draw is None:
        raise AssessorError(
            f"There is no draw of a sample `{told['name']}` since it was planned; draw it with `assessor sample draw`."
        )
    return standing.draw.details


def _entered(told: dict[str, Any], step: str, record: dict[str, Any]) -> None:
    """Enter a record into the ledger of the engagement, where there is one."""
    from assessor.samples import book

    if not told["engagement"]:
        if told["name"] or told["by"] or told["because"]:
            raise AssessorError(
                "Only an engagement has a ledger to name who, why and which sample; say it with --engagement DIR."
            )
        return
    entry = book.record(
        _engagement(told), step, told["name"], record, because=told["because"], by=told["by"], role=told["role"]
    )
    click.echo(f"Recorded as entry {entry.seq} of the ledger.", err=True)


def _kept(out: Path | None, record: dict[str, Any]) -> None:
    from assessor import files
    from assessor.results import to_json

    if out is not None:
        files.write_text(out, to_json(record))


def _repeated(told: dict[str, Any], record: dict[str, Any], as_json: bool) -> int:
    """Whether a draw made once more from the population, as it is now, gives the same items."""
    from assessor.samples import records

    made = records.drawn(record)
    again = records.repeated(made, _population(told, record=record).frame)
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
