"""Hostile bills of materials in XML, tag-value, YAML and RDF, for `bom_hostile.py`: name to what makes the bytes of the file."""

from __future__ import annotations

import gzip
from collections.abc import Callable

XML_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>'
XML_END = b"</components></bom>"
XML_ONE = '<component type="library"><name>n%</name><version>1</version></component>\n'
TAGS_HEAD = b"SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\n"
YAML_HEAD = b"spdxVersion: SPDX-2.3\nname: x\npackages:\n"
RDF_HEAD = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://spdx.org/rdf/terms#">'
    b'<SpdxDocument rdf:about="#SPDXRef-DOCUMENT"><specVersion>SPDX-2.3</specVersion><name>x</name></SpdxDocument>'
)
RDF_END = b"</rdf:RDF>"
SPDX_XML = b"<Document><spdxVersion>SPDX-2.3</spdxVersion><SPDXID>SPDXRef-DOCUMENT</SPDXID><name>x</name>"


def _many(text: str, count: int) -> bytes:
    """The text so many times with its number in it."""
    return "".join([text.replace("%", str(number)) for number in range(count)]).encode()


def _xml(inside: bytes) -> bytes:
    return XML_HEAD + inside + XML_END


def _typed(subset: bytes, inside: bytes) -> bytes:
    """CycloneDX XML with a document type."""
    return b"<!DOCTYPE bom " + subset + b">" + _xml(inside)[39:]


def _in(encoding: str, declared: str, text: str = "Größe 清蓝科技有限公司") -> bytes:
    """A hundred thousand components in an encoding, with a declaration that is right, wrong or missing (empty)."""
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = _xml(_many(XML_ONE.replace("n%", f"{text} %"), 100_000)).decode()[39:]
    return (prolog + body).encode(encoding, "replace")


def _rdf(inside: bytes) -> bytes:
    return RDF_HEAD + inside + RDF_END


LAUGHS = b"[" + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 40)) + b"]"
YAML_LAUGHS = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 900)
)

