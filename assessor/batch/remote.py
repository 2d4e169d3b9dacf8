"""Engagements in object storage, by addresses as of fsspec: which there are, and what is to be said where a store refuses.

Credentials come from where the store's own library looks for them (environment, configuration, role of the machine), never from an
address, which is shown and written down.
"""

from __future__ import annotations

import errno
import fnmatch
import re
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from assessor.engagement import TERMS
from assessor.errors import AssessorError, BatchError
from assessor.text import visible

_AT_ONCE = 16
"""Listings asked for at once."""
_OURS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE)
"""Errors of the disk of this machine."""
_REFUSED = (
    "NoCredentials",
    "PartialCredentials",
    "Credential",
    "TokenRetrieval",
    "Unauthorized",
    "Forbidden",
    "ProfileNotFound",
)
_AWAY = ("Connect", "Endpoint", "Timeout", "ServerDisconnected", "NameResolution", "Proxy")
"""Parts of the names of errors for which libraries have classes of their own."""


def is_address(where: str) -> bool:
    """Whether it is an address such as `s3://bucket/engagements`, and no path. Raises BatchError for one with a password."""
    if "://" not in where or where.startswith(("file://", "local://")):
        return False
    if ":" in urlsplit(where.replace("[", "%5B").replace("]", "%5D")).netloc.rpartition("@")[0]:
        raise BatchError(
            "An address holds a password, which would be written down wherever the address is; leave it out, and put it where the store's library looks for it, such as the environment."
        )
    return True


def plain(where: str) -> str:
    """The path that an address with `file://` names; anything else as it is."""
    named = re.match(r"(?:file|local)://(.*)", where, re.DOTALL)
    return unquote(named[1]) if named else where


def modules(where: str) -> list[str]:
    """The modules that read an address, which a parent of many processes may hold ready."""
    if not is_address(where):
        return []
    with suppress(ImportError):
        from fsspec.registry import known_implementations

        known = known_implementations.get(urlsplit(where).scheme, {})
        return [str(known["class"]).rpartition(".")[0]] if "class" in known else []
    return []


def store(address: str) -> tuple[Any, str]:
    """The store of an address, which remembers no listings, and the place in it. Raises BatchError where nothing here knows such."""
    scheme = address.partition("://")[0]
    try:
        import fsspec
    except ImportError:
        raise BatchError(
            f"Addresses such as {address} need what is not installed here; install it with `pip install 'assessor[cluster]'`."
        ) from None
    try:
        with speaking(address):
            system, path = fsspec.core.url_to_fs(address, use_listings_cache=False, skip_instance_cache=True)
    except BatchError as error:
        if isinstance(error.__cause__, ImportError):
            raise BatchError(
                f"{scheme}:// needs a library that is not installed here ({error.__cause__}); install it, or `pip install 'assessor[cluster]'` for s3://."
            ) from None
        if isinstance(error.__cause__, ValueError):
            raise BatchError(
                f"Nothing installed here knows {scheme}://; name a folder, or an address such as s3://bucket/engagements."
            ) from None
        raise
    return system, str(path).rstrip("/")


@contextmanager
def speaking(address: str) -> Iterator[None]:
    """Turn whatever a store's library raises into a BatchError of one sentence."""
    try:
        yield
    except AssessorError:
        raise
    except Exception as error:
        raise BatchError(_sentence(address, error)) from error


def _sentence(address: str, error: Exception) -> str:
    name = type(error).__name__
    if isinstance(error, OSError) and error.errno in _OURS:
        return f"{error.filename or 'The folder for temporary files'}: {error.strerror}; make room, or name another disk by TMPDIR."
    if isinstance(error, PermissionError) or any(part in name for part in _REFUSED):
        return f"{address} is not open to the credentials that were found, if any ({_words(error)}); look at those in the environment or the configuration of the store's library."
    if isinstance(error, FileNotFoundError):
        return f"There is no {address}; look at the names of the bucket and of the folder."
    if isinstance(error, TimeoutError | ConnectionError) or any(part in name for part in _AWAY):
        return f"The store of {address} cannot be reached ({_words(error)}); look at the network and at the address of its service."
    return f"The store of {address} did not do what it was asked ({name}: {_words(error)}); try again, or look there."


def _words(error: Exception) -> str:
    """What a library says, on one line, and not more of it than fits into a sentence, without passwords of addresses."""
    plain = re.sub(r"//[^/@\s]*@", "//", " ".join(str(error).split()))
    return visible(plain)[:200].rstrip(" .") or type(error).__name__


def engagements(root: str) -> list[tuple[str, str]]:
    """Name and address of each engagement at an address: at any depth below it, or, where it is a pattern, of the folders that it
    names. An engagement holds no other, and what is sealed is not worked on."""
    with_sign = re.search(r"[*?\[]", root)
    above = root[: with_sign.start()].rpartition("/")[0] if with_sign else root
    system, top = store(above)
    with speaking(root), ThreadPoolExecutor(_AT_ONCE) as pool:
        if with_sign:
            parts = [part for part in root[len(above) :].split("/") if part]
            if parts[-1] == TERMS:
                parts.pop()
            level = [top]
            for part in parts:
                level = [
                    folder
                    for listed in pool.map(lambda each: _listed(system, each), level)
                    for folder in listed[1]
                    if fnmatch.fnmatchcase(folder.rpartition("/")[2], part)
                ]
            files = pool.map(lambda each: _listed(system, each)[0], level)
            found = [folder for folder, names in zip(level, files, strict=True) if TERMS in names]
        else:
            system.ls(top)  # says what is wrong where there is nothing
            found = list(_below(system, top, pool))
    named = [(folder, str(system.unstrip_protocol(folder))) for folder in sorted(found)]
    if with_sign:
        return [(address, address) for _, address in named]
    return [(folder[len(top) :].strip("/") or folder.rpartition("/")[2], address) for folder, address in named]


def _below(system: Any, top: str, pool: ThreadPoolExecutor) -> Iterator[str]:
    """Folders of engagements, level by level: the objects of an engagement, which may be very many, are not listed."""
    level = [top]
    while level:
        deeper = []
        for folder, (names, folders) in zip(level, pool.map(lambda each: _listed(system, each), level), strict=True):
            if TERMS in names:
                yield folder
            elif "bagit.txt" not in names:
                deeper += [each for each in folders if not each.rpartition("/")[2].startswith(".")]
        level = deeper


def _listed(system: Any, folder: str) -> tuple[set[str], list[str]]:
    """Names of the objects right below a folder, and the folders there."""
    try:
        told = system.ls(folder, detail=True)
    except FileNotFoundError:
        return set(), []
    names = {str(each["name"]).rpartition("/")[2] for each in told if each["type"] == "file"}
    folders = [
        name for each in told if each["type"] == "directory" and (name := str(each["name"]).rstrip("/")) != folder
    ]
    return names, sorted(folders)


def ids(addresses: Iterable[str]) -> dict[str, str]:
    """The id of each engagement by its address, where its terms can be read; why they cannot is told when it is worked on."""
    listed = list(addresses)
    kinds = {address.partition("://")[0]: address for address in listed}
    systems = {scheme: store(address)[0] for scheme, address in kinds.items()}

    def known(address: str) -> str:
        system = systems[address.partition("://")[0]]
        with suppress(Exception):
            terms = system.cat_file(f"{str(system._strip_protocol(address)).rstrip('/')}/{TERMS}")
            return str(tomllib.loads(terms.decode("utf-8"))["engagement"]["id"])
        return ""

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return {address: told for address, told in zip(listed, pool.map(known, listed), strict=True) if told}
