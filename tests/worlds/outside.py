"""Systems outside that stories of privacy requests reach, and who is who in them.

Each sandbox has systems of its own. They know people by what they please, under ids that Handfast does not have.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from tests.worlds.connector_servers.pki import Party
from tests.worlds.connector_servers.running import Running, running
from tests.worlds.people import Key, identity

type Kind = Literal["id", "mail", "tel", "device", "shared"]
type Held = dict[str, dict[int, frozenset[str]]]
"""Of each system, whom it holds, and by which kinds of identities; `user` is an id of its own."""

PEOPLE = range(4)
TABLET, TV = "6d92078a-8246-4ba4-ae5b-76104861e7dc", "cdda802e-fb9c-47ad-9866-0794d394c912"
SHARED = {0: TABLET, 1: TABLET, 2: TV, 3: TV}
NAMESPACES: Mapping[str, str] = {"mail": "email", "tel": "phone", "device": "gaid", "shared": "gaid"}
SYSTEMS = {"segment": 0, "webhook": 0, "klaviyo": 1, "opendsr": 1, "http": 1, "braze": 2}
"""The systems, by the sandbox that has them."""
LOOKS_BY = {
    "segment": {"mail", "tel", "device", "shared"},
    "webhook": {"id"},
    "klaviyo": {"id", "mail", "tel"},
    "opendsr": set[str](),
    "http": {"mail"},
    "braze": {"id", "mail", "tel"},
}
"""What a system can be asked by, where it answers whom it knows."""

TOKEN = "planted-access-token"
_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
_ROOT = Party("Test root", authority=True)
_SIGNER = Party("localhost", _ROOT)


def value(who: int, kind: str) -> str:
    """What a person is known by, as a person would write it."""
    return {
        "id": f"crm-{who}",
        "mail": f"person{who}@example.com",
        "tel": f"+1415555267{who}",
        "device": f"aebe52e7-03ee-455a-b3c4-e5728396623{who}",
        "shared": SHARED[who],
    }[kind]


def key_of(who: int, kind: str) -> Key:
    """The key of an identity."""
    return identity(NAMESPACES[kind], value(who, kind))[0]


def texts(who: int) -> set[str]:
    """All that tells a person from the others, as it may be written."""
    plain = {value(who, kind) for kind in ("id", "mail", "tel", "device")} | {f"secret-{who}", f"seg-{who}"}
    hashed = {identity(NAMESPACES[kind], value(who, kind))[1].hex() for kind in ("mail", "tel")}
    sparing = {hashlib.sha256(value(who, "tel")[1:].encode()).hexdigest()}
    return plain | hashed | sparing


@contextmanager
def systems() -> Iterator[dict[str, Running]]:
    """All of them, listening."""
    modules = {name: name for name in SYSTEMS} | {"http": "customers"}
    with ExitStack() as stack:
        yield {name: stack.enter_context(running(module)) for name, module in modules.items()}


def settings(name: str, at: Running) -> dict[str, Any]:
    """The settings of a connector to a system."""
    meaning = {"statuses": {"200": "completed", "202": "in_progress", "410": "absent"}}
    done = {
        "statuses": {"200": "completed"},
        "pointer": "/job/state",
        "values": {"done": "completed", "queued": "in_progress"},
    }
    order = {"method": "POST", "path": "/erasures", "body": {"who": {"by": "email", "is": "{identifier}"}}}
    question = {"method": "GET", "path": "/users", "query": {"by": "email", "is": "{identifier}"}}
    found = [{"collection": "users", "pointer": "/result/users"}]
    segment = {"domain": at.url, "profilesDomain": at.url, "workspace": "ws", "spaceId": "spa_1", "api": "public"}
    known: dict[str, dict[str, Any]] = {
        "segment": segment | {"accessToken": TOKEN, "accessSecret": TOKEN},
        "webhook": {"url": f"{at.url}/hooks", "secret": _SECRET},
        "klaviyo": {"domain": at.url, "apiKey": TOKEN},
        "braze": {"domain": at.url, "apiKey": TOKEN},
        "opendsr": {"url": f"{at.url}/v2", "authorization": TOKEN, "caCertificates": _ROOT.pem},
        "http": {
            "url": f"{at.url}/api",
            "credential": TOKEN,
            "credentialHeader": "X-API-Key",
            "identifiers": [{"namespace": "email"}],
            "testPath": "/ping",
            "erasure": order | {"answer": meaning, "poll": {"pointer": "/links/job", "answer": done}},
            "access": question | {"answer": {"statuses": {"200": "completed"}}, "records": found},
        },
    }
    return known[name]


@dataclass
class Outside:
    """The systems of a story: whom they hold by now, and what they were told."""

    at: Mapping[str, Running]
    held: Held

    def reset(self) -> None:
        """Forget the last story."""
        workspace = {"id": "ws", "slug": "ws"}
        self.at["segment"].reset(secret=TOKEN, token=TOKEN, space="spa_1", workspace=workspace, regulations={})
        self.at["webhook"].reset(secret=_SECRET, careless=True)
        for name in ("klaviyo", "braze", "http"):
            self.at[name].reset(key=TOKEN)
        self.at["opendsr"].reset(
            authorization=TOKEN, key=_SIGNER.key_pem, certificate=_SIGNER.pem + _ROOT.pem, types=["erasure"]
        )
        self._show()

    def _show(self) -> None:
        """Have the systems know whom they hold."""
        held = {name: sorted(people.items()) for name, people in self.held.items()}
        self.at["segment"].set(profiles=[_segment(who, kinds) for who, kinds in held["segment"]])
        self.at["webhook"].set(people={f"crm-{who}": [_record(who)] for who, _ in held["webhook"]})
        rows = [{"id": f"K{who}", "attributes": _named(who, kinds, _KLAVIYO)} for who, kinds in held["klaviyo"]]
        self.at["klaviyo"].set(profiles=rows)
        changes = {row["braze_id"]: row for row in self.at["braze"].state().get("changes", ())}
        users = [{"braze_id": f"b{who}", **_named(who, kinds, _BRAZE)} for who, kinds in held["braze"]]
        self.at["braze"].set(users=[user | changes.get(user["braze_id"], {}) for user in users])
        self.at["http"].set(users=[{"id": f"c{who}", **_named(who, kinds, _HTTP)} for who, kinds in held["http"]])

    def finish(self) -> None:
        """Each system does what it was told."""
        for name, at in self.at.items():
            gone = {who for who in self.held[name] if self.was_told(name, who)}
            self.held[name] = {who: kinds for who, kinds in self.held[name].items() if who not in gone}
            state = at.state()
            if name == "segment":
                done = {"overallStatus": "FINISHED", "streamStatus": []}
                at.set(regulations=dict.fromkeys(state["regulations"], done))
            elif name == "opendsr":
                at.set(requests={made: {"request_status": "completed"} for made in state.get("requests", {})})
            elif name == "http":
                at.set(jobs=dict.fromkeys(state.get("jobs", {}), "done"))
            elif name == "klaviyo":
                at.set(jobs={job: {**each, "status": "complete"} for job, each in state.get("jobs", {}).items()})
        self._show()

    def was_told(self, name: str, who: int) -> bool:
        """Whether a system was told to delete a person."""
        return any(who in named for named in self._deletions(name))

    def deleted(self, name: str) -> set[int]:
        """Everybody whom a system was told to delete."""
        return {who for named in self._deletions(name) for who in named}

    def _deletions(self, name: str) -> Iterator[set[int]]:
        at = self.at[name]
        if name in {"klaviyo", "braze"}:  # by their own ids, K0 and b0
            rows = at.state().get("deletions", ())
            yield {int((row["id"] if name == "klaviyo" else row)[1:]) for row in rows}
        elif name != "opendsr":
            match, named = _ORDERS[name]
            yield from (_people(named(body)) for body in _bodies(at, match))

    def suppressed(self) -> set[int]:
        """Everybody whom Segment was told to suppress or let in again."""
        bodies = _bodies(self.at["segment"], "POST /regulations")
        return {who for body in bodies for who in _people(body["subjectIds"])}

    def heard(self, name: str) -> str:
        """All that a system was told and asked, as one text."""
        parts = (f"{unquote(ask['path'])} {ask['query']} {ask['body']}" for ask in self.at[name].seen())
        return "\n".join(parts)


_ORDERS: Mapping[str, tuple[str, Callable[[Any], list[str]]]] = {
    "segment": (
        "POST /regulations",
        lambda body: body["subjectIds"] if body["regulationType"] == "SUPPRESS_WITH_DELETE" else [],
    ),
    "webhook": (
        "POST /hooks",
        lambda body: body["data"]["profileIds"] if body["type"] == "privacy_request.erasure" else [],
    ),
    "http": ("POST /api/erasures", lambda body: [body["who"]["is"]]),
}
"""How a system is told to delete, and whom such a call names."""
_KLAVIYO = {"id": "external_id", "mail": "email", "tel": "phone_number"}
_BRAZE = {"id": "external_id", "mail": "email", "tel": "phone"}
_HTTP = {"mail": "email"}


def _named(who: int, kinds: Iterable[str], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[kind]: value(who, kind) for kind in kinds if kind in names} | {"first_name": f"secret-{who}"}


def _record(who: int) -> dict[str, Any]:
    return {"collection": "orders", "data": {"number": f"secret-{who}"}}


def _segment(who: int, kinds: Iterable[str]) -> dict[str, Any]:
    types = {"mail": "email", "tel": "phone", "device": "android.idfa", "shared": "android.idfa"}
    named = [{"type": types[kind], "id": value(who, kind)} for kind in kinds if kind in types]
    user = [{"type": "user_id", "id": f"seg-{who}"}] if "user" in kinds else []
    return {"segment_id": f"use_{who}", "external_ids": user + named, "traits": {"first": f"secret-{who}"}}


def _bodies(at: Running, match: str) -> Iterator[Any]:
    return (json.loads(asked["body"]) for asked in at.seen(match))


def _people(named: Iterable[str]) -> set[int]:
    found = list(named)
    return {who for who in PEOPLE for text in found if text in {*texts(who)}}
