"""The figure of a verdict: the same bytes, every step told, meanings told without colour, client text inert, sizes bounded."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.ownership import Ownership
from assessor.ownership.figure import Figure, around, chain_figure
from assessor.ownership.figure.lettering import lines, shown, width
from assessor.ownership.figure.png import named
from assessor.ownership.figure.sheet import Rectangle, Text, drawn
from tests.ownership.tables import company, judge, person, stake

COUNTRIES = {"CN": "China", "RU": "Russia", "US": "United States", "DE": "Germany"}
HOSTILE = "</script><script>alert(1)</script> & \"x\" '</text></svg>' ]]> <!-- {{ 7*7 }} \u202e\u0001"
SVG = "{http://www.w3.org/2000/svg}"


def figure(ownership: Ownership, entity: str = "S") -> Figure:
    return chain_figure(ownership.verdict(entity), ownership, lambda code: COUNTRIES.get(code, code))


def tiers(count: int) -> Ownership:
    """A chain of holders, a company of the PRC at its top."""
    names = ["S", *(f"T{number}" for number in range(1, count))]
    entities = [company(name, "DE") for name in names] + [company("Top", "CN")]
    held = [*names, "Top"]
    return judge(entities, [stake(above, below, Fraction(60, 100)) for below, above in pairwise(held)])


def holders(count: int, country: str = "CN", each: Fraction | None = None) -> Ownership:
    """Many holders of one company, alike."""
    part = each or Fraction(1, count)
    return judge(
        [company("S"), *(company(f"H{number}", country) for number in range(count))],
        [stake(f"H{number}", "S", part) for number in range(count)],
    )


def mixed() -> Ownership:
    """Established, possible and undisclosed steps in one chain, and a stake that does not decide."""
    return judge(
        [company("S"), company("A", "DE"), company("B", "DE"), company("P", "CN"), person("N", "RU")],
        [
            stake("P", "A", Fraction(70, 100)),
            stake("A", "S", Fraction(30, 100)),
            stake("N", "B", Fraction(26, 100)),
            stake("B", "S", Fraction(20, 100)),
        ],
    )


def ring() -> Ownership:
    return judge(
        [company("S", "DE"), company("W", "DE"), company("P", "CN")],
        [stake("W", "S", 0.6), stake("S", "W", 0.6), stake("P", "S", 0.3), stake("P", "W", 0.3)],
    )


def tree(found: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(found.svg)


def texts(found: Figure) -> list[str]:
    return [element.text or "" for element in tree(found).iter(f"{SVG}text")]


def line_of(found: Figure, step: int) -> ElementTree.Element:
    """The line of a step's arrow."""
    group = next(
        g for g in tree(found).iter(f"{SVG}g") if (g.findtext(f"{SVG}title") or "").startswith(f"Step {step}:")
    )
    line = group.find(f"{SVG}path")
    assert line is not None
    return line


@pytest.mark.parametrize("made", [mixed, ring, lambda: holders(60), lambda: tiers(100)])
def test_every_step_of_the_verdict_stands_in_the_text_alternative_and_in_the_svg(made: Any) -> None:
    ownership = made()
    found, verdict = figure(ownership), ownership.verdict("S")
    described = tree(found).findtext(f"{SVG}desc") or ""
    assert verdict.chain
    for number, step in enumerate(verdict.chain, 1):
        told = re.search(rf"Step {number}: (.*?)\.(?= Step| Boxes|$)", found.alt)
        assert told
        assert step.to_name in told[1] and step.share in told[1] and f"{step.source} {step.locator}" in told[1]
        assert not step.from_ or step.from_name in told[1]
        assert told[0] in described


def test_a_small_chain_is_drawn_with_the_number_share_and_names_of_each_step() -> None:
    found = figure(mixed())
    written = " ".join(texts(found))
    for text in ("S Holdings", "A Holdings", "P Holdings", "China", "natural person, Russia", "70 % of shares"):
        assert text in written
    assert re.search(r"persons of the PRC or Russia: possible", written)