TEXTS: dict[str, Callable[[], bytes]] = {
    "xml-external-entity": lambda: _typed(b'[<!ENTITY e SYSTEM "file:///etc/passwd">]', _many(XML_ONE + "&e;", 50_000)),
    "xml-parameter-entity": lambda: _typed(b'[<!ENTITY % p SYSTEM "http://localhost:9/p.dtd">%p;]', b"<component/>"),
    "xml-billion-laughs": lambda: _typed(LAUGHS, b"<component><name>&l39;</name></component>" * 10_000),
    "xml-quadratic": lambda: _typed(
        b'[<!ENTITY a "' + b"a" * 5_000_000 + b'">]', b"<component><name>" + b"&a;" * 1_000_000 + b"</name></component>"
    ),
    "xml-many-entities": lambda: _typed(b"[" + _many('<!ENTITY e% "x">', 60_000) + b"]", b"<component/>"),
    "xml-xinclude": lambda: _xml(
        b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>' * 200_000
    ),
    "xml-dtd-external": lambda: _typed(b'SYSTEM "http://localhost:9/bom.dtd"', _many(XML_ONE, 50_000)),
    "xml-doctype-without-end": lambda: b"<!DOCTYPE bom [" + b"<!ENTITY a 'b'>" * 2_000_000,
    "xml-namespaces-on-one": lambda: _xml(b"<component " + _many('xmlns:n%="u:%" ', 300_000) + b"/>"),
    "xml-namespaces-on-root": lambda: _xml(_many(XML_ONE, 1000)).replace(
        b"<bom ", b"<bom " + _many('xmlns:n%="u:%" ', 30_000)
    ),
    "xml-namespaces-on-each": lambda: _xml(
        _many('<n%:component xmlns:n%="u:%"><n%:name>a</n%:name></n%:component>', 200_000)
    ),
    "xml-prefixes-without-namespace": lambda: _xml(_many("<n%:component><n%:name>a</n%:name></n%:component>", 200_000)),
    "xml-namespaces-nested": lambda: _xml(
        _many('<component xmlns:n%="u:%"><name>a</name><components>', 120) * 400 + b"</components></component>" * 48_000
    ),
    "xml-names": lambda: _xml(b"<component>" + _many("<e%/>", 500_000) + b"</component>"),
    "xml-attributes": lambda: _xml(b"<component " + _many('a%="1" ', 500_000) + b"><name>a</name></component>"),
    "xml-attributes-twice": lambda: _xml(b"<component " + b'a="1" ' * 500_000 + b"><name>a</name></component>"),
    "xml-attributes-on-root": lambda: _xml(_many(XML_ONE, 1000)).replace(
        b"<bom ", b"<bom " + _many('a%="1" ', 500_000)
    ),
    "xml-attribute-50MB": lambda: _xml(b'<component type="' + b"x" * 50_000_000 + b'"/>'),
    "xml-attribute-without-end": lambda: _xml(b'<component type="' + b"x" * 50_000_000),
    "xml-nested": lambda: _xml(
        b"<component><name>n</name><components>" * 100_000 + b"</components></component>" * 100_000
    ),
    "xml-nested-without-end": lambda: _xml(b"<component><name>n</name><components>" * 1_000_000),
    "xml-nested-others": lambda: _xml(
        b"<component><name>a</name>" + b"<x>" * 1_000_000 + b"</x>" * 1_000_000 + b"</component>"
    ),
    "xml-nested-licences": lambda: _xml(b"<component><licenses>" + b"<license>" * 100_000 + b"</license>" * 100_000),
    "xml-nested-metadata": lambda: (
        b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><metadata>' + b"<tools>" * 1_000_000
    ),
    "xml-nested-250": lambda: _xml((b"<component><components>" * 120 + b"</components></component>" * 120) * 2000),
    "xml-text-50MB": lambda: _xml(b"<component><name>" + b"x" * 50_000_000 + b"</name></component>"),
    "xml-text-200MB": lambda: _xml(b"<component><name>" + b"x" * 200_000_000 + b"</name></component>"),
    "xml-texts-1MB": lambda: _xml((b"<component><name>" + b"x" * 1_000_000 + b"</name></component>") * 100),
    "xml-texts-20KB": lambda: _xml(
        (b"<component><description>" + b"x" * 20_000 + b"</description></component>") * 5000
    ),
    "xml-cdata-50MB": lambda: _xml(b"<component><name><![CDATA[" + b"<" * 50_000_000 + b"]]></name></component>"),
    "xml-cdata-without-end": lambda: _xml(b"<component><name><![CDATA[" + b"x" * 50_000_000),
    "xml-cdata-many": lambda: _xml(b"<component><name>" + b"<![CDATA[x]]>" * 1_000_000 + b"</name></component>"),
    "xml-comments": lambda: _xml(b"<!-- c -->" * 2_000_000 + b"<component/>"),
    "xml-comments-inside": lambda: _xml(b"<component><name>" + b"a<!-- c -->" * 2_000_000 + b"</name></component>"),
    "xml-comments-before": lambda: b"<!-- c -->" * 90_000 + _xml(b"<component/>")[39:],
    "xml-comment-without-end": lambda: _xml(b"<component/><!--" + b"x" * 50_000_000),
    "xml-instructions": lambda: _xml(b"<?p i?>" * 2_000_000 + b"<component/>"),
    "xml-utf-16": lambda: _in("utf-16", "UTF-16"),
    "xml-utf-16-wrong": lambda: _in("utf-16-le", "UTF-8"),
    "xml-utf-32": lambda: _in("utf-32", "UTF-32"),
    "xml-utf-32-missing": lambda: _in("utf-32-be", ""),
    "xml-gb18030": lambda: _in("gb18030", "GB18030"),
    "xml-gb18030-wrong": lambda: _in("gb18030", "UTF-8"),
    "xml-gb18030-missing": lambda: _in("gb18030", ""),
    "xml-windows-1252": lambda: _in("cp1252", "windows-1252", "Größe – Maß"),
    "xml-windows-1252-missing": lambda: _in("cp1252", "", "Größe – Maß"),
    "xml-latin-1-wrong": lambda: _in("latin-1", "GB18030", "Größe"),
    "xml-utf-8-wrong": lambda: _in("utf-8", "ISO-8859-1"),
    "xml-bad-bytes": lambda: _xml(_many(XML_ONE, 100_000).replace(b">n", b">\xff\xfe\xc0")),
    "xml-nul": lambda: _xml(_many(XML_ONE.replace("n%", "\0%\1"), 200_000)),
    "xml-nul-alone": lambda: _xml(b"\0" * 50_000_000),
    "xml-references": lambda: _xml(_many(XML_ONE.replace("n%", "&#0;&#x1F;&#xFFFF;&#xD800;%&#99999999;"), 100_000)),
    "xml-entities-unknown": lambda: _xml(_many(XML_ONE.replace("n%", "&e%;&nbsp;"), 100_000)),
    "xml-truncated": lambda: _xml(_many(XML_ONE, 200_000))[:-700_000],
    "xml-two-roots": lambda: _xml(_many(XML_ONE, 100_000)) * 2,
    "xml-two-roots-in-utf-16": lambda: (_xml(_many(XML_ONE, 100_000)).decode().replace("UTF-8", "UTF-16") * 2).encode(
        "utf-16"
    ),
    "xml-roots": lambda: _xml(b"<component><name>a</name></component>") * 100_000,
    "xml-roots-bare": lambda: b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>' * 500_000,
    "xml-root-behind-another": lambda: _xml(_many(XML_ONE, 1000)) + b"<other/>" * 2_000_000,
    "xml-trailing-bytes": lambda: _xml(_many(XML_ONE, 100_000)) + bytes(range(256)) * 100_000,
    "xml-trailing-text": lambda: _xml(_many(XML_ONE, 100_000)) + b"x" * 50_000_000,
    "xml-html": lambda: b"<!DOCTYPE html>\n<html><body>Sign in" + b"<p>cyclonedx.org/schema/bom/1.5</p>" * 500_000,
    "xml-empty-components": lambda: _xml(b"<component/>" * 1_000_000),
    "xml-empty-components-3M": lambda: _xml(b"<component/>" * 3_000_000),
    "xml-named-components": lambda: _xml(_many(XML_ONE, 500_000)),
    "xml-suppliers": lambda: _xml(
        _many("<component><name>a%</name><supplier><name>S%</name></supplier></component>", 100_000)
    ),
    "xml-licences": lambda: _xml(
        _many(
            "<component><name>a%</name><licenses><expression>MIT AND X-%</expression></licenses></component>", 100_000
        )
    ),
    "xml-licences-of-one": lambda: _xml(
        b"<component><licenses>" + _many("<license><id>L%</id></license>", 200_000) + b"</licenses></component>"
    ),
    "xml-hashes-of-one": lambda: _xml(
        b"<component><hashes>" + _many('<hash alg="A%">ff</hash>', 500_000) + b"</hashes></component>"
    ),
    "xml-pedigree": lambda: _xml(
        b"<component><pedigree><ancestors>" + b"<component><name>a</name></component>" * 500_000
    ),
    "xml-facts-twice": lambda: _xml(b"<component>" + _many("<name>a%</name>", 500_000) + b"</component>"),
    "xml-strays": lambda: _xml(b"<stray/><component/>" * 300_000),
    "xml-services": lambda: _xml(b"<component/>").replace(
        b"</bom>", b"<services>" + b"<service><name>s</name></service>" * 500_000
    ),
    "xml-compositions": lambda: _xml(b"<component/>").replace(
        b"</bom>",
        b"<compositions>"
        + b"<composition><aggregate>complete</aggregate></composition>" * 500_000
        + b"</compositions></bom>",
    ),
    "xml-dependencies": lambda: _xml(b"<component/>").replace(
        b"</bom>", b"<dependencies>" + b'<dependency ref="a"/>' * 1_000_000
    ),
    "xml-late-metadata": lambda: _xml(_many(XML_ONE, 200_000)).replace(
        b"</bom>", b"<metadata><component><name>Item</name></component></metadata></bom>"
    ),
    "xml-metadata-authors": lambda: (
        b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><metadata><authors>'
        + _many("<author><name>A%</name></author>", 250_000)
        + b"</authors></metadata><components/></bom>"
    ),
    "xml-metadata-often": lambda: _xml(b"<component/>").replace(
        b"</bom>", b"<metadata><component><name>a</name></component></metadata>" * 200_000 + b"</bom>"
    ),
    "xml-ampersands": lambda: _xml(_many(XML_ONE.replace("n%", "a & b < %"), 100_000)),
    "xml-less-than": lambda: _xml(b"<" * 20_000_000),
    "xml-ampersands-alone": lambda: _xml(b"&" * 20_000_000),
    "xml-tags-without-end": lambda: _xml(b"<component" * 2_000_000),
    "xml-ends": lambda: _xml(b"</component>" * 1_000_000 + b"<component/>"),
    "xml-ends-missing": lambda: _xml(b"<component><name>a</name>" * 500_000),
    "xml-gzip": lambda: gzip.compress(_xml(b"<component/>" * 1_000_000)),
    "xml-gzip-bomb": lambda: gzip.compress(XML_HEAD + b" " * 300_000_000),
    "xml-gzip-components": lambda: gzip.compress(_xml(b"<component/>" * 5_000_000)),
    "tags-empty": lambda: TAGS_HEAD + b"PackageName:\n" * 1_000_000,
    "tags-named": lambda: TAGS_HEAD + _many("PackageName: n%\nSPDXID: SPDXRef-%\n", 500_000),
    "tags-empty-3M": lambda: TAGS_HEAD + b"PackageName: \n" * 3_000_000,
    "tags-text-without-end": lambda: TAGS_HEAD + b"PackageName: a\nPackageComment: <text>" + b"x\n" * 5_000_000,
    "tags-texts-without-end": lambda: TAGS_HEAD + _many("PackageName: n%\nPackageComment: <text>never\n", 300_000),
    "tags-texts": lambda: TAGS_HEAD + _many("PackageName: n%\nPackageDescription: <text>a\nb</text>\n", 300_000),
    "tags-line-50MB": lambda: TAGS_HEAD + b"PackageName: " + b"x" * 50_000_000 + b"\nPackageName: b\n",
    "tags-lines-50MB": lambda: TAGS_HEAD + (b"PackageName: " + b"x" * 50_000_000 + b"\n") * 4,
    "tags-line-200MB": lambda: TAGS_HEAD + b"PackageName: a\nPackageComment: " + b"x" * 200_000_000,
    "tags-text-50MB": lambda: (
        TAGS_HEAD + b"PackageName: a\nPackageDescription: <text>" + b"x\n" * 25_000_000 + b"</text>\n"
    ),
    "tags-texts-1MB": lambda: (
        TAGS_HEAD + (b"PackageName: a\nPackageDescription: <text>" + b"x\n" * 100_000 + b"</text>\n") * 300
    ),
    "tags-distinct": lambda: TAGS_HEAD + b"PackageName: a\n" + _many("Tag%: x\n", 1_000_000),
    "tags-none": lambda: TAGS_HEAD + b"PackageName: a\n" + b"no tag\n" * 2_000_000,
    "tags-blank-lines": lambda: TAGS_HEAD + b"PackageName: a\n" + b"\n" * 50_000_000,
    "tags-carriage-returns": lambda: (TAGS_HEAD + _many("PackageName: n%\n", 500_000)).replace(b"\n", b"\r"),
    "tags-carriage-returns-twice": lambda: (
        TAGS_HEAD + _many("PackageName: n%\nPackageName: <text>\n", 200_000)
    ).replace(b"\n", b"\r"),
    "tags-twice": lambda: TAGS_HEAD + b"PackageName: a\n" + _many("PackageVersion: %\n", 1_000_000),
    "tags-identifiers-twice": lambda: TAGS_HEAD + b"PackageName: a\nSPDXID: SPDXRef-a\n" * 300_000,
    "tags-documents": lambda: TAGS_HEAD * 300_000,
    "tags-documents-with-packages": lambda: (TAGS_HEAD + b"PackageName: a\n") * 200_000,
    "tags-suppliers": lambda: (
        TAGS_HEAD
        + _many("PackageName: n%\nPackageSupplier: Organization: S%\nPackageLicenseDeclared: MIT AND X-%\n", 100_000)
    ),
    "tags-licences": lambda: (
        TAGS_HEAD
        + _many("PackageName: n%\nPackageLicenseDeclared: LicenseRef-%\n", 100_000)
        + _many("LicenseID: LicenseRef-%\nLicenseName: L%\n", 100_000)
    ),
    "tags-checksums": lambda: TAGS_HEAD + b"PackageName: a\n" + _many("PackageChecksum: A%: 00ff00ff\n", 500_000),
    "tags-ring": lambda: (
        TAGS_HEAD
        + _many("PackageName: n%\nSPDXID: SPDXRef-%\n", 100_000)
        + b"".join(b"Relationship: SPDXRef-%d CONTAINS SPDXRef-%d\n" % (n, (n + 1) % 100_000) for n in range(100_000))
    ),
    "tags-relationships-bad": lambda: TAGS_HEAD + b"PackageName: a\n" + b"Relationship: a b\n" * 1_000_000,
    "tags-files": lambda: TAGS_HEAD + b"PackageName: a\n" + _many("FileName: ./%\nSPDXID: SPDXRef-%\n", 500_000),
    "tags-creators": lambda: TAGS_HEAD + _many("Creator: Person: P%\n", 500_000) + b"PackageName: a\nPackageName: b\n",
    "tags-creators-many-packages": lambda: (
        TAGS_HEAD + _many("Creator: Person: P%\n", 20_000) + b"PackageName: a\n" * 100_000
    ),
    "tags-nul": lambda: TAGS_HEAD + b"PackageName: a\0b\n" * 500_000,
    "tags-utf-16": lambda: (TAGS_HEAD + _many("PackageName: n%\n", 500_000)).decode().encode("utf-16"),
    "tags-utf-32": lambda: (TAGS_HEAD + _many("PackageName: n%\n", 300_000)).decode().encode("utf-32"),
    "tags-gb18030": lambda: (TAGS_HEAD.decode() + "PackageName: 清蓝科技有限公司\n" * 300_000).encode("gb18030"),
    "tags-windows-1252": lambda: (TAGS_HEAD.decode() + "PackageName: Größe – Maß\n" * 300_000).encode("cp1252"),
    "tags-gzip": lambda: gzip.compress(TAGS_HEAD + b"PackageName:\n" * 1_000_000),
    "tags-gzip-bomb": lambda: gzip.compress(TAGS_HEAD + b"\n" * 300_000_000),
    "yaml-empty": lambda: YAML_HEAD + b"- {}\n" * 1_000_000,
    "yaml-nulls": lambda: YAML_HEAD + b"- ~\n" * 1_000_000,
    "yaml-named": lambda: YAML_HEAD + _many("- name: n%\n  SPDXID: SPDXRef-%\n", 200_000),
    "yaml-suppliers": lambda: (
        YAML_HEAD + _many("- name: n%\n  supplier: 'Organization: S%'\n  licenseDeclared: MIT AND X-%\n", 100_000)
    ),
    "yaml-tags": lambda: YAML_HEAD + b"- !!python/object/apply:os.system [touch /tmp/x]\n" * 200_000,
    "yaml-tags-distinct": lambda: b"%TAG !e! tag:e,2000:\n---\n" + YAML_HEAD + _many("- !e!t% x\n", 200_000),
    "yaml-laughs": lambda: YAML_LAUGHS + YAML_HEAD + b"- name: *a899\n",
    "yaml-aliases": lambda: YAML_HEAD + b"- &a {name: x}\n" + b"- *a\n" * 1_000_000,
    "yaml-anchors": lambda: YAML_HEAD + _many("- &a% {name: x}\n", 200_000),
    "yaml-alias-of-all": lambda: (
        YAML_HEAD.replace(b"packages:", b"packages: &p") + b"- name: a\n" * 100_000 + b"- *p\n" * 9000
    ),
    "yaml-merge": lambda: YAML_HEAD + b"- &a {name: x, versionInfo: 1}\n" + b"- {<<: *a}\n" * 200_000,
    "yaml-merge-chain": lambda: (
        YAML_HEAD + b"- &a0 {k: v}\n" + b"".join(b"- &a%d {<<: *a%d, k%d: v}\n" % (n, n - 1, n) for n in range(1, 9000))
    ),
    "yaml-merge-list": lambda: YAML_HEAD + b"- &a {name: x}\n- {<<: [" + b"*a, " * 500_000 + b"]}\n",
    "yaml-deep-blocks": lambda: YAML_HEAD + b"- " * 100_000,
    "yaml-deep-flow": lambda: YAML_HEAD + b"- name: " + b"[" * 100_000 + b"]" * 100_000,
    "yaml-deep-mappings": lambda: YAML_HEAD + b"- name: " + b"{a: " * 100_000 + b"}" * 100_000,
    "yaml-deep-questions": lambda: YAML_HEAD + b"? " * 500_000,
    "yaml-flow": lambda: (
        b"{spdxVersion: SPDX-2.3,\nspdxVersion: SPDX-2.3, packages: [" + _many("{name: n%},", 300_000) + b"]}"
    ),
    "yaml-doubled-keys": lambda: YAML_HEAD + b"- name: a\n" + _many("  versionInfo: '%'\n", 300_000),
    "yaml-doubled-packages": lambda: b"spdxVersion: SPDX-2.3\n" + b"packages:\n- name: a\n" * 200_000,
    "yaml-keys": lambda: YAML_HEAD + b"- name: a\n" + _many("  k%: v\n", 400_000),
    "yaml-root-keys": lambda: YAML_HEAD + b"- name: a\n" + _many("k%: v\n", 400_000),
    "yaml-tabs": lambda: YAML_HEAD + b"\t- name: a\n" * 300_000,
    "yaml-documents": lambda: YAML_HEAD + b"- name: a\n" + b"---\n" * 1_000_000,
    "yaml-documents-with-packages": lambda: (b"---\n" + YAML_HEAD + b"- name: a\n") * 100_000,
    "yaml-scalar-50MB": lambda: YAML_HEAD + b"- name: " + b"x" * 50_000_000 + b"\n- name: b\n",
    "yaml-quoted-50MB": lambda: YAML_HEAD + b'- name: "' + b"x" * 50_000_000 + b'"\n- name: b\n',
    "yaml-quoted-without-end": lambda: YAML_HEAD + b'- name: "' + b"x" * 50_000_000,
    "yaml-block-50MB": lambda: YAML_HEAD + b"- name: |\n" + b"    x\n" * 10_000_000,
    "yaml-key-50MB": lambda: YAML_HEAD + b"- " + b"x" * 50_000_000 + b": a\n",
    "yaml-numbers": lambda: (
        YAML_HEAD
        + b"- name: 1e999999999\n  versionInfo: 0o"
        + b"7" * 1_000_000
        + b"\n"
        + b"- name: .inf\n  versionInfo: 1e999999999\n" * 100_000
    ),
    "yaml-dates": lambda: (
        b"creationInfo: {created: 99999-99-99T99:99:99Z}\n"
        + YAML_HEAD
        + b"- name: 9999-13-41\n  versionInfo: 0000-00-00\n" * 100_000
    ),
    "yaml-comments": lambda: YAML_HEAD + b"# c\n" * 5_000_000 + b"- name: a\n",
    "yaml-comment-50MB": lambda: YAML_HEAD + b"#" + b"x" * 50_000_000 + b"\n- name: a\n",
    "yaml-blank-lines": lambda: YAML_HEAD + b"\n" * 50_000_000 + b"- name: a\n",
    "yaml-blanks": lambda: YAML_HEAD + b" " * 50_000_000 + b"- name: a\n",
    "yaml-files": lambda: (
        YAML_HEAD
        + b"- name: a\nfiles:\n"
        + _many("- SPDXID: SPDXRef-%\n  fileName: ./%\n  checksums: [{algorithm: SHA1}]\n", 150_000)
    ),
    "yaml-ring": lambda: (
        YAML_HEAD
        + _many("- name: n%\n  SPDXID: SPDXRef-%\n", 50_000)
        + b"relationships:\n"
        + b"".join(
            b"- {spdxElementId: SPDXRef-%d, relationshipType: CONTAINS, relatedSpdxElement: SPDXRef-%d}\n"
            % (n, (n + 1) % 50_000)
            for n in range(50_000)
        )
    ),
    "yaml-control": lambda: YAML_HEAD + b"- name: a\0b\1\n" * 100_000,
    "yaml-utf-16": lambda: (YAML_HEAD + _many("- name: n%\n", 200_000)).decode().encode("utf-16"),
    "yaml-utf-32": lambda: (YAML_HEAD + _many("- name: n%\n", 200_000)).decode().encode("utf-32"),
    "yaml-gb18030": lambda: (YAML_HEAD.decode() + "- name: 清蓝科技有限公司\n" * 200_000).encode("gb18030"),
    "yaml-windows-1252": lambda: (YAML_HEAD.decode() + "- name: Größe – Maß\n" * 200_000).encode("cp1252"),
    "yaml-gzip": lambda: gzip.compress(YAML_HEAD + b"- {}\n" * 1_000_000),
    "yaml-gzip-bomb": lambda: gzip.compress(YAML_HEAD + b"\n" * 300_000_000),
    "rdf-empty": lambda: _rdf(b"<Package/>" * 1_000_000),
    "rdf-named": lambda: _rdf(_many('<Package rdf:about="#SPDXRef-%"><name>n%</name></Package>', 200_000)),
    "rdf-ring": lambda: _rdf(
        b"".join(
            b'<Package rdf:about="#SPDXRef-%d"><name>n</name><relationship><Relationship><relationshipType rdf:resource='
            b'"http://spdx.org/rdf/terms#relationshipType_contains"/><relatedSpdxElement rdf:resource="#SPDXRef-%d"/>'
            b"</Relationship></relationship></Package>" % (n, (n + 1) % 50_000)
            for n in range(50_000)
        )
    ),
    "rdf-nodes": lambda: _rdf(
        b"".join(
            b'<Relationship rdf:nodeID="r%d"><relatedSpdxElement rdf:nodeID="r%d"/></Relationship>'
            % (n, (n * 7919 + 1) % 200_000)
            for n in range(200_000)
        )
        + b"<Package><name>a</name></Package>"
    ),
    "rdf-licences": lambda: _rdf(
        b"".join(
            b'<ConjunctiveLicenseSet rdf:nodeID="s%d"><member rdf:nodeID="s%d"/><member rdf:nodeID="s%d"/></ConjunctiveLicenseSet>'
            % (n, (n + 1) % 50_000, (n * 7919) % 50_000)
            for n in range(50_000)
        )
        + _many('<Package><name>n%</name><licenseDeclared rdf:nodeID="s%"/></Package>', 50_000)
    ),
    "rdf-members": lambda: _rdf(
        b"<Package><name>a</name><licenseDeclared><ConjunctiveLicenseSet>"
        + _many('<member rdf:resource="http://spdx.org/licenses/L%"/>', 200_000)
        + b"</ConjunctiveLicenseSet></licenseDeclared></Package>"
    ),
    "rdf-one-id": lambda: _rdf(b'<Package rdf:nodeID="a"><name>a</name></Package>' * 200_000),
    "rdf-flat": lambda: _rdf(
        _many(
            '<rdf:Description rdf:about="#p%"><rdf:type rdf:resource="http://spdx.org/rdf/terms#Package"/><name>n%</name></rdf:Description>',
            150_000,
        )
    ),
    "rdf-nested": lambda: _rdf(b"<Package><name>a</name><relationship><Relationship><relatedSpdxElement>" * 50_000),
    "rdf-files": lambda: _rdf(
        b"<Package><name>a</name></Package>" + _many('<File rdf:about="#f%"><fileName>./%</fileName></File>', 250_000)
    ),
    "rdf-attributes": lambda: _rdf(b"<Package " + _many('a%="1" ', 300_000) + b"><name>a</name></Package>"),
    "rdf-two-roots": lambda: _rdf(_many('<Package rdf:about="#SPDXRef-%"><name>n%</name></Package>', 30_000)) * 2,
    "rdf-gzip-bomb": lambda: gzip.compress(RDF_HEAD + b" " * 300_000_000),
    "spdx-xml-empty": lambda: SPDX_XML + b"<packages/>" * 1_000_000 + b"</Document>",
    "spdx-xml-named": lambda: SPDX_XML + _many("<packages><name>n%</name></packages>", 250_000) + b"</Document>",
    "spdx-xml-nested": lambda: SPDX_XML + b"<packages>" * 100_000 + b"</packages>" * 100_000 + b"</Document>",
    "spdx-xml-files": lambda: (
        SPDX_XML
        + b"<packages><name>a</name></packages>"
        + b"<files><SPDXID>f</SPDXID></files>" * 400_000
        + b"</Document>"
    ),
    "spdx-xml-two-roots": lambda: (
        (SPDX_XML + _many("<packages><name>n%</name></packages>", 50_000) + b"</Document>") * 2
    ),
    "spdx-xml-text-50MB": lambda: SPDX_XML + b"<packages><name>" + b"x" * 50_000_000 + b"</name></packages></Document>",
}
