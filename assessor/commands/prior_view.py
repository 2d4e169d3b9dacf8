"""How an engagement that was rolled forward is shown: what was carried, and what the earlier one left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assessor.commands.base import ATTENTION, DONE, print_json, show_problems
from assessor.text import visible

if TYPE_CHECKING:
    from assessor.prior import RolledForward


def show_made(folder: Path, made: RolledForward, as_json: bool) -> int:
    """What `assessor new --from-prior` carried, and what is to be done; the exit code."""
    terms, problems = made.engagement.terms(), list(made.problems)
    waiting = terms.engagement["to_confirm"]
    counts = {name: len(content) for name, content in made.context.items() if isinstance(content, list)}
    if as_json:
        print_json(
            {
                "ok": not problems,
                "problems": problems,
                "path": folder,
                "engagement": terms.id,
                "client": terms.client_name,
                "period": {"from": terms.period_from, "to": terms.period_to},
                "dated": terms.dated,
                "prior": {"id": made.context["prior"]["id"], **counts},
                "to_confirm": waiting,
                "left_out": made.left_out,
            }
        )
    else:
        click.echo(
            f"{folder} is the engagement {terms.id} for {terms.client_name}, {terms.period_from} to {terms.period_to}, its report dated {terms.dated}."
        )
        listed = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        click.echo(f"From {made.context['prior']['id']} as context, in prior.json: {listed}.")
        click.echo(f"Not carried of its terms: {', '.join(made.left_out) or 'nothing'}.")
        click.echo(f"To be confirmed in engagement.toml: {', '.join(waiting) or 'nothing'}.")
        show_problems("Attention", problems)
        click.echo(f"Next: assessor intake {folder} PACKAGE")
    return ATTENTION if problems else DONE


def show_standing(told: dict[str, Any], *, ran: bool) -> None:
    """What an earlier engagement left, as `assessor.prior.standing` tells it; `ran`: whether this one has results."""
    click.echo(f"\nCarried from {told['id']} (context, nothing rests on it)")

    def show(heading: str, entries: list[tuple[str, str]]) -> None:
        if entries:
            click.echo(f"  {heading} ({len(entries)})")
            for place, message in entries:
                click.echo(visible(f"    {place}\n        {message}"))

    def again(each: dict[str, Any]) -> str:
        if each["again"] is None:
            return ""
        return f" [again: {each['again']}]" if each["again"] else " [not among this year's results so far]"

    def finding(each: dict[str, Any]) -> tuple[str, str]:
        response = each.get("response", {})
        agrees, silent = (
            response.get("agrees"),
            "has not responded" if not response else "responded, and agrees in part or did not say",
        )
        words = "agrees" if agrees is True else "disagrees" if agrees is False else silent
        return (
            f"{each.get('id')} {each.get('key')}",
            f"{each.get('title')} ({each.get('severity')}; management {words}){again(each)}",
        )

    show("Open findings", [finding(each) for each in told["open_findings"]])
    show("Findings that management holds to be mended", [finding(each) for each in told["closed_findings"]])
    show(
        "Evidence requests outstanding",
        [
            (f"{r.get('id')} {r.get('key')}", f"{r.get('what')} (§{r.get('clause')}){again(r)}")
            for r in told["requests"]
        ],
    )
    if not ran:  # afterwards this year's own questions stand above
        show("Questions left open", [(str(q.get("key")), str(q.get("asked"))) for q in told["unanswered"]])
    answered = []
    for q in told["questions"]:
        a = q["earlier"]
        facts = "the same facts are shown now" if a["same_facts"] else "other facts are shown now"
        words = f"{a.get('answer')}, by {a.get('by')} on {str(a.get('at'))[:10]}: {a.get('because')} ({a.get('state')}; {facts})"
        answered.append((f"{q['question']}/{q['subject']}", words))
    show("Open questions that were answered then", answered)
