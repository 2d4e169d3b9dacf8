"""A sealed file for nobody but the holders of keys: one tar archive, encrypted with age (https://age-encryption.org/v1).

Both ways work piece by piece, so that memory does not grow with the archive.
"""

from __future__ import annotations

import os
import tarfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from assessor.archive.contents import private
from assessor.errors import ArchiveError


def recipients(told: Iterable[str]) -> list[Any]:
    """The recipients of age (`age1…`, or an SSH public key). Raises ArchiveError naming one that is none."""
    pyrage = _pyrage()
    found = []
    for text in told:
        kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
        try:
            found.append(kind.Recipient.from_str(text))
        except pyrage.RecipientError:
            raise ArchiveError(
                f"{text[:80]!r} is no recipient of age; give one that begins with age1 or ssh-."
            ) from None
    return found


def identities(path: Path) -> list[Any]:
    """The keys in a file as `age-keygen` writes it, or an SSH private key. Raises ArchiveError where there is none."""
    pyrage = _pyrage()
    try:
        content = path.read_bytes()
        if b"OPENSSH PRIVATE KEY" in content:
            return [pyrage.ssh.Identity.from_buffer(content)]
        lines = [line.strip() for line in content.decode("utf-8").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, ValueError, pyrage.IdentityError):
        found = []
    if not found:
        raise ArchiveError(f"{path} holds no key of age that can be read; name the file that `age-keygen` wrote.")
    return found


def encrypt(folder: Path, top: str, target: Path, to: list[Any]) -> None:
    """Write the files of a folder as `target`, below the one folder `top`, encrypted. The same files give the same tar archive."""
    with private(target) as out, _piped(folder, top) as source:
        watched = _Watched(out)
        try:
            _pyrage().encrypt_io(source, watched, to)
        except Exception as error:
            raise watched.failed or error from None


def decrypt(path: Path, target: Path, keys: list[Any]) -> None:
    """Write the archive in `path` as `target`. Raises ArchiveError when none of the keys opens it; EOFError when it is damaged."""
    pyrage = _pyrage()
    with path.open("rb") as source, private(target) as out:
        watched = _Watched(out)
        try:
            pyrage.decrypt_io(source, watched, keys)
        except (pyrage.DecryptError, OSError) as error:
            if watched.failed:
                raise watched.failed from None
            if "matching keys" in str(error):
                raise ArchiveError(
                    f"None of the keys given opens {path}; name the key of one of its recipients."
                ) from None
            raise EOFError(f"it is cut short or changed ({error})") from None


class _Watched:
    """A file that remembers why it could not be written: the library tells a full disk like a damaged archive."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.failed: OSError | None = None

    def write(self, content: bytes) -> int:
        """As the file's."""
        try:
            return self.file.write(content)
        except OSError as error:
            self.failed = error
            raise

    def flush(self) -> None:
        """As the file's."""
        self.file.flush()


@contextmanager
def _piped(folder: Path, top: str) -> Iterator[Any]:
    """The tar archive of a folder as a stream that is written while it is read."""
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with (
                os.fdopen(writing, "wb") as out,
                tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    info = tarfile.TarInfo(f"{top}/{path.relative_to(folder).as_posix()}")
                    info.size, info.mode = path.stat().st_size, 0o600
                    with path.open("rb") as file:
                        tar.addfile(info, file)
        except BrokenPipeError:
            pass  # who reads has failed, and says why
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    try:
        with os.fdopen(reading, "rb") as source:
            thread.start()
            yield source
    finally:
        thread.join()  # at once where reading failed, since nobody takes what it writes
    if failed:
        raise failed[0]


def _pyrage() -> Any:
    try:
        import pyrage
    except ImportError:
        raise ArchiveError("Encryption needs more: pip install 'assessor[seal]'.") from None
    return pyrage
