"""Files of Avro's object container format, value by value, in no more memory than a block of theirs takes.

The format is that of https://avro.apache.org/docs/1.12.0/specification/, without aliases, defaults and logical types.
No length is believed: a value has as many bytes as there are.
"""

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

_MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_BLOCK_BYTES = 16 << 20
"""The most that a block may unpack to; writers end one after 16 to 64 kB."""

type _Read = Callable[[_Bytes], Any]
"""What reads a value of some schema."""


class AvroError(ValueError):
    """The bytes are no file of Avro, or one that is packed in a way that is not known here."""


class _Bytes:
    """Bytes, and where one stands in them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def left(self) -> int:
        return len(self._data) - self.place

    def take(self, count: int) -> bytes:
        if not 0 <= count <= self.left():
            raise AvroError("cut short")
        self.place += count
        return self._data[self.place - count : self.place]

    def long(self) -> int:
        value = shift = 0
        for byte in self._data[self.place : self.place + 10]:
            self.place += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return (value >> 1) ^ -(value & 1)
            shift += 7
        raise AvroError("a number is cut short or too long")


def values(data: bytes, count: Callable[[int], None]) -> Iterator[Any]:
    """The values of a file, records as dictionaries; `count` is called with the bytes of each block once unpacked.

    Raises AvroError.
    """
    try:
        file = _Bytes(data)
        if file.take(len(_MAGIC)) != _MAGIC:
            raise AvroError("no magic bytes")
        said = _map(_text, _bytes)(file)
        read = _Schema().read(json.loads(said.get("avro.schema", b"")))
        unpack = _UNPACKING.get(said.get("avro.codec", b"null"))
        if unpack is None:
            raise AvroError("an unknown codec")
        sync = file.take(_SYNC_BYTES)
        while file.left():
            number = file.long()
            block = _Bytes(unpack(file.take(file.long())))
            if file.take(_SYNC_BYTES) != sync:
                raise AvroError("a block does not end as it should")
            count(block.left())
            yield from _items(read, block, number)
    except (ValueError, RecursionError, zlib.error, struct.error) as error:
        raise AvroError(type(error).__name__) from None


# Codecs


def _inflated(data: bytes) -> bytes:
    return _whole(zlib.decompressobj(-zlib.MAX_WBITS), data)


def _unpacked_zstd(data: bytes) -> bytes:
    from backports import zstd  # noqa: PLC0415 - few files need it

    try:
        return _whole(zstd.ZstdDecompressor(), data)
    except zstd.ZstdError:
        raise AvroError("a block cannot be unpacked") from None


def _whole(unpacking: Any, data: bytes) -> bytes:
    plain: bytes = unpacking.decompress(data, _BLOCK_BYTES)
    if not unpacking.eof:
        raise AvroError("a block is cut short or too large")
    return plain


_UNPACKING: dict[bytes, Callable[[bytes], bytes]] = {
    b"null": lambda data: data,
    b"deflate": _inflated,
    b"zstandard": _unpacked_zstd,
}


# Values


def _bytes(source: _Bytes) -> bytes:
    return source.take(source.long())


def _text(source: _Bytes) -> str:
    return _bytes(source).decode()


def _boolean(source: _Bytes) -> bool:
    return source.take(1) != b"\0"


def _float(source: _Bytes) -> float:
    return float(struct.unpack("<f", source.take(4))[0])


def _double(source: _Bytes) -> float:
    return float(struct.unpack("<d", source.take(8))[0])


_PRIMITIVES: dict[str, _Read] = {
    "null": lambda _: None,
    "boolean": _boolean,
    "int": _Bytes.long,
    "long": _Bytes.long,
    "float": _float,
    "double": _double,
    "bytes": _bytes,
    "string": _text,
}


def _items(read: _Read, source: _Bytes, count: int) -> Iterator[Any]:
    """So many values, of which each has a byte at least: others would be as many as a number may say."""
    if not 0 <= count <= source.left():
        raise AvroError("more values than bytes")
    start = source.place
    for _ in range(count):
        yield read(source)
    if source.place - start < count:
        raise AvroError("more values than bytes")


def _array(read: _Read) -> Callable[[_Bytes], list[Any]]:
    def array(source: _Bytes) -> list[Any]:
        found: list[Any] = []
        while count := source.long():
            if count < 0:
                source.long()  # the bytes of what follows
            found += _items(read, source, abs(count))
        return found

    return array


def _map(name: _Read, value: _Read) -> Callable[[_Bytes], dict[str, Any]]:
    pairs = _array(lambda source: (name(source), value(source)))
    return lambda source: dict(pairs(source))


def _chosen(reads: list[_Read]) -> _Read:
    def chosen(source: _Bytes) -> Any:
        number = source.long()
        if not 0 <= number < len(reads):
            raise AvroError("no such type in a union")
        return reads[number](source)

    return chosen


def _symbol(symbols: list[Any]) -> _Read:
    return _chosen([lambda _, symbol=symbol: symbol for symbol in symbols])  # type: ignore[misc]


class _Schema:
    """The named types of a schema, by name without its namespace; a name that stands for two is refused."""

    def __init__(self) -> None:
        self._named: dict[str, _Read] = {}

    def read(self, schema: Any) -> _Read:
        """What reads a value of a schema, in the form of JSON."""
        match schema:
            case str():
                return self._of_name(schema)
            case list():
                return _chosen([self.read(each) for each in schema])
            case {"type": "array", "items": items}:
                return _array(self.read(items))
            case {"type": "map", "values": inner}:
                return _map(_text, self.read(inner))
            case {"type": "record" | "enum" | "fixed", "name": str(name)}:
                return self._define(name, schema)
            case {"type": inner}:
                return self.read(inner)
        raise AvroError("a schema is none")

    def _of_name(self, name: str) -> _Read:
        found = _PRIMITIVES.get(name) or self._named.get(name.rpartition(".")[2])
        if found is None:
            raise AvroError("an unknown type")
        return found

    def _define(self, name: str, schema: dict[str, Any]) -> _Read:
        key = name.rpartition(".")[2]
        if key in self._named:
            raise AvroError("a type is defined again")
        match schema:
            case {"type": "enum", "symbols": list(symbols)}:
                self._named[key] = _symbol(symbols)
            case {"type": "fixed", "size": int(size)}:
                self._named[key] = lambda source: source.take(size)
            case {"type": "record", "fields": list(fields)}:
                reads: list[tuple[str, _Read]] = []
                # Known before its fields are, which may be of the same type.
                self._named[key] = lambda source: {field: read(source) for field, read in reads}
                reads += [self._field(field) for field in fields]
            case _:
                raise AvroError("a schema is none")
        return self._named[key]

    def _field(self, field: Any) -> tuple[str, _Read]:
        match field:
            case {"name": str(name), "type": kind}:
                return name, self.read(kind)
        raise AvroError("a field is none")
