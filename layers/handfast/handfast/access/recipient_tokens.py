"""Recipient tokens: made as a link that works once, fetched as a profile file, replaced, ended.

Nobody in the sandbox ever sees a token: it is made when its link is opened, and only its digest is kept. A token is 32
random bytes, so that a digest without a key is none to guess.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from handfast.access import recipient_token_store, rules, store
from handfast.access.recipient_token_models import (
    CreateRecipientToken,
    FormerToken,
    ProfileFile,
    RecipientToken,
    RecipientTokenList,
    RecipientTokenView,
    RotateRecipientToken,
    TokenStatus,
)
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict, Forbidden, Gone, NotFound, Refused, Unauthorized
from handfast.platform.wanted import Wanted, by_name

_PREFIX = "hfr_"
"""What a recipient token begins with, so that it is told from others, and found where it should not be."""
PERMISSIONS = frozenset({"profiles:read"})
"""What a recipient token may do."""
MOST = 100
"""Tokens of a sandbox."""
LONGEST = timedelta(days=365)
USUAL = timedelta(days=90)
LINK_VALID_FOR = timedelta(days=3)
_NOTED_AFTER = timedelta(minutes=1)
_MOST_FORMER = 5


def is_one(token: str) -> bool:
    """Whether a bearer token is a recipient token, good or not."""
    return token.startswith(_PREFIX)


def caller_of(token: str, address: str) -> Caller:
    """Who sends a token from an IP address: the token itself, on its sandbox.

    Raises Unauthorized for a token that is unknown or has expired, Forbidden out of its networks.
    """
    digest, now = _digest(token), clock.now()
    found = recipient_token_store.by_digest(digest)
    sandbox = store.sandbox(found.sandbox_id) if found else None
    if found is None or sandbox is None or clock.to_text(now) >= _end_of(found, digest):
        raise Unauthorized("this token is unknown, has expired or was replaced; ask for a new one")
    if not rules.is_within(address, found.allowed_networks):
        raise Forbidden("this token is not for the network that the call is from", permission="profiles:read")
    if found.last_used_at is None or now - clock.from_text(found.last_used_at) >= _NOTED_AFTER:
        recipient_token_store.note_use(found, clock.to_text(now))
    return Caller(found.token_id, found.name, sandbox, PERMISSIONS)


def _end_of(token: RecipientToken, digest: str) -> str:
    """Until when this digest of a token works; a link's digest, which none of them is, never does."""
    ends = {former.digest: former.until for former in token.former}
    if token.digest:
        ends[token.digest] = token.expires_at
    return ends.get(digest, "")


def create(caller: Caller, body: CreateRecipientToken, base: str) -> RecipientTokenView:
    """A new token, with the link that it is fetched by once, below the API's address `base`.

    Raises Refused for an end that has passed or is too far away, Conflict when the sandbox has as many as it may.
    """
    now, code = clock.now(), secrets.token_urlsafe(32)
    if sum(1 for _ in recipient_token_store.tokens(caller.sandbox_id)) >= MOST:
        raise Conflict(f"a sandbox has at most {MOST} recipient tokens; delete one first", current="too_many")
    new = _linked(
        RecipientToken(
            token_id=new_id("rtk"),
            sandbox_id=caller.sandbox_id,
            name=body.name,
            created_at=clock.to_text(now),
            created_by=caller.name,
            expires_at=_end(body.expires_at, now),
            allowed_networks=tuple(dict.fromkeys(body.allowed_networks)),
        ),
        code,
        now,
    )
    commit(recipient_token_store.put(new), [_event(caller, "created", new)])
    return _view(new, link=_link(base, code))


