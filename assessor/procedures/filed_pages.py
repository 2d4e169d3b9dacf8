"""§791.314(b): the pages of a filing that is itself in evidence, against what the client's index says of them.

A mark is looked for in the text at the top of each page; one that was put on as a picture is not seen, so that a difference is
asked about and is no exception by itself.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import Workings, counted, named, rows
from assessor.results import Outcome

CLAUSE = "791.314(b)"


def marked(facts: Facts, file: str) -> tuple[set[int], int] | None:
    """The pages of the file of exactly this name that bear the mark at their top, and the number of its pages; None where no
    PDF of that name is in evidence, or more than one."""
    table = _pages(facts, file)
    if table is None:
        return None
    mark = str(facts.rule.constant("cbi_page_mark"))
    return {int(row["page"]) for row in rows(table) if mark in (row["top"] or "").upper()}, len(table)


def compare(w: Workings, facts: Facts, file: str, listed: set[int] | None, total: int | None) -> None:
    """Note whether the file bears out the index; nothing where the file is not in evidence."""
    found, table = marked(facts, file), _pages(facts, file)
    if found is None or table is None:
        return
    seen, count = found
    odd = []
    if total is not None and total != count:
        odd.append(f"the index gives it {counted(total, 'page')}, the file in evidence has {count}")
    if listed is not None and listed != seen:
        odd.append(
            f"the index lists {_words(listed)} as marked, the text of the file shows the mark at the top of {_words(seen)}"
        )
    if odd:
        w.test(CLAUSE, f"{file}: pages", Outcome.INCONCLUSIVE, f"Of {file}: {'; '.join(odd)}.", evidence(table, 20))
        w.request(
            "filed_copy",
            f"The copy of {file} as BIS received it, and which of its pages bear the mark",
            [file],
            CLAUSE,
            "whether the pages with confidential business information and only those are marked",
        )
    else:
        told = f"Of the {counted(count, 'page')} in evidence the mark stands at the top of {_words(seen)}, as the index has it."
        w.test(CLAUSE, f"{file}: pages", Outcome.CONFORMS, told, evidence(table, 20))


def _pages(facts: Facts, file: str) -> Any:
    register = facts.register
    own = [row["id"] for row in rows(register[["id", "path"]]) if PurePosixPath(str(row["path"])).name == file]
    table = facts.tables["pages"]
    table = table[table["source"].isin(own)].sort_values("page")
    return table if table["source"].nunique() == 1 else None


def _words(pages: set[int]) -> str:
    return f"page{'s' if len(pages) > 1 else ''} {named(sorted(pages), 20)}" if pages else "no page"