def test_line_styles_tell_established_possible_and_undisclosed_apart_without_colour() -> None:
    found, chain = figure(mixed()), mixed().verdict("S").chain
    styles = {}
    for number, step in enumerate(chain, 1):
        line = line_of(found, number)
        styles[step.from_ or "?", step.to] = (line.get("stroke-dasharray"), float(line.get("stroke-width") or 0))
    assert styles["P", "A"][0] is None and styles["P", "A"][1] > 1.5
    assert styles["A", "S"][0] == "5 3"
    assert styles["?", "S"][0] == "1.2 2.6"
    assert "?" in texts(found)


def test_a_person_of_the_countries_has_a_second_border_and_its_country_in_words() -> None:
    borders = {}
    for group in tree(figure(mixed())).iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title") or ""
        if not title.startswith("Step"):
            borders[title.split(" (")[0]] = len(group.findall(f"{SVG}rect"))
    assert borders["P Holdings"] == 2 and borders["A Holdings"] == 1


def test_a_ring_is_drawn_with_an_arrow_that_goes_back_up() -> None:
    arrows = {
        title[:6]: group.findall(f"{SVG}path")[1].get("d") or ""
        for group in tree(figure(ring())).iter(f"{SVG}g")
        if (title := group.findtext(f"{SVG}title") or "").startswith("Step")
    }
    back = [n for n, step in enumerate(ring().verdict("S").chain, 1) if (step.from_, step.to) == ("S", "W")]
    assert len(arrows) == len(ring().verdict("S").chain)
    assert [step for step, head in arrows.items() if _points_up(head)] == [f"Step {back[0]}"]


def _points_up(path: str) -> bool:
    tip, left, _ = ((float(a), float(b)) for a, b in re.findall(r"([\d.]+) ([\d.]+)", path))
    return tip[1] < left[1]


@pytest.mark.parametrize("made", [mixed, ring, lambda: holders(60)])
def test_the_same_verdict_gives_the_same_bytes(made: Any) -> None:
    first, second = figure(made()), figure(made())
    assert first.svg == second.svg and first.png == second.png and first.alt == second.alt
    assert first.png.startswith(b"\x89PNG")


def test_the_order_of_sets_does_not_reach_the_figure(tmp_path: Path) -> None:
    script = (
        "import hashlib; from tests.ownership.test_figure import *; f = figure(mixed()); g = figure(holders(60));"
        "print(hashlib.sha256((f.svg + f.alt + g.svg + g.alt).encode() + f.png).hexdigest())"
    )
    found = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": ":".join(sys.path),
                "PATH": "",
                "HOME": "/nonexistent",
                "MPLCONFIGDIR": str(tmp_path),
            },
            cwd=None,
        )
        found.add(done.stdout.strip())
    f, g = figure(mixed()), figure(holders(60))
    assert found == {hashlib.sha256((f.svg + f.alt + g.svg + g.alt).encode() + f.png).hexdigest()}


def test_matplotlib_is_not_loaded_until_a_png_is_asked_for() -> None:
    script = (
        "import sys; from tests.ownership.test_figure import *; f = figure(mixed()); f.svg; "
        "print('matplotlib.figure' in sys.modules, bool(f.png), 'matplotlib.figure' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]


def test_hostile_names_stay_text() -> None:
    ownership = judge(
        [company("S", name=HOSTILE), company("P", "CN", name=f"{HOSTILE} two", locator="/<b>&")],
        [stake("P", "S", 0.3, locator="/<b>&\"'")],
    )
    found = figure(ownership)
    root = tree(found)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "desc", "rect", "g", "path", "text",
    }  # fmt: skip
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    assert "\u202e" not in found.svg and "\\u202e" in found.svg
    assert shown(HOSTILE) in found.alt
    assert found.png.startswith(b"\x89PNG")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=120), min_size=3, max_size=3))
