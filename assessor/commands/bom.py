"""The command that reads bills of materials without an engagement."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, print_json, progress

if TYPE_CHECKING:
    import pandas as pd

    from assessor.bom import Bill

_SHOWN = 20  # problems of one file that are shown to people; --json has all
_VALIDITY = {
    "valid": "valid",
    "invalid": "not valid",
    "unchecked": "not checked to the end (see the notes)",
    "no_schema": "for which there is no schema",
    "unreadable": "unreadable",
}


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--csv", "as_csv", is_flag=True, help="The components (with --gaps: the gaps) as CSV.")
@click.option("--gaps", "only_gaps", is_flag=True, help="What to ask the supplier for: components that lack a field.")
@click.option(
    "--validate", is_flag=True, help="Hold each file against its official schema too (needs the extra validate)."
)
@click.option("--workers", type=click.IntRange(1), help="Processes to use (default: one a core).")
@json_option
def bom(
    files: tuple[Path, ...], as_csv: bool, only_gaps: bool, validate: bool, workers: int | None, as_json: bool
) -> int:
    """Read bills of materials: components, the four fields of §791.305(a)(2)(iv), gaps and problems."""
    from assessor import bom as bills

    if as_json and as_csv:
        raise click.UsageError("--json and --csv cannot be given together.")
    if validate and (as_csv or only_gaps):
        raise click.UsageError("--validate tells problems, which --csv and --gaps do not show; leave one of them out.")
    read = bills.read(files, workers=workers, progress=progress, validate=validate)
    if only_gaps:
        lacking = bills.missing(read)
        if as_json:
            print_json(
                {"ok": lacking.empty, "gaps": lacking.astype(object).where(lacking.notna(), None).to_dict("records")}
            )
        elif as_csv:
            _print_csv(lacking)
        else:
            _print_gaps(lacking)
        return ATTENTION if len(lacking) else DONE
    if as_json:
        print_json(bills.document(read))
    elif as_csv:
        _print_csv(bills.frame(read))
    else:
        _print(read)
    return DONE if all(bill.clean for bill in read) else ATTENTION


@main.command()
@click.argument("prior", metavar="PRIOR", type=click.Path(path_type=Path))
@click.argument("current", metavar="CURRENT", type=click.Path(path_type=Path))
@click.option("--csv", "as_csv", is_flag=True, help="The differences as CSV.")
@json_option
def compare(prior: Path, current: Path, as_csv: bool, as_json: bool) -> int:
    """What changed from one bill of materials to another: components added, removed, changed."""
    from assessor import bom as bills

    if as_json and as_csv:
        raise click.UsageError("--json and --csv cannot be given together.")
    found = bills.compare(prior, current)
    if as_json:
        print_json({"ok": found.table.empty, "unchanged": found.unchanged, "changes": bills.records(found.table)})
    elif as_csv:
        _print_csv(found.table)
    else:
        for row in bills.records(found.table):
            sides = [_side(row, side) for side in ("before", "after") if row[f"{side}_component"]]
            what = f" ({row['changed']})" if row["changed"] else ""
            click.echo(
                f"{row['change']:<8} {_plain(row['name'] or 'component without a name')}{what}: {' -> '.join(sides)}"
            )
        counts = found.table["change"].value_counts()
        told = ", ".join(f"{int(counts.get(change, 0)):,} {change}" for change in ("added", "removed", "changed"))
        click.echo(f"\n{told}, {found.unchanged:,} as before.")
    return DONE if found.table.empty else ATTENTION


def _side(row: dict[str, str | None], side: str) -> str:
    maker = row[f"{side}_manufacturer"]
    told = (
        row[f"{side}_version"] or "no version",
        row[f"{side}_supplier"] or "no supplier",
        maker and f"made by {maker}",
    )
    return _plain(", ".join(filter(None, told)))


def _print(read: list[Bill]) -> None:
    from assessor import bom as bills

    click.echo(
        f"{'file':<44} {'format':<22} {'status':<12} {'parts':>8} {'author':>8} {'time':>8} {'name':>8} {'supplier':>8} {'all four':>8}"
    )
    for bill in read:
        found = bills.coverage(bill)
        kind = " ".join(filter(None, (bill.format, bill.spec_version, bill.serialization))) or "not recognised"
        counts = "".join(f" {count:>8,}" for count in (found.components, *found.fields.values(), found.all_four))
        click.echo(f"{_short(bill.path.name, 44):<44} {_short(kind, 22):<22} {bill.status:<12}{counts}")
    for bill in read:
        told = [*([("", bill.reason)] if bill.reason else []), *((p.place, p.message) for p in bill.problems)]
        if told or bill.notes:
            click.echo(f"\n{_plain(str(bill.path))}")
        for place, message in told[:_SHOWN]:
            click.echo(f"  {_plain(place) or 'file'}: {_plain(message)}")
        if len(told) > _SHOWN:
            click.echo(f"  and {len(told) - _SHOWN:,} more problems; --json has them all")
        for note in bill.notes:
            click.echo(f"  note: {_plain(note)}")
    parts = sum(len(bill.components) for bill in read)
    bad = sum(bill.status != "read" for bill in read)
    click.echo(f"\n{len(read):,} files, {parts:,} components; {bad:,} files not read in full.")
    if any(bill.validity for bill in read):
        words = Counter(_VALIDITY[bill.validity or "unreadable"] for bill in read)
        click.echo(
            f"Against the official schemas: {', '.join(f'{words[w]:,} {w}' for w in _VALIDITY.values() if words[w])}."
        )
    click.echo("Counts are of components that state the field; the document's own item is not counted among its parts.")


def _print_gaps(lacking: pd.DataFrame) -> None:
    for (file, supplier), own in lacking.fillna({"supplier": "no supplier named"}).groupby(
        ["file", "supplier"], sort=True
    ):
        click.echo(f"\n{_plain(str(file))}: {_plain(str(supplier))}")
        for row in own.fillna("").to_dict("records"):
            name = " ".join(filter(None, (row["component"] or "component without a name", row["version"])))
            click.echo(
                f"  {_plain(name)} ({row['locator']}, licence class {row['license_class']}): lacks {row['lacks']}"
            )
    click.echo(f"\n{len(lacking):,} components lack one of the four fields and are not shown to be open source.")


def _print_csv(table: pd.DataFrame) -> None:
    """CSV that a spreadsheet does not take for formulas: a text that begins like one gets an apostrophe before it."""
    texts = table.select_dtypes(exclude="number").columns
    safe = table.astype(dict.fromkeys(texts, object))
    for name in texts:
        safe[name] = [f"'{v}" if isinstance(v, str) and v[:1] in "=+-@\t\r" and v else v for v in safe[name]]
    safe.to_csv(sys.stdout, index=False)


def _short(text: str, width: int) -> str:
    plain = _plain(text)
    return plain if len(plain) <= width else f"{plain[: width - 1]}…"


def _plain(text: str) -> str:
    """Text of a client on a terminal: one line, nothing that moves the cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
