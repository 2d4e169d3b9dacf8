"""Looking through the facts of an engagement: what the browsers of the review show, as lines or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from assessor.commands.base import ATTENTION, DONE, folder_argument, json_option, main, print_json
from assessor.text import visible

_search = click.option("--search", default="", help="Words that all stand in it, whatever their case.")
_limit = click.option("--limit", default=50, show_default=True, help="Rows shown.")


@main.group()
def browse() -> None:
    """Components and suppliers of an engagement, with search and filters."""


@browse.command()
@folder_argument
@_search
@click.option("--item", default="any", help="Of this item alone.")
@click.option("--scope", default="any", help="in_scope, out_of_scope or undetermined.")
@click.option("--licence", default="any", help="open_source, proprietary or unknown.")
@click.option("--country", default="any", help="Country of origin (alpha-2), or `not stated`.")
@_limit
@json_option
def components(
    folder: Path, search: str, item: str, scope: str, licence: str, country: str, limit: int, as_json: bool
) -> int:
    """Components with their scope, and where each stands in the evidence."""
    from assessor import open_assessment
    from assessor.review import browse as browsing

    wanted = {"item": item, "scope": scope, "license_class": licence, "country": country}
    total, found = browsing.found_components(open_assessment(folder), search, limit, **wanted)
    return _told("components", total, found, browsing.COLUMNS, as_json)


@browse.command()
@folder_argument
@_search
@_limit
@json_option
def suppliers(folder: Path, search: str, limit: int, as_json: bool) -> int:
    """Suppliers, those with a tie to the PRC or Russia first."""
    from assessor import open_assessment
    from assessor.review import browse as browsing

    found = browsing.suppliers(open_assessment(folder), search)
    columns = ("name", "supplier", "country", "tier", "components", "prc_russia", "limb")
    return _told("suppliers", len(found), found[:limit], columns, as_json)


def _told(what: str, total: int, found: Sequence[Mapping[str, Any]], columns: Sequence[str], as_json: bool) -> int:
    if as_json:
        print_json({"ok": bool(total), "problems": [], "total": total, what: list(found)})
    else:
        for row in found:
            click.echo(visible("  ".join(str(row[name]) for name in columns if row.get(name) not in (None, ""))))
        click.echo(f"{total:,} {what}" + (f", the first {len(found):,} shown." if total > len(found) else "."))
    return DONE if total else ATTENTION
