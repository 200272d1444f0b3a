"""Connections to DuckDB, as every area opens them."""

from pathlib import Path

from handfast.platform.duck import connect


def test_no_statement_draws_a_progress_bar(tmp_path: Path) -> None:
    with connect() as connection:
        for session in (connection, connection.cursor()):
            assert session.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)
