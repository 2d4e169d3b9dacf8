"""Archives of 7-Zip for the tests: real ones by py7zr, and ones whose header is made by hand to say what no program would write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import py7zr

MAGIC = b"7z\xbc\xaf\x27\x1c"
COPY, LZMA, LZMA2, PPMD, BZIP2, DEFLATE, BCJ2 = (
    bytes.fromhex(each) for each in ("00", "030101", "21", "030401", "040202", "040108", "0303011b")
)
DIRECTORY, REPARSE, UNIX = 0x10, 0x400, 0x8000


class Coder(NamedTuple):
    method: bytes
    properties: bytes = b""
    streams: int = 1
    """Packed streams that it takes."""


class Block(NamedTuple):
    """Files that are packed together; what is not given follows from the contents, which are stored as they are."""

    contents: Sequence[bytes]
    coders: Sequence[Coder] = (Coder(COPY),)
    packed: Sequence[bytes] | None = None
    sizes: Sequence[int] | None = None
    """Bytes of each file as the header states them."""
    crcs: Sequence[int] | None = None


class Empty(NamedTuple):
    attributes: int | None = None
    marked: bool = False
    """Whether the header says that it is an empty file and no folder."""


def sevenzipped(members: Mapping[str, bytes | str], filters: Any = None, password: str | None = None) -> bytes:
    """A solid archive as py7zr writes it."""
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w", filters=filters, password=password) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return packed.getvalue()


def handmade(
    blocks: Mapping[str, Block] | Sequence[tuple[Sequence[str], Block]] = (),
    empty: Sequence[tuple[str, Empty]] = (),
    attributes: Mapping[str, int] | None = None,
    more: bytes = b"",
) -> bytes:
    """An archive with a header made by hand; `more` are properties of the files beside names and attributes."""
    listed = [((name,), block) for name, block in blocks.items()] if isinstance(blocks, Mapping) else list(blocks)
    streams = [stream for _, block in listed for stream in _streams(block)]
    names = [name for group, _ in listed for name in group]
    head = b"\x01"
    if listed:
        head += b"\x04" + _main([block for _, block in listed], streams)
    head += b"\x05" + number(len(names) + len(empty))
    if empty:
        head += _property(0x0E, _bits([False] * len(names) + [True] * len(empty)))
        head += _property(0x0F, _bits([each.marked for _, each in empty]))
    everything = [*names, *(name for name, _ in empty)]
    head += _property(0x11, b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name in everything))
    given = {**(attributes or {}), **{name: each.attributes for name, each in empty if each.attributes is not None}}
    if given:
        defined = [name in given for name in everything]
        values = b"".join(struct.pack("<L", given[name]) for name in everything if name in given)
        head += _property(0x15, b"\0" + _bits(defined) + b"\0" + values)
    return whole(b"".join(streams), head + more + b"\0\0")


def whole(packed: bytes, header: bytes, *, offset: int | None = None, size: int | None = None) -> bytes:
    """Packed bytes and header behind a beginning that fits them, or lies."""
    start = struct.pack(
        "<QQL", len(packed) if offset is None else offset, len(header) if size is None else size, zlib.crc32(header)
    )
    return MAGIC + b"\0\x04" + struct.pack("<L", zlib.crc32(start)) + start + packed + header


def parts(archive: bytes) -> tuple[bytes, bytes]:
    """The packed bytes and the header of an archive."""
    offset, size = struct.unpack("<QQ", archive[12:28])
    return archive[32 : 32 + offset], archive[32 + offset : 32 + offset + size]


def encoded(header: bytes, coder: Coder, packed: bytes) -> bytes:
    """An archive of nothing but a header that is itself packed, and said to have the length of `header`."""
    info = b"\x06" + number(0) + number(1) + b"\x09" + number(len(packed)) + b"\0"
    info += b"\x07\x0b" + number(1) + b"\0" + _folder([coder]) + b"\x0c" + number(len(header)) + b"\0"
    return whole(packed, b"\x17" + info + b"\0")


def number(value: int) -> bytes:
    """A number as the format writes it."""
    return bytes([value]) if value < 0x80 else b"\xff" + struct.pack("<Q", value)


def _main(blocks: Sequence[Block], streams: Sequence[bytes]) -> bytes:
    info = b"\x06" + number(0) + number(len(streams))
    info += b"\x09" + b"".join(number(len(stream)) for stream in streams) + b"\0"
    info += b"\x07\x0b" + number(len(blocks)) + b"\0" + b"".join(_folder(block.coders) for block in blocks)
    info += b"\x0c" + b"".join(number(sum(_sizes(block))) * len(block.coders) for block in blocks) + b"\0"
    info += b"\x08\x0d" + b"".join(number(len(block.contents)) for block in blocks)
    info += b"\x09" + b"".join(number(size) for block in blocks for size in _sizes(block)[:-1])
    crcs = [crc for block in blocks for crc in (block.crcs or [zlib.crc32(each) for each in block.contents])]
    return info + b"\x0a\x01" + b"".join(struct.pack("<L", crc) for crc in crcs) + b"\0\0"


def _folder(coders: Sequence[Coder]) -> bytes:
    """Coders that each feed the next."""
    head = number(len(coders))
    for method, properties, streams in coders:
        head += bytes([len(method) | (0x10 if streams > 1 else 0) | (0x20 if properties else 0)]) + method
        head += number(streams) + number(1) if streams > 1 else b""
        head += number(len(properties)) + properties if properties else b""
    head += b"".join(number(at + 1) + number(at) for at in range(len(coders) - 1))
    packed = sum(coder.streams for coder in coders) - len(coders) + 1
    return head + (b"".join(number(at) for at in range(packed)) if packed > 1 else b"")


def _streams(block: Block) -> Sequence[bytes]:
    return [b"".join(block.contents)] if block.packed is None else block.packed


def _sizes(block: Block) -> Sequence[int]:
    return [len(each) for each in block.contents] if block.sizes is None else block.sizes


def _property(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + number(len(content)) + content


def _bits(values: Sequence[bool]) -> bytes:
    bits = "".join("01"[each] for each in values)
    return bytes(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))
