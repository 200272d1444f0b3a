"""The overlap of two whole sandboxes as one SQL statement in Athena, for what is past one function.

The statement is the estimate's own (matching/estimate.sql over matching/relations.sql), with all identities of the
source as members, over the Glue tables of template.yaml.
"""

# ruff: noqa: S608 - statements are built from ids that have been looked up, and the package's own text
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handfast_cli.admin.operator import Deployment
from handfast_cli.errors import CommandError

_VIEW = re.compile(r"CREATE OR REPLACE VIEW (\w+) AS\n(.*?);", re.DOTALL)
_OF_LEDGERS = frozenset({"disclosures", "held", "delivered_held"})
_ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


@dataclass(frozen=True)
class Overlap:
    """Of one namespace: identities that both sandboxes know, and those of them that the source may share."""

    namespace: str
    overlapped: int
    with_consent: int


def overlap_of(deployment: Deployment, source: str, target: str) -> list[dict[str, Any]]:
    """The overlap of two sandboxes by namespace; CommandError for a sandbox that is not there."""
    from handfast.access import store  # noqa: PLC0415 - reads the environment that Deployment sets

    sender, receiver = store.sandbox(source), store.sandbox(target)
    if sender is None or receiver is None:
        raise CommandError(f"no sandbox {target if sender else source}")
    query = statement(deployment.outputs["LakeName"], source, target, sender.consent_default, receiver.received_by)
    return [
        {"namespace": row.namespace, "overlapped": row.overlapped, "withConsent": row.with_consent}
        for row in overlap(deployment.outputs["WorkGroupName"], query)
    ]


def statement(
    database: str, source: str, target: str, consent_default: str, partner_consent_default: str | None = None
) -> str:
    """The statement; ANSI SQL, as Athena and DuckDB read it.

    With `partner_consent_default` the target's own answers are checked too.
    """
    from handfast.governance import consent  # noqa: PLC0415 - other commands need none of this
    from handfast.identity.namespaces import namespaces  # noqa: PLC0415

    def of(table: str, sandbox: str) -> str:
        return f'"{database}"."{table}" WHERE sandbox = \'{sandbox}\''

    def consented(default: str) -> str:
        return consent.CONSENTED.format(consent_default=default)

    suppressed = [f"SELECT hi, lo, reason FROM {of('suppressions', sandbox)}" for sandbox in (source, target)]
    sources = {
        "memberships": f"(SELECT hi, lo, '' AS segment FROM {of('profiles', source)})",
        "profiles": f"(SELECT * FROM {of('profiles', source)})",
        "partner": f"(SELECT * FROM {of('profiles', target)})",
        "partner_consented": consented(partner_consent_default) if partner_consent_default else "1",
        "stopped": "NULL",
        "held": "",
        "young": "FALSE",
        "by_age": "FALSE",
        "absent": "'not_in_partner'",
        "suppressions": f"({suppressed[0]})",
        "suppressed_by_either": f"({' UNION ALL '.join(suppressed)})",
        "namespaces": ", ".join(map(str, namespaces())),
        "consented": consented(consent_default),
        "disclosures": "",
    }
    relations = _text("matching", "relations.sql").format(**sources)
    named = ",\n".join(f"{name} AS ({select})" for name, select in _VIEW.findall(relations) if name not in _OF_LEDGERS)
    return f"WITH {named}\n{_text('matching', 'estimate.sql')}"


def _text(area: str, name: str) -> str:
    import handfast  # noqa: PLC0415

    return (Path(str(handfast.__file__)).parent / area / name).read_text()


def overlap(workgroup: str, query: str) -> list[Overlap]:
    """Run the statement and wait for its answer; CommandError when Athena fails."""
    import boto3  # noqa: PLC0415 - slow to import

    from handfast.identity.namespaces import namespace_of  # noqa: PLC0415

    athena: Any = boto3.client("athena")
    started = athena.start_query_execution(QueryString=query, WorkGroup=workgroup)["QueryExecutionId"]
    while (status := _status(athena, started))["State"] not in _ENDED:
        time.sleep(0.5)
    if status["State"] != "SUCCEEDED":
        raise CommandError(f"Athena could not run the statement: {status.get('StateChangeReason', status['State'])}")
    counts = {row["namespace"]: row for row in _rows(athena, started)}
    return [
        Overlap(namespace_of(int(code)).symbol, int(row["overlapped"]), int(row["with_consent"]))
        for code, row in sorted(counts.items())
    ]


def _status(athena: Any, query_id: str) -> dict[str, Any]:
    execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    status: dict[str, Any] = execution["Status"]
    return status


def _rows(athena: Any, query_id: str) -> Iterator[dict[str, str]]:
    """The rows by column; the first row of an answer is its header."""
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
    rows = [
        [cell.get("VarCharValue", "") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
    ]
    header, *found = rows
    return (dict(zip(header, row, strict=True)) for row in found)
