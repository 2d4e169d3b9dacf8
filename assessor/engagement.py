"""One client's engagement: its folder, its paths and its terms (engagement.toml).

    ENGAGEMENT/
      engagement.toml     the terms, below
      evidence/           one bag per delivery
      register.jsonl      one row per file
      tables/             facts as Parquet, rebuilt at will
      judgements.jsonl    the ledger
      workpapers/         executed notebooks and HTML
      results/            one JSON per procedure, results.json, oscal-ar.json
      report/             Word, XLSX, deadlines as .ics, figures
      run.json            what ran
      prior.json          what an earlier engagement left, as context (assessor/prior); only where one was rolled forward

Keys of engagement.toml (* must be present):

    [engagement]      id*, client*, dated* (date of the report), period = {from*, to*}, version, rule_version*,
                      basis (list of "declarations", "general authorizations", "specific authorizations"),
                      addressee, purpose, exclusions (list of sentences), limitations (list of sentences),
                      to_confirm (list: what was carried from an earlier engagement and nobody has confirmed for this one)
    [client]          name*, address, roles* (list of "connected_vehicle_manufacturer", "vcs_hardware_importer"),
                      us_person (true/false), entity (its id in the ownership evidence), contact
    [firm]            name*, address, incorporated, headquarters, principal_place (countries), method (sentences),
                      security_requirements (sentences: the criteria taken for what §791.315(b) so calls),
                      acknowledges_government_use (true/false), owners = [{name, kind, country, citizenship, us_status,
                      share (fraction as text)}], certifications (list)
    [[team]]          name*, role*, qualifications (list), citizenship, residence
    [independence]    fee_basis, fee, contingent (true/false), other_services (list), financial_interests (list), statement
    [[items]]         name*, system ("VCS" or "ADS"), medium ("software" or "hardware"), connected_to (the connectivity system
                      to which its hardware is wired, where the item itself may not directly enable one)
    [criteria]        dominant_minority (fraction as text), aggregate (true/false), due_days (days until a request is due),
                      records_sample (records inspected of each kind and type, whatever they prove), sample_confidence and
                      sample_tolerable (texts such as "0.95" and "0.05": a sample is so large that so high a rate of
                      deviations is seen with so much confidence; no sample of attestations and origins without both),
                      sample_seed (text, such as the digits of dice thrown; the engagement's id when absent)
    [[authorizations]] one entry a letter, so one a version: number*, letter (title of the letter), letter_version (date of
                      the letter; needed where a number has several), superseded_on (first day on which a later version
                      applies), letter_sha256 (digest of the letter's file as published), published = {site,
                      federal_register} (where this version was published, §791.306(b)), and
      [[authorizations.conditions]] condition* (number in the letter), test* (a name of
                      `assessor.procedures.authorization_conditions`), and that test's parameters
    [[aliases]]       legal (full legal names of one company), short (its short names and brands, which only propose), country
                      (alpha-2, where it is organised), source* (where anybody can look the names up); at least two names
    [intake]          max_members, max_bytes, max_depth, max_ratio (whole numbers): how much a delivery may hold, with all that
                      archives and mails within it hold; see `assessor.evidence.sources.Limits` for what each is when absent
    [workpapers]      preparer, reviewer (names of persons, not the same): to whom the workpapers are assigned
    [[responses]]     finding* (procedure/code/subject), by, date, agrees (true/false), text, closed (day since which management
                      holds the finding to be mended; the next engagement looks whether it is): management's responses
    [report]          title, confidential (sentence on confidential treatment), confidential_evidence (items for which the
                      client claims it, §791.314(b): ids, or paths in which * stands for anything), confidential_texts
                      (further texts that are claimed), neighbouring_exposure (true/false: whether the section on the
                      programme around subpart D is shown; true when absent)
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from assessor.errors import EngagementError

TERMS = "engagement.toml"
"""The file by which a folder is an engagement."""
TERMS_ITEM = "TERMS"
"""Evidence item id under which facts of engagement.toml are cited."""
INTAKE_LIMITS = ("max_members", "max_bytes", "max_depth", "max_ratio")
"""Keys of `[intake]`."""
_PART = re.compile(r"0?\.[0-9]{1,9}|[0-9]{1,2}(\.[0-9]{1,7})? ?%")
"""A part of a whole as text: "0.95", "95%"."""


@dataclass(frozen=True)
class Terms:
    """What engagement.toml says. Nested parts keep the file's own keys; absent parts are empty."""

    id: str
    client_name: str
    dated: date
    period_from: date
    period_to: date
    rule_version: str
    engagement: dict[str, Any]
    client: dict[str, Any]
    firm: dict[str, Any]
    team: list[dict[str, Any]]
    independence: dict[str, Any]
    items: list[dict[str, Any]]
    criteria: dict[str, Any]
    authorizations: list[dict[str, Any]]
    responses: list[dict[str, Any]]
    report: dict[str, Any]
    aliases: list[dict[str, Any]] = field(default_factory=list)
    workpapers: dict[str, str] = field(default_factory=dict)
    intake: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Engagement:
    """An engagement folder; every path of it has one name here."""

    root: Path

    @property
    def terms_file(self) -> Path:
        return self.root / TERMS

    @property
    def evidence(self) -> Path:
        return self.root / "evidence"

    @property
    def register(self) -> Path:
        return self.root / "register.jsonl"

    @property
    def tables(self) -> Path:
        return self.root / "tables"

    @property
    def ledger(self) -> Path:
        return self.root / "judgements.jsonl"

    @property
    def workpapers(self) -> Path:
        return self.root / "workpapers"

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def report(self) -> Path:
        return self.root / "report"

    @property
    def run_file(self) -> Path:
        return self.root / "run.json"

    @property
    def prior_file(self) -> Path:
        return self.root / "prior.json"

    def terms(self) -> Terms:
        """Read engagement.toml. Raises EngagementError naming the file and the key that is wrong."""
        return parse_terms(self.terms_file)


