"""A bag (BagIt 1.0, RFC 8493): every byte of it checked against every manifest, and nothing beside them.

Stricter than the RFC where it lets doubt in: each payload file is in each manifest, each tag file in each tag manifest, and there is a
tag manifest; links, names that differ only in case, and files to be fetched are problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from assessor.archive.contents import File, Problem, problem, safe
from assessor.evidence.bagit import ALGORITHMS, LINE, decoded
from assessor.evidence.safe_names import folded

_DECLARATION = re.compile(rb"BagIt-Version: (0\.97|1\.0)\r?\nTag-File-Character-Encoding: UTF-8\r?\n?")
_STRONG = ("sha256", "sha512")


def check(
    files: Mapping[str, File],
    *,
    both: bool = False,
    aside: Callable[[str], bool] = lambda name: False,
    place: str = "",
) -> list[Problem]:
    """What is wrong with a bag whose files are these, by their places in it.

    `both`: there must be manifests and tag manifests of SHA-256 and SHA-512. `aside` tells files beside the bag's own which others
    look after. `place` is put before each place that is named.
    """
    found: list[Problem] = []

    def tell(code: str, name: str, message: str) -> None:
        found.append(problem(code, place + name, message))

    if "bagit.txt" not in files:
        tell("no_declaration", "bagit.txt", "The file that says that this is a bag is missing.")
    elif not _DECLARATION.fullmatch(files["bagit.txt"].read()):
        tell("no_declaration", "bagit.txt", "It does not declare a bag of version 0.97 or 1.0 in UTF-8.")
    if "fetch.txt" in files:
        tell(
            "fetch",
            "fetch.txt",
            "Files are to be fetched from elsewhere; nothing is fetched, so that the bag is not whole.",
        )
    payload = {name for name in files if name.startswith("data/")}
    tags = {
        name
        for name in files
        if name not in payload and not re.fullmatch(r"tagmanifest-\w+\.txt", name) and not aside(name)
    }
    for kind, what in (("manifest", payload), ("tagmanifest", tags)):
        algorithms = sorted(m[1] for name in files if (m := re.fullmatch(rf"{kind}-(\w+)\.txt", name)))
        lacking = [name for name in _STRONG if name not in algorithms]
        if (both and lacking) or len(lacking) == len(_STRONG):
            for name in lacking:
                tell(
                    "manifest_missing",
                    f"{kind}-{name}.txt",
                    "The manifest is missing, so that what it held could be replaced unseen.",
                )
        for algorithm in algorithms:
            _manifest(files, f"{kind}-{algorithm}.txt", algorithm, what, tell)
    _clashes(files, tell)
    _oxum(files, payload, tell)
    return found


def _manifest(
    files: Mapping[str, File], name: str, algorithm: str, expected: set[str], tell: Callable[[str, str, str], None]
) -> None:
    if algorithm not in ALGORITHMS:
        tell("manifest_unknown", name, f"Its digests ({algorithm}) cannot be checked.")
        return
    try:
        lines = re.split("\r\n|\n|\r", files[name].read().decode("utf-8-sig"))  # other separators may stand in names
    except UnicodeDecodeError:
        tell("manifest_damaged", name, "It is no text in UTF-8.")
        return
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        match = LINE.fullmatch(line)
        if match is None or not safe(path := decoded(match[2])):
            if line.strip():
                tell("manifest_damaged", f"{name}, line {number}", "It names no digest and file within the bag.")
        elif path in listed:
            tell("manifest_damaged", f"{name}, line {number}", f"It names {path} a second time.")
        else:
            listed[path] = match[1].lower()
    for path in sorted(listed.keys() - expected):
        tell("missing", path, f"{name} names it, and it is not there.")
    for path in sorted(expected - listed.keys()):
        tell("extra", path, f"It is there, and {name} does not name it.")
    for path in sorted(expected & listed.keys()):
        if files[path].digest(algorithm) != listed[path]:
            tell("changed", path, f"Its bytes are not those that {name} tells.")


def _clashes(files: Mapping[str, File], tell: Callable[[str, str, str], None]) -> None:
    """Files and folders whose names are one name on some systems, or on all of them."""
    folders = {name[:at] for name in files for at, letter in enumerate(name) if letter == "/"}
    for name in sorted(folders & files.keys()):
        tell("file_and_folder", name, "A file and a folder have this name, which no system can hold.")
    seen: dict[str, str] = {}
    for name in sorted(files):
        for at in [*(at for at, letter in enumerate(name) if letter == "/"), len(name)]:
            if (first := seen.setdefault(folded(name[:at]), name[:at])) != name[:at]:
                tell(
                    "case_clash",
                    name[:at],
                    f"It and {first} are one name on systems that do not tell case or Unicode forms apart.",
                )
                seen[folded(name[:at])] = name[:at]


def _oxum(files: Mapping[str, File], payload: set[str], tell: Callable[[str, str, str], None]) -> None:
    """Payload-Oxum of bag-info.txt: bytes and number of files."""
    if "bag-info.txt" not in files:
        return
    told = [
        line.split(b":", 1)[1].strip()
        for line in files["bag-info.txt"].read().splitlines()
        if line.lower().startswith(b"payload-oxum:")
    ]
    for name in payload:
        files[name].digest("sha256")
    is_ = f"{sum(files[name].size for name in payload)}.{len(payload)}"
    if any(each != is_.encode() for each in told):
        tell(
            "oxum",
            "bag-info.txt",
            f"Payload-Oxum tells {b', '.join(told).decode('utf-8', 'replace')}, and the payload is {is_}.",
        )
