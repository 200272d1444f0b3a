"""How an announced file is read, by what was announced and by the settings of its sandbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from handfast.governance.consent_strings import Rules
from handfast.identity.renderings import forms_of
from handfast.ingest.applying import removals
from handfast.ingest.models import Upload
from handfast.ingest.person_facts import LookUp
from handfast.ingest.plan import Plan
from handfast.journal.models import Sandbox
from handfast.lake import buckets, known_people
from handfast.platform import clock
from handfast.platform.objects import ObjectVersion
from handfast.platform.secret import identity_secret
from handfast.remote_files import store as sources
from handfast.segments import store as segments


def plan_of(
    upload: Upload, sandbox: Sandbox, at: datetime, suppressions: Sequence[Path], creates: str | None = None
) -> Plan:
    """The plan of an upload that is read as of a time, or as of the one that it tells; `suppressions` are local files.

    `creates` is what the ids of segments are made of that come into being with the file.
    """
    return Plan(
        format=upload.format,
        columns=upload.columns,
        segment_id=upload.segment_id,
        segments=segments.segments_by_name(upload.sandbox_id),
        phone_region=sandbox.phone_region,
        secret=identity_secret(),
        bucket_bits=buckets.bucket_bits(),
        at=as_of(upload) or at,
        suppressions=tuple(suppressions),
        snapshot=upload.mode == "snapshot",
        delimiter=upload.delimiter,
        header=upload.header,
        blanks=upload.blanks,
        replace_identities=upload.replace_identities,
        phone_index=sandbox.phone_index,
        own_namespaces=sandbox.own_namespaces,
        naming_namespaces=tuple(own.code for own in sandbox.namespaces if own.names_a_person),
        rules=_rules(sandbox),
        renderings=forms_of(upload.renderings),
        selected=upload.selected,
        is_preview=upload.is_preview,
        may_be_empty=upload.mode == "snapshot" and upload.allow_removal,
        overwrite=upload.mode == "overwrite",
        preset=upload.preset,
        creates=creates,
        rejects_name_profiles=upload.rejects_name_profiles,
    )


def as_of(upload: Upload) -> datetime | None:
    """The time whose state an upload tells of, where it says one."""
    return clock.from_text(upload.as_of) if upload.as_of else None


def removals_of(upload: Upload, current: Sequence[Path], staged: Sequence[Path]) -> tuple[int, int]:
    """How many members a snapshot may remove, and how many it would (`applying.removals`)."""
    return removals(
        current,
        staged,
        upload.segment_id or "",
        as_of=as_of(upload),
        source_id=upload.source_id,
        sources=sources.source_ids(upload.sandbox_id),
    )


def refused_by(upload: Upload, suppressions: Mapping[int, ObjectVersion]) -> Mapping[int, ObjectVersion]:
    """The suppressions that refuse rows of an upload; a suppression list refuses nobody, for who is erased stays so."""
    return {} if upload.mode == "suppression" else suppressions


def look_up_of(upload: Upload, plan: Plan, work_dir: Path) -> LookUp | None:
    """What finds the people that the sandbox knows; None where it knows nobody."""
    if not known_people.exist(upload.sandbox_id):
        return None
    return lambda connection: known_people.look_up(connection, upload.sandbox_id, plan.secret, work_dir)


def _rules(sandbox: Sandbox) -> Rules:
    tcf, gpp = sandbox.consent_strings.tcf, sandbox.consent_strings.gpp
    return Rules(tcf.purposes if tcf else (), tcf.vendor_id if tcf else None, gpp.sections if gpp else ())
