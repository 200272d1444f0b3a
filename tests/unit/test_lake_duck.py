"""Connections to DuckDB, as every area opens them."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from handfast.lake.duck import beside, connect, database


def test_no_statement_draws_a_progress_bar() -> None:
    with connect() as connection:
        for session in (connection, connection.cursor()):
            assert session.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)


def test_each_connection_has_a_database_of_its_own() -> None:
    with connect() as connection, connect() as other:
        connection.execute("CREATE TABLE things AS SELECT 1 AS number; CREATE TYPE word AS ENUM ('a')")
        with pytest.raises(duckdb.CatalogException):
            other.execute("FROM things")
        other.execute("CREATE TYPE word AS ENUM ('b')")
    with connect() as later, pytest.raises(duckdb.CatalogException):
        later.execute("FROM things")


def test_threads_share_a_database_by_connections_beside() -> None:
    with connect() as connection:
        connection.execute("CREATE TABLE things AS SELECT unnest(range(10)) AS number")
        name = database(connection)

        def sum_up(least: int) -> int:
            with beside(connection, name) as other:
                ((total,),) = other.execute("SELECT sum(number) FROM things WHERE number >= ?", [least]).fetchall()
            return int(total)

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(sum_up, range(3))) == [45, 45, 44]


def test_an_error_leaves_nothing_behind() -> None:
    def fail() -> None:
        with connect() as connection:
            connection.execute("CREATE TABLE things AS SELECT 1 AS number")
            connection.execute("SELECT error('broken')")

    with pytest.raises(duckdb.InvalidInputException):
        fail()
    with connect() as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchone() == (2,)


def test_what_spills_is_out_of_others_reach() -> None:
    with connect() as connection:
        ((folder,),) = connection.execute("SELECT current_setting('temp_directory')").fetchall()
    assert stat.S_IMODE(Path(folder).parent.stat().st_mode) == 0o700
    assert not Path(folder).exists()


def test_a_broken_engine_is_replaced() -> None:
    with connect() as connection:
        connection.close()  # as after an error that the engine does not survive
    with connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
