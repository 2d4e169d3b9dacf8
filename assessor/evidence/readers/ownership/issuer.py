"""Of which company a cap table is, where no column says so: by what stands above its heading, or by the sheet's name."""

from __future__ import annotations

import re

from assessor.evidence.readers.sheets.columns import Header
from assessor.evidence.readers.sheets.grid import Grid

FORMS = re.compile(
    r"(?:^|[\s,(])(?:inc|corp|corporation|co|company|llc|l\.l\.c|llp|lp|ltd|limited|plc|gmbh|ag|kg|kgaa|se|s\.?a|s\.?a\.?s|sarl|s\.r\.l|spa|s\.p\.a|"
    r"b\.?v|n\.?v|oy|oyj|ab|as|a/s|aps|oü|ou|ooo|ооо|oao|оао|pao|пао|ао|jsc|pjsc|pte|pty|k\.k|bhd|fund|trust|partnership|foundation|stichting|holding|holdings|"
    r"bank|partners|ventures|capital|investment|investments|group)\.?\)?$|有限公司$|公司$|集团$|株式会社$|^(?:ооо|оао|ао|пао|зао)\s",
    re.IGNORECASE,
)
"""Names that end, or begin, as those of organisations do."""
_LABEL = re.compile(
    r"(?:name of (?:the )?)?(?:company|issuer|corporation|entity|subject|gesellschaft|firma|emittentin|société|émetteur|公司名称|公司|эмитент|общество)"
    r"(?: name)?\s*[:：]?",
    re.IGNORECASE,
)
_TITLE = (
    r"(?:(?:pro[\s-]?forma |current |fully diluted |summary |detailed )*(?:cap(?:itali[sz]ation)?[\s-]*table)|share(?:holder)?s?[\s-]*(?:register|list|structure|ledger)"
    r"|list of (?:share|stock)holders|register of (?:members|shareholders)|stock ledger|shareholders|stockholders|shareholdings?|ownership(?: structure)?"
    r"|gesellschafterliste|liste der gesellschafter|aktienregister|aktionärsstruktur|table de capitalisation|liste des (?:actionnaires|associés)"
    r"|registre des (?:actionnaires|mouvements de titres)|股东名册|股权结构|реестр акционеров|список участников)"
)
_OF = re.compile(rf"{_TITLE}\s*(?:of|for|der|des|de la|de|du|:|：|–|—|-|\|)\s*(?:the\s+)?(?P<name>\S.*)", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?P<name>\S.*?)\s*(?:[’']s?\s+|:|：|–|—|-|\||,)\s*{_TITLE}\b.*|(?P<short>\S.*?)\s+{_TITLE}(?:\s.*)?",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?:股东)?(?:持股情况|名册|股权结构)表?[\s:：]*(\S.*)|(\S.*?)\s*(?:的)?(?:股东)?(?:持股情况|名册|股权结构|持股明细)表?"
)
_ABOUT = re.compile(
    r"\b(?:prepared|drafted|reviewed|audited|certified|provided|by|counsel|adviser|confidential|source|erstellt|établi)\b",
    re.IGNORECASE,
)
"""Words of a line that names somebody else than the company."""
_DATED = re.compile(
    r"[\s,;(–—-]+(?:as of|as at|per|zum|stand|au|at|dated|on|на)\s.*$|[\s,;(–—-]*截至.*$|[\s,;(–—-]*\d{4}-\d{2}-\d{2}.*$",
    re.IGNORECASE,
)
_SHEET = re.compile(
    rf"(?:sheet|tabelle|feuil|лист|工作表|table)\s*\d*|(?:\w+ )?{_TITLE}(?:\s*\d*)?|data|export|holders?|members|owners|partners|investors|summary"
    r"|cap|ct|overview|current|latest|notes?|waterfall|totals?|ledger|register|pro[\s-]?forma|(?:pre|post)[\s-]?money|(?:series|class|round) .{1,3}"
    r"|(?:seed|angel)(?: round)?|fully diluted|fd|common|preferred|options|übersicht|gesellschafter|aktionäre|actionnaires|股东|акционеры|\W*\d*\W*",
    re.IGNORECASE,
)
"""Names of sheets that name no company."""


def company(grid: Grid, header: Header) -> str | None:
    """The name of the company whose holders a sheet lists, None when nothing says it.

    A cell that is labelled so counts before a title that names it, that before a cell that is a firm's name, and that before
    the name of the sheet.
    """
    above = [[cell for cell in row if cell] for row in grid.rows[: header.row]]
    for cells in above:
        for at, cell in enumerate(cells):
            if _LABEL.fullmatch(cell) and at + 1 < len(cells):
                return cells[at + 1]
            label, colon, name = cell.partition(":")
            if colon and name.strip() and _LABEL.fullmatch(label.strip()):
                return name.strip()
    texts = [_DATED.sub("", cell).strip() for cells in above for cell in cells if len(cell) < 200]
    if titled := _titled(texts):
        return titled
    for text in texts:
        if FORMS.search(text) and len(text.split()) <= 8 and not _ABOUT.search(text):
            return text
    name = _DATED.sub("", grid.name).strip()
    return _titled([name]) or (None if not name or _SHEET.fullmatch(name) else name)


def _titled(texts: list[str]) -> str | None:
    """The name in the first text that is the title of a cap table."""
    for pattern in (_OF, _BEFORE, _CHINESE):
        for text in texts:
            found = pattern.fullmatch(text)
            named = [name.strip() for name in found.groups() if name] if found else []
            if named:
                return named[0]
    return None
