"""Files as other systems write them, made of random people, with what they say beside them: nobody's real file."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


def all_kinds(seed: int) -> Iterator[PresetFile]:
    """A file of every kind."""
    yield audience_manager(seed)
    yield audience_manager(seed, "overwrite")
    yield rtc_collaboration(seed)
