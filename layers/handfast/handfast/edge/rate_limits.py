"""The headers `RateLimit-Policy` and `RateLimit`: the quotas that a call has spent of, and what is left of them.

Their form is that of draft-ietf-httpapi-ratelimit-headers: lists of structured fields (RFC 9651), of which `q` is
the quota, `qu` its unit, `w` its period in seconds, `r` what remains, and `t` the seconds until it is whole again.
"""

from handfast.platform import quotas

NAMES = ("RateLimit-Policy", "RateLimit")


def begin() -> None:
    """Begin a call that has spent nothing."""
    quotas.standings.set({})


def headers() -> dict[str, list[str]]:
    """The headers of the call's answer; none when it has spent nothing."""
    spent = quotas.standings.get({}).values()
    if not spent:
        return {}
    policies = (
        f'"{each.quota.name}";q={each.quota.limit};qu="{each.quota.unit}";w={each.quota.seconds}' for each in spent
    )
    left = (f'"{each.quota.name}";r={each.remaining};t={each.reset_seconds}' for each in spent)
    return {name: [", ".join(fields)] for name, fields in zip(NAMES, (policies, left), strict=True)}
