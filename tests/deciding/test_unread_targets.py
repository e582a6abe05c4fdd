"""Leavers whose accounts stay because their target was not read are named, and none whom this job ended since the last read."""

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract import AccountState, Scope, ScopeKind
from reconcile.plan.model import Plan
from reconcile.project.config import Protected
from tests.support.companies.engine import lab
from tests.support.companies.explained import COMPANY
from tests.support.companies.targets import Company, done, give_account, mapping, target

BROKEN = {Scope(ScopeKind.ACCOUNTS): "the token was refused."}


def leavers(plan: Plan) -> list[tuple[str, ...]]:
    return [each.sample for each in plan.waiting]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """Ann works, and Eve was deactivated in the last night; no read has shown that yet."""
    to = target("app")
    company = Company(tmp_path, [to], [mapping(delete_after_days=None)])
    for name in ("ann", "eve"):
        company.hire(name)
        give_account(to, name)
    company.night()
    company.people["eve"]["status"] = "left"
    assert done(company.night()) == ["deactivate eve"]
    return company


def unread(company: Company) -> Plan:
    company.targets[0].broken = BROKEN
    made = company.plan()
    company.targets[0].broken = {}
    return made


def test_leaver_whom_this_job_ended_since_the_last_read_does_not_keep_access(company: Company) -> None:
    assert leavers(unread(company)) == []
    company.people["ann"]["status"] = "left"
    for _ in range(2):
        assert leavers(unread(company)) == [("ann (no-ann)",)]


def test_leaver_whom_a_whole_read_showed_working_again_keeps_access(company: Company) -> None:
    accounts = company.targets[0].accounts
    accounts["app-eve"] = replace(accounts["app-eve"], state=AccountState.ACTIVE, version=accounts["app-ann"].version)
    assert done(company.plan()) == ["deactivate eve"]
    assert leavers(unread(company)) == [("eve (no-eve)",)]


@pytest.mark.parametrize("protected", [{"people": ["no-ann"]}, {"people": ["no-a*"]}, {"accounts": {"app": ["ann"]}}])
def test_protected_leaver_is_not_named_since_the_account_is_never_to_be_ended(company: Company, protected: dict[str, object]) -> None:
    company.people["ann"]["status"] = "left"
    assert leavers(unread(company)) == [("ann (no-ann)",)]
    company.protected = Protected.model_validate(protected)
    assert leavers(unread(company)) == []


@pytest.mark.parametrize(("protected", "named"), [((), 1), (("1006",), 0)])
def test_so_is_one_who_waits_for_a_source_that_was_not_read(tmp_path: Path, protected: tuple[str, ...], named: int) -> None:
    world = replace(COMPANY, protected_people=protected)
    with lab(world, tmp_path) as bench:
        bench.extract()
        bench.world = replace(world, broken=frozenset({"hr"}))
        bench.break_off()
        bench.extract()
        assert sum(each.leavers for each in bench.plan().waiting) == named
