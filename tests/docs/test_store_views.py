"""Whether the views of the store are what their page says, for plain DuckDB that opens the file read-only."""

import hashlib
import re
import shutil
from pathlib import Path

import duckdb
import pytest

import reconcile.store
from reconcile.store import views
from reconcile.store.connection import Store
from reconcile.store.file import FILE
from tests.structure.reference import FOLDER

PAGE = (FOLDER / "store-views.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
SQL = Path(reconcile.store.__file__).with_name("views.sql")
KNOWN = {1: "dea00f287129"}
"""The text of the views by version: a change needs a new one, or stores of before keep the old views."""

ROWS = """
INSERT INTO main.snapshot (system, number, taken_at, digest, columns, open_ended) VALUES
    ('workers', 1, '2026-03-01T01:00:00+00:00', 'a', [], false), ('okta', 1, '2026-03-01T01:00:01+00:00', 'b', [], false),
    ('okta', 2, '2026-03-02T01:00:01+00:00', 'c', [], false);
INSERT INTO main.scope_read BY NAME SELECT * FROM (VALUES
    ('okta', 1, 'accounts', '', true, '', 3), ('okta', 2, 'members', '00g1', false, 'page 2: 503', 1)
) AS one(system, number, kind, name, complete, reason, rows), (SELECT 1 AS pages, 1 AS distinct_ids, '' AS watermark, 0.5 AS seconds, false AS delta, '' AS fingerprint);
INSERT INTO main.record_version VALUES
    ('workers', 'E1', 'active', '', '{"Department": "Sales"}', '', 1, NULL), ('workers', 'E2', 'active', '', '{"Department": "Sales"}', '', 1, NULL),
    ('okta', '00u1', 'active', 'ACTIVE', '{"login": "a@x"}', '', 1, 2), ('okta', '00u1', 'deactivated', 'DEPROVISIONED', '{"login": "a@x"}', '', 2, NULL),
    ('okta', '00u2', 'active', 'ACTIVE', '{"login": "b@x"}', '', 1, 2);
INSERT INTO main.entitlement_version VALUES ('okta', '00g1', 'group', 'Admins', '{}', '', true, '', 1, NULL, ''), ('okta', '00g2', 'group', 'All', '{}', '', false, '', 1, NULL, '');
INSERT INTO main.membership_version VALUES ('okta', '00u1', '00g1', '', 1, NULL), ('okta', '00u1', '00g2', '', 1, 2), ('okta', '00u3', '00g2', 'rule 7', 1, NULL);
INSERT INTO main.granted VALUES ('okta', '00u1', '00g1', 'r-1', '');
INSERT INTO main.link VALUES ('okta', 'E1', '00u1', 'r-1', 'by badge');
INSERT INTO main.rest VALUES ('okta', '00u1', 'E1', 'deactivated', 2, '2026-03-02T01:00:00+00:00', 'r-1');
INSERT INTO main.quarantined VALUES ('okta', 1, 'accounts', '', '4', '', 'old', ''), ('okta', 2, 'accounts', '', '5', '00u9', 'no login', 'raw');
INSERT INTO main.night VALUES (1, 'r-1', '2026-03-02', 'okta', 'deactivate', 1), (2, 'r-1', '2026-03-02', '', '', 0);
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    Store.open(folder, write=True).close()
    with duckdb.connect(folder / FILE) as connection:
        connection.execute(ROWS)
    return folder / FILE


@pytest.fixture
def plain(store):
    with duckdb.connect(store, read_only=True) as connection:
        yield connection


def described(view):
    text = PAGE.partition(f"## views.{view}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def test_page_names_every_view_with_its_columns(plain):
    there = [name for (name,) in plain.sql("SELECT view_name FROM duckdb_views() WHERE schema_name = 'views'").fetchall()]
    names = re.findall(r"^## views\.(\w+)$", PAGE, re.MULTILINE)
    assert sorted([*names, f"version_{views.VERSION}"]) == sorted(there)
    assert {name: plain.sql(f"FROM views.{name}").columns for name in names} == {name: described(name) for name in names}


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_of_the_page_finds_rows(plain, query):
    assert plain.sql(query).fetchall() != []


def test_queries_find_what_their_sentences_say(plain):
    department, power, changed, people, unread = (plain.sql(query).fetchall() for query in QUERIES)
    assert department == [("Sales", 2)]
    assert power == [("Admins", "00u1", "", True)]
    assert [row[:2] for row in changed] == [("00u1", "active"), ("00u2", "active"), ("00u1", "deactivated")]
    assert people == [("00u1", "deactivated", "E1")]
    assert [row[2:] for row in unread] == [("members", "00g1", "page 2: 503")]


def test_views_show_what_holds_now_and_their_history_what_held(plain):
    assert plain.sql("SELECT id, state FROM views.record WHERE system = 'okta'").fetchall() == [("00u1", "deactivated")]
    history = plain.sql("SELECT id, state, gone_by IS NULL FROM views.record_history WHERE system = 'okta' ORDER BY ALL").fetchall()
    assert history == [("00u1", "active", False), ("00u1", "deactivated", True), ("00u2", "active", False)]
    assert plain.sql("SELECT name, ours FROM views.membership ORDER BY ALL").fetchall() == [("Admins", True), ("All", False)]
    assert plain.sql("SELECT count(*), count(gone_by) FROM views.membership_history").fetchall() == [(3, 1)]
    assert plain.sql("SELECT system, number FROM views.snapshot WHERE latest ORDER BY ALL").fetchall() == [("okta", 2), ("workers", 1)]
    assert plain.sql("SELECT position, reason FROM views.quarantined").fetchall() == [("5", "no login")]
    assert plain.sql("SELECT state, since FROM views.ended").fetchall()[0][1].isoformat() == "2026-03-02T01:00:00"
    assert plain.sql("SELECT verb, operations FROM views.run_size").fetchall() == [("deactivate", 1)]


def test_no_view_shows_a_record_as_it_came(plain):
    assert "raw" not in {name for view in re.findall(r"^## views\.(\w+)$", PAGE, re.MULTILINE) for name in described(view)}


def test_plain_duckdb_cannot_write_through_them(plain):
    with pytest.raises(duckdb.Error):
        plain.execute("DELETE FROM views.link")


def test_copy_of_the_store_has_them_under_any_name(store, tmp_path):
    shutil.copy(store, tmp_path / "dashboard.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{tmp_path / 'dashboard.duckdb'}' AS old (READ_ONLY)")
        assert connection.sql("SELECT anchor FROM old.views.link").fetchall() == [("E1",)]


def test_store_of_before_gets_them_when_it_is_next_written(tmp_path):
    Store.open(tmp_path, write=True).close()
    with duckdb.connect(tmp_path / FILE) as connection:
        connection.execute("DROP VIEW views.link; DROP VIEW views.version_1")
    Store.open(tmp_path, write=True).close()
    with duckdb.connect(tmp_path / FILE, read_only=True) as connection:
        assert connection.sql("FROM views.link").fetchall() == []


def test_a_change_of_the_views_has_a_new_version():
    assert KNOWN[views.VERSION] == hashlib.sha256(SQL.read_bytes()).hexdigest()[:12]
    assert f"views.version_{views.VERSION} AS SELECT {views.VERSION} AS version" in SQL.read_text(encoding="utf-8")
    assert f"SELECT version FROM store.views.version_{views.VERSION};" in SQL.read_text(encoding="utf-8")
