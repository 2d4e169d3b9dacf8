"""How long a Word report with a long table takes, against plain docxtpl and against rows streamed into the file.

    python benchmarks/word.py [ROWS ...]      default: 10000 50000

A template with one table of six columns and rows of some 110 characters, as the schedule of suppliers and components has them. Printed,
in CPU seconds of one run: filling it with every check (sandbox, strict parsing, comparison of what went in with what came out), at most
8 times the streamed rows and at most a third of plain docxtpl; the largest at most 5.5 times the smallest where it has five times the
rows; 500 findings with their elements, and 1,000 pictures, each against half as many; the peak memory of a process of its own beyond
the data, at most 200 MB at the first size; and, where LibreOffice is installed, its seconds for the PDF of 5,000 rows, at most 60.

The streamed rows are the limit of what can be: the template's own row, with the data in it, written into the package and nothing else.
"""

from __future__ import annotations

import io
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import docx
from docxtpl import DocxTemplate
from PIL import Image

from assessor.reporting import archival, office
from assessor.reporting.render import Picture, Properties, render

SIZES = (10_000, 50_000)
COLUMNS = ("supplier", "component", "version", "country", "determination", "evidence")
PROPERTIES = Properties("Schedule", "Firm", "Client", "X-1", "1.0", date(2026, 11, 16))
MEMORY = "--memory"
OVER: list[str] = []


def rows(count: int) -> list[dict[str, str]]:
    """Rows of some 110 characters."""
    return [
        {
            "supplier": f"Supplier {number % 500} & Sons GmbH",
            "component": f"component-{number} for telematics",
            "version": f"{number % 9}.{number % 31}.0",
            "country": "Germany",
            "determination": "excluded",
            "evidence": f"[E-0004 /components/{number}]",
        }
        for number in range(count)
    ]


