"""BagIt 1.0 (RFC 8493): writing a bag's manifests, and checking those of a bag that a client delivered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from assessor import files

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_MANIFEST = re.compile(r"manifest-([a-z0-9]+)\.txt")
SUMS = re.compile(
    r"(?:(?:manifest|checksums?)[-_.])?(md5|sha1|sha256|sha512)(?:sums?)?(?:\.txt)?|checksums?\.(md5|sha1|sha256|sha512)",
    re.IGNORECASE,
)
"""Names of lists of digests that clients add to a plain delivery."""
LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(?:\./)?(.+)")
"""A line of a manifest: digest and path."""

_ODD_LINES = 20
"""Lines that are none of a manifest, of which each is told; a text that only has the name of one has very many."""


def write(
    folder: Path,
    digests: Mapping[str, tuple[str, str]],
    tag_files: Mapping[str, str | Iterable[bytes]],
    info: Mapping[str, str],
    tag_algorithms: Iterable[str] = ("sha256",),
) -> None:
    """Complete a bag whose payload is in `folder/data`: tag files, then their manifests.

    `digests` maps each path under data/ to its SHA-256 and SHA-512, `tag_files` are further texts, or their lines, by their places in
    the bag, `info` goes to bag-info, and `tag_algorithms` are those of which there is a tag manifest.
    """
    for name, content in tag_files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            _write(folder / name, content)
        else:
            with (folder / name).open("wb") as lined:
                lined.writelines(content)
    _write(folder / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    _write(
        folder / "bag-info.txt", "".join(f"{name}: {' '.join(text.split())}\n" for name, text in sorted(info.items()))
    )
    for number, algorithm in enumerate(("sha256", "sha512")):
        with (folder / f"manifest-{algorithm}.txt").open("wb") as manifest:
            manifest.writelines(f"{digests[name][number]}  data/{encoded(name)}\n".encode() for name in sorted(digests))
    tops = [path for path in folder.iterdir() if path.name != "data"]
    tags = sorted(path for top in tops for path in (top, *top.rglob("*")) if path.is_file())
    for algorithm in tag_algorithms:
        lines = (f"{files.digest(path, algorithm)}  {encoded(path.relative_to(folder).as_posix())}\n" for path in tags)
        _write(folder / f"tagmanifest-{algorithm}.txt", "".join(lines))


class ReceivedBag:
    """The manifests of a bag as delivered, with names that are paths under its data/; of a delivery that is no bag, the lists of
    digests in it, if any.

    `problems` are sentences about the manifests themselves.
    """

    def __init__(self, tag_files: Mapping[str, bytes] | None = None) -> None:
        self.manifests: dict[str, dict[str, str]] = {}
        self.titles = {algorithm: f"the delivered bag's manifest-{algorithm}.txt" for algorithm in ALGORITHMS}
        self.problems: list[str] = []
        self._seen: set[str] = set()
        self._lists: set[str] = set()
        for name, content in sorted((tag_files or {}).items()):
            if match := _MANIFEST.fullmatch(name):
                self._manifest(match[1], name, content)
        self.algorithms = tuple(sorted(self.manifests))
        if tag_files is not None and not self.manifests:
            self.problems.append("the bag that was delivered has no manifest that can be checked")
        self._tags(tag_files or {})

    def check(self, name: str, digests: Mapping[str, str]) -> list[str]:
        """What the manifests say differently of a file that has these digests (algorithm to hex)."""
        self._seen.add(name)
        wrong: list[str] = []
        if name in self._lists:
            return wrong
        for algorithm in self.algorithms:
            told = self.manifests[algorithm].get(name)
            if told is None:
                wrong.append(f"not named in {self.titles[algorithm]}")
            elif told != digests[algorithm]:
                wrong.append(f"differs from {self.titles[algorithm]}")
        return wrong

    def take_sums(self, name: str, content: bytes) -> None:
        """Check against a list as of `sha256sum` too, the names in which are relative to its folder; it does not name itself."""
        folder, _, last = name.rpartition("/")
        match = SUMS.fullmatch(last)
        algorithm = (match[1] or match[2]).lower() if match else ""
        if algorithm in self.manifests or not match:
            self.problems.append(f"{name} is a second list of digests, which is not checked")
            return
        found = {}
        for line, digest, path in self._lines(name, content):
            if path.startswith("/") or ".." in path.split("/"):
                self.problems.append(f"{name}, line {line}, names a file outside of the delivery")
            else:
                found[f"{folder}/{path}" if folder else path] = digest
        if not found:
            self.problems.append(f"{name} has the name of a list of digests and names no file of the delivery")
            return
        self.manifests[algorithm], self.titles[algorithm] = found, f"the delivered list {name}"
        self.algorithms = tuple(sorted(self.manifests))
        self._lists.add(name)

    def is_list(self, name: str) -> bool:
        """Whether the files of the delivery were compared with this one, which is a list of digests."""
        return name in self._lists

    def missing(self) -> list[str]:
        """Files that a manifest names and the delivery did not hold, sorted."""
        return sorted({name for named in self.manifests.values() for name in named} - self._seen)

    def _manifest(self, algorithm: str, name: str, content: bytes) -> None:
        if algorithm not in ALGORITHMS:
            self.problems.append(f"{name} uses {algorithm}, which is not checked")
            return
        self.manifests[algorithm] = found = {}
        for line, digest, path in self._lines(name, content):
            if not path.startswith("data/") or ".." in path.split("/"):
                self.problems.append(f"{name}, line {line}, does not name a file of the payload")
            else:
                found[path.removeprefix("data/")] = digest

    def _tags(self, tag_files: Mapping[str, bytes]) -> None:
        for name, content in sorted(tag_files.items()):
            algorithm = name.removeprefix("tagmanifest-").removesuffix(".txt")
            if not name.startswith("tagmanifest-") or algorithm not in ALGORITHMS:
                continue
            for _, digest, path in self._lines(name, content):
                if path not in tag_files:
                    self.problems.append(f"{name} names {path}, which the bag does not hold")
                elif hashlib.new(algorithm, tag_files[path], usedforsecurity=False).hexdigest() != digest:
                    self.problems.append(f"{path} differs from the delivered bag's {name}")

    def _lines(self, name: str, content: bytes) -> Iterable[tuple[int, str, str]]:
        odd = 0
        for number, line in enumerate(
            re.split("\r\n|\r|\n", content.decode("utf-8-sig", "replace")), 1
        ):  # RFC 8493, and nothing else
            if match := LINE.fullmatch(line):
                yield number, match[1].lower(), decoded(match[2])
            elif line.strip():
                odd += 1
                if odd <= _ODD_LINES:
                    self.problems.append(f"{name}, line {number}, is no line of a manifest")
        if odd > _ODD_LINES:
            self.problems.append(f"{name}: {odd - _ODD_LINES} more lines are none of a manifest")


def encoded(path: str) -> str:
    """A path as a manifest holds it (RFC 8493, 2.1.3)."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def decoded(path: str) -> str:
    """The path that a manifest's line names."""
    return re.sub("%(0A|0D|25)", lambda match: chr(int(match[1], 16)), path, flags=re.IGNORECASE)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
