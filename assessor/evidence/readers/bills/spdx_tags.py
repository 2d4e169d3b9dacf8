"""The tags of SPDX tag-value, and what a text between `<text>` and `</text>` is.

https://spdx.github.io/spdx-spec/v2.3/conformance/
"""

from __future__ import annotations

LOOK_AHEAD, MOST_INSIDE = 4 << 20, 200_000
"""Characters, and lines, within which a text must close."""
OPEN, CLOSE = "<text>", "</text>"

PACKAGE = {
    "PackageVersion": "versionInfo",
    "PackageSupplier": "supplier",
    "PackageOriginator": "originator",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageSummary": "summary",
    "PackageDescription": "description",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
DOCUMENT = {"SPDXVersion": "spdxVersion", "DocumentName": "name", "Created": "created"}
OTHERS = (
    *("PackageName", "SPDXID", "ExternalRef", "PackageChecksum", "Relationship", "Creator", "FileName"),
    *("SnippetSPDXID", "LicenseID", "LicenseName", "ExtractedText"),
)
_PASSED_TAGS = """
DataLicense DocumentNamespace ExternalDocumentRef LicenseListVersion CreatorComment DocumentComment
PackageFileName PackageDownloadLocation FilesAnalyzed PackageVerificationCode PackageHomePage PackageSourceInfo
PackageLicenseInfoFromFiles PackageLicenseComments PackageCopyrightText PackageComment PackageAttributionText
ExternalRefComment ReleaseDate BuiltDate ValidUntilDate FileType FileChecksum LicenseConcluded LicenseInfoInFile
LicenseComments FileCopyrightText FileComment FileNotice FileContributor FileAttributionText FileDependency
SnippetFromFileSPDXID SnippetByteRange SnippetLineRange SnippetLicenseConcluded LicenseInfoInSnippet
SnippetLicenseComments SnippetCopyrightText SnippetComment SnippetName SnippetAttributionText LicenseCrossReference
LicenseComment RelationshipComment Annotator AnnotationDate AnnotationType SPDXREF AnnotationComment Reviewer
ReviewDate ReviewComment ArtifactOfProjectName ArtifactOfProjectHomePage ArtifactOfProjectURI
"""
_PASSED = frozenset(_PASSED_TAGS.split())
# what to do with a tag: a fact of a package by its key in JSON, another by its own name, nothing at all
KINDS = PACKAGE | {tag: tag for tag in (*OTHERS, *DOCUMENT)} | dict.fromkeys((*_PASSED, "\n", ""), "")
SPELLED = {tag.casefold(): tag for tag in (*PACKAGE, *DOCUMENT, *OTHERS, *_PASSED)}


def unwrapped(value: str) -> str:
    """A value without blanks around it and without the marks of a text."""
    value = value.strip()
    if value.startswith(OPEN):
        value = value[len(OPEN) :].partition(CLOSE)[0].strip()
    return value