def test_no_text_of_any_name_leaves_its_box_or_the_sheet(names: list[str]) -> None:
    ownership = judge(
        [company("S", name=names[0]), company("A", "DE", name=names[1]), company("P", "CN", name=names[2])],
        [stake("A", "S", 0.3), stake("P", "A", 0.3), stake("P", "S", 0.2)],
    )
    found = figure(ownership)
    tree(found)
    sheet = drawn(found.diagram, lambda box, _: shown(box.name))
    for group in sheet.groups:
        frames = [shape for shape in group.shapes if isinstance(shape, Rectangle)]
        for text in (shape for shape in group.shapes if isinstance(shape, Text)):
            reach = width(text.text, text.size)
            left = text.x - reach / 2 if text.middle else text.x
            assert left >= -0.01 and left + reach * (1 if text.middle else 0.93) <= sheet.wide + 0.01
            if text.middle:
                assert frames[0].x <= left and left + reach <= frames[0].x + frames[0].wide
                assert frames[0].y < text.y - text.size * 0.8 and text.y < frames[0].y + frames[0].high


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=24))
def test_boxes_never_overlap_whatever_rings_there_are(edges: list[tuple[int, int]]) -> None:
    ids = ["S", *(f"E{number}" for number in range(1, 9)), "P"]
    entities = [company(key, "CN" if key == "P" else "DE") for key in ids]
    held = [stake(ids[a], ids[b], Fraction(1, 10)) for a, b in dict.fromkeys(edges)]
    found = figure(judge(entities, held))
    frames = [
        (float(r.get("x") or 0), float(r.get("y") or 0), float(r.get("width") or 0), float(r.get("height") or 0))
        for g in tree(found).iter(f"{SVG}g")
        if (g.findtext(f"{SVG}title") or "") and not (g.findtext(f"{SVG}title") or "").startswith("Step")
        for r in g.findall(f"{SVG}rect")[:1]
    ]
    for number, (x, y, wide, high) in enumerate(frames):
        for a, b, c, d in frames[number + 1 :]:
            assert x + wide <= a or a + c <= x or y + high <= b or b + d <= y


def test_reckoned_widths_are_never_less_than_those_of_the_font() -> None:
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    font = FT2Font(font_manager.findfont("DejaVu Sans:bold"))
    font.set_size(100, 72)
    for code in [*range(0x20, 0x7F), *range(0xC0, 0x180), *range(0x370, 0x460)]:
        if code in font.get_charmap() and chr(code).isprintable():
            assert width(chr(code), 100) + 0.5 >= font.load_char(code).linearHoriAdvance / 65536, chr(code)


def test_long_names_are_broken_and_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert lines("Donau-Dampf Gesellschaft", 8, 72, 6) == ["Donau-Dampf", "Gesellschaft"]
    assert "".join(lines("x" * 100, 8, 60, 99)) == "x" * 100
    assert lines("深圳市青岚通信模块制造", 10, 40, 9) == ["深圳市青", "岚通信模", "块制造"]
    cut = lines("one two three four five six seven", 8, 40, 2)
    assert len(cut) == 2 and cut[-1].endswith("…") and width(cut[-1], 8) <= 40


def test_many_small_holders_share_a_box_with_their_number_and_what_they_hold_together() -> None:
    ownership = judge(
        [company("S"), *(company(f"H{number}", "CN" if number < 3 else "RU") for number in range(60))],
        [stake(f"H{n}", "S", Fraction(16 - n, 100) if n < 3 else Fraction(24, 5700)) for n in range(60)],
    )
    written = " ".join(texts(figure(ownership)))
    chain = ownership.verdict("S").chain
    assert f"{len(chain) - 3} further holders" in written and f"{len(chain) - 3} of them: Russia" in written
    together = sum((step.min or 0) for step in chain[3:])
    assert together and re.search(r"4–\d+\. (about )?[\d.]+ % of shares together", written)


@pytest.mark.parametrize("count", [4, 5])
def test_up_to_four_holders_are_drawn_each_and_a_fifth_makes_a_group(count: int) -> None:
    written = " ".join(texts(figure(holders(count))))
    assert ("further holders" in written) is (count > 4 and len(holders(count).verdict("S").chain) > 4)


def test_all_of_five_holders_needed_for_a_majority_make_a_group_of_two() -> None:
    written = " ".join(texts(figure(holders(9))))
    assert "2 further holders" in written


