"""Options of the commands on audit samples, and what they name: what a sample is to show, and the population."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assessor.errors import AssessorError

if TYPE_CHECKING:
    from assessor.engagement import Engagement
    from assessor.samples.plans import Aim

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)
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
_COLUMNS = ("id_columns", "stratum", "weight", "where", "sheet_name")


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


population_options = _all(
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
engagement_options = _all(
    click.option("--engagement", metavar="DIR", type=FILE, help="Record it in this engagement's ledger."),
    click.option("--name", default="", help="The sample's name in the engagement."),
    click.option("--because", default="", help="Why this sample, or this way."),
    click.option("--by", default="", help="Who says so."),
    click.option("--role", default="assessor", show_default=True, help="In which role."),
)
aim_options = _all(
    click.option(
        "--confidence", default=None, help="As 0.95 or 95%.  [default: the engagement's sample_confidence, else 95%]"
    ),
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
table_option = click.option(
    "--table", type=FILE, metavar="FILE.csv", help="Many at once, a row each; rows pass through."
)
out_option = click.option("--out", type=FILE, metavar="FILE.json", help="Keep the record in a file.")


def aim_of(told: dict[str, Any], planned: bool = False, **more: Any) -> Aim:
    """What the options ask for; the firm's confidence where none is given, unless a plan says it."""
    from assessor.samples.plans import DEFAULT_CONFIDENCE, Aim

    aim = {name: told[name] for name in _AIM} | more
    if told["confidence"] is None and not planned:
        criteria = engagement_of(told).terms().criteria if told["engagement"] else {}
        aim["confidence"] = criteria.get("sample_confidence", DEFAULT_CONFIDENCE)
    return Aim(**aim)


_COUNT = re.compile(r"[0-9][0-9,_]*")
"""A number of items as people write it."""


def engagement_of(told: dict[str, Any]) -> Engagement:
    """The engagement that the options name."""
    from assessor import engagement

    return engagement.find(told["engagement"])


def whole_number(text: str) -> str | None:
    """A number of items. Raises AssessorError for the name of a file, whose items an evaluation by numbers does not look at."""
    if text and not _COUNT.fullmatch(text):
        raise AssessorError(
            f"The population `{text[:60]}` is no number; say how many items there are (--population 400)."
        )
    return text.replace(",", "").replace("_", "") or None


def population_of(told: dict[str, Any], *, record: Any = None, or_number: bool = False) -> Any:
    """The population that the options name: read from a file or table; where a plan or draw says how it was read, in that way but
    for what is said now; a number of items or None where that will do."""
    from assessor.samples import populations

    where, source = told["population"], (record or {}).get("source")
    if or_number and not told["engagement"] and (not where or _COUNT.fullmatch(where)):
        if any(told[name] for name in _COLUMNS):
            raise AssessorError("Columns are of a file or table; name it with --population.")
        number = whole_number(where)
        return None if number is None else int(number)
    said = {
        "ids": tuple(filter(None, (name.strip() for name in told["id_columns"].split(",")))),
        "stratum": told["stratum"],
        "weight": told["weight"],
        "conditions": tuple(_condition(each) for each in told["where"]),
        "sheet": told["sheet_name"],
    }
    kept = (
        populations.Selection(where) if source is None else populations.selection(source, where or str(source["where"]))
    )
    chosen = dataclasses.replace(kept, **{name: value for name, value in said.items() if value})
    if not chosen.where:
        raise AssessorError("Say where the population is (--population FILE, or --engagement DIR --population TABLE).")
    if told["engagement"]:
        return populations.of_table(engagement_of(told), chosen)
    return populations.of_file(chosen)


def _condition(text: str) -> tuple[str, str]:
    column, sign, value = text.partition("=")
    if not sign or not column.strip():
        raise AssessorError(f"`{text[:60]}` is no condition; write --where COLUMN=VALUE.")
    return column.strip(), value.strip()
