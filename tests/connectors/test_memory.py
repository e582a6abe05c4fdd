"""The target in dictionaries keeps what the contract promises of every target."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from connectors.contract import AccountState, Capability, Entitlement, EntitlementKind, RawPage, Scope, ScopeEnd, ScopeKind, Target, Traits
from connectors.errors import Conflict, NotFound, PreconditionFailed, Rejected
from connectors.memory.connector import PAGE, MemoryTarget
from connectors.memory.state import MemoryAccount

TRAITS = Traits(
    login="login",
    email="email",
    immutable=frozenset({"login"}),
    unique=frozenset({"login", "email"}),
    can=Capability(suspend=True, delete=True),
)
T = TypeVar("T")


def done(verb: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(verb)


@pytest.fixture
def target() -> MemoryTarget:
    ann = MemoryAccount("u1", AccountState.ACTIVE, {"login": "ann@x", "email": "ann@x", "title": "clerk"})
    bob = MemoryAccount("u2", AccountState.DEACTIVATED, {"login": "bob@x"})
    groups = [
        Entitlement("g1", EntitlementKind.GROUP, "all"),
        Entitlement("g2", EntitlementKind.GROUP, "fixed", read_only="it is built in"),
    ]
    return MemoryTarget("app", TRAITS, accounts=[ann, bob], entitlements=groups, members=[("u1", "g1")])


def read(target: MemoryTarget) -> list[RawPage | ScopeEnd]:
    async def everything() -> list[RawPage | ScopeEnd]:
        return [item async for item in target.pages()]

    return done(everything())


def test_it_is_a_target(target: MemoryTarget) -> None:
    assert isinstance(target, Target)


def test_what_it_holds_is_what_its_pages_say(target: MemoryTarget) -> None:
    rows = [target.decode(item) for item in read(target) if isinstance(item, RawPage)]
    assert {record.id: record.values() for each in rows for record in each.records} == {
        "u1": {"login": "ann@x", "email": "ann@x", "title": "clerk"},
        "u2": {"login": "bob@x"},
    }
    assert [each.name for row in rows for each in row.entitlements] == ["all", "fixed"]
    assert [(each.account_id, each.entitlement_id) for row in rows for each in row.memberships] == [("u1", "g1")]


def test_every_scope_that_is_begun_is_ended_with_its_total(target: MemoryTarget) -> None:
    items = read(target)
    begun = {item.scope for item in items if isinstance(item, RawPage)}
    ended = {item.scope: (item.problem, item.declared_total) for item in items if isinstance(item, ScopeEnd)}
    assert ended == {scope: ("", ended[scope][1]) for scope in begun}
    assert ended[Scope(ScopeKind.ACCOUNTS)] == ("", 2)


def test_pages_follow_one_another_and_the_last_has_no_cursor() -> None:
    many = [MemoryAccount(f"u{number}", AccountState.ACTIVE, {"login": f"{number}@x"}) for number in range(2 * PAGE + 1)]
    pages = [
        item for item in read(MemoryTarget("app", TRAITS, accounts=many)) if isinstance(item, RawPage) and item.scope.kind == "accounts"
    ]
    assert [page.number for page in pages] == [1, 2, 3]
    assert [bool(page.cursor) for page in pages] == [True, True, False]


def test_a_broken_scope_ends_with_its_problem_and_not_all_its_rows(target: MemoryTarget) -> None:
    target.broken = {Scope(ScopeKind.ACCOUNTS): "the connection was lost."}
    items = [item for item in read(target) if item.scope.kind is ScopeKind.ACCOUNTS]
    assert [len(target.decode(item).records) for item in items if isinstance(item, RawPage)] == [1]
    assert [item.problem for item in items if isinstance(item, ScopeEnd)] == ["the connection was lost."]


def test_an_update_changes_the_named_attributes_and_none_clears_one(target: MemoryTarget) -> None:
    seen = done(target.read_account("u1"))
    assert seen is not None
    changed = done(target.update_account("u1", {"title": None, "city": "Bern"}, seen))
    assert changed.values() == {"login": "ann@x", "email": "ann@x", "city": "Bern"}


def test_an_account_that_changed_since_it_was_seen_is_not_updated(target: MemoryTarget) -> None:
    seen = done(target.read_account("u1"))
    assert seen is not None
    done(target.deactivate_account("u1"))
    with pytest.raises(PreconditionFailed):
        done(target.update_account("u1", {"title": "chief"}, seen))


def test_an_immutable_attribute_is_not_changed(target: MemoryTarget) -> None:
    seen = done(target.read_account("u1"))
    assert seen is not None
    with pytest.raises(Rejected):
        done(target.update_account("u1", {"login": "eve@x"}, seen))


def test_a_value_that_must_be_unique_is_not_given_twice_in_any_case(target: MemoryTarget) -> None:
    with pytest.raises(Conflict):
        done(target.create_account({"login": "ANN@X"}))
    assert len(target.accounts) == 2


def test_an_account_without_a_login_is_not_created(target: MemoryTarget) -> None:
    with pytest.raises(Rejected):
        done(target.create_account({"email": "eve@x"}))


def test_a_new_account_is_active_and_found_by_its_login_in_any_case(target: MemoryTarget) -> None:
    made = done(target.create_account({"login": "eve@x"}))
    assert (made.state, [each.id for each in done(target.find_accounts("login", "EVE@X"))]) == (AccountState.ACTIVE, [made.id])


def test_a_state_that_is_there_already_is_no_change(target: MemoryTarget) -> None:
    assert done(target.activate_account("u1")).version == "1"
    assert done(target.activate_account("u2")).version == "2"
    assert done(target.deactivate_account("u2")).version == "3"


def test_a_suspended_account_keeps_its_memberships_and_can_be_made_active_again(target: MemoryTarget) -> None:
    assert done(target.suspend_account("u1")).state is AccountState.SUSPENDED
    assert done(target.has_member("g1", "u1"))
    assert done(target.activate_account("u1")).state is AccountState.ACTIVE


def test_only_a_deactivated_account_is_deleted_and_its_memberships_with_it(target: MemoryTarget) -> None:
    with pytest.raises(PreconditionFailed):
        done(target.delete_account("u1"))
    done(target.deactivate_account("u1"))
    for _ in range(2):
        done(target.delete_account("u1"))
    assert (done(target.read_account("u1")), target.members) == (None, set())
    with pytest.raises(Rejected):
        done(target.suspend_account("u2"))


def test_a_membership_is_given_and_taken(target: MemoryTarget) -> None:
    done(target.add_member("g1", "u2"))
    assert done(target.has_member("g1", "u2"))
    done(target.remove_member("g1", "u2"))
    assert not done(target.has_member("g1", "u2"))


def test_the_members_of_a_read_only_group_stay(target: MemoryTarget) -> None:
    with pytest.raises(Rejected):
        done(target.add_member("g2", "u1"))


@pytest.mark.parametrize(("entitlement", "account"), [("g9", "u1"), ("g1", "u9")])
def test_membership_of_an_unknown_account_or_entitlement_is_not_found(target: MemoryTarget, entitlement: str, account: str) -> None:
    with pytest.raises(NotFound):
        done(target.add_member(entitlement, account))


def test_an_account_that_does_not_exist_is_read_as_none(target: MemoryTarget) -> None:
    assert done(target.read_account("u9")) is None
    with pytest.raises(NotFound):
        done(target.deactivate_account("u9"))
