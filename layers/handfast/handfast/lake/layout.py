"""Where the data plane's objects lie, and their columns (docs/architecture.md, Objects in S3).

The prefixes are partitions that SQL engines read (template.yaml, the Glue tables).
"""

from collections.abc import Mapping
from types import MappingProxyType

from handfast.identity.renderings import FORMS

KEY_COLUMNS: Mapping[str, str] = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT"})
"""Columns of DuckDB by name and type: a key, which every row of an object begins with."""

PROFILE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        **KEY_COLUMNS,
        "namespace": "SMALLINT",
        "value": "BLOB",
        "profile_id": "VARCHAR",
        "share": "VARCHAR",
        "profile_share": "VARCHAR",
        "share_at": "TIMESTAMP",
        "attributes": "VARCHAR",
        "profile_share_at": "TIMESTAMP",
    }
)

STORED_PROFILE_COLUMNS: Mapping[str, str] = MappingProxyType({**PROFILE_COLUMNS, "known_since": "INTEGER"})
"""The columns of profiles as a sandbox has them; a change says nothing of the last.

It is the hour (`clock.hours`) in which ingest first saw the identity; objects of before it lack it, and it is null for
what was known then, which is of any age.
"""

MEMBER_COLUMNS: Mapping[str, str] = MappingProxyType({**KEY_COLUMNS, "since": "TIMESTAMP"})

STORED_MEMBER_COLUMNS: Mapping[str, str] = MappingProxyType({**MEMBER_COLUMNS, "put_by": "VARCHAR[]"})
"""`put_by` are the sources that named a member, and "" for uploads and streams; null where only those did.

Objects that were written before sources had snapshots lack it.
"""

SUPPRESSION_COLUMNS: Mapping[str, str] = MappingProxyType(
    {**KEY_COLUMNS, "since": "TIMESTAMP", "reason": "VARCHAR", "listed_by": "VARCHAR"}
)
"""Objects that were written before there were lists of DROP by item lack `listed_by`."""

ANSWER_COLUMNS: Mapping[str, str] = MappingProxyType({**KEY_COLUMNS, "share": "VARCHAR", "share_at": "TIMESTAMP"})

PHONE_INDEX_COLUMNS: Mapping[str, str] = MappingProxyType(
    {**KEY_COLUMNS, "last_ten_hi": "BIGINT", "last_ten_lo": "BIGINT"}
)

RENDERING_COLUMNS: Mapping[str, str] = MappingProxyType({**KEY_COLUMNS, **dict.fromkeys(FORMS, "BLOB")})
"""A digest as platforms want it, by form; empty where it is the one that is held, null where it is not known."""

DEPARTURE_COLUMNS: Mapping[str, str] = MappingProxyType({**KEY_COLUMNS, "segment": "VARCHAR", "left_at": "TIMESTAMP"})

DISCLOSURE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        **KEY_COLUMNS,
        "namespace": "SMALLINT",
        "value": "BLOB",
        "segment": "VARCHAR",
        "disclosed_at": "TIMESTAMP",
        "withdrawn_at": "TIMESTAMP",
    }
)

DELIVERY_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        **KEY_COLUMNS,
        "namespace": "SMALLINT",
        "target": "VARCHAR",
        "value": "BLOB",
        "segment": "VARCHAR",
        "sent_at": "TIMESTAMP",
    }
)
"""What a destination has taken and not been told to forget."""

ATTEMPT_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        **KEY_COLUMNS,
        "namespace": "SMALLINT",
        "target": "VARCHAR",
        "value": "BLOB",
        "segment": "VARCHAR",
        "realized": "BOOLEAN",
        "changed_at": "TIMESTAMP",
        "attempts": "SMALLINT",
        "not_before": "TIMESTAMP",
    }
)
"""What a destination was or is being sent, without an answer that it took it."""


def profiles(sandbox_id: str) -> str:
    """The prefix of the identities that a sandbox knows."""
    return f"profiles/sandbox={sandbox_id}/"


def segments(sandbox_id: str) -> str:
    """The prefix of the members of all of a sandbox's segments; below it `segment={id}/`."""
    return f"memberships/sandbox={sandbox_id}/segment="


def memberships(sandbox_id: str, segment_id: str) -> str:
    """The prefix of a segment's members."""
    return f"{segments(sandbox_id)}{segment_id}/"


def suppressions(sandbox_id: str) -> str:
    """The prefix of the identities that a sandbox suppresses."""
    return f"suppressions/sandbox={sandbox_id}/"


def suppressions_towards(sandbox_id: str, partner_key: str) -> str:
    """The prefix of the identities that a sandbox suppresses towards one partner alone, in either direction."""
    return f"{suppressions_towards_partners(sandbox_id)}partner={partner_key}/"


def suppressions_towards_partners(sandbox_id: str) -> str:
    """The prefix of what a sandbox suppresses towards single partners."""
    return f"suppressions_towards/sandbox={sandbox_id}/"


def suppression_log(sandbox_id: str) -> str:
    """The prefix of what a sandbox has decided to suppress and to release."""
    return f"suppression_log/sandbox={sandbox_id}/"


def answers(sandbox_id: str) -> str:
    """The prefix of the consent answers of people of whom a sandbox knows no identity."""
    return f"answers/sandbox={sandbox_id}/"


def phone_index(sandbox_id: str) -> str:
    """The prefix of a sandbox's phone numbers by their last ten digits."""
    return f"phone_index/sandbox={sandbox_id}/"


def renderings(sandbox_id: str) -> str:
    """The prefix of a sandbox's identities as platforms hash them."""
    return f"renderings/sandbox={sandbox_id}/"


def departures(sandbox_id: str) -> str:
    """The prefix of who has left which segment of a sandbox by a stream, lately."""
    return f"departures/sandbox={sandbox_id}/"


def disclosures(dataflow_id: str) -> str:
    """The prefix of what a dataflow has disclosed."""
    return f"disclosures/dataflow={dataflow_id}/"


def states(dataflow_id: str) -> str:
    """The prefix of what a dataflow's buckets looked like last; SQL engines leave out what begins with `_`."""
    return f"{disclosures(dataflow_id)}_state/"


def views(dataflow_id: str) -> str:
    """The prefix of what tools of others read of what a dataflow has disclosed."""
    return f"views/dataflow={dataflow_id}/"


def deliveries(dataflow_id: str) -> str:
    """The prefix of what the destination of a dataflow has taken; SQL engines leave out what begins with `_`."""
    return f"deliveries/dataflow={dataflow_id}/"
