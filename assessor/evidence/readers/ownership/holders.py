"""What a row of a register or cap table is about by the words in its first cell: a holder, a total, the company's own shares, shares
that are not issued, or holders who are not named; and the marks of footnotes.

Words for totals must be the whole text: a holder may be called "Total SE" or "Other Ocean Ltd".
"""

from __future__ import annotations

import re

HOLDER, TOTAL, TREASURY, UNISSUED, UNNAMED, VOTES = (
    "holder",
    "total",
    "treasury",
    "unissued",
    "unnamed",
    "votes per share",
)

_OF_TOTAL = (
    r"(?:\s+(?:shares?|stock|units|issued|outstanding|and|of|all|the|equity|capital|votes?|voting|rights?|ownership|holdings?|"
    r"classes|common|ordinary|preferred|preference|number|fully|diluted|share|shareholders?|stockholders?|percent|%|"
    r"aktien|anteile|stimmen|kapital|actions|parts|général|générale|general|du|des|der|nach))*\s*:?"
)
_TOTAL = re.compile(
    rf"(?:(?:grand|sub)[\s-]*)?totals?{_OF_TOTAL}|(?:gesamt|summe|insgesamt|gesamtsumme|zwischensumme|totaux|ensemble|sum){_OF_TOTAL}"
    r"|合计|总计|小计|共计|合計|итого|всего",
    re.IGNORECASE,
)
_TREASURY = re.compile(
    r"\btreasury (?:shares?|stock)\b|\b(?:shares?|stock) (?:held )?in treasury\b|^own shares\b|^eigene (?:aktien|anteile)\b"
    r"|^actions propres\b|^autocontrôle\b|^auto-?détention\b|库存股|казначейские",
    re.IGNORECASE,
)
_UNISSUED = re.compile(
    r"\b(?:option|esop|incentive|equity|share plan|stock plan|employee)s?(?: incentive| plan| option| ownership| stock| share)*"
    r" (?:pool|reserve)\b|\bunissued\b|\bungranted\b|\bunallocated\b|^available for (?:future )?(?:grants?|issuance|issue)\b"
    r"|^(?:shares|options|stock)(?: and options)? (?:available|reserved)\b|^reserved for\b|^(?:bedingtes|genehmigtes) kapital\b"
    r"|^optionspool\b|期权池|опционный пул",
    re.IGNORECASE,
)
_WHO = (
    r"(?:\s+(?:share|stock|unit|interest)?-?(?:holders?|owners|investors|members|partners|persons|parties|shares|employees)"
    r"|\s+(?:aktionäre|gesellschafter|anteilseigner|actionnaires|associés))*"
)
_UNNAMED = re.compile(
    r"undisclosed|unknown|not disclosed|unidentified|n/?k|unbekannt|inconnu|неизвестно|未知"
    rf"|(?:the )?(?:public|free)(?: float)?{_WHO}|(?:public|free)[\s-]*float|float|publicly (?:held|traded|listed)(?: shares)?"
    rf"|(?:all )?(?:the )?(?:others?|remaining|remainder|minority|small|sundry|various|miscellaneous|diverse|individual){_WHO}"
    rf"|(?:alle )?(?:übrigen?|sonstigen?|weitere|andere){_WHO}|streubesitz|autres{_WHO}|flottant|public"
    r"|其他股东|其他|公众股东|社会公众股|прочие(?: акционеры)?",
    re.IGNORECASE,
)
_VOTES = re.compile(
    r"(?:number of )?votes? per (?:share|unit)|votes? ?/ ?share|stimmen (?:je|pro) (?:aktie|anteil)|voix par action|每股(?:表决权|投票权)数?"
)
_MARK = re.compile(r"\s*(\(\d{1,2}\)|\[\d{1,2}\]|\*{1,4}|[†‡§]{1,2}|[¹²³⁰-⁹]{1,2}|\([a-z]\))$")
_NOTE = re.compile(
    r"(\(\d{1,2}\)|\[\d{1,2}\]|\*{1,4}|[†‡§]{1,2}|[¹²³⁰-⁹]{1,2}|\([a-z]\)|\d{1,2}(?=[).\s]))[).]?\s*(\S.*)", re.DOTALL
)
_INSTRUMENT = re.compile(
    r"\b(?:stock |share )?options?\b|\bwarrants?\b|\bsafes?\b|\brsus?\b|\bphantom\b|\bconvertible (?:notes?|loans?|bonds?|debt)\b"
    r"|\bnotes?\b|\boptionen\b|\boptionsscheine?\b|\bwandel(?:anleihe|darlehen)\b|\bbspce\b|\bbsa\b|期权|опцион",
    re.IGNORECASE,
)
_WITHOUT_VOTES = re.compile(
    r"\bnon[\s-]?voting\b|\bwithout (?:votes|voting rights)\b|stimmrechtslos|ohne stimmrecht|sans droits? de vote|无表决权|无投票权",
    re.IGNORECASE,
)
_CLASS = re.compile(
    r"\b(?:common|ordinary|preferred|preference|founders?|series\s+[a-z0-9-]+|class\s+[a-z0-9]+|[a-z]\s+(?:shares|stock|common|preferred|ordinary))\b"
    r"|aktien$|^actions\b|普通股|优先股|обыкновенн|привилегированн",
    re.IGNORECASE,
)


def role(text: str | None) -> str:
    """What the row is about; a row without words is about a holder that is not named."""
    plain = (text or "").strip()
    if not plain or _UNNAMED.fullmatch(plain):
        return UNNAMED
    if _TOTAL.fullmatch(plain):
        return TOTAL
    if _VOTES.fullmatch(plain.casefold().rstrip(" :")):
        return VOTES
    return TREASURY if _TREASURY.search(plain) else UNISSUED if _UNISSUED.search(plain) else HOLDER


def marked(text: str | None) -> tuple[str | None, str]:
    """A name without the mark of its footnote, and the mark."""
    found = _MARK.search(text or "")
    return ((text or "")[: found.start()] or None, _plain(found[1])) if found and found.start() else (text, "")


def footnote(text: str) -> tuple[str, str] | None:
    """The mark and the words of a footnote; None when a text is none."""
    found = _NOTE.match(text.strip())
    return (_plain(found[1]), found[2].strip()) if found else None


def _plain(mark: str) -> str:
    digits = mark.strip("()[]").translate(str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890"))
    return digits or mark


def issued(share_class: str | None) -> bool:
    """Whether what a class is called is an issued share, and not an option, warrant or note that may become one."""
    return not _INSTRUMENT.search(share_class or "")


def votes(share_class: str | None) -> bool:
    """Whether nothing says that a class has no votes."""
    return not _WITHOUT_VOTES.search(share_class or "")


def is_class(heading: str) -> bool:
    """Whether a heading names a class of shares: a column with how many of them each holder has."""
    return (bool(_CLASS.search(heading)) and issued(heading)) or bool(_INSTRUMENT.fullmatch(heading.strip()))
