"""What depends on nothing but the installed program is read once a process, however many projects and connectors that opens."""

from __future__ import annotations

import importlib
from contextlib import closing
from pathlib import Path

import pytest

from connectors import registry
from connectors.http import connection
from reconcile.store.language import language
from reconcile.store.opening import in_memory
from reconcile.store.parsed import execute, parsed


def test_language_of_expressions_is_made_once():
    assert language() is language()
    assert language().parse("lower(name)") is language().parse("lower(name)")


def test_statement_is_parsed_once_for_all_connections_and_answers_each_of_them():
    with closing(in_memory()) as one, closing(in_memory()) as other:
        assert parsed(one, "tried_pattern") is parsed(other, "tried_pattern")
        answers = [execute(each, "tried_pattern", {"pattern": pattern}).fetchall() for each in (one, other) for pattern in ("a", "b*")]
    assert answers == [[(False,)], [(True,)]] * 2


def test_roots_of_certificates_are_read_once_for_all_connectors_and_anew_where_others_are_named():
    own = Path(importlib.import_module("certifi").where())
    assert connection._usual_roots() is connection._usual_roots()
    assert connection._usual_roots(str(own), "") is not connection._usual_roots()


def test_connector_types_of_third_parties_are_looked_up_once(monkeypatch: pytest.MonkeyPatch):
    registry.connector_types()
    monkeypatch.setattr(registry, "entry_points", lambda **_: pytest.fail("looked up again"))
    monkeypatch.setitem(registry.BUILT_IN, "memory", registry.BUILT_IN["okta"])
    assert "memory" in registry.connector_types()
