"""Permissions and the roles that bundle them (docs/api.md, Who)."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import MappingProxyType

PERMISSIONS = frozenset(
    {
        "connections:read",
        "connections:request",
        "connections:approve",
        "connections:manage",
        "segments:read",
        "segments:write",
        "profiles:read",
        "feeds:read",
        "feeds:write",
        "feeds:approve",
        "destinations:read",
        "destinations:manage",
        "destinations:activate",
        "governance:read",
        "governance:write",
        "privacy:read",
        "privacy:request",
        "privacy:approve",
        "activity:read",
        "access:manage",
    }
)

# `profiles:read` shows identities, so a viewer does not have it.
_VIEWER = frozenset(name for name in PERMISSIONS if name.endswith(":read")) - {"profiles:read"}

ROLES: dict[str, frozenset[str]] = {
    "viewer": _VIEWER,
    "partner-admin": _VIEWER | {"connections:request", "connections:approve", "connections:manage"},
    "audience-manager": _VIEWER
    | {
        "segments:write",
        "profiles:read",
        "feeds:write",
        "feeds:approve",
        "destinations:manage",
        "destinations:activate",
    },
    "privacy-officer": _VIEWER | {"privacy:request", "privacy:approve", "governance:write"},
    "sandbox-admin": PERMISSIONS,
}

ROLE_DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "viewer": "Sees everything but identities, and changes nothing",
        "partner-admin": "Asks partners for connections, decides on theirs, and ends them",
        "audience-manager": "Keeps segments and feeds, and takes what partners share",
        "privacy-officer": "Enters and decides privacy requests",
        "sandbox-admin": "May do everything, and says who else may",
    }
)
"""What each role is for."""


_MAPPED_BITS = 96
"""Bits of an IPv6 address before the address of IPv4 that it has within."""


def effective(role: str | None, permissions: Iterable[str]) -> frozenset[str]:
    """The permissions of a grant; names that no longer exist give nothing."""
    return (ROLES.get(role or "", frozenset()) | frozenset(permissions)) & PERMISSIONS


def unknown(role: str | None, permissions: Iterable[str]) -> list[str]:
    """Names in a grant that mean nothing, as JSON pointers."""
    wrong = [f"/permissions/{index}" for index, name in enumerate(permissions) if name not in PERMISSIONS]
    return (["/role"] if role is not None and role not in ROLES else []) + wrong


def network(text: str) -> str:
    """A network as CIDR writes it, or a single address as one. Raises ValueError for anything else."""
    try:
        return str(_network(text))
    except ValueError:
        raise ValueError("must be a network such as 203.0.113.0/24 or 2001:db8::/48, without bits of a host") from None


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Whether an IP address is in one of some networks, of which there may be none that ask for it."""
    allowed = [_network(each) for each in networks]
    try:
        return not allowed or any(_network(address).network_address in each for each in allowed)
    except ValueError:
        return False


def _network(text: str) -> IPv4Network | IPv6Network:
    """A network. One of IPv4 that is written in IPv6 is that of IPv4, as callers come from it."""
    found = ip_network(text)
    if isinstance(found, IPv4Network):
        return found
    if found.network_address.scope_id:
        raise ValueError("an address of one machine's own links")
    within = found.network_address.ipv4_mapped
    is_mapped = within and found.prefixlen >= _MAPPED_BITS
    return IPv4Network((within, found.prefixlen - _MAPPED_BITS)) if is_mapped else found
