"""No connection that evaluates an expression of a mapping can reach a file or the network, nor be told to."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from reconcile.store.connection import Store
from reconcile.store.holding import store_holding

OPENED: dict[str, Callable[[Path], Store]] = {
    "the store": lambda folder: Store.open(folder, write=False),
    "the store while it is written": lambda folder: Store.open(folder, write=True),
    "rows in memory": lambda _: store_holding({}),
}


@pytest.mark.parametrize("opened", OPENED.values(), ids=OPENED)
def test_store_reaches_no_file_and_its_configuration_stays(opened: Callable[[Path], Store], tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nopen\n", encoding="utf-8")
    with opened(tmp_path / "state") as store:
        connection = store._connection
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"SELECT * FROM read_csv('{secret}')").fetchall()
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("SET enable_external_access = true").fetchall()