def list_tokens(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> RecipientTokenList:
    """A page of the sandbox's tokens, newest first unless something else is wanted, and the next cursor.

    Raises Malformed for a cursor of another list.
    """
    selection = wanted.selection(
        lambda each: (each.name,), {"status": status_of}, {"name": lambda each: by_name(each.name)}
    )
    found, next_cursor = recipient_token_store.tokens_page(caller.sandbox_id, limit, cursor, selection)
    return RecipientTokenList(items=list(map(_view, found)), next_cursor=next_cursor)


def get(caller: Caller, token_id: str) -> RecipientTokenView:
    """One token. Raises NotFound for an unknown one."""
    return _view(_load(caller, token_id))


def rotate(caller: Caller, token_id: str, body: RotateRecipientToken, base: str) -> RecipientTokenView:
    """A new token in place of one, by a new link; the one before works on for a while that only ever gets shorter.

    Raises NotFound for an unknown token, Refused for an end that has passed or is too far away, TooManyRequests when it
    is changed at the same time.
    """

    def attempt() -> RecipientTokenView:
        old, now, code = _load(caller, token_id), clock.now(), secrets.token_urlsafe(32)
        new = replace(
            old,
            expires_at=_end(body.expires_at, now),
            digest=None,
            activated_at=None,
            former=_former(old, now, now + timedelta(seconds=body.grace_seconds)),
        )
        new = _linked(new, code, now)
        event = _event(caller, "rotated", new, graceSeconds=body.grace_seconds)
        commit(recipient_token_store.put(new, old), [event])
        return _view(replace(new, revision=old.revision + 1), link=_link(base, code))

    return until_written("recipient token", attempt)


def _former(old: RecipientToken, now: datetime, until: datetime) -> tuple[FormerToken, ...]:
    """The tokens that work on until then, or until they would have ended; none that has ended."""
    ending = list(old.former) + ([FormerToken(old.digest, old.expires_at)] if old.digest else [])
    kept = [replace(each, until=min(each.until, clock.to_text(until))) for each in ending]
    return tuple([each for each in kept if each.until > clock.to_text(now)][-_MOST_FORMER:])


def delete(caller: Caller, token_id: str, if_match: Versions) -> None:
    """End a token at once, those before it and its link.

    Raises NotFound for an unknown token, Stale for another version, TooManyRequests when it is changed at
    the same time.
    """

    def attempt() -> None:
        old = _load(caller, token_id)
        check_version(if_match, old.revision, "recipient token")
        commit(recipient_token_store.delete(old), [_event(caller, "deleted", old)])

    until_written("recipient token", attempt)


def activate(code: str, address: str, base: str) -> ProfileFile:
    """The profile file that a link gives, once; the token in it is made now.

    Raises Gone for a link that is unknown, was used or has expired, Forbidden out of the token's networks,
    TooManyRequests when it is opened several times at once.
    """

    def attempt() -> ProfileFile:
        old, token = _of_link(code), _PREFIX + secrets.token_urlsafe(32)
        if not rules.is_within(address, old.allowed_networks):
            raise Forbidden("this link is not for the network that the call is from", permission="profiles:read")
        new = replace(
            old,
            digest=_digest(token),
            activated_at=clock.now_text(),
            link_digest=None,
            link_expires_at=None,
        )
        actor = Actor("principal", new.token_id, new.name)
        event = Event(new.sandbox_id, "recipient_token.activated", actor, new.token_id, {"name": new.name})
        commit(recipient_token_store.put(new, old), [event])
        return ProfileFile(endpoint=f"{base}/sharing", bearer_token=token, expiration_time=new.expires_at)

    return until_written("recipient token", attempt)


def check_link(code: str) -> None:
    """Raise Gone for a link that is unknown, was used or has expired."""
    _of_link(code)


def _of_link(code: str) -> RecipientToken:
    digest, now = _digest(code), clock.now_text()
    found = recipient_token_store.by_digest(digest)
    if found is None or found.link_digest != digest or now >= min(found.link_expires_at or "", found.expires_at):
        raise Gone("this link has been used or has expired; ask for a new one")
    return found


def _linked(token: RecipientToken, code: str, now: datetime) -> RecipientToken:
    return replace(token, link_digest=_digest(code), link_expires_at=clock.to_text(now + LINK_VALID_FOR))


def _link(base: str, code: str) -> str:
    return f"{base}/sharing/activations/{code}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _end(wanted: datetime | None, now: datetime) -> str:
    end = wanted or now + USUAL
    if not now < end <= now + LONGEST:
        detail = f"a recipient token ends after now and within {LONGEST.days} days"
        raise Refused(detail, reason="validation", pointer="/expiresAt")
    return clock.to_text(end)


def _load(caller: Caller, token_id: str) -> RecipientToken:
    found = recipient_token_store.token(caller.sandbox_id, token_id)
    if found is None:
        raise NotFound("no such recipient token")
    return found


def status_of(token: RecipientToken) -> TokenStatus:
    """How a token stands at this moment."""
    if clock.now_text() >= token.expires_at:
        return "expired"
    return "active" if token.digest else "awaiting_activation"


def _view(token: RecipientToken, link: str | None = None) -> RecipientTokenView:
    return RecipientTokenView(
        token_id=token.token_id,
        name=token.name,
        status=status_of(token),
        created_at=token.created_at,
        created_by=token.created_by,
        expires_at=token.expires_at,
        allowed_networks=list(token.allowed_networks),
        last_used_at=token.last_used_at,
        activated_at=token.activated_at,
        grace_until=_grace(token.former),
        activation_url=link,
        activation_expires_at=token.link_expires_at,
        version=token.revision,
    )


def _grace(former: Sequence[FormerToken]) -> str | None:
    left = [each.until for each in former if each.until > clock.now_text()]
    return max(left, default=None)


def _event(caller: Caller, what: str, token: RecipientToken, **detail: int) -> Event:
    said = {"name": token.name, "expiresAt": token.expires_at, **detail}
    return Event(caller.sandbox_id, f"recipient_token.{what}", Actor.of(caller), token.token_id, said)