def template(path: Path, body: str = "table") -> None:
    """A template with a long table, findings or pictures."""
    document = docx.Document()
    document.add_heading("Schedule", 1)
    if body == "table":
        table = document.add_table(rows=4, cols=len(COLUMNS))
        for cell, name in zip(table.rows[0].cells, COLUMNS, strict=True):
            cell.text = name
        table.rows[1].cells[0].text = "{%tr for r in rows %}"
        for cell, name in zip(table.rows[2].cells, COLUMNS, strict=True):
            cell.text = f"{{{{ r.{name} }}}}"
        table.rows[3].cells[0].text = "{%tr endfor %}"
    elif body == "findings":
        document.add_paragraph("{%p for f in findings %}")
        document.add_heading("{{ f.title }}", 2)
        for name in ("criteria", "condition", "cause", "effect"):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{name}: ").bold = True
            paragraph.add_run(f"{{{{ f.{name} }}}}")
        document.add_paragraph("{%p endfor %}")
    else:
        document.add_paragraph("{%p for p in pictures %}")
        document.add_paragraph("{{ p | picture }}")
        document.add_paragraph("{%p endfor %}")
    document.save(str(path))


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def streamed(path: Path, listed: list[dict[str, str]], target: Path) -> None:
    """The template's own row written as XML for each row of data into the member of the package, nothing else: no document can be
    made of these rows in less."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            if name != "word/document.xml":
                package.writestr(name, source.read(name))
        document = source.read("word/document.xml").decode()
        pattern = next(row for row in re.findall(r"<w:tr>.*?</w:tr>", document, re.DOTALL) if "{{" in row)
        pieces = re.split(r"\{\{ r\.(\w+) \}\}", re.sub(r">\s+<", "><", pattern))
        with package.open("word/document.xml", "w") as member:
            for row in listed:
                told = [escape(row[piece]) if number % 2 else piece for number, piece in enumerate(pieces)]
                member.write("".join(told).encode())


def plain(path: Path, listed: list[dict[str, str]], target: Path) -> None:
    filled = DocxTemplate(str(path))
    filled.render({"rows": listed}, autoescape=True)
    filled.save(str(target))


def told(what: str, figure: float, limit: float, *, least: bool = False) -> None:
    over = figure < limit if least else figure > limit
    if over:
        OVER.append(what)
    print(f"  {'OVER ' if over else ''}{what} {figure:.1f} (at {'least' if least else 'most'} {limit:g})", flush=True)


def peak(count: int) -> float:
    """Megabytes beyond the data of a process that fills so many rows."""
    found = subprocess.run([sys.executable, __file__, MEMORY, str(count)], capture_output=True, text=True, check=True)
    return float(found.stdout)


def memory(count: int) -> float:
    def now(line: str) -> float:
        return int(Path("/proc/self/status").read_text().split(line)[1].split()[0]) * 1024 / 1e6

    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "t.docx", Path(folder) / "o.docx"
        template(path)
        listed = rows(count)
        before = now("VmRSS:")
        render(path, {"rows": listed}, {}, PROPERTIES, target)
        return now("VmHWM:") - before


def main(sizes: list[int]) -> int:
    """Print each figure; the answer is the number of those beyond a limit."""
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "t.docx", Path(folder) / "o.docx"
        template(path)
        render(path, {"rows": rows(10)}, {}, PROPERTIES, target)
        taken = []
        for size in sizes:
            listed = rows(size)
            ours = partial(render, path, {"rows": listed}, {}, PROPERTIES, target)
            taken.append(min(timed(ours) for _ in range(5)))
            limit = min(timed(partial(streamed, path, listed, target)) for _ in range(5))
            print(f"{size:,} rows: {taken[-1]:.2f} s, streamed {limit:.2f} s")
            told("times the streamed rows", taken[-1] / limit, 8)
            if size == sizes[0]:
                told(
                    "plain docxtpl, times ours", timed(partial(plain, path, listed, target)) / taken[-1], 3, least=True
                )
                told("megabytes beyond the data", peak(size), 200)
        told("the largest, times the smallest", taken[-1] / taken[0], 5.5 * sizes[-1] / sizes[0] / 5)
        _others(Path(folder))
        if office.available():
            render(path, {"rows": rows(5_000)}, {}, PROPERTIES, target)
            before = _of_children()
            own = timed(lambda: archival.write([target], PROPERTIES.dated))
            told("seconds for the PDF of 5,000 rows", own + _of_children() - before, 60)
    return len(OVER)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _others(folder: Path) -> None:
    finding = {
        name: f"What {name} says, & more. " * 8 for name in ("title", "criteria", "condition", "cause", "effect")
    }
    template(folder / "f.docx", "findings")
    spans = [
        timed(lambda n=n: render(folder / "f.docx", {"findings": [finding] * n}, {}, PROPERTIES, folder / "o.docx"))
        for n in (250, 500)
    ]
    told(f"500 findings ({spans[1]:.2f} s), times 250", spans[1] / spans[0], 2.5)
    template(folder / "p.docx", "pictures")
    spans = []
    for count in (500, 1000):
        pictures = {f"p{n}": Picture(_png(n), f"Picture {n}", 40) for n in range(count)}
        spans.append(
            timed(lambda p=pictures: render(folder / "p.docx", {"pictures": list(p)}, p, PROPERTIES, folder / "o.docx"))
        )
    told(f"1,000 pictures ({spans[1]:.2f} s), times 500", spans[1] / spans[0], 2.5)


def _png(number: int) -> bytes:
    saved = io.BytesIO()
    Image.new("RGB", (40, 20), (number % 256, number // 256, 90)).save(saved, "PNG")
    return saved.getvalue()


if __name__ == "__main__":
    if sys.argv[1:2] == [MEMORY]:
        print(memory(int(sys.argv[2])))
    else:
        sys.exit(bool(main([int(each) for each in sys.argv[1:]] or list(SIZES))))
