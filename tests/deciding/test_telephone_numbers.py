"""A telephone number and its URI are one value to a target that says so; other spellings are other values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from connectors.telephone import same_number
from tests.support.companies.targets import TRAITS, Company, done, give_account, mapping

PAIRS = [
    ("+49 30 7001", "tel:+49307001", True),
    ("+49 (30) 70-01", "TEL:+49-30-7001", True),
    ("+49 30 7001", "+49307001", False),
    ("tel:+49307001", "tel:+49-30-7001", False),
    ("+49 30 7001", "tel:+49307002", False),
    ("7001", "tel:7001;phone-context=example.com", False),
    ("", "tel:", False),
]


@pytest.mark.parametrize(("wanted", "held", "same"), PAIRS)
def test_a_number_is_its_uri(wanted: str, held: str, same: bool) -> None:  # noqa: FBT001 - a column of the table
    assert same_number(wanted, held) is same
    assert same_number(held, wanted) is same


@pytest.mark.parametrize(("wanted", "held", "same"), [each for each in PAIRS if each[0]])
def test_an_account_that_holds_the_uri_is_not_changed(tmp_path: Path, wanted: str, held: str, same: bool) -> None:  # noqa: FBT001
    to = MemoryTarget("app", replace(TRAITS, telephone=frozenset({"phone"})))
    company = Company(tmp_path, [to], [mapping(attributes={"login": "name", "phone": "title"})])
    company.hire("ann", title=wanted)
    held_by = give_account(to, "ann")
    to.accounts[held_by] = MemoryAccount(held_by, to.accounts[held_by].state, {"login": "ann", "phone": held})
    assert done(company.plan()) == ([] if same else ["update ann"])


class Canonical(MemoryTarget):
    """Keeps every number as a URI."""

    async def update_account(self, account_id, changes, seen):
        return await super().update_account(account_id, {**changes, "phone": "tel:" + changes["phone"].replace(" ", "")}, seen)


def test_a_number_that_comes_back_as_its_uri_was_written(tmp_path: Path) -> None:
    to = Canonical("app", replace(TRAITS, telephone=frozenset({"phone"})))
    company = Company(tmp_path, [to], [mapping(attributes={"login": "name", "phone": "title"})])
    company.hire("ann", title="+49 30 7001")
    give_account(to, "ann")
    [outcome] = company.apply(company.plan())
    assert (outcome.kind.value, outcome.detail) == ("done", "")
    assert done(company.plan()) == []