def test_a_long_row_is_drawn_by_its_ends_with_the_range_of_its_shares() -> None:
    written = " ".join(texts(figure(tiers(100))))
    assert "93 entities between" in written and "60 % in each" in written and "steps 5–96" in written
    assert figure(tiers(100)).size[1] < 700


def test_a_row_of_nine_is_drawn_whole_and_one_of_ten_by_its_ends() -> None:
    assert "entities between" not in " ".join(texts(figure(tiers(10))))
    assert "entities between" in " ".join(texts(figure(tiers(11))))


@pytest.mark.parametrize(
    "made",
    [lambda: holders(300), lambda: holders(300, "DE", Fraction(1, 301)), lambda: tiers(100), lambda: tiers(1000)],
)
def test_many_holders_and_many_tiers_take_bounded_time_and_room(made: Any) -> None:
    ownership = made()
    started = time.process_time()
    found = figure(ownership)
    assert found.svg and found.png
    assert time.process_time() - started < 10
    wide, high = found.size
    assert wide < 800 and high < 800


def test_a_verdict_without_a_chain_shows_the_holders_that_are_stated() -> None:
    ownership = judge([company("S"), company("A"), person("N")], [stake("A", "S", 1), stake("N", "A", 1)])
    found = figure(ownership)
    assert ownership.verdict("S").chain == ()
    assert "N Person" in " ".join(texts(found)) and "does not decide" in found.alt
    alone = figure(judge([company("S", "CN")], []))
    assert "by its own facts one of the persons of the PRC or Russia" in alone.alt


def test_no_box_of_a_chain_stands_alone() -> None:
    found = figure(holders(12, "DE", Fraction(1, 13)))
    holding = {arrow.holder for arrow in found.diagram.arrows}
    assert {box.id for box in found.diagram.boxes} - holding == {"S"}


def test_a_holding_in_itself_is_told_in_the_box() -> None:
    ownership = judge([company("S"), company("P", "CN")], [stake("P", "S", 1)])
    with_own = judge([company("S"), company("A")], [stake("S", "S", Fraction(1, 10)), stake("A", "S", Fraction(9, 10))])
    assert "holds 10 % of shares in" in " ".join(texts(figure(with_own)))
    assert "in itself" not in " ".join(texts(figure(ownership)))


def test_names_that_the_font_of_the_png_cannot_draw_are_told_by_others_in_it_and_stay_in_the_svg() -> None:
    ownership = judge(
        [company("S"), company("p", "CN", name="青岚通信", names="Qinglan"), company("n", "RU", name="نور")],
        [stake("p", "S", 0.4), stake("n", "S", 0.3)],
    )
    found = figure(ownership)
    assert "青岚通信" in " ".join(texts(found)) and "نور" in " ".join(texts(found))
    boxes = {box.id: box for box in found.diagram.boxes}
    assert named(boxes["p"], 1) == "Qinglan" and named(boxes["n"], 1) == "n"
    assert "青岚通信 is drawn as “Qinglan”" in found.alt


def test_the_png_has_the_size_of_the_svg() -> None:
    from matplotlib.image import imread

    found = figure(mixed())
    high, wide = imread(io.BytesIO(found.png)).shape[:2]
    assert (wide, high) == pytest.approx([points / 72 * 150 for points in found.size], abs=1)


def test_a_neighbourhood_holds_the_chain_the_nearest_and_no_more_than_asked() -> None:
    entities = [company(f"N{number}", "DE") for number in range(60)] + [company("S"), company("P", "CN")]
    interests = [stake(f"N{n + 1}", f"N{n}", Fraction(1, 5)) for n in range(59)]
    interests += [stake("N0", "S", Fraction(1, 5)), stake("P", "N3", Fraction(3, 5)), stake("S", "N50", Fraction(1, 5))]
    ownership = judge(entities, interests)
    view = around(ownership.verdict("S"), ownership, limit=40)
    assert len(view.boxes) <= 40 and view.boxes[0].id == "S" and view.beyond
    ends = {box.id for box in view.boxes}
    assert all({arrow.holder, arrow.held} <= ends for arrow in view.arrows)
    whole = around(ownership.verdict("S"), ownership)
    assert {"N50", "P"} <= {box.id for box in whole.boxes} and not whole.beyond
