"""Saved plans as files to be edited."""

from pathlib import Path

import duckdb


def edit(plan: Path, table: str, *statements: str) -> None:
    """Rewrites one table of a saved plan with plain DuckDB: the statements change the table `edited`."""
    path = plan / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE edited AS FROM read_parquet($path)", {"path": str(path)}).fetchall()
        for statement in statements:
            connection.execute(statement).fetchall()
        path.unlink()
        connection.table("edited").write_parquet(str(path))
