"""HTML pages, OpenDocument texts, contracts, pictures and scans: recognised by content, bounded, and never run."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from assessor.evidence import places, readers, register
from assessor.evidence.readers import Reading, documents, marked_up, read_item
from assessor.evidence.readers.base import Unreadable
from tests.evidence.samples import RULE, pdf, put, word

POLICY = (
    "<!DOCTYPE html><html><head><title>Supplier policy</title><style>p{}</style></head><body><h1>Supplier policy</h1>"
    "<p>Version 2.1, effective 2026-03-01</p><p>Every supplier &amp; its <b>owners</b> are\nchecked.</p>{}</body></html>"
)
SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)


def read(path: Path) -> Reading:
    return read_item(readers.recognise(path), path, "E-0001", RULE)


def page(folder: Path, more: str = "") -> Path:
    before, _, after = POLICY.rpartition("{}")
    return put(folder, "x.dat", before + more + after)


def odt(folder: Path, body: str, head: str = "", **parts: str) -> Path:
    path = folder / "x.bin"
    content = f'<?xml version="1.0"?>{head}<office:document-content {SPACES}><office:body><office:text>{body}</office:text></office:body></office:document-content>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
        for name, text in parts.items():
            package.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return path


def texts(reading: Reading, table: str = "policies") -> list[str]:
    return [row["text"] for row in reading.tables[table] if isinstance(row, dict)]


def test_a_policy_in_html_is_read_by_its_paragraphs(tmp_path: Path) -> None:
    path = page(tmp_path, "<table><tr><td>Owner</td><td>Legal</td></tr></table>")
    assert readers.recognise(path) == "policy"
    reading = read(path)
    assert texts(reading)[-2:] == ["Every supplier & its owners are checked.", "Owner | Legal"]
    row = reading.tables["policies"][-1]
    assert isinstance(row, dict)
    assert (row["document"], row["version"], str(row["effective"])) == ("Supplier policy", "2.1", "2026-03-01")
    assert row["locator"] == "paragraph 5" and reading.status == "read"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>document.write('<p>bad</p>')</script>",
        "<style>.bad{}</style>",
        "<!-- bad -->",
        "<template><p>bad</p></template>",
        "<p hidden>bad</p>",
        "<p style='display: none'>bad <b>bad</b></p>",
        "<iframe src='http://bad.invalid'>bad</iframe>",
        "<svg><text>bad</text></svg>",
        "<?bad bad?>",
        "<img src='http://bad.invalid/x' alt='bad'>",
    ],
)
def test_what_is_no_text_of_a_page_is_left_out_and_what_follows_stays(tmp_path: Path, hostile: str) -> None:
    found = texts(read(page(tmp_path, f"{hostile} tail <p>The end</p>")))
    assert not any("bad" in text for text in found) and found[-2:] == ["tail", "The end"]


def test_entities_of_a_page_are_not_resolved(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("TOP SECRET")
    entity = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path = put(tmp_path, "x", entity + POLICY.partition(">")[2].replace("<body>", "<body><p>&x; &b;</p>"))
    found = read(path)
    assert not any("SECRET" in text or "aaaaaaaa" in text for text in texts(found))


def test_a_page_that_is_large_or_nested_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = read(page(tmp_path, "<div>" * 100_000 + "x"))
    assert deep.status in ("read", "unreadable")
    with pytest.raises(Unreadable, match="more than 500,000 tags"):
        marked_up.html(put(tmp_path, "tags", "<html>" + "<b>" * 500_001))
    monkeypatch.setattr(marked_up, "MAX_BYTES", 1 << 20)
    assert marked_up.html(put(tmp_path, "at", "<html>" + "x" * ((1 << 20) - 6)))[0]
    with pytest.raises(Unreadable, match="more than 1 MB"):
        marked_up.html(put(tmp_path, "above", "<html>" + "x" * ((1 << 20) - 5)))


def test_an_html_page_that_is_nothing_known_says_so(tmp_path: Path) -> None:
    path = put(tmp_path, "x", "<html><body><p>Hello</p></body></html>")
    assert readers.examine(path) == ("unknown", "an HTML page, not an XML document")
    table = put(tmp_path, "y", "<html><body><table><tr><td>Part</td></tr></table></body></html>")
    assert "HTML table saved as a spreadsheet" in readers.examine(table)[1]


def test_a_policy_in_opendocument_is_read_without_what_was_deleted(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:deletion><text:p>gone</text:p></text:deletion></text:tracked-changes>"
        "<text:h>Records policy</text:h><text:p>Version<text:s/>3<text:tab/>of<office:annotation><text:p>gone</text:p></office:annotation> all</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>Ten</text:p><text:p>years</text:p></table:table-cell>"
        "<table:table-cell><text:p>all</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>One<text:line-break/>Two</text:p>"
    )
    path = odt(tmp_path, body)
    assert readers.recognise(path) == "policy"
    reading = read(path)
    assert texts(reading) == ["Records policy", "Version 3 of all", "Ten years | all", "One", "Two"]
    assert reading.notes == ["deleted texts of tracked changes and comments are not read"]


def test_an_opendocument_text_with_a_document_type_or_a_bomb_is_not_opened(tmp_path: Path) -> None:
    typed = odt(tmp_path, "<text:p>&x;</text:p>", '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]>')
    assert "document type" in readers.examine(typed)[1]
    locked = odt(tmp_path, "<text:p>Policy</text:p>", META_INF__manifest_xml="x")
    with zipfile.ZipFile(locked, "a") as package:
        package.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    assert readers.examine(locked)[1] == "the file is encrypted"
    deep = odt(tmp_path, "<text:span>" * 100_000)
    assert "damaged" in readers.examine(deep)[1]
    path = tmp_path / "bomb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", b" " * (80 << 20))
    assert "MB when unpacked" in readers.examine(path)[1]


CONTRACT = (
    "Framework supply agreement",
    "This agreement is entered into by Fellmark and Brightwater.",
    "The supplier develops the modem software in Tallinn.",
)


def test_a_contract_is_recognised_by_its_title_and_its_parties_and_kept_by_paragraph(tmp_path: Path) -> None:
    path = word(tmp_path / "c", *CONTRACT)
    assert readers.recognise(path) == "contract"
    rows = read(path).tables["passages"]
    assert [(r["locator"], r["document"]) for r in rows if isinstance(r, dict)][2] == ("paragraph 3", CONTRACT[0])
    assert readers.recognise(pdf(tmp_path / "d.pdf", list(CONTRACT))) == "contract"
    assert texts(read(tmp_path / "d.pdf"), "passages")


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((CONTRACT[0], "Nothing follows."), "unknown"),
        (("Framework", CONTRACT[1]), "unknown"),
        (("Supplier agreement policy", "Every supplier is checked."), "policy"),
    ],
)
def test_a_title_alone_or_parties_alone_make_no_contract(tmp_path: Path, lines: tuple[str, ...], kind: str) -> None:
    assert readers.recognise(word(tmp_path / "c", *lines)) == kind


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "TIFF"])
def test_a_picture_is_known_by_its_bytes_and_is_not_text(tmp_path: Path, form: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, form)
    path = put(tmp_path, "policy.docx", stream.getvalue())
    assert readers.recognise(path) == "picture"
    reading = read(path)
    assert (reading.status, reading.reason, reading.tables) == ("partly_read", "a picture without text", {})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<svg xmlns='http://www.w3.org/2000/svg'><text>BOM</text></svg>", "picture"),
        (
            "\ufeff<?xml version='1.0'?>\n<!-- drawn --><!DOCTYPE svg PUBLIC 'x' 'y' [<!ENTITY a 'b'>]>\n<s:svg xmlns:s='z'/>",
            "picture",
        ),
        ("<svgs/>", "unknown"),
        ("<plan><svg/></plan>", "unknown"),
        ("<!-- <svg> -->", "unknown"),
    ],
)
def test_a_drawing_is_a_picture_when_its_outermost_element_is_one(tmp_path: Path, content: str, kind: str) -> None:
    assert readers.recognise(put(tmp_path, "d.xml", content)) == kind


def scan(path: Path, *pages: str) -> Path:
    """A PDF with a page a word: `picture`, an empty text, or text."""
    sheet = canvas.Canvas(str(path), invariant=1)
    picture = ImageReader(Image.new("RGB", (8, 8), "red"))
    for each in pages:
        if each == "picture":
            sheet.drawImage(picture, 10, 10, 500, 700)
        else:
            sheet.drawString(50, 800, each)
        sheet.showPage()
    sheet.save()
    return path


def test_a_scan_is_unreadable_and_names_its_pages(tmp_path: Path) -> None:
    path = scan(tmp_path / "s.pdf", "picture", "picture", "picture")
    assert readers.recognise(path) == "scan"
    assert (read(path).status, read(path).reason) == ("unreadable", "pages 1-3 are pictures without text")
    assert read(scan(tmp_path / "one.pdf", "picture")).reason == "page 1 is a picture without text"
    assert readers.examine(scan(tmp_path / "empty.pdf", "", ""))[1] == "no text (a scan?)"


def test_a_document_with_pages_that_are_pictures_is_read_in_part(tmp_path: Path) -> None:
    path = scan(tmp_path / "p.pdf", "Access control policy", "picture", "Two", "picture")
    reading = read(path)
    assert (readers.recognise(path), reading.status) == ("policy", "partly_read")
    assert [p.message for p in reading.problems] == ["pages 2, 4 are pictures without text"]
    assert documents.picture_pages(path) == (2, 4) and documents.picture_pages(word(tmp_path / "w", "x")) == ()


def test_the_place_of_a_paragraph_of_a_page_is_shown(tmp_path: Path) -> None:
    row = register.RegisterRow(id="E-0001", delivery="001", path="p.html", kind="policy")
    folder = tmp_path / "evidence/001/data"
    folder.mkdir(parents=True)
    page(folder).rename(folder / "p.html")
    shown = places.show(tmp_path, register.frame([row]), "E-0001", "paragraph 4")
    assert any(line.text == "Every supplier & its owners are checked." for line in shown.rows) and not shown.note
