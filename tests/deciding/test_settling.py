"""Links and ledger follow the journal: the newest word counts, and taking over twice is taking over once."""

import contextlib
import itertools

import pytest

from reconcile.journal import Journal
from reconcile.model import LinkChange
from reconcile.settle import settle
from reconcile.store import Store


def link(anchor: str, account: str, *, forget: bool = False) -> LinkChange:
    return LinkChange(target="okta", anchor=anchor, account_id=account, because="found by employeeNumber", forget=forget)


@pytest.fixture
def settled(tmp_path):
    """Writes links into the journal and gives what the store then remembers."""
    numbers = itertools.count()

    def take(*nights: list[LinkChange]) -> dict[str, str]:
        with contextlib.closing(Journal(tmp_path)) as journal:
            for changes in nights:
                run = f"run-{next(numbers)}"
                journal.begin(run, "digest")
                journal.link(run, changes)
                journal.end(run)
            with Store.open(tmp_path, write=True) as store:
                settle(store, journal)
                assert settle(store, journal) == 0
                store.do("make_links", target="okta")
                return {anchor: account for anchor, account, _ in store.rows("known_links")}

    return take


def test_a_link_is_remembered(settled):
    assert settled([link("1", "a"), link("2", "b")]) == {"1": "a", "2": "b"}


def test_the_newest_word_about_a_person_counts(settled):
    assert settled([link("1", "a")], [link("1", "a", forget=True), link("1", "b")]) == {"1": "b"}


def test_a_forgotten_link_is_gone(settled):
    assert settled([link("1", "a"), link("2", "b")], [link("1", "a", forget=True)]) == {"2": "b"}


def test_forgetting_another_account_forgets_nothing(settled):
    assert settled([link("1", "a")], [link("1", "z", forget=True)]) == {"1": "a"}


def test_a_link_that_replaced_another_and_was_forgotten_leaves_none(settled):
    assert settled([link("1", "b"), link("1", "a"), link("1", "a", forget=True)]) == {}


def test_what_is_settled_night_by_night_is_what_is_settled_at_once(settled):
    settled([link("1", "a")])
    assert settled([link("1", "a", forget=True)], [link("1", "c"), link("3", "d")]) == {"1": "c", "3": "d"}
