"""Makes the views of the store: named relations with documented columns, for people who query it with DuckDB themselves.

The tables behind them may change with any version; the views do not, but for new ones and new columns at their end. A read-only connection is
enough: `duckdb -readonly state/store.duckdb`. The file cannot be read while a run writes it, so a copy is what a dashboard should read.
"""

from __future__ import annotations

import duckdb

from reconcile.store.parsed import execute
from reconcile.store.statements import statements_of

VERSION = 1
VIEWS = tuple(name for name in statements_of("store/views") if name.startswith("view_"))


def make_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the views in the attached store, unless those of this version are there."""
    try:
        execute(connection, "views_there").fetchall()
    except duckdb.CatalogException:
        for name in ("views_schema", *VIEWS, "views_version"):
            execute(connection, name).fetchall()