def find(folder: Path | str) -> Engagement:
    """The engagement in `folder`. Raises EngagementError when that is not one."""
    root = Path(folder)
    if not (root / TERMS).is_file():
        raise EngagementError(
            f"{root} is not an engagement: it has no engagement.toml. Make one with `assessor new {root}`."
        )
    return Engagement(root)


def parse_terms(path: Path) -> Terms:
    """The terms in an engagement.toml. Raises EngagementError naming the file and the key that is missing or wrong."""
    try:
        with path.open("rb") as file:
            told = tomllib.load(file)
    except FileNotFoundError:
        raise EngagementError(f"{path} does not exist. Name an engagement.toml that does.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EngagementError(f"{path} is not valid TOML: {error}. Mend that line.") from None

    def need(part: str, key: str, kind: type) -> Any:
        section = told.get(part, {})
        value = section.get(key) if isinstance(section, dict) else None
        if not isinstance(value, kind) or value == "":
            wanted = {str: "a text", date: "a date such as 2026-11-16", dict: "a table", list: "a list"}[kind]
            raise EngagementError(f"{path}: [{part}] needs `{key}` as {wanted}.")
        return value

    period = need("engagement", "period", dict)
    for key in ("from", "to"):
        if not isinstance(period.get(key), date):
            raise EngagementError(f"{path}: [engagement] needs `period.{key}` as a date such as 2026-01-01.")
    if period["from"] > period["to"]:
        raise EngagementError(f"{path}: the period ends before it begins; exchange `period.from` and `period.to`.")
    need("client", "roles", list)
    need("firm", "name", str)
    waiting = told["engagement"].get("to_confirm", [])
    if not isinstance(waiting, list) or not all(isinstance(part, str) for part in waiting):
        raise EngagementError(f'{path}: [engagement] needs `to_confirm` as a list such as ["team"].')
    report = told.get("report", {})
    if isinstance(report, dict) and not isinstance(report.get("neighbouring_exposure", True), bool):
        raise EngagementError(f"{path}: [report] needs `neighbouring_exposure` as true or false, without quotes.")
    for part, keys in (
        ("team", ("name", "role")),
        ("items", ("name",)),
        ("authorizations", ("number",)),
        ("responses", ("finding",)),
        ("aliases", ("source",)),
    ):
        for number, entry in enumerate(told.get(part, []), 1):
            for key in keys:
                if not isinstance(entry, dict) or not entry.get(key):
                    raise EngagementError(f"{path}: [[{part}]] number {number} needs `{key}`.")
    for number, response in enumerate(told.get("responses", []), 1):
        if type(response.get("closed", date.min)) is not date:
            raise EngagementError(
                f"{path}: [[responses]] number {number} needs `closed` as a date such as 2027-02-01, without quotes."
            )
    for number, item in enumerate(told.get("items", []), 1):
        if not isinstance(item.get("connected_to", "it"), str) or not item.get("connected_to", "it").strip():
            raise EngagementError(
                f"{path}: [[items]] number {number} needs `connected_to` as the name of the system that it is connected to."
            )
    sample = told.get("criteria", {}).get("records_sample", 0)
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 0:
        raise EngagementError(f"{path}: [criteria] needs `records_sample` as a whole number such as 5, without quotes.")
    if wrong := wrong_samples(told.get("criteria", {})):
        raise EngagementError(f"{path}: [criteria] {wrong}")
    _check_authorizations(path, told.get("authorizations", []))
    _check_aliases(path, told.get("aliases", []))
    _check_workpapers(path, told.get("workpapers", {}))
    _check_intake(path, told.get("intake", {}))
    return Terms(
        id=need("engagement", "id", str),
        client_name=need("client", "name", str),
        dated=need("engagement", "dated", date),
        period_from=period["from"],
        period_to=period["to"],
        rule_version=need("engagement", "rule_version", str),
        engagement=told["engagement"],
        client=told["client"],
        firm=told["firm"],
        team=told.get("team", []),
        independence=told.get("independence", {}),
        items=told.get("items", []),
        criteria=told.get("criteria", {}),
        authorizations=told.get("authorizations", []),
        responses=told.get("responses", []),
        report=told.get("report", {}),
        aliases=told.get("aliases", []),
        workpapers=told.get("workpapers", {}),
        intake=told.get("intake", {}),
    )


def wrong_samples(told: Mapping[str, Any]) -> str:
    """What is wrong with the criteria of samples, "" where nothing is: a confidence or rate that is no text of a number between 0 and 1, a
    rate without a confidence, a seed that cannot be printed."""
    for key, example in (("sample_confidence", "0.95"), ("sample_tolerable", "0.05")):
        value = told.get(key, example)
        if not isinstance(value, str) or not _PART.fullmatch(value) or not value.strip("0.% "):
            return f'needs `{key}` as a text such as "{example}", above 0 and below 1, with quotes.'
    if "sample_tolerable" in told and "sample_confidence" not in told:
        return "needs `sample_confidence` beside `sample_tolerable`."
    seed = told.get("sample_seed", "a seed")
    if not isinstance(seed, str) or not seed.strip() or not seed.isprintable():
        return "needs `sample_seed` as a printable text, such as the digits of dice thrown."
    return ""


def _check_authorizations(path: Path, entries: list[dict[str, Any]]) -> None:
    """Raise EngagementError for a date, digest or place of publication of a letter that is none, or a version entered twice."""
    seen = set()
    for number, entry in enumerate(entries, 1):
        place = f"{path}: [[authorizations]] number {number}"
        for key in ("letter_version", "superseded_on"):
            if type(entry.get(key, date.min)) is not date:
                raise EngagementError(f"{place} needs `{key}` as a date such as 2026-06-18, without quotes.")
        if not re.fullmatch("[0-9a-f]{64}", str(entry.get("letter_sha256", "0" * 64))):
            raise EngagementError(f"{place} needs `letter_sha256` as 64 hexadecimal digits in small letters.")
        published = entry.get("published", {})
        known = isinstance(published, dict) and not set(published) - {"site", "federal_register"}
        if not known or not all(isinstance(told, str) and told.strip() for told in published.values()):
            raise EngagementError(
                f"{place} needs `published` as {{ site = …, federal_register = … }}, texts, or one of them."
            )
        version = (str(entry["number"]).casefold(), entry.get("letter_version"))
        if version in seen:
            raise EngagementError(
                f"{place} enters a version a second time; give each entry a `letter_version` of its own."
            )
        seen.add(version)


def _check_aliases(path: Path, entries: list[dict[str, Any]]) -> None:
    """Raise EngagementError for an entry whose names, country or source are no texts, or that names fewer than two."""
    for number, entry in enumerate(entries, 1):
        place = f"{path}: [[aliases]] number {number}"
        names: list[Any] = []
        for key in ("legal", "short"):
            listed = entry.get(key, [])
            if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
                raise EngagementError(f"{place} needs `{key}` as a list of names.")
            names += listed
        if len(set(names)) < 2:
            raise EngagementError(f"{place} needs at least two names in `legal` and `short`.")
        if not re.fullmatch("[A-Z]{2}|", str(entry.get("country", ""))):
            raise EngagementError(f'{place} needs `country` as a code of two capital letters such as "CN".')
        if not isinstance(entry["source"], str):
            raise EngagementError(f"{place} needs `source` as a text that says where the names can be looked up.")


def _check_workpapers(path: Path, told: Any) -> None:
    """Raise EngagementError where the preparer or the reviewer of workpapers is no name, or both are the same person."""
    if not isinstance(told, dict):
        raise EngagementError(f"{path} needs `workpapers` as a table: [workpapers], with `preparer` and `reviewer`.")
    for key in ("preparer", "reviewer"):
        if not isinstance(told.get(key, "a name"), str) or not told.get(key, "a name").strip():
            raise EngagementError(
                f"{path}: [workpapers] needs `{key}` as the name of a person; leave it out until known."
            )
    names = [" ".join(told[key].split()).casefold() for key in ("preparer", "reviewer") if key in told]
    if len(names) == 2 and names[0] == names[1]:
        raise EngagementError(f"{path}: [workpapers] needs a `reviewer` other than the `preparer`.")


def _check_intake(path: Path, told: Any) -> None:
    """Raise EngagementError where the limits of a delivery are no whole numbers from 1, or have names that mean nothing."""
    if not isinstance(told, dict):
        raise EngagementError(f"{path} needs `intake` as a table: [intake], with limits such as `max_members`.")
    for key, value in told.items():
        if key not in INTAKE_LIMITS:
            raise EngagementError(f"{path}: [intake] has `{key}`, which is none of {', '.join(INTAKE_LIMITS)}.")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise EngagementError(f"{path}: [intake] needs `{key}` as a whole number such as 1000, without quotes.")
