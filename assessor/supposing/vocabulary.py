"""What can be supposed: the words of a what-if file, and its reading. It is TOML:

    title = "The fund sells down to 9 %"        # one scenario; several stand as [[scenario]] with a title each, their tables within
    because = "…"                               # why it is looked at
    from_model_year = 2028                      # looks at vehicles, declarations and transactions of this model year and later alone,
                                                # before and after (default: at all)

    [[owner]]            an interest begins, changes or ends
      subject*, holder*    who is owned, who owns: id or exact name
      share                "9 %", "0.09", "1/3", "more than 25 % to 50 %"; "0 %" ends it
      kind                 nature of the interest (default: each kind of share that the holder has in it, else shareholding)
      ended                true: the interest ends
      counterpart          who takes what the holder gives up, or gives up what it takes; without one nobody named does
      country, holder_kind where the holder is new: its country, and what it is (default: organisation)
      from                 first day of it (default: as long as the period)
    [[entity]]           somebody new, or other facts of somebody known
      name*                exact name or id
      kind, country (of all of the next three, or of residence and citizenship), incorporated, headquarters, principal_place,
      residence, citizenship, us_status
    [[supplier]]         a supplier is replaced
      replace*, by*        number or exact name of the supplier list, or name as a bill of materials writes it
      country              where the new one is new: its country
      items, components    lists of exact names (default: everything of it)
    [[authorization]]    number*, issued, expires, withdrawn (true)
    [[declaration]]      number*, submitted, withdrawn (true)
    [date]               dated (date of the report: what falls due before it has passed), period_from, period_to
    [criteria]           dominant_minority, aggregate, due_days, records_sample, sample_confidence, sample_tolerable, sample_seed:
                         the firm's criteria
    [[rule]]             because*, and version, or constant and value, or countries (a set) and value (a list of alpha-2 codes)
    [[answer]]           question*, subject*, answer*: a judgement answered so
    [[fact]]             any other fact of the tables: table*, and where (columns to find rows) with set (columns to change), unset (a
                         list of columns) or removed (true); or add (the columns of a new row)

A day is a TOML date. Countries are written as a client writes them. What is supposed counts in the order of this page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from assessor.errors import SuppositionError
from assessor.evidence.readers.ownership import shares
from assessor.evidence.readers.ownership.shares import Share
from assessor.evidence.tables import SCHEMAS
from assessor.rule import Rule
from assessor.text import exact_text

_KINDS = SCHEMAS["interests"]["kind"].allowed
_ENTITY_KINDS = SCHEMAS["entities"]["kind"].allowed
_US = SCHEMAS["entities"]["us_status"].allowed

TEXT, FLAG, DAY, WHOLE, NAMES, SHARE, COUNTRY, COLUMNS, ANY = (
    *("a text", "true or false", "a date such as 2027-03-01, without quotes", "a whole number, without quotes"),
    *("a list of texts", 'a share such as "9 %" or "0.09"', "a country", "a table of columns", "a value"),
)
"""What a key takes, in the words of the message about what it does not."""
ONE_OF: dict[tuple[str, str], tuple[str, ...]] = {
    ("owner", "kind"): _KINDS,
    ("owner", "holder_kind"): _ENTITY_KINDS,
    ("entity", "kind"): _ENTITY_KINDS,
    ("entity", "us_status"): _US,
    ("fact", "table"): tuple(SCHEMAS),
}
"""The words that a key takes, where only some may stand."""
PARTS: dict[str, dict[str, str]] = {
    "rule": {"because": TEXT, "version": TEXT, "constant": TEXT, "countries": TEXT, "value": ANY},
    "date": {"dated": DAY, "period_from": DAY, "period_to": DAY},
    "criteria": {
        **{"dominant_minority": SHARE, "aggregate": FLAG, "due_days": WHOLE, "records_sample": WHOLE},
        **{"sample_confidence": TEXT, "sample_tolerable": TEXT, "sample_seed": TEXT},
    },
    "entity": {
        **{"name": TEXT, "kind": TEXT, "country": COUNTRY, "incorporated": COUNTRY, "headquarters": COUNTRY},
        **{"principal_place": COUNTRY, "residence": COUNTRY, "citizenship": COUNTRY, "us_status": TEXT},
    },
    "owner": {
        **{"subject": TEXT, "holder": TEXT, "share": SHARE, "kind": TEXT, "ended": FLAG, "counterpart": TEXT},
        **{"country": COUNTRY, "holder_kind": TEXT, "from": DAY},
    },
    "authorization": {"number": TEXT, "issued": DAY, "expires": DAY, "withdrawn": FLAG},
    "declaration": {"number": TEXT, "submitted": DAY, "withdrawn": FLAG},
    "fact": {"table": TEXT, "where": COLUMNS, "set": COLUMNS, "unset": NAMES, "removed": FLAG, "add": COLUMNS},
    "supplier": {
        **{"replace": TEXT, "by": TEXT, "country": COUNTRY, "items": NAMES, "components": NAMES},
    },
    "answer": {"question": TEXT, "subject": TEXT, "answer": TEXT},
}
"""Every part with its keys and what each takes, in the order in which they are applied."""
_NEEDED = {
    "rule": ("because",),
    "entity": ("name",),
    "owner": ("subject", "holder"),
    "authorization": ("number",),
    "declaration": ("number",),
    "fact": ("table",),
    "supplier": ("replace", "by"),
    "answer": ("question", "subject", "answer"),
}
_SINGLE = ("date", "criteria")
_YEARS = range(1900, 2200)
"""Years of days that can be supposed: terms of years are added to them."""
_ABOUT = {"title": TEXT, "because": TEXT, "from_model_year": WHOLE}


@dataclass(frozen=True)
class Supposition:
    """One thing supposed. `place` names it ("owner 2": the second [[owner]] of its scenario), `told` holds its checked values."""

    part: str
    place: str
    told: Mapping[str, Any]

    @property
    def written(self) -> str:
        """How its place is written in the file."""
        part, _, number = self.place.partition(" ")
        return f"[{part}]" if part in _SINGLE else f"[[{part}]] number {number}"


@dataclass(frozen=True)
class Scenario:
    """What is supposed together: a title, why, from which file, the suppositions in the order in which they are applied, and the model year
    from which on it is looked at (None: whatever the model year)."""

    title: str
    because: str
    source: str
    suppositions: tuple[Supposition, ...]
    from_model_year: int | None = None


@dataclass
class _Reader:
    """Reads scenarios and gathers everything that is wrong."""

    rule: Rule
    problems: list[str] = field(default_factory=list)

    def scenario(self, told: Mapping[str, Any], title: str, source: str, where: str) -> Scenario:
        found = []
        for key in told:
            if key not in (*PARTS, *_ABOUT):
                self.problems.append(
                    f"{where}`{key}` is no part of a what-if file{did_you_mean(key, [*PARTS, *_ABOUT])}."
                )
        for name, kind in _ABOUT.items():
            if name in told and (wrong := self._value("", name, kind, told[name])[1]):
                self.problems.append(f"{where}{wrong}")
        for part in PARTS:
            entries = told.get(part, [])
            entries = [entries] if isinstance(entries, Mapping) else entries
            if not isinstance(entries, list) or not all(isinstance(each, Mapping) for each in entries):
                self.problems.append(f"{where}`{part}` is to be written as [{part}] or [[{part}]] with its keys below.")
                continue
            if part in _SINGLE and len(entries) > 1:
                self.problems.append(f"{where}[{part}] stands {len(entries)} times; write it once.")
            for number, entry in enumerate(entries, 1):
                made = Supposition(part, part if part in _SINGLE else f"{part} {number}", {})
                values = self._entry(part, entry, f"{where}{made.written}")
                found.append(Supposition(part, made.place, values))
        if not found and not self.problems:
            self.problems.append(f"{where}nothing is supposed; write one of {', '.join(PARTS)}.")
        year = told.get("from_model_year")
        return Scenario(str(told.get("title") or title), str(told.get("because") or ""), source, tuple(found), year)

    def _entry(self, part: str, entry: Mapping[str, Any], where: str) -> dict[str, Any]:
        keys, values = PARTS[part], {}
        for key in entry:
            if key not in keys:
                beside = (
                    "; it stands beside the title, of all that is supposed"
                    if key in _ABOUT
                    else did_you_mean(key, keys)
                )
                self.problems.append(f"{where} has `{key}`, which is no key of it{beside}.")
        lacking = [key for key in _NEEDED.get(part, ()) if entry.get(key) in (None, "")]
        if lacking:
            self.problems.append(f"{where} needs {' and '.join(f'`{key}`' for key in lacking)}.")
        for key, kind in keys.items():
            if key in entry and key not in lacking:
                value, wrong = self._value(part, key, kind, entry[key])
                if wrong:
                    self.problems.append(f"{where}: {wrong}")
                else:
                    values[key] = value
        self.problems += [f"{where} {wrong}" for wrong in _at_odds(part, entry)]
        return values

    def _value(self, part: str, key: str, kind: str, value: Any) -> tuple[Any, str]:
        """The value, checked, and what is wrong with it."""
        fits = {
            TEXT: isinstance(value, str) and bool(value.strip()),
            FLAG: isinstance(value, bool),
            DAY: type(value) is date and value.year in _YEARS,
            WHOLE: isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31,
            NAMES: isinstance(value, list) and bool(value) and all(isinstance(v, str) and v.strip() for v in value),
            COLUMNS: isinstance(value, Mapping) and bool(value),
        }.get(kind, True)
        if not fits:
            also = f", not {told(value)}"
            return None, f"`{key}` needs {kind}{also}."
        if (allowed := ONE_OF.get((part, key))) and value not in allowed:
            return None, f"`{key}` is {told(value)}; use one of {', '.join(allowed)}{did_you_mean(value, allowed)}."
        if kind == COUNTRY:
            code = value if isinstance(value, str) and value in self.rule.data("countries")["countries"] else None
            code = code or self.rule.country(value)
            return code, "" if code else f"`{key}` is {told(value)}, which is no name of one country."
        if kind == SHARE:
            return _share(key, value)
        return value, ""


def read(supposed: Path | Mapping[str, Any], rule: Rule) -> list[Scenario]:
    """The scenarios of a what-if file, or of the same as a mapping. Raises SuppositionError with everything that is wrong in it."""
    if isinstance(supposed, Mapping):
        content, source, title = dict(supposed), "What is supposed", "What is supposed"
    else:
        content, source, title = _toml(supposed), str(supposed), supposed.stem
    reader = _Reader(rule)
    several = content.pop("scenario", None)
    if several is None:
        found = [reader.scenario(content, title, source, "")]
    elif not isinstance(several, list) or not several or not all(isinstance(each, Mapping) for each in several):
        raise SuppositionError(
            source, ["`scenario` is to be written as [[scenario]], with a title and what is supposed."]
        )
    else:
        for key in content:
            as_written = f"`{key}` below [[scenario]]" if key in _ABOUT else f"[[scenario.{key}]]"
            reader.problems.append(f"`{key}` stands outside of the scenarios; write it as {as_written}.")
        found = [
            reader.scenario(each, f"{title} {number}", source, f"Scenario {number}, ")
            for number, each in enumerate(several, 1)
        ]
    if reader.problems:
        raise SuppositionError(source, reader.problems)
    return found


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise SuppositionError(str(path), ["There is no such file; give the path of a what-if file."]) from None
    except IsADirectoryError:
        raise SuppositionError(str(path), ["It is a folder; give the path of a what-if file."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SuppositionError(str(path), [f"It is not valid TOML: {error}. Mend that line."]) from None


def _at_odds(part: str, entry: Mapping[str, Any]) -> list[str]:
    """Keys that do not go together, or of which one is needed."""
    has = {key for key in entry if entry[key] not in (None, "", False)}
    if part == "owner":
        if not {"share", "ended"} & has and entry.get("kind") in (None, *("shareholding", "voting_rights")):
            return ["needs `share`, or `ended = true`."]
        return ["has both `share` and `ended`; leave one out."] if {"share", "ended"} <= has else []
    if part in ("authorization", "declaration") and not has - {"number"}:
        return [f"changes nothing; write one of {', '.join(k for k in PARTS[part] if k != 'number')}."]
    if part == "rule":
        ways = [way for way in ("version", "constant", "countries") if way in has]
        if len(ways) != 1:
            return ["needs one of `version`, `constant` and `countries`."]
        return [f"needs `value` for that {ways[0]}."] if ways[0] != "version" and "value" not in entry else []
    if part == "fact":
        acts = [way for way in ("add", "set", "unset", "removed") if way in has]
        if not acts or ("add" in acts and len(acts) > 1) or ("removed" in acts and len(acts) > 1):
            return ["needs `add`, or `where` with `set`, `unset` or `removed = true`."]
        if ("add" in acts) == ("where" in has):
            return [
                "adds a row and finds none; leave `where` out."
                if "add" in acts
                else "needs `where`: the columns by which its rows are found."
            ]
    if part in _SINGLE and not has:
        return [f"changes nothing; write one of {', '.join(PARTS[part])}."]
    return []


def _share(key: str, value: Any) -> tuple[Share | None, str]:
    """A share of 0 to 1 with its ends, and what is wrong."""
    needs = (
        f'`{key}` is {told(value)}; write a share from 0 to 100 % such as "9 %", "0.09" or "more than 25 % to 50 %".'
    )
    if isinstance(value, str) and any(sign in value.casefold() for sign in ("%", "cent", "pct")):
        share = shares.parse(value)
        return (None, needs) if share.wrong or share.min is share.max is None else (share, "")
    if isinstance(value, bool) or not isinstance(value, str | float | Decimal):
        return None, needs
    try:
        part = Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError):
        return None, needs
    if not 0 <= part <= 1 or len(str(value)) > 60:
        return None, needs
    exact = exact_text(part)
    return Share(exact, exact, False, False), ""


def told(value: Any) -> str:
    """A value as a message names it."""
    if isinstance(value, str):
        return f"“{value[:80]}”"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return "a table" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else str(value)[:80]


def did_you_mean(name: object, known: Any, *, limit: int = 3) -> str:
    """The nearest known names, to be put before the end of a sentence; empty where none is near."""
    listed = sorted({str(each) for each in known if each})
    near = process.extract(
        str(name).casefold(), listed, scorer=fuzz.WRatio, processor=str.casefold, limit=limit, score_cutoff=60
    )
    return f"; the nearest is {' or '.join(f'“{each}”' for each, _, _ in near)}" if near else ""
