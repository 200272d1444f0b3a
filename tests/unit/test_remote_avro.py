"""Files of Avro are read as the usual library reads them, and no file takes more than its bytes are worth."""

import io
import json
import zlib
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handfast.remote_files.avro import AvroError, values

NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1)
PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(1 << 31), (1 << 31) - 1),
    "long": NUMBERS,
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=20),
    "string": st.text(max_size=20),
}


def read(data: bytes) -> list[Any]:
    return list(values(data, lambda _: None))


def written(schema: Any, records: list[Any], codec: str = "null") -> bytes:
    file = io.BytesIO()
    fastavro.writer(file, schema, records, codec=codec, sync_interval=200)
    return file.getvalue()


@st.composite
def schemas(draw: st.DrawFn, depth: int = 3) -> tuple[Any, st.SearchStrategy[Any]]:
    """A schema, and what draws its values."""
    if not depth or draw(st.booleans()):
        kind = draw(st.sampled_from(sorted(PRIMITIVES.keys() - {"null"})))
        return kind, PRIMITIVES[kind]
    form = draw(st.sampled_from(["array", "map", "union", "record", "enum", "fixed"]))
    name = f"t{draw(st.uuids()).hex}"
    if form == "enum":
        return {"type": "enum", "name": name, "symbols": ["a", "b", "c"]}, st.sampled_from("abc")
    if form == "fixed":
        return {"type": "fixed", "name": name, "size": 3}, st.binary(min_size=3, max_size=3)
    if form == "record":
        fields = draw(st.lists(schemas(depth=depth - 1), min_size=1, max_size=3))
        inner = {f"f{index}": each for index, (_, each) in enumerate(fields)}
        described = [{"name": f"f{index}", "type": kind} for index, (kind, _) in enumerate(fields)]
        return {"type": "record", "name": name, "fields": described}, st.fixed_dictionaries(inner)
    kind, one = draw(schemas(depth=depth - 1))
    made: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
        "array": ({"type": "array", "items": kind}, st.lists(one, max_size=4)),
        "map": ({"type": "map", "values": kind}, st.dictionaries(st.text(max_size=5), one, max_size=4)),
        "union": (kind if isinstance(kind, list) else ["null", kind], st.none() | one),
    }
    return made[form]


@settings(deadline=None)
@given(schema=schemas(), data=st.data(), codec=st.sampled_from(["null", "deflate", "zstandard"]))
def test_what_the_library_writes_is_read(schema: Any, data: st.DataObject, codec: str) -> None:
    kind, one = schema
    record = {"type": "record", "name": "entry", "fields": [{"name": "it", "type": kind}]}
    records = data.draw(st.lists(st.fixed_dictionaries({"it": one}), max_size=20))
    file = written(record, records, codec)
    assert read(file) == list(fastavro.reader(io.BytesIO(file)))


def test_a_type_is_named_once_and_meant_again() -> None:
    inner = {"type": "record", "name": "a.b.place", "fields": [{"name": "x", "type": "int"}]}
    fields = [{"name": "from", "type": inner}, {"name": "to", "type": "a.b.place"}]
    schema = {"type": "record", "name": "way", "namespace": "a.b", "fields": fields}
    way = {"from": {"x": 1}, "to": {"x": 2}}
    assert read(written(schema, [way])) == [way]


LIST = {"type": "record", "name": "node", "fields": [{"name": "next", "type": ["null", "node"]}]}


def test_a_type_may_be_within_itself() -> None:
    assert read(written(LIST, [{"next": {"next": None}}])) == [{"next": {"next": None}}]


def number(value: int) -> bytes:
    value <<= 1
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def text(value: bytes) -> bytes:
    return number(len(value)) + value


def file_of(schema: Any, block: bytes, count: int = 1, codec: bytes = b"null") -> bytes:
    """A file of one block, whatever is in it."""
    said = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    header = b"Obj\x01" + number(2) + text(b"avro.schema") + text(said) + text(b"avro.codec") + text(codec)
    return header + b"\0" + b"s" * 16 + number(count) + text(block) + b"s" * 16


