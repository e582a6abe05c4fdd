"""Laws of reading a whole target, and of what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from connectors.contract import (
    AccountState,
    Check,
    Entitlement,
    RawPage,
    Record,
    Rows,
    Scope,
    ScopeEnd,
    ScopeKind,
    SelfDescribing,
    Target,
)
from connectors.laws.base import CAPABILITIES, Laws, Needs, Run

ACCOUNTS = Scope(ScopeKind.ACCOUNTS)


@dataclass(frozen=True, slots=True)
class Reading:
    """One whole read. A page numbered 1 that came again has voided the pages of its scope before it."""

    pages: Sequence[RawPage]
    ends: Sequence[ScopeEnd]

    def rows(self, target: Target, kind: ScopeKind) -> list[Rows]:
        """The decoded pages of the scopes of one kind."""
        return [target.decode(page) for page in self.pages if page.scope.kind is kind]

    def records(self, target: Target) -> dict[str, Record]:
        """The accounts by id."""
        return {record.id: record for rows in self.rows(target, ScopeKind.ACCOUNTS) for record in rows.records}


async def _everything(target: Target) -> Reading:
    pages: list[RawPage] = []
    ends: list[ScopeEnd] = []
    async for item in target.pages():
        if isinstance(item, ScopeEnd):
            ends.append(item)
        else:
            pages = [*(page for page in pages if item.number > 1 or page.scope != item.scope), item]
    return Reading(pages, ends)


def _count(rows: Rows) -> int:
    read = (rows.records, rows.entitlements, rows.memberships, rows.quarantined)
    return sum(len(each) for each in read) + rows.repeated


class PageLaws(Laws):
    """Laws of `pages` and `decode`."""

    @pytest.fixture
    def reading(self, target: Target, run: Run, account: Record, other: Record) -> Reading:
        """A whole read of a target with two accounts at least."""
        assert account.id != other.id
        return run(_everything(target))

    def test_account_is_read_in_a_page_as_by_its_id(self, target: Target, reading: Reading, account: Record) -> None:
        read = reading.records(target)[account.id]
        assert (read.state, read.values()) == (account.state, account.values())

    def test_changed_account_is_read_in_a_page(self, target: Target, run: Run, needs: Needs, account: Record, other: Record) -> None:
        needs("deactivate")
        run(target.deactivate_account(account.id))
        read = run(_everything(target)).records(target)
        if account.id in read or run(target.read_account(account.id)) is not None:
            assert read[account.id].state is AccountState.DEACTIVATED
        assert read[other.id].state is AccountState.ACTIVE

    def test_every_scope_that_is_begun_ends_once_and_without_a_problem(self, reading: Reading) -> None:
        ended = [end.scope for end in reading.ends]
        assert len(set(ended)) == len(ended)
        assert {page.scope for page in reading.pages} <= set(ended)
        assert ACCOUNTS in ended
        assert [str(end) for end in reading.ends if end.problem] == []

    def test_pages_of_a_scope_are_numbered_and_only_the_last_has_no_cursor(self, reading: Reading) -> None:
        for scope in {page.scope for page in reading.pages}:
            pages = [page for page in reading.pages if page.scope == scope]
            assert [page.number for page in pages] == list(range(1, len(pages) + 1))
            assert [page.cursor is None for page in pages] == [*([False] * (len(pages) - 1)), True]

    def test_every_page_decodes_whole(self, target: Target, reading: Reading) -> None:
        assert [odd for page in reading.pages for odd in target.decode(page).quarantined] == []

    def test_declared_total_is_the_number_of_rows(self, target: Target, reading: Reading) -> None:
        for end in reading.ends:
            if end.declared_total is not None:
                assert sum(_count(target.decode(page)) for page in reading.pages if page.scope == end.scope) == end.declared_total

    def test_account_is_read_once(self, target: Target, reading: Reading) -> None:
        ids = [record.id for rows in reading.rows(target, ScopeKind.ACCOUNTS) for record in rows.records]
        assert len(set(ids)) == len(ids)

    def test_second_read_gives_the_same(self, target: Target, run: Run, reading: Reading) -> None:
        assert run(_everything(target)).records(target) == reading.records(target)

    def test_damaged_page_does_not_raise(self, target: Target, reading: Reading) -> None:
        for page in reading.pages:
            for body in (b"", b"null", b"\xff", b"[" * 5000, page.body[: len(page.body) // 2], b'{"Resources": [1]}', b'[{"id": 1}]'):
                assert isinstance(target.decode(replace(page, body=body)), Rows)

    def test_membership_is_read_in_a_page(self, target: Target, run: Run, needs: Needs, account: Record, group: Entitlement) -> None:
        needs("memberships")
        run(target.add_member(group.id, account.id))
        reading = run(_everything(target))
        entitlements = [each for rows in reading.rows(target, ScopeKind.ENTITLEMENTS) for each in rows.entitlements]
        members = [each for rows in reading.rows(target, ScopeKind.MEMBERS) for each in rows.memberships]
        assert [each.name for each in entitlements if each.id == group.id] == [group.name]
        assert [each.account_id for each in members if each.entitlement_id == group.id] == [account.id]


class SystemLaws(Laws):
    """Laws of what a target says of itself."""

    def test_system_is_the_same_when_it_is_asked_twice(self, target: Target, run: Run) -> None:
        first = run(target.identity())
        assert first == run(target.identity())
        assert first.id or first.address

    def test_check_answers(self, target: Target, run: Run, account: Record) -> None:
        assert account.id
        checks = run(target.check())
        assert checks
        assert all(isinstance(check, Check) and check.what for check in checks)

    def test_attributes_of_an_account_are_among_the_declared_names(self, target: Target, run: Run, account: Record) -> None:
        names = run(target.attribute_names())
        if names is None:
            pytest.skip(f"{target.name} does not declare its attributes")
        assert account.values().keys() <= set(names)

    def test_traits_name_the_login_and_the_text_of_an_account(self, target: Target, account: Record) -> None:
        assert account.values().keys() >= {target.traits.login, self.text}

    def test_unsupported_capabilities_are_capabilities(self, target: Target, run: Run) -> None:
        if not isinstance(target, SelfDescribing):
            pytest.skip(f"{target.name} does not say what it does not support")
        assert run(target.unsupported()).keys() <= CAPABILITIES

    def test_target_can_be_closed_twice(self, target: Target, run: Run, account: Record) -> None:
        assert account.id
        for _ in range(2):
            run(target.close())
