"""A target that never shows whether an account is active: what this job did to an account is known, and done once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from connectors.contract import WHOLE, AccountState, RawPage, ReadRequest, Record, Scope, ScopeEnd, ScopeKind
from connectors.memory.connector import MemoryTarget, paged
from tests.support.companies.targets import TRAITS, Company, done, give_account, mapping


class Mute(MemoryTarget):
    """Keeps the state of an account to itself."""

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
        kept = self.accounts
        self.accounts = {}
        rows = [each.record()._replace(state=AccountState.UNKNOWN, status="") for each in kept.values()]
        async for part in super().pages(request):
            if part.scope.kind is not ScopeKind.ACCOUNTS:
                yield part
        for own in paged(Scope(ScopeKind.ACCOUNTS), rows, self.broken):
            yield own
        self.accounts = kept

    async def read_account(self, account_id: str) -> Record | None:
        found = await super().read_account(account_id)
        return found._replace(state=AccountState.UNKNOWN, status="") if found else None


def office(folder: Path) -> tuple[Company, Mute]:
    to = Mute("app", TRAITS)
    company = Company(folder, [to], [mapping(delete_after_days=None)])
    for name in ("ann", "eve"):
        company.hire(name)
        give_account(to, name)
    company.night()
    return company, to


def test_a_leaver_is_deactivated_once_and_comes_back_once(tmp_path: Path) -> None:
    company, to = office(tmp_path)
    company.people["eve"]["status"] = "left"
    assert done(company.night()) == ["deactivate eve"]
    assert to.accounts["app-eve"].state is AccountState.DEACTIVATED
    assert done(company.plan()) == []
    company.people["eve"]["status"] = "active"
    assert done(company.night()) == ["reactivate eve"]
    assert to.accounts["app-eve"].state is AccountState.ACTIVE
    assert done(company.plan()) == []


def test_a_leaver_whom_this_job_deactivated_keeps_no_access_where_the_target_is_not_read(tmp_path: Path) -> None:
    company, to = office(tmp_path)
    company.people["eve"]["status"] = "left"
    assert done(company.night()) == ["deactivate eve"]
    company.people["ann"]["status"] = "left"
    assert done(company.plan()) == ["deactivate ann"]
    to.broken = {Scope(ScopeKind.ACCOUNTS): "the token was refused."}
    assert [each.sample for each in company.plan().waiting] == [("ann (no-ann)",)]


def test_an_account_that_this_job_did_not_deactivate_is_deactivated_whatever_others_did(tmp_path: Path) -> None:
    company, to = office(tmp_path)
    assert to.accounts["app-eve"].state is AccountState.ACTIVE
    company.people["eve"]["status"] = "left"
    first = company.plan()
    assert done(first) == ["deactivate eve"]
    assert first.operations[0].before == {"state": "unknown"}
    assert done(company.plan()) == ["deactivate eve"]
