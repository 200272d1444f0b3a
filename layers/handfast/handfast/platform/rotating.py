"""New versions of the deployment's secrets, and the end of former ones: `handfast admin rotate-secret`."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from handfast.platform import aws, clock, secret
from handfast.platform.secret import API, IDENTITY, NOISE, NOTICE, PRIVACY, RECEIPTS, WEBHOOKS, Keyring, Version
from handfast.platform.settings import setting

PURPOSES: Mapping[str, str] = MappingProxyType(
    {"api": API, "webhooks": WEBHOOKS, "privacy": PRIVACY, "receipts": RECEIPTS, "noise": NOISE, "identity": IDENTITY}
)
"""The setting of each secret, by what it is called."""

FORMER_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        API: ("cursor", "idempotency"),
        PRIVACY: (
            "privacy-code",
            "subjects",
            "privacy-answers",
            "privacy-package",
            "drp-token",
            "opendsr-request",
        ),
        RECEIPTS: ("receipts",),
    }
)
"""The keys that were derived from the one secret for everything, by the secret that they are derived from now."""

_ANSWERS_IN_USE = timedelta(hours=25)
"""How long a former version is needed: the answers that are kept for a repeated Idempotency-Key end after a day."""

_TOGETHER = timedelta(minutes=5)
"""Within it a stack makes all of its secrets; one made later has come to a deployment that was there."""


class NotRotatableError(RuntimeError):
    """A secret cannot be given a new version, or its former ones not be dropped, or not yet: the text says why."""


def read(of: str) -> Keyring:
    """What a secret holds now."""
    secret.forget()
    return secret.keyring(of)


def check_rotatable(of: str) -> Keyring:
    """What a secret holds, which may be given a new version.

    Raises NotRotatableError for the secret of identities, and while the newest version is not in force yet.
    """
    if of == IDENTITY:
        detail = (
            "the secret of identities cannot be rotated: suppressions, answers and withdrawn disclosures hold keys "
            "alone, of people whose values are kept nowhere, which could not be made anew, so that the erased would "
            "come back; and every other object would have to be written anew while nothing is read. Who has the secret "
            "learns nothing without the data (docs/security.md, Secrets)"
        )
        raise NotRotatableError(detail)
    held = read(of)
    newest = held.versions[-1]
    if newest.since > clock.now_text():
        raise NotRotatableError(f"version {newest.number} is not in force before {newest.since}")
    return held


def rotate(of: str) -> Version:
    """Give a secret a new version, in force in `secret.NOTICE`; the former ones are accepted on.

    Raises NotRotatableError as `check_rotatable`.
    """
    held = check_rotatable(of)
    new = Version(held.versions[-1].number + 1, secrets.token_urlsafe(48), clock.to_text(clock.now() + NOTICE))
    _put(of, replace(held, versions=(*held.versions, new)))
    return new


def finishable(of: str) -> Keyring:
    """What a secret holds, of which all but the version in force may be dropped.

    Raises NotRotatableError where nothing is to be dropped, while a function may still work by a former version, and
    for receipts, whose former keys sign nothing more but are needed to check what they have signed.
    """
    held = read(of)
    newest = held.versions[-1]
    if of in (IDENTITY, RECEIPTS):
        detail = "former versions stay: they make nothing any more, and what they have made is checked by them"
        raise NotRotatableError(detail)
    if len(held.versions) == 1 and not held.earlier:
        raise NotRotatableError("there is one version alone; rotate the secret first")
    in_use = _ANSWERS_IN_USE if of == API else NOTICE
    if newest.since and (until := clock.from_text(newest.since) + in_use) > clock.now():
        detail = f"what former versions have made is in use until {clock.to_text(until)}; finish after that"
        raise NotRotatableError(detail)
    return held


def finish(of: str) -> int:
    """Drop all versions but the one in force, and what was taken over; returns how many versions there were.

    Raises NotRotatableError as `finishable`.
    """
    held = finishable(of)
    _put(of, Keyring((held.current,)))
    return len(held.versions) + bool(held.earlier)


def take_over(of: str, names: Iterable[str]) -> int:
    """Take keys of those names over from the secret that was for everything, where a deployment comes from there.

    Returns how many; none when the secret is as old as that one, or was ever written to. May be repeated.
    """
    client = aws.secretsmanager()
    former, own = (client.describe_secret(SecretId=setting(name))["CreatedDate"] for name in (IDENTITY, of))
    held = read(of)
    if own - former < _TOGETHER or held.versions != (Version(1, held.versions[0].secret),) or held.earlier:
        return 0
    one = secret.keyring(IDENTITY)
    earlier = {name: one.key(name, one.versions[0]).hex() for name in names}
    _put(of, Keyring((replace(held.versions[0], since=clock.to_text(own)),), earlier))
    return len(earlier)


def _put(of: str, held: Keyring) -> None:
    aws.secretsmanager().put_secret_value(SecretId=setting(of), SecretString=held.text())
    secret.forget()
