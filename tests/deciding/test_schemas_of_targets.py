"""The relations of each target stay in a schema of its own; what one step needs goes with the step."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import duckdb
import pytest

from reconcile.store.connection import Store
from reconcile.store.holding import store_holding


@pytest.fixture
def store():
    with store_holding({}) as held:
        held.relations.put("person", ("anchor",), [("1",), ("2",)])
        yield held


def test_relations_of_a_target_stay_after_another_target_was_decided(store):
    for target in ("okta", 'odd "name", with a comma'):
        with store.schemas.of_target(target):
            store.relations.derive("seen", "person", {"target": f"'{target}'"})
    for target in ("okta", 'odd "name", with a comma'):
        with store.schemas.of_target(target):
            assert store.expressions.keys("seen", "target") == [target, target]


def test_relation_of_a_target_is_not_seen_outside_it(store):
    with store.schemas.of_target("okta"):
        store.relations.derive("seen", "person", {"anchor": "anchor"})
    with pytest.raises(duckdb.CatalogException):
        store.expressions.keys("seen", "anchor")
    with store.schemas.of_target("wiki"), pytest.raises(duckdb.CatalogException):
        store.expressions.keys("seen", "anchor")


def test_relation_is_made_once(store):
    with store.schemas.of_target("okta"):
        store.relations.derive("seen", "person", {"anchor": "anchor"})
        with pytest.raises(duckdb.CatalogException, match="already exists"):
            store.relations.derive("seen", "person", {"anchor": "anchor"})


def _step(store: Store, *, ends: bool) -> None:
    with store.schemas.step(), store.schemas.step():
        store.relations.derive("seen", "person", {"anchor": "anchor"})
        assert store.expressions.keys("seen", "anchor") == ["1", "2"]
        if not ends:
            raise KeyError


def test_relation_of_a_step_goes_when_the_step_ends_or_fails(store):
    with store.schemas.of_target("okta"):
        for _ in range(2):
            _step(store, ends=True)
            with pytest.raises(KeyError):
                _step(store, ends=False)
            with pytest.raises(duckdb.CatalogException):
                store.expressions.keys("seen", "anchor")
    assert store.expressions.keys("person", "anchor") == ["1", "2"]


def _lose_connection(entered: Callable[[Store], AbstractContextManager[None]]) -> None:
    store = store_holding({})
    with entered(store):
        store.close()
        raise KeyError("the cause")


@pytest.mark.parametrize(
    "entered", [lambda store: store.schemas.step(), lambda store: store.schemas.of_target("okta")], ids=["step", "target"]
)
def test_error_that_takes_the_connection_with_it_is_the_one_that_is_raised(entered):
    """A full disk or a lack of memory invalidates the connection: what came first must reach the operator."""
    with pytest.raises(KeyError, match="the cause"):
        _lose_connection(entered)
