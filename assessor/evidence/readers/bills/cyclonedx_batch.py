"""Components of a CycloneDX JSON document that are read together, and which of them must be read one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers.bills import cyclonedx_columns
from assessor.evidence.readers.bills.json_stream import Bytes

NULL = b"null"
_GROUP, _ATTEMPTS = 16, 60
"""Where a batch is refused its halves are tried, down to groups of so many components and in so many attempts."""


@dataclass
class Batch:
    """Elements in the order of the file, and the texts that are parsed together: the elements with commas between, `null` in the
    place of the irregular ones, whose numbers are in `slow`. `opened`: the numbers of those whose own components are elements
    too. `runs`: the place of an array, the number of the first in it, how many, the locator of their parent, and their level."""

    elements: list[Bytes] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    slow: set[int] = field(default_factory=set)
    opened: set[int] = field(default_factory=set)
    runs: list[tuple[str, int, int, str | None, int]] = field(default_factory=list)
    size: int = 0

    def hold(self, elements: list[Bytes], text: bytes, array: str, first: int, parent: str | None, level: int) -> None:
        """Take a run of elements and their text."""
        self.elements += elements
        self.texts.append(text)
        self.size += len(text)
        self.runs.append((array, first, len(elements), parent, level))

    def places(self) -> Iterator[tuple[str, str | None, int]]:
        """Of each element its locator, that of its parent, and its level."""
        for array, first, count, parent, level in self.runs:
            for number in range(first, first + count):
                yield f"{array}/{number}", parent, level

    def standing(self, source: str) -> dict[str, pa.Array]:
        """`places` as columns of the table `components`."""
        arrays, firsts, counts, parents, levels = zip(*self.runs, strict=True)
        lengths = np.array(counts)
        run = pa.array(np.repeat(np.arange(len(lengths)), lengths))
        numbers = np.arange(lengths.sum()) + np.repeat(np.array(firsts) - np.cumsum(lengths) + lengths, lengths)
        place = pa.array(arrays, pa.string()).take(run)
        locator = pc.binary_join_element_wise(place, pa.array(numbers).cast(pa.string()), "/")
        return {
            "locator": locator,
            "component": pc.binary_join_element_wise(f"{source}#", locator, ""),
            "parent": pc.binary_join_element_wise(f"{source}#", pa.array(parents, pa.string()).take(run), ""),
            "level": pa.array(levels, pa.int64()).take(run),
        }

    def parsed(self) -> pa.StructArray | None:
        """All regular components together; None where one is irregular that did not look it."""
        return cyclonedx_columns.parsed(self.texts, len(self.elements))

    def sifted(self) -> pa.StructArray:
        """The regular components; those that are not are null, and in `slow`."""
        return pa.concat_arrays(list(self._sifted(0, len(self.elements), iter(range(_ATTEMPTS)))))

    def _sifted(self, begin: int, end: int, attempts: Iterator[int]) -> Iterable[pa.StructArray]:
        last = next(attempts, None) is None
        each = [NULL if n in self.slow or _scalar(e) else e for n, e in enumerate(self.elements[begin:end], begin)]
        run = cyclonedx_columns.parsed([b",".join(each)], end - begin)
        if run is not None:
            yield run
        elif end - begin <= _GROUP or last:
            self.slow |= set(range(begin, end))
            yield pa.nulls(end - begin, cyclonedx_columns.COMPONENT)
        else:
            middle = (begin + end) // 2
            yield from self._sifted(begin, middle, attempts)
            yield from self._sifted(middle, end, attempts)


def _scalar(element: Bytes) -> bool:
    """Whether an element is a number or the like."""
    return bytes(element)[:1] not in (b"{", b"[")
