"""The statement for Athena, run by DuckDB over tables of the same names."""

import duckdb
import pytest

from handfast_cli.admin import lake

PROFILES = [
    # sandbox, key, namespace, share, profile_share
    ("a", 1, 1, None, None),
    ("a", 2, 1, "n", None),
    ("a", 3, 1, "y", "n"),
    ("a", 4, 5, "y", None),
    ("a", 5, 1, "y", None),
    ("a", 6, 1, "y", None),
    ("a", 7, 1, "y", None),
    *(("b", key, 5 if key == 4 else 1, None, None) for key in (1, 2, 3, 4, 5, 6, 8)),
]
SUPPRESSIONS = [("a", 5, "opt_out"), ("b", 6, "erasure")]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "CREATE SCHEMA lake;"
        "CREATE TABLE lake.profiles (sandbox VARCHAR, hi BIGINT, lo BIGINT, namespace SMALLINT, value BLOB,"
        " share VARCHAR, profile_share VARCHAR, known_since INTEGER);"
        "CREATE TABLE lake.suppressions (sandbox VARCHAR, hi BIGINT, lo BIGINT, reason VARCHAR)"
    )
    for sandbox, key, namespace, share, profile_share in PROFILES:
        row = [sandbox, key, key, namespace, share, profile_share]
        connection.execute("INSERT INTO lake.profiles VALUES (?, ?, ?, ?, NULL, ?, ?, NULL)", row)
    for sandbox, key, reason in SUPPRESSIONS:
        connection.execute("INSERT INTO lake.suppressions VALUES (?, ?, ?, ?)", [sandbox, key, key, reason])
    return connection


@pytest.mark.parametrize(
    ("consent_default", "expected"),
    [("default_allow", {1: (4, 1), 5: (1, 1)}), ("default_deny", {1: (4, 0), 5: (1, 1)})],
)
def test_the_statement_counts_what_both_know_and_what_may_be_shared(
    connection: duckdb.DuckDBPyConnection, consent_default: str, expected: dict[int, tuple[int, int]]
) -> None:
    rows = connection.execute(lake.statement("lake", "a", "b", consent_default)).fetchall()
    assert {namespace: (overlapped, shared) for _, namespace, overlapped, shared in rows} == expected
