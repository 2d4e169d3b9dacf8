"""What a batch does to one engagement: takes in what waits, runs what is needed, renders the report. It knows of no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from assessor import check, inbox, issuing, run
from assessor import engagement as engagements
from assessor.batch import view
from assessor.batch.listing import Place
from assessor.batch.told import Told, Wanted
from assessor.engagement import Engagement
from assessor.errors import AssessorError


def perform(place: Place, wanted: Wanted, tell: Callable[[str], None]) -> Told:
    """Do what is needed in the engagement of a folder; never raises for what is wrong in it. `tell` hears at which stage it is."""
    told = Told(place.name, place.where)
    step = "terms"

    def at(text: str) -> None:
        nonlocal step
        step = text
        tell(text)

    try:
        engagement = engagements.find(place.where)
        terms = engagement.terms()
        told.id, told.client = terms.id, terms.client_name
        attention = _stages(engagement, place, wanted, told.stages, at)
        at("standing")
        attention += _standing(engagement, told)
    except AssessorError as error:
        told.outcome, told.place, told.message = "failed", step, str(error)
    except OSError as error:
        told.outcome, told.place = "failed", step
        told.message = f"{error.filename or 'A file'}: {error.strerror or error}."
    except Exception as error:
        told.outcome, told.place = "failed", step
        told.message = f"An error in assessor itself ({type(error).__name__}: {error})."
    else:
        unchanged = bool(told.stages) and all(state != "done" for state in told.stages.values())
        told.outcome = "skipped" if unchanged else "attention" if attention else "done"
        told.message = "; ".join(attention)
    if wanted.overview:
        tell("overview")
        told.view = view.look(Path(place.where), wanted.overview, told.message)
    return told


def stands(place: Place, wanted: Wanted) -> bool:
    """Whether nothing would be done in the engagement of a folder. It looks at no evidence."""
    try:
        engagement = engagements.find(place.where)
        template = Path(wanted.template) if wanted.template else None
        return (
            not wanted.force
            and not place.packages
            and not inbox.waiting(engagement)
            and (wanted.until == "intake" or run.stands(engagement, notebooks=wanted.engine != "none"))
            and (
                wanted.until != "report"
                or issuing.stands(engagement, template=template, variants=wanted.variants, pdf=wanted.pdf)
            )
        )
    except (AssessorError, OSError):
        return False


def _stages(
    engagement: Engagement, place: Place, wanted: Wanted, stages: dict[str, str], at: Callable[[str], None]
) -> list[str]:
    """Go through the stages; sentences on what a person should look at."""
    if wanted.until == "none":
        return _as_it_stands(engagement)
    at("intake")
    taken, attention = inbox.take_in(engagement, place.packages, _day(wanted.received))
    stages["intake"] = "done" if taken else "unchanged"
    if wanted.until == "intake":
        return attention
    at("run")
    notebooks = wanted.engine != "none"
    if not wanted.force and run.stands(engagement, notebooks=notebooks):
        stages["run"] = "unchanged"
    else:
        again = run.run(
            engagement,
            notebooks=notebooks,
            engine=wanted.engine,
            force=wanted.force,
            progress=lambda text: at(text.partition("] ")[2]),
        )
        if again.failed:
            raise AssessorError(" ".join(again.failed))
        stages["run"] = "done"
    if wanted.until == "run":
        return attention
    at("report")
    template = Path(wanted.template) if wanted.template else None
    edited = [path.name for path in issuing.edited(engagement)]
    if not wanted.force and issuing.stands(engagement, template=template, variants=wanted.variants, pdf=wanted.pdf):
        stages["report"] = "unchanged"
    elif edited and not wanted.force:
        stages["report"] = "kept"
        attention.append(
            f"{', '.join(edited)} was edited after it was rendered, and is not rendered anew; move it elsewhere, or use --force"
        )
    else:
        issuing.report(engagement, template=template, variants=wanted.variants, pdf=wanted.pdf)
        stages["report"] = "done"
    return attention


def _as_it_stands(engagement: Engagement) -> list[str]:
    """What would have to be done, where nothing is."""
    told = [f"{len(waiting)} in the inbox"] if (waiting := inbox.waiting(engagement)) else []
    if not any(engagement.results.glob("s*.json")):
        return [*told, "not run yet"]
    if not run.results_stand(engagement):
        told.append("results older than what they follow from")
    return told


def _day(told: str) -> date:
    return date.fromisoformat(told) if told else date.today()  # noqa: DTZ011 (the calendar day where the assessor sits)


def _standing(engagement: Engagement, told: Told) -> list[str]:
    """Count what is open, and say it."""
    counts = check.counts(engagement)
    told.exceptions, told.questions, told.requests = counts.exceptions, counts.questions, counts.requests
    named = ((told.exceptions, "exception"), (told.questions, "open question"), (told.requests, "evidence request"))
    return (
        [", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in named if count)]
        if any(count for count, _ in named)
        else []
    )
