"""Numbers that identify a legal person: which carry their own proof, and which are unique only inside a register.

An identifier whose check digits are wrong identifies nobody; it is reported and not used. A number without check digits
counts only inside its register: the country's, or a state's or court's where a country has many registers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INN_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


@dataclass(frozen=True)
class Identifier:
    """`kind` names its scheme; `value` is written without spaces and hyphens; `country` (`GB`, `US-DE`) is part of the
    identity where the number is unique only inside a register."""

    kind: str
    value: str
    country: str = ""

    @property
    def identifies(self) -> bool:
        """The same identifier is the same legal person. Not so: a VAT number, which a VAT group shares, and a number whose
        register nobody states."""
        return self.kind not in ("vat", "number")

    @property
    def proves(self) -> bool:
        """It has check digits, and they are right."""
        return self.kind in _CHECKED

    @property
    def words(self) -> str:
        """As told to a reader: `LEI 5299…`, `registration number 01234567 (GB)`."""
        named = _BY_KIND[self.kind].words if self.kind in _BY_KIND else "registration number"
        return f"{named} {self.value}" + (f" ({self.country})" if self.country else "")


def compact(text: str) -> str:
    """The characters that count: letters and digits, upper case."""
    return re.sub(r"[\W_]+", "", text).upper()


def lei_valid(text: str) -> bool:
    """20 characters of which the last two are check digits (ISO 17442, ISO/IEC 7064 MOD 97-10)."""
    return bool(re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", text)) and int("".join(str(int(c, 36)) for c in text)) % 97 == 1


def uscc_valid(text: str) -> bool:
    """18 characters, the last one a check digit (GB 32100-2015: weights are powers of 3 modulo 31)."""
    if len(text) != 18 or any(c not in _USCC_DIGITS for c in text):
        return False
    total = sum(_USCC_DIGITS.index(c) * pow(3, place, 31) for place, c in enumerate(text[:17]))
    return _USCC_DIGITS[-total % 31] == text[17]


def organisation_code_valid(text: str) -> bool:
    """9 characters, the last one a check digit (GB 11714-1997); the USCC holds the code in its places 9 to 17."""
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", text):
        return False
    total = sum(w * int(c, 36) for w, c in zip((3, 7, 9, 10, 5, 8, 4, 2), text, strict=False))
    return "0X987654321"[total % 11] == text[8]


def cn_register_valid(text: str) -> bool:
    """15 digits, the number of a Chinese business licence before the USCC (GS 15-2006, ISO/IEC 7064 MOD 11,10)."""
    if not _digits(text, 15):
        return False
    carried = 10
    for digit in text[:14]:
        carried = ((carried + int(digit)) % 10 or 10) * 2 % 11
    return (carried + int(text[14])) % 10 == 1


def ogrn_valid(text: str) -> bool:
    """13 digits (OGRN, a company) or 15 (OGRNIP, a sole trader): the number before the last digit, modulo 11 or 13, modulo 10."""
    modulus = {13: 11, 15: 13}.get(len(text))
    return modulus is not None and _digits(text) and int(text[:-1]) % modulus % 10 == int(text[-1])


def inn_valid(text: str) -> bool:
    """10 digits (a company, one check digit) or 12 (a person, two)."""
    if not _digits(text, 10, 12):
        return False

    def check(count: int) -> bool:
        return sum(w * int(d) for w, d in zip(_INN_WEIGHTS[-count:], text, strict=False)) % 11 % 10 == int(text[count])

    return check(9) if len(text) == 10 else check(10) and check(11)


def jp_valid(text: str) -> bool:
    """13 digits, the first one a check digit (corporate number of the National Tax Agency, weights 1 and 2 modulo 9)."""
    if not _digits(text, 13):
        return False
    return 9 - sum(int(d) * (1 + place % 2) for place, d in enumerate(reversed(text[1:]))) % 9 == int(text[0])


def kr_business_valid(text: str) -> bool:
    """10 digits, the last one a check digit (Korean business registration number, one for each place of business)."""
    if not _digits(text, 10):
        return False
    total = sum(w * int(d) for w, d in zip((1, 3, 7, 1, 3, 7, 1, 3, 5), text, strict=False)) + int(text[8]) * 5 // 10
    return -total % 10 == int(text[9])


def tw_valid(text: str) -> bool:
    """8 digits, the digits of the weighted digits summing to a multiple of 5 (unified business number, rule of 1 April 2023).

    A 7 in the seventh place counts as 0 or 1. Numbers of the older rule (a multiple of 10) keep the newer one.
    """
    if not _digits(text, 8):
        return False
    products = [w * int(d) for w, d in zip((1, 2, 1, 2, 1, 2, 4, 1), text, strict=True)]
    total = sum(p // 10 + p % 10 for p in products)
    return total % 5 == 0 or (text[6] == "7" and (total + 1) % 5 == 0)


def identifiers(
    lei: str | None, registration: str | None, country: str | None
) -> tuple[tuple[Identifier, ...], tuple[str, ...]]:
    """The identifiers that a row proves, and the others, whose check digits are wrong.

    `registration` may hold several numbers, separated by ";", each with its scheme ("ОГРН 1027…; ИНН 7707…") or without:
    then the country decides which it can be. A number of a U.S. state needs the state ("Delaware 5012345", "DE-5012345"),
    one of a German register its court.
    """
    found: list[Identifier] = []
    doubts: list[str] = []
    if lei and (text := compact(lei)):
        if lei_valid(text):
            found.append(Identifier("lei", text))
        else:
            doubts.append(f"LEI {lei}")
    for part in _parts(registration or ""):
        numbers, right = _read(part, country or "")
        found += numbers
        if not right:
            doubts.append(f"registration number {part}")
    return tuple(dict.fromkeys(found)), tuple(doubts)


def contradict(one: Iterable[Identifier], other: Iterable[Identifier]) -> bool:
    """Whether two parties have numbers of one scheme and register, of which a legal person has one only, and none in common."""
    mine, theirs = _by_register(one), _by_register(other)
    return any(register in theirs and not values & theirs[register] for register, values in mine.items())


def _by_register(found: Iterable[Identifier]) -> dict[tuple[str, str], set[str]]:
    registers: dict[tuple[str, str], set[str]] = {}
    for identifier in found:
        if identifier.kind not in _SEVERAL:
            registers.setdefault((identifier.kind, identifier.country), set()).add(identifier.value)
    return registers


@dataclass(frozen=True)
class _Scheme:
    """`country`: where a number of this shape is read so without its scheme being named; `check`: of its check digits."""

    kind: str
    words: str
    country: str
    labels: tuple[str, ...]
    shape: str
    check: Callable[[str], bool] | None = None


_SCHEMES = (
    _Scheme("lei", "LEI", "", ("lei",), r"[0-9A-Z]{20}", lei_valid),
    _Scheme(
        "uscc",
        "USCC",
        "CN",
        ("uscc", "usci", "unified social credit code", "统一社会信用代码"),
        r"[0-9A-Z]{18}",
        uscc_valid,
    ),
    _Scheme(
        "cn_organisation",
        "organisation code",
        "CN",
        ("organisation code", "organization code", "组织机构代码"),
        r"[0-9A-Z]{8}[0-9X]",
        organisation_code_valid,
    ),
    _Scheme("cn_register", "registration number", "CN", ("工商注册号", "注册号"), r"\d{15}", cn_register_valid),
    _Scheme("ogrn", "OGRN", "RU", ("ogrnip", "огрнип", "ogrn", "огрн"), r"\d{13}|\d{15}", ogrn_valid),
    _Scheme("inn", "INN", "RU", ("inn", "инн"), r"\d{10}|\d{12}", inn_valid),
    _Scheme("kpp", "KPP", "RU", ("kpp", "кпп"), r"\d{4}[0-9A-Z]{2}\d{3}"),  # a reason for registration, not a number
    _Scheme("jp_corporate", "corporate number", "JP", ("corporate number", "法人番号"), r"\d{13}", jp_valid),
    _Scheme("kr_business", "business registration number", "KR", ("사업자등록번호",), r"\d{10}", kr_business_valid),
    _Scheme("kr_corporation", "corporate registration number", "KR", ("법인등록번호",), r"\d{13}"),
    _Scheme("tw_unified", "unified business number", "TW", ("unified business number", "統一編號"), r"\d{8}", tw_valid),
    # the first eight digits of a certificate's number; since 27 December 2023 the number of companies too
    _Scheme(
        "hk_business", "business registration number", "HK", ("brn", "business registration"), r"\d{8}(?:\d{7}\w)?"
    ),
    _Scheme("hk_company", "company number", "HK", ("cr", "crno"), r"\d{1,7}"),
    _Scheme("duns", "D-U-N-S number", "", ("d-u-n-s", "duns"), r"\d{9}"),
    _Scheme("vat", "VAT number", "", ("vat", "ust-idnr", "tva", "partita iva"), r"[A-Z]{2}[0-9A-Z]{2,13}"),
    _Scheme("euid", "EUID", "", ("euid",), r"[A-Z]{2}[0-9A-Z]{3,}"),
)
_BY_KIND = {scheme.kind: scheme for scheme in _SCHEMES}
_CHECKED = frozenset(scheme.kind for scheme in _SCHEMES if scheme.check)
_SEVERAL = ("duns", "vat", "kr_business")  # one for each place of business or country, so that two may be one person's
_LABELS = {label: scheme for scheme in _SCHEMES for label in scheme.labels}
_NAMED = "|".join(
    re.escape(label) + (r"(?![^\W\d_])" if label.isascii() else "")
    for label in sorted(_LABELS, key=lambda text: (-len(text), text))
)
_LABEL = re.compile(rf"(?<![^\W_])({_NAMED})(?:\s*(?:no|nr|number|№|号码)\b)?[\s.:#№]*", re.IGNORECASE)
_GENERAL = re.compile(
    r"^(?:(?:company|registration|reg|registered|register|file|entity|corporation|business)\b[\s.]*)?"
    r"(?:id|no|nr|num|number|№|#)[\s.:#]+(?=\S*\d)",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^([A-Z]{2})-([A-Z]{2,6})[\s:/-]+(?=\S)")  # of a list of registers such as org-id.guide: GB-COH
_MANY_REGISTERS = ("AE", "CA", "DE", "US")
_GERMAN = re.compile(r"\b(HRA|HRB|GnR|PR|VR)\s*(\d{1,6}\s?[A-Z]{0,3})\b", re.IGNORECASE)
_COURT = re.compile(r"\b(?:amtsgericht|registergericht|handelsregister|local court|ag|des|of|at)\b", re.IGNORECASE)
_REGIONS = {
    "US": "AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;DE Delaware;DC District of Columbia;"
    "FL Florida;GA Georgia;HI Hawaii;ID Idaho;IL Illinois;IN Indiana;IA Iowa;KS Kansas;KY Kentucky;LA Louisiana;ME Maine;"
    "MD Maryland;MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;MT Montana;NE Nebraska;NV Nevada;"
    "NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;NC North Carolina;ND North Dakota;OH Ohio;OK Oklahoma;OR Oregon;"
    "PA Pennsylvania;RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;VT Vermont;VA Virginia;"
    "WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming",
    "CA": "AB Alberta;BC British Columbia;MB Manitoba;NB New Brunswick;NL Newfoundland and Labrador;NS Nova Scotia;ON Ontario;"
    "PE Prince Edward Island;QC Quebec;SK Saskatchewan;CC Corporations Canada",
}
_REGION_CODES = {
    country: {name.upper(): code for code, _, name in (part.partition(" ") for part in listed.split(";"))}
    for country, listed in _REGIONS.items()
}
_REGION_NAME = {
    country: re.compile(rf"\b({'|'.join(sorted(codes, key=len, reverse=True))})\b", re.IGNORECASE)
    for country, codes in _REGION_CODES.items()
}


def _digits(text: str, *lengths: int) -> bool:
    return text.isascii() and text.isdigit() and (not lengths or len(text) in lengths)


def _parts(text: str) -> list[str]:
    """The numbers written in one text, each with its label."""
    found = []
    for part in text.split(";"):
        starts = [hit.start() for hit in _LABEL.finditer(part)]
        ends = [0, *(start for start in starts if start), len(part)]
        found += [part[a:b].strip(" ,/|") for a, b in itertools.pairwise(ends)]
    return [part for part in found if re.search(r"\d", part)]


def _read(part: str, country: str) -> tuple[list[Identifier], bool]:
    """What one number identifies, and whether its check digits are right (or it has none)."""
    if label := _LABEL.match(part):
        scheme = _LABELS[label[1].casefold()]
        return _of_scheme(scheme, part[label.end() :], part)
    text = _GENERAL.sub("", part)
    shaped = [s for s in _SCHEMES if s.country == country and country and re.fullmatch(s.shape, compact(text))]
    if not country:
        shaped = [s for s in _SCHEMES if s.kind in ("uscc", "ogrn")]
    shaped = [s for s in shaped if s.check is None or s.check(compact(text))] or shaped
    if lei_valid(compact(text)):
        return [Identifier("lei", compact(text))], True
    for scheme in shaped:
        if country or (scheme.check and scheme.check(compact(text))):
            return _of_scheme(scheme, text, part)
    return ([_registered(text, country)], True) if country else ([], True)


def _of_scheme(scheme: _Scheme, text: str, part: str) -> tuple[list[Identifier], bool]:
    value = compact(text)
    if scheme.kind == "kpp":
        return [], True
    if not re.fullmatch(scheme.shape, value) or (scheme.check and not scheme.check(value)):
        return [], scheme.check is None
    if scheme.kind == "uscc" and organisation_code_valid(value[8:17]):
        return [Identifier("uscc", value), Identifier("cn_organisation", value[8:17])], True
    if scheme.kind == "jp_corporate":  # for a company, its number in the commercial register behind a check digit
        return [Identifier(scheme.kind, value), Identifier("registration", value[1:], "JP")], True
    if scheme.kind == "hk_business":
        value = value[:8]
    if scheme.kind == "hk_company":
        value = value.zfill(7)
    if scheme.kind == "vat":
        return [Identifier("vat", value, value[:2])], True
    return [Identifier(scheme.kind, value)], True


def _registered(text: str, country: str) -> Identifier:
    """A number of a register: with the register, where a country has many; padded, where a spreadsheet takes zeros away."""
    prefix = _PREFIX.match(text)
    if prefix and prefix[1] == country:
        text = f"{prefix[2]} {text[prefix.end() :]}" if country in _REGIONS else text[prefix.end() :]
    if country in _REGIONS:
        return _regional(text, country)
    if country == "DE":
        return _german(text)
    value = compact(text)
    if country == "GB" and (hit := re.fullmatch(r"([A-Z][A-Z0-9])?(\d{1,8}[A-Z]?)", value)):
        letters = hit[1] or ""
        value = letters + hit[2].zfill(8 - len(letters))
    return Identifier("number" if country in _MANY_REGISTERS else "registration", value, country)


def _regional(text: str, country: str) -> Identifier:
    codes = _REGION_CODES[country]
    if hit := _REGION_NAME[country].search(text):
        code, rest = codes[hit[1].upper()], text[: hit.start()] + " " + text[hit.end() :]
    elif (hit := re.match(r"\s*([A-Z]{2})[\s:/-]+(?=.*\d)", text)) and hit[1] in codes.values():
        code, rest = hit[1], text[hit.end() :]
    elif (hit := re.search(r"[\s(,]([A-Z]{2})\)?\s*$", text)) and hit[1] in codes.values():
        code, rest = hit[1], text[: hit.start()]
    else:
        return Identifier("number", compact(text), country)
    return Identifier("registration", compact(_GENERAL.sub("", rest.strip(" ,()/:-"))), f"{country}-{code}")


def _german(text: str) -> Identifier:
    hit = _GERMAN.search(text)
    if hit is None:
        return Identifier("number", compact(text), "DE")
    court = compact(_COURT.sub(" ", text[: hit.start()] + " " + text[hit.end() :]))
    value = compact(hit[1] + hit[2])
    return Identifier("registration", value, f"DE-{court}") if court else Identifier("number", value, "DE")
