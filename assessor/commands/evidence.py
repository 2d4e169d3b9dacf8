"""The command on evidence: the register, the places of an item that facts came from, and what stands at a place."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assessor.commands.base import ATTENTION, DONE, folder_argument, json_option, main, print_json

if TYPE_CHECKING:
    from assessor.engagement import Engagement
    from assessor.evidence.places import Excerpt

MOST_PLACES = 50
"""Places of an item that are listed unless more are asked for."""


@main.command()
@folder_argument
@click.argument("item", required=False)
@click.argument("locator", required=False)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=MOST_PLACES,
    show_default=True,
    help="Places of an item that are listed.",
)
@json_option
def evidence(folder: Path, item: str | None, locator: str | None, limit: int, as_json: bool) -> int:
    """Show the evidence: the register; of an ITEM (E-0004) the places that facts came from; at a LOCATOR what stands there.

    A LOCATOR is a place as it stands beside each fact: '/components/4', 'BOM!row 23', 'line 12', 'page 3', 'paragraph 7'.
    """
    from assessor import engagement
    from assessor.evidence import places, register

    opened = engagement.find(folder)
    if item is None:
        return _listed(opened, as_json)
    if locator is None and item != engagement.TERMS_ITEM:
        return _item(opened, item, limit, as_json)
    return _shown(places.show(opened.root, register.read(opened.register), item, locator or ""), as_json)


def _listed(opened: Engagement, as_json: bool) -> int:
    """The register, with how many facts came from each item."""
    from assessor.evidence import places, register
    from assessor.text import visible

    rows = register.read_rows(opened.register)
    counts = places.counts(opened.tables)
    if as_json:
        items = [{**asdict(row), "facts": counts.get(row.id, 0)} for row in rows]
        print_json({"ok": True, "problems": [], "items": items})
        return DONE
    for row in rows:
        facts = _facts(counts.get(row.id, 0))
        status, kind = row.status or "not read yet", row.kind or ""
        click.echo(f"{row.id}  {status:<12} {kind:<24} {facts:>13}  {visible(row.path)}")
    click.echo(f"{len(rows):,} items, {_facts(sum(counts.values()))}.")
    return DONE


def _item(opened: Engagement, item: str, limit: int, as_json: bool) -> int:
    """The row of an item in the register, and the first places that facts came from."""
    from assessor.evidence import places, register
    from assessor.text import visible

    row = register.row(register.read(opened.register), item)
    found = places.item_places(opened.tables, item)
    facts = sum(sum(tables.values()) for tables in found.values())
    listed = dict(list(found.items())[:limit])
    unread = places.item_problems(opened.tables, item)
    if as_json:
        print_json(
            {
                "ok": True,
                "problems": [],
                "item": {**asdict(row), "facts": facts},
                "not_read": [{"place": place, "message": message} for place, message in unread],
                "place_count": len(found),
                "places": [{"locator": locator, "facts": tables} for locator, tables in listed.items()],
            }
        )
        return DONE
    for name, value in asdict(row).items():
        if value is not None and value != "":
            click.echo(f"{name.replace('_', ' '):<16}{visible(str(value))}")
    if unread:
        click.echo(f"\nNot read ({len(unread):,})")
    for place, message in unread[:limit]:
        click.echo(f"  {visible(place) or 'the whole item'}: {visible(message)}")
    if len(unread) > limit:
        click.echo(f"  … and {len(unread) - limit:,} more (--limit {len(unread)} lists all)")
    click.echo(f"\nFacts ({facts:,}) from {len(found):,} places")
    for locator, tables in listed.items():
        told = ", ".join(f"{count} {name}" for name, count in tables.items())
        click.echo(f"  {visible(locator) or 'the whole item':<40} {told}")
    if len(found) > len(listed):
        click.echo(f"  … and {len(found) - len(listed):,} more places (--limit {len(found)} lists all)")
    return DONE


def _shown(excerpt: Excerpt, as_json: bool) -> int:
    """What stands at a place, or why it cannot be shown."""
    if as_json:
        place = f"{excerpt.item} {excerpt.locator}".strip()
        problems = [{"code": "place_not_shown", "place": place, "message": excerpt.note}] if excerpt.note else []
        rows = [row._asdict() for row in excerpt.rows]
        print_json({"ok": not problems, "problems": problems, **asdict(excerpt), "rows": rows})
        return ATTENTION if problems else DONE
    click.echo(f"{excerpt.item}  {excerpt.path}{f'  ({excerpt.kind})' if excerpt.kind else ''}")
    if excerpt.heading:
        click.echo(excerpt.heading)
    for row in excerpt.rows:
        text = row.text.replace("\n", "\n      ")
        click.echo(f"  {'>' if row.is_place else ' '} {row.label}{': ' if row.label else ''}{text}")
    if excerpt.note:
        click.echo(f"{excerpt.locator or 'The item'} cannot be shown: {excerpt.note}")
    return ATTENTION if excerpt.note else DONE


def _facts(count: int) -> str:
    return f"{count:,} fact{'' if count == 1 else 's'}"
