"""Thrift's compact protocol, in which a Parquet file's footer is written: what is looked for is read, the rest skipped.

A footer is read where it lies, in time and memory of its length, whatever it claims to hold. The numbers of types are
those of https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

import re
from collections.abc import Iterable, Iterator

from handfast.ingest.cells import damaged_parquet

LIST, STRUCT = 9, 12
_BOOLEANS, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _SET, _MAP = (1, 2), 3, (4, 5, 6), 7, 8, 10, 11
_FIXED = {**dict.fromkeys(_BOOLEANS, 1), _BYTE: 1, _DOUBLE: 8}
"""Bytes of an element; a field that is true or false has none behind its head, which says which."""
_VARINT = re.compile(rb"[\x80-\xff]{0,9}[\x00-\x7f]")
_DEEPEST = 32
"""Structs and lists within one another; a footer has fewer than ten."""


class Thrift:
    """Where one stands in a footer: each call reads on from there. All raise UploadRejected for what is none."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """The number and type of each field of a struct; its value is to be read or skipped before the next one.

        Numbers ascend, as in all that is written by Thrift's own libraries, so that no field is there twice.
        """
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            before, number = number, number + step if step else self.integer(4)
            if number <= before:
                raise damaged_parquet()
            yield number, kind

    def structs(self, kind: int) -> int:
        """How many structs a list has, each of which is then to be read or skipped; `kind` must be a list's."""
        element, count = self._list_head() if kind == LIST else (0, 1)
        if count and element != STRUCT:
            raise damaged_parquet()
        return count

    def integer(self, kind: int) -> int:
        """An integer of 64 bits at most."""
        if kind not in _INTEGERS:
            raise damaged_parquet()
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def skip(self, kind: int) -> bytes:
        """A field's value as it is written."""
        start = self._place
        if kind not in _BOOLEANS:
            self._skip(kind, 0)
        return self._data[start : self._place]

    def _skip(self, kind: int, depth: int) -> None:
        if kind in _INTEGERS:
            self._varint_end()
        elif kind == _BINARY:
            self._skip_bytes(self._varint())
        elif kind in _FIXED:
            self._skip_bytes(_FIXED[kind])
        else:
            self._skip_nested(kind, depth + 1)

    def _skip_nested(self, kind: int, depth: int) -> None:
        if depth > _DEEPEST:
            raise damaged_parquet()
        if kind == STRUCT:
            for _, inner in self.fields():
                if inner not in _BOOLEANS:
                    self._skip(inner, depth)
        elif kind in {LIST, _SET}:
            element, count = self._list_head()
            self._skip_all((element,), count, depth)
        elif kind == _MAP:
            count = self._varint()
            kinds = self._byte() if count else 0
            self._skip_all((kinds >> 4, kinds & 15), count, depth)
        else:
            raise damaged_parquet()

    def _skip_all(self, kinds: tuple[int, ...], count: int, depth: int) -> None:
        if all(kind in _FIXED for kind in kinds):
            self._skip_bytes(sum(_FIXED[kind] for kind in kinds) * count)
            return
        for _ in range(count):
            for kind in kinds:
                self._skip(kind, depth)

    def _list_head(self) -> tuple[int, int]:
        head = self._byte()
        count = head >> 4
        return head & 15, self._varint() if count == 15 else count

    def _skip_bytes(self, count: int) -> None:
        self._place += count
        if self._place > len(self._data):
            raise damaged_parquet()

    def _byte(self) -> int:
        try:
            byte = self._data[self._place]
        except IndexError:
            raise damaged_parquet() from None
        self._place += 1
        return byte

    def _varint_end(self) -> int:
        found = _VARINT.match(self._data, self._place)
        if found is None:
            raise damaged_parquet()
        self._place = found.end()
        return self._place

    def _varint(self) -> int:
        start = self._place
        value = 0
        for byte in reversed(self._data[start : self._varint_end()]):
            value = value << 7 | byte & 127
        if value >> 64:
            raise damaged_parquet()
        return value


def written_integer(value: int) -> bytes:
    """An integer that is not negative, as a field's value."""
    return _written_varint(value << 1)


def written_structs(structs: list[bytes]) -> bytes:
    """A list of structs, as a field's value."""
    count = len(structs)
    head = bytes([count << 4 | STRUCT]) if count < 15 else bytes([0xF0 | STRUCT]) + _written_varint(count)
    return head + b"".join(structs)


def written_struct(fields: Iterable[tuple[int, int, bytes]]) -> bytes:
    """A struct of fields, each with its number, type and value as it is written, in the order of the numbers."""
    parts: list[bytes] = []
    before = 0
    for number, kind, value in fields:
        step = number - before
        head = bytes([step << 4 | kind]) if step < 16 else bytes([kind]) + written_integer(number)
        parts += [head, value]
        before = number
    return b"".join([*parts, b"\0"])


def _written_varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
