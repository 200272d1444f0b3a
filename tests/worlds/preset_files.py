"""Files as other systems write them, made of random people, with what they say beside them: nobody's real file."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

type Identity = tuple[str, str]
"""A namespace of Handfast and a value as one may type it, raw or as a digest."""
type Members = dict[Identity, dict[str, bool]]
"""Whether an identity joins a segment, by the segment's name, or leaves it."""


@dataclass(frozen=True)
class PresetFile:
    """A file, what is announced of it, and the truth. `shares` are the answers of identities, `people` their ids."""

    preset: str
    name: str
    content: bytes
    members: Members
    columns: Sequence[Mapping[str, Any]] = ()
    format: Any = "csv"
    shares: Mapping[Identity, str] = field(default_factory=dict)
    person_shares: Mapping[Identity, str] = field(default_factory=dict)
    people: Mapping[Identity, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The segments that people join."""
        return sorted({name for said in self.members.values() for name, joins in said.items() if joins})


def device(random: Random) -> str:
    """A device id of mixed digits, in lower case."""
    digits = "".join(random.choice("0123456789abcdef") for _ in range(30))
    return f"a{digits[:6]}7-{digits[6:10]}-4{digits[10:13]}-9{digits[13:16]}-{digits[16:28]}"


def address(random: Random) -> str:
    """An address of nobody."""
    return f"{random.choice('abcdefgh')}{random.randrange(10**9)}@example.com"


def digest(text: str) -> str:
    """A SHA-256 in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


# Audience Manager

_TRAITS = ("24", "26", "281", "ic=52", "ic=30608", "gender=female", "product=pickup truck", "city=Köln, Süd")


def audience_manager(seed: int, kind: str = "sync", users: int = 12) -> PresetFile:
    """A .sync or .overwrite file of users of one kind, each with lines of traits in all spellings."""
    random = Random(seed)
    ids = random.choice(["20914", "20915", "1234"])
    namespace = {"20914": "GAID", "20915": "IDFA"}.get(ids, "crm")
    members: Members = {}
    lines: list[str] = []
    everybody = [_user(random, namespace) for _ in range(users)]
    for _ in range(users * 2):
        user = random.choice(everybody)
        said = members.setdefault((namespace, user), {})
        joined = random.sample(_TRAITS, random.randrange(4))
        left = random.sample([trait for trait in _TRAITS if trait.isdecimal()], random.randrange(3))
        entries = [*(_joined(random, trait) for trait in joined), *(_left(random, trait) for trait in left)]
        random.shuffle(entries)
        lines.append(f"{user}\t{random.choice([',', ', ']).join(entries)}")
        said.update(dict.fromkeys(joined, True))
        if kind == "sync":
            said.update(dict.fromkeys(left, False))
    end = random.choice(["\n", "\r\n"])
    owner = "" if ids == "1234" else "_1234"
    split = random.choice(["", ".3"])
    columns = [{"column": "user", "as": "identity", "namespace": "crm"}] if namespace == "crm" else []
    content = end.join(lines) + random.choice(["", end])
    name = f"ftp_dpm_{ids}{owner}_1445374061.{kind}{split}"
    return PresetFile(f"audience-manager-{kind}", name, content.encode(), members, columns)


def _user(random: Random, namespace: str) -> str:
    if namespace == "crm":
        return f"U{random.randrange(10**6):06}xNNRh2PX"
    made = device(random)
    return made.upper() if namespace == "IDFA" else made


def _joined(random: Random, trait: str) -> str:
    """A trait that is joined, in one of its spellings."""
    key, equals, value = trait.partition("=")
    if not equals:
        return random.choice([f"d_sid={trait}", f'"d_sid"={trait}', f'd_sid = "{trait}"'])
    if key == "ic":
        return random.choice([value, trait, f'"{value}"'])
    quoted = f'"{value}"' if "," in value else random.choice([value, f'"{value}"'])
    return random.choice([f"{key}={quoted}", f'"{key}"={quoted}', f"-{key} = {quoted}", f'"-{key}"= {quoted}'])


def _left(random: Random, trait: str) -> str:
    return random.choice([f"d_unsid={trait}", f"{trait}:0", f"{trait}:-1", f'"d_unsid"="{trait}"'])


# Collaboration


def rtc_collaboration(seed: int, people: int = 15) -> PresetFile:
    """A sourcing file of version 1.3, with several audiences and keys to a cell."""
    random = Random(seed)
    members: Members = {}
    ids: dict[Identity, str] = {}
    header = ["AUDIENCE_ID", "HASHED_EMAIL_SHA_256", "HASHED_PHONE_SHA_256", "IDFA", "GAID", "CRM_ID", "LOYALTY_ID"]
    lacking = random.choice([None, "GAID", "CRM_ID", "HASHED_PHONE_SHA_256"])
    rows = []
    for number in range(people):
        audiences = random.sample(["loyal", "new", "lapsed", "vip"], random.randrange(1, 4))
        keys = {
            "HASHED_EMAIL_SHA_256": [digest(address(random)) for _ in range(random.randrange(1, 4))],
            "HASHED_PHONE_SHA_256": [digest(f"+1415{number:03}{random.randrange(10**4):04}")][: random.randrange(2)],
            "IDFA": [device(random) for _ in range(random.randrange(3))],
            "GAID": [device(random) for _ in range(random.randrange(2))],
        }
        namespaces = {"HASHED_EMAIL_SHA_256": "email", "HASHED_PHONE_SHA_256": "phone", "IDFA": "IDFA", "GAID": "GAID"}
        person = f"c{number}-{seed}"
        for column, values in keys.items():
            if column != lacking:
                for value in values:
                    members[namespaces[column], value] = dict.fromkeys(audiences, True)
                    if lacking != "CRM_ID":
                        ids[namespaces[column], value] = person
        cells = {name: "|".join(values) for name, values in keys.items()}
        rows.append({"AUDIENCE_ID": "|".join(audiences), "CRM_ID": person, "LOYALTY_ID": f"L{number}"} | cells)
    shown = [name for name in header if name != lacking]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, shown, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return PresetFile("rtc-collaboration", "audiences.csv", text.getvalue().encode(), members, people=ids)


# Experience Platform

_SYMBOLS = {"Email": "email", "Email_LC_SHA256": "email", "ECID": "ECID", "IDFA": "IDFA", "gaid": "GAID", "CRM": "crm"}
_STATUSES = {"realized": True, "existing": True, "exited": False}
_AUDIENCES = (("ups", "5a1c0b2e-loyal"), ("ups", "7f3d9e41-new"), ("AAMTraits", "24"), ("AAMSegments", "24"))
_ANSWERS = ("y", "n", "p", "u", "dy", "dn", "LI")


def experience_profiles(seed: int, form: str = "ndjson", people: int = 15) -> PresetFile:
    """Profiles as their exports nest them, of NDJSON or of Parquet with maps and lists."""
    random = Random(seed)
    made = _Truth()
    rows = []
    for number in range(people):
        identities = {symbol: [_value(random, symbol) for _ in range(random.randrange(3))] for symbol in _SYMBOLS}
        identities["ECID"] = [_value(random, "ECID")]
        audiences = random.sample(_AUDIENCES, random.randrange(4))
        statuses = {each: random.choice(list(_STATUSES)) for each in audiences}
        answer = random.choice([None, *_ANSWERS])
        told = [(symbol, value) for symbol, values in identities.items() for value in values]
        own = {each: random.choice(_ANSWERS) for each in random.sample(told, random.randrange(2))}
        stranger = random.random() < 0.2
        if stranger:
            own["Email", address(random)] = "n"
        person = f"p{number}-{seed}"
        for symbol, value in {*told, *own}:
            members = {_audience(*each): _STATUSES[status] for each, status in statuses.items()}
            made.add((_SYMBOLS[symbol], value), members, person, answer, own.get((symbol, value)))
        rows.append(_profile(random, identities, statuses, answer, own, person))
    content = "\n".join(map(json.dumps, rows)).encode() if form == "ndjson" else _parquet(rows)
    return made.file("experience-platform-profiles", f"profiles.{form}", content, form)


def _profile(
    random: Random,
    identities: Mapping[str, Sequence[str]],
    statuses: Mapping[tuple[str, str], str],
    answer: str | None,
    own: Mapping[tuple[str, str], str],
    person: str,
) -> dict[str, Any]:
    id_specific: dict[str, dict[str, Any]] = {}
    for (symbol, value), said in own.items():
        spelled = value.upper() if symbol == "IDFA" else value
        id_specific.setdefault(symbol, {})[spelled] = {"share": {"val": said}}
    membership: dict[str, dict[str, Any]] = {}
    for (namespace, audience), status in statuses.items():
        entry = {"status": status, "lastQualificationTime": "2026-03-01T09:30:00Z"}
        membership.setdefault(namespace, {})[audience] = entry
    consents: dict[str, Any] = {"idSpecific": id_specific} if id_specific else {}
    if answer:
        consents |= {"share": {"val": answer}, "metadata": {"time": "2026-01-01T09:30:00.000Z"}}
    return {
        "identityMap": {
            (symbol if random.random() < 0.5 else symbol.lower()): [
                {"id": value, "authenticatedState": "ambiguous", "primary": False} for value in values
            ]
            for symbol, values in identities.items()
            if values or random.random() < 0.5
        },
        "segmentMembership": membership,
        "consents": consents,
        "personID": person,
        "person": {"name": {"lastName": "of nobody"}},
    }


def _parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Profiles as Parquet, with the maps and lists of structs that Spark writes."""
    import pyarrow as pa
    from pyarrow import parquet

    text = pa.string()
    share = pa.struct({"val": text})
    kinds = {
        "identityMap": pa.map_(
            text, pa.list_(pa.struct({"id": text, "authenticatedState": text, "primary": pa.bool_()}))
        ),
        "segmentMembership": pa.map_(
            text, pa.map_(text, pa.struct({"status": text, "lastQualificationTime": pa.timestamp("us")}))
        ),
        "consents": pa.struct(
            {
                "share": share,
                "metadata": pa.struct({"time": pa.timestamp("us")}),
                "idSpecific": pa.map_(text, pa.map_(text, pa.struct({"share": share, "collect": share}))),
            }
        ),
        "personID": text,
        "person": pa.struct({"name": pa.struct({"lastName": text})}),
    }
    columns = {name: pa.array([_native(row[name], kind) for row in rows], kind) for name, kind in kinds.items()}
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out)
    return out.getvalue()


def _native(value: Any, kind: Any) -> Any:
    """JSON as pyarrow takes it: maps as pairs, times as such."""
    import pyarrow as pa

    if value is None:
        return None
    if pa.types.is_map(kind):
        return [(name, _native(part, kind.item_type)) for name, part in value.items()]
    if pa.types.is_struct(kind):
        return {field.name: _native(value.get(field.name), field.type) for field in kind}
    if pa.types.is_list(kind):
        return [_native(part, kind.value_type) for part in value]
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value).replace(tzinfo=None)
    return value


def experience_batch(seed: int, form: str = "csv", people: int = 15) -> PresetFile:
    """A batch export, with columns that are called by XDM paths."""
    random = Random(seed)
    made = _Truth()
    audiences = random.sample(_AUDIENCES, random.randrange(1, 4))
    symbols = random.sample(["Email", "Email_LC_SHA256", "IDFA", "gaid", "CRM"], 3)
    words = _STATUSES if random.random() < 0.5 else {"active": True, "expired": False}
    rows = []
    for number in range(people):
        identities = {symbol: _value(random, symbol) for symbol in symbols if random.random() < 0.8}
        mail = address(random)
        statuses = {each: random.choice([*words, ""]) for each in audiences}
        answer = random.choice(["", *_ANSWERS])
        person = f"p{number}-{seed}"
        members = {_audience(*each): words[status] for each, status in statuses.items() if status}
        for symbol, value in [*identities.items(), ("Email", mail)]:
            made.add((_SYMBOLS[symbol], value), members, person, answer or None, None)
        row = {"person.name.lastName": "of nobody, at all", "personalEmail.address": mail, "personID": person}
        row |= {f"identityMap.{symbol}": identities.get(symbol, "") for symbol in symbols}
        row |= {f"segmentMembership.{'.'.join(each)}.status": status for each, status in statuses.items()}
        rows.append(row | {"consents.share.val": answer})
    return made.file("experience-platform-batch", f"audience.{form}", _table(rows, form), form)


def _table(rows: Sequence[Mapping[str, str]], form: str) -> bytes:
    if form == "ndjson":
        return "\n".join(json.dumps({name: text for name, text in row.items() if text}) for row in rows).encode()
    if form == "csv":
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()
    import pyarrow as pa
    from pyarrow import parquet

    out = io.BytesIO()
    parquet.write_table(pa.table({name: [row[name] or None for row in rows] for name in rows[0]}), out)
    return out.getvalue()


def _value(random: Random, symbol: str) -> str:
    return {
        "Email": lambda: address(random),
        "Email_LC_SHA256": lambda: digest(address(random)),
        "ECID": lambda: "".join(random.choice("123456789") for _ in range(38)),
        "IDFA": lambda: device(random),
        "gaid": lambda: device(random),
        "CRM": lambda: f"C{random.randrange(10**6):06}xNNRh2PX",
    }[symbol]()


def _audience(namespace: str, audience: str) -> str:
    """What a segment is called here that is an audience there."""
    return f"{namespace}/{audience}" if namespace == "AAMSegments" else audience


@dataclass
class _Truth:
    """What profiles say of their identities."""

    members: Members = field(default_factory=dict)
    people: dict[Identity, str] = field(default_factory=dict)
    shares: dict[Identity, str] = field(default_factory=dict)
    person_shares: dict[Identity, str] = field(default_factory=dict)

    def add(
        self, identity: Identity, members: Mapping[str, bool], person: str, answer: str | None, own: str | None
    ) -> None:
        self.members[identity] = dict(members)
        self.people[identity] = person
        if answer:
            self.person_shares[identity] = answer
        if own:
            self.shares[identity] = own

    def file(self, preset: str, name: str, content: bytes, form: str) -> PresetFile:
        own = {"column": "identityMap.CRM", "as": "identity", "namespace": "crm", "optional": True}
        return PresetFile(
            preset,
            name,
            content,
            self.members,
            [own],
            form,
            self.shares,
            self.person_shares,
            self.people,
        )


def all_kinds(seed: int) -> Iterator[PresetFile]:
    """A file of every kind."""
    yield audience_manager(seed)
    yield audience_manager(seed, "overwrite")
    yield rtc_collaboration(seed)
    yield experience_profiles(seed)
    yield experience_profiles(seed, "parquet")
    yield from (experience_batch(seed, form) for form in ("csv", "ndjson", "parquet"))
