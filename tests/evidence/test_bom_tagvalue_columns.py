"""SPDX tag-value by columns: the same facts, problems and notes as line by line, whatever the lines are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import tables
from assessor.evidence.readers import charsets, read_item
from assessor.evidence.readers.bills import spdx_lines, spdx_tagvalue
from assessor.evidence.readers.bills.spdx_tags import PACKAGE
from tests.evidence.bom_samples import CORPUS, damaged, real
from tests.evidence.samples import RULE, put
from tests.evidence.test_bom_tagvalue import FULL, HEAD

FUZZ = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NEVER = 1 << 40


def both_ways(path: Path) -> tuple[Any, Any]:
    """Everything that a reading says, by columns and line by line."""
    with pytest.MonkeyPatch.context() as patch:
        said = []
        for few in (-1, NEVER):
            patch.setattr(spdx_tagvalue, "FEW", few)
            found = read_item("bom.spdx", path, "E-1", RULE)
            table = tables.arrow("components", found.tables.get("components", []))
            facts = (found.status, found.reason, found.format, found.spec_version, found.serialization)
            said.append((table.to_pylist(), found.problems, found.notes, facts))
    return said[0], said[1]


def by_columns(text: str) -> spdx_lines.Packages | None:
    return spdx_lines.scan(iter((text.encode(),)), lambda *_: None, lambda *_: "", lambda packages: packages)


LINES = [
    "PackageName: a", "PackageName: b", "PackageName:", "PackageName: c", "SPDXID: SPDXRef-a", "SPDXID: SPDXRef-b",
    "PackageVersion: 1", "PackageVersion: <text>2</text>", "PackageVersion: N/A", "PackageSupplier: Organization: Firm (a@b.c)",
    "PackageSupplier: NOASSERTION", "PackageOriginator: Tool: x", "PackageLicenseDeclared: MIT",
    "PackageLicenseDeclared: LicenseRef-1", "PackageLicenseConcluded: Apache-2.0 OR MIT", "PackageSummary: NONE",
    "PackageDescription: <text>one\n\nPackageName: inside\n</text> more", "PackageDescription: <text>two", "</text>", "<text>",
    "PackageComment: <text>three\n: four</text>", "PackageComment: <text>five\n<text>six</text>", "PrimaryPackagePurpose: FIRMWARE",
    "PackageChecksum: SHA1: 00ff00ff", "PackageChecksum: SHA3-256: aa", "PackageChecksum: SHA1: \"\\", "PackageChecksum: aa",
    "ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1", "ExternalRef: SECURITY cpe23Type cpe:2.3:a b", "ExternalRef: SECURITY x",
    "ExternalRef: P purl -", "FileName: ./x", "SnippetSPDXID: SPDXRef-s", "LicenseID: LicenseRef-1", "LicenseName: Ours, commercial",
    "ExtractedText: <text>All rights\nreserved</text>", "Relationship: SPDXRef-a CONTAINS SPDXRef-b",
    "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a", "Relationship: SPDXRef-b dependency_of SPDXRef-a", "Relationship: a b",
    "Creator: Organization: Fellmark", "Created: 2026-01-01T00:00:00Z", "DocumentName: y", "SPDXVersion: SPDX-2.2",
    "PackageMood: blue", "packageversion: 3", " PackageVersion: 4", "no tag", "# PackageName: z", "", "  ", ": x", "PackageVersion",
    "PackageVersion: \u00a0\u3000Größe 清\u2028", "FilesAnalyzed: <text>", "Relationship: SPDXRef-p PATCH_APPLIED SPDXRef-a",
]  # fmt: skip


@FUZZ
@given(
    st.lists(st.sampled_from(LINES), max_size=25), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", HEAD])
)
def test_any_lines_say_the_same_both_ways(tmp_path: Path, lines: list[str], end: str, head: str) -> None:
    fast, slow = both_ways(put(tmp_path, "x", (head + "\n".join(lines)).replace("\n", end).encode()))
    assert fast == slow


REGULAR = [line for line in LINES if line.partition(":")[0] in (*PACKAGE, "PackageComment", "PackageChecksum")]


@FUZZ
@given(
    st.lists(st.lists(st.sampled_from(REGULAR), max_size=5, unique_by=lambda line: line.partition(":")[0]), max_size=9)
)
def test_regular_packages_say_the_same_both_ways(tmp_path: Path, packages: list[list[str]]) -> None:
    text = HEAD
    for number, lines in enumerate(packages):
        text += "\n".join([f"PackageName: p{number}", f"SPDXID: SPDXRef-{number // 2}", *lines, ""])
        text += f"Relationship: SPDXRef-{number // 3} CONTAINS SPDXRef-{number}\n"
    fast, slow = both_ways(put(tmp_path, "x", text.encode()))
    assert fast == slow


def test_a_text_that_begins_in_a_comment_hides_no_package(tmp_path: Path) -> None:
    text = FULL.replace("PackageName: nf-mapmatch", "# <text>was\nPackageName: nf-mapmatch", 1)
    fast, slow = both_ways(put(tmp_path, "x", text))
    assert fast == slow and [row["name"] for row in fast[0]] == ["Pilot stack", "nf-mapmatch", "deep"]


@settings(FUZZ, max_examples=60)
@given(
    st.lists(
        st.sampled_from([*REGULAR, "FileName: ./x", "", "Relationship: SPDXRef-0 CONTAINS SPDXRef-1"]), max_size=40
    ),
    st.integers(20, 400),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_file_that_is_read_in_pieces_says_the_same(tmp_path: Path, lines: list[str], piece: int, end: str) -> None:
    text = HEAD + "\n".join(f"PackageName: p{n // 3}\nSPDXID: SPDXRef-{n}\n{line}" for n, line in enumerate(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spdx_lines, "PIECE", piece)
        patch.setattr(charsets, "CHUNK", piece // 3)
        fast, slow = both_ways(put(tmp_path, "x", text.replace("\n", end).encode()))
    assert fast == slow


@settings(FUZZ, max_examples=100)
@given(st.integers(0, 1 << 32))
def test_damage_says_the_same_both_ways(tmp_path: Path, seed: int) -> None:
    fast, slow = both_ways(put(tmp_path, "x", damaged(FULL.encode(), seed)))
    assert fast == slow


def test_ordinary_files_are_read_by_columns() -> None:
    assert by_columns(FULL) is not None
    assert by_columns(HEAD + "PackageName: a\nPackageMood: blue\nno tag\n## Heading\n") is not None


def test_what_must_be_told_is_read_line_by_line() -> None:
    for line in (
        "PackageVersion: 1\nPackageVersion: 2",
        "ExternalRef: x",
        "SPDXID: a\nSPDXID: b",
        "PackageName: <text>never",
    ):
        assert by_columns(HEAD + f"PackageName: a\n{line}\n") is None, line
    assert (
        by_columns(HEAD) is None and by_columns("") is None and by_columns("PackageVersion: 1\nPackageName: a") is None
    )


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_real_files_say_the_same_both_ways() -> None:
    for path, _, _ in real("spdx-tv"):
        fast, slow = both_ways(path)
        assert fast == slow and by_columns(path.read_text("utf-8")) is not None, path.name