def record(kind: Any) -> Any:
    return {"type": "record", "name": "entry", "fields": [{"name": "it", "type": kind}]}


def deflated(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(data) + packing.flush()


GOOD = file_of(record("int"), b"\x02")
HOSTILE = {
    "nothing": b"",
    "something else": b"PAR1PAR1",
    "cut in the header": GOOD[:30],
    "cut in a block": GOOD[:-17],
    "another end of a block": GOOD[:-1] + b"x",
    "a list of a million nodes": file_of(LIST, b"\x02" * 1_000_000 + b"\0"),
    "2^40 nulls": file_of(record({"type": "array", "items": "null"}), number(1 << 40) + b"\0"),
    "nulls in many blocks": file_of(record({"type": "array", "items": "null"}), (number(50) + b"\0") * 50),
    "2^40 records of nothing": file_of({"type": "record", "name": "entry", "fields": []}, b"", 1 << 40),
    "records of nothing": file_of({"type": "record", "name": "entry", "fields": []}, b"abc", 3),
    "fewer records than none": file_of(record("int"), b"\x02", 1)[:-19] + b"\x01\x02\x02" + b"s" * 16,
    "a text of 2^40 bytes": file_of(record("bytes"), number(1 << 40) + b"abc"),
    "a text of less than no bytes": file_of(record("bytes"), b"\x01abc"),
    "a text that is not UTF-8": file_of(record("string"), text(b"\xff")),
    "a number without an end": file_of(record("long"), b"\xff" * 50),
    "an option that is none": file_of(record(["null", "int"]), b"\x04"),
    "an option below none": file_of(record(["null", "int"]), b"\x01"),
    "a packed block that grows": file_of(record("bytes"), deflated(bytes(20 << 20)), 1, b"deflate"),
    "a packed block that is cut": file_of(record("bytes"), deflated(bytes(999))[:-3], 1, b"deflate"),
    "a packed block that is none": file_of(record("bytes"), b"abc", 1, b"deflate"),
    "a block of zstd that is none": file_of(record("bytes"), b"abc", 1, b"zstandard"),
    "an unknown codec": file_of(record("int"), b"\x02", 1, b"snappy"),
    "a schema that is no JSON": file_of(b"{", b""),
    "a schema without an end": file_of(b'{"type":' * 100_000, b""),
    "a schema within itself": file_of(b'{"type":' * 50_000 + b'"int"' + b"}" * 50_000, b""),
    "a schema of a number": file_of(7, b""),
    "a schema without fields": file_of({"type": "record", "name": "entry"}, b""),
    "a field without a type": file_of({"type": "record", "name": "entry", "fields": [{"name": "it"}]}, b""),
    "a field that is a text": file_of({"type": "record", "name": "entry", "fields": ["it"]}, b""),
    "an unknown type": file_of(record("date"), b""),
    "a type that is defined again": file_of(record({"type": "fixed", "name": "entry", "size": 1}), b""),
    "a type of less than no bytes": file_of(record({"type": "fixed", "name": "f", "size": -1}), b"a"),
    "symbols that are a number": file_of(record({"type": "enum", "name": "e", "symbols": 3}), b"\0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name: str) -> None:
    with pytest.raises(AvroError):
        read(HOSTILE[name])


def test_blocks_are_counted_once_unpacked() -> None:
    counted: list[int] = []
    file = file_of(record("bytes"), deflated(text(bytes(5000))), 1, b"deflate")
    assert len(list(values(file, counted.append))) == 1
    assert sum(counted) == 5002


@settings(deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0), st.integers(1, 255)), min_size=1, max_size=4))
def test_a_damaged_file_is_refused_or_read(flips: list[tuple[int, int]]) -> None:
    inner = {"type": "array", "items": record(["null", "string", "long"])}
    file = bytearray(written({**record(inner), "name": "outer"}, [{"it": [{"it": "abc"}, {"it": None}]}] * 3))
    for place, flip in flips:
        file[place % len(file)] ^= flip
    try:
        read(bytes(file))
    except AvroError:
        return
