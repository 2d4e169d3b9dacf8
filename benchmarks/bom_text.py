"""How long bills of materials in XML and tag-value take from file to rows, against the bare reading of the same bytes.

    python benchmarks/bom_text.py [COMPONENTS]

Writes a CycloneDX XML and an SPDX tag-value file, the same in every run, and prints the best of several repetitions in one
run, in CPU seconds: XML against lxml's own parse, at most 5; tag-value from file to table, with licences, agents and digests
of every package, against reading the lines and parting each into tag and value, at most 5. The way that files with irregular
lines take, line by line, is printed against the same, and so is reading lines without looking at them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from assessor.evidence import tables
from assessor.evidence.readers.bills import cyclonedx_xml, spdx_tagvalue

COMPONENTS, REPETITIONS, LIMIT = 10_000, 7, 5
LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", "LGPL-2.1-only")


class Nowhere:
    """A rule that knows no country."""

    def country(self, text: object) -> None:
        return None


def cyclonedx(number: int) -> str:
    return f"""    <component type="library" bom-ref="pkg:npm/c{number}@1.{number % 9}.0">
      <supplier><name>Supplier {number % 500} Inc.</name><url>https://s{number % 500}.example</url></supplier>
      <group>org.example</group>
      <name>component-{number}</name>
      <version>1.{number % 9}.0</version>
      <description>Component {number} filters data &amp; signals</description>
      <hashes>
        <hash alg="SHA-1">{number:040x}</hash>
        <hash alg="SHA-256">{number:064x}</hash>
      </hashes>
      <licenses>
        <license><id>{LICENSES[number % 4]}</id></license>
      </licenses>
      <purl>pkg:npm/c{number}@1.{number % 9}.0</purl>
      <externalReferences>
        <reference type="vcs"><url>https://git.example/c{number}.git</url></reference>
        <reference type="website"><url>https://c{number}.example</url></reference>
      </externalReferences>
    </component>
"""


def spdx(number: int) -> str:
    return f"""## Package Information
PackageName: github.example/mod-{number}
SPDXID: SPDXRef-{number:016x}
PackageVersion: v1.{number % 9}.0
PackageSupplier: Organization: Supplier {number % 500} Inc.
PackageDownloadLocation: NOASSERTION
PackageSourceInfo: <text>acquired from the module's own list of requirements</text>
PackageLicenseConcluded: NOASSERTION
PackageLicenseDeclared: {LICENSES[number % 4]}
PackageCopyrightText: <text>Copyright the authors
of module {number}, all of them</text>
PackageChecksum: SHA1: {number:040x}
ExternalRef: SECURITY cpe23Type cpe:2.3:a:example:mod-{number}:v1.{number % 9}.0:*:*:*:*:*:*:*
ExternalRef: PACKAGE-MANAGER purl pkg:golang/github.example/mod-{number}@v1.{number % 9}.0
FilesAnalyzed: false
Relationship: SPDXRef-DOCUMENT CONTAINS SPDXRef-{number:016x}

"""


def best(work: Callable[[], Any]) -> float:
    """Seconds of the fastest repetition."""
    seconds = []
    for _ in range(REPETITIONS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def parted(path: Path) -> None:
    """Read the lines and part each into its tag and its value."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            tag, _, value = line.partition(":")
            (tag, value.strip())


def only_lines(path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        for _ in lines:
            pass


def line_by_line(path: Path) -> None:
    """The way of a file in which something is irregular."""
    few, spdx_tagvalue.FEW = spdx_tagvalue.FEW, 1 << 40
    tables.arrow("components", spdx_tagvalue.read(path, "E-1", Nowhere()).tables["components"])
    spdx_tagvalue.FEW = few


def by_columns(path: Path) -> None:
    tables.arrow("components", spdx_tagvalue.read(path, "E-1", Nowhere()).tables["components"])


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COMPONENTS
    with tempfile.TemporaryDirectory() as folder:
        xml, tags = Path(folder) / "bom", Path(folder) / "spdx"
        begin = '<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.4">\n  <components>\n'
        xml.write_text(begin + "".join(map(cyclonedx, range(count))) + "  </components>\n</bom>\n", "utf-8")
        head = "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\nCreator: Organization: Firm\n\n"
        tags.write_text(head + "".join(map(spdx, range(count // 2))), "utf-8")
        for reader, path, expected in ((cyclonedx_xml, xml, count), (spdx_tagvalue, tags, count // 2)):
            rows = reader.read(path, "E-1", Nowhere()).tables["components"]
            assert sum(len(row) if not isinstance(row, dict) else 1 for row in rows) == expected
        parse = best(lambda: etree.parse(str(xml)))
        to_rows = best(lambda: cyclonedx_xml.read(xml, "E-1", Nowhere()))
        lines, parts = best(lambda: only_lines(tags)), best(lambda: parted(tags))
        whole, slow = best(lambda: by_columns(tags)), best(lambda: line_by_line(tags))
    print(f"XML, {count:,} components: parse {parse:.3f} s, file to rows {to_rows:.3f} s")
    print(f"  ratio {to_rows / parse:.1f} (at most {LIMIT})")
    print(f"tag-value, {count // 2:,} packages: lines {lines:.3f} s, lines parted {parts:.3f} s")
    print(
        f"  file to table {whole:.3f} s, ratio {whole / parts:.1f} (at most {LIMIT}); to bare lines {whole / lines:.1f}"
    )
    print(f"  line by line {slow:.3f} s, ratio {slow / parts:.1f}")


if __name__ == "__main__":
    main()
