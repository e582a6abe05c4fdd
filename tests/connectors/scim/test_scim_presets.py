"""Every shipped dialect against an application that takes nothing else: whole reads, and every verb."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import AccountState, Record, Value
from connectors.errors import NotFound, PreconditionFailed, Rejected
from connectors.http.budget import Budget
from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.products import PRODUCTS
from connectors.sandbox.host import Fault, FaultKind, WireApp
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_limits import Deactivated, ScimLimits
from connectors.scim.connector import Scim
from connectors.scim.dialect import ActiveUpdate, Afterwards, Dialect, Paging, Rate, RemoveForm, UserUpdate, dialect_of, presets

NEW: dict[str, Value] = {
    "userName": "new@example.com",
    "displayName": "Nia New",
    "name.givenName": "Nia",
    "name.familyName": "New",
    "emails.work": "new@example.com",
}
PAGING = {
    Paging.INDEX: SandboxPaging.INDEX,
    Paging.KEYSET: SandboxPaging.INDEX,
    Paging.CURSOR: SandboxPaging.CURSOR,
    Paging.NONE: SandboxPaging.NONE,
}
UNHURRIED: dict[str, Any] = {"dialect_overrides": {"rate": {}}}
"""Without the product's rate limits, which these few requests would wait for."""
EACH = pytest.mark.parametrize("preset", sorted(presets()))
ENTITLEMENTS = [{"value": "profile"}]


def new(preset: str) -> dict[str, Value]:
    """A new account with what the product requires of one."""
    more: dict[str, Value] = {"externalId": "17", "entitlements": ENTITLEMENTS}
    return {**NEW, **{name: value for name, value in more.items() if name in dialect_of(preset, {}).required}}


def strict(dialect: Dialect) -> ScimSandboxSettings:
    """An application that has what the dialect says and no more."""
    limits = ScimLimits(
        member_changes=dialect.max_member_changes,
        operations=dialect.max_operations,
        path_filters=dialect.path_filters,
        filter_removals=dialect.remove_form is RemoveForm.FILTER,
        one_equality=dialect.paging is not Paging.KEYSET,
        projections=dialect.projections,
        patch=dialect.user_update is UserUpdate.PATCH,
        put=UserUpdate.PUT in (dialect.user_update, dialect.active_update),
        furthest_start=1 if dialect.paging is Paging.KEYSET else None,
        deactivated=Deactivated(dialect.afterwards.value),
    )
    return ScimSandboxSettings(paging=PAGING[dialect.paging], max_page=2, entra_removals=not limits.filter_removals, limits=limits)


@pytest.fixture
def strict_app(serve: Any, user: Any, preset: str) -> Any:
    members = [{"value": f"u{n}"} for n in (1, 2, 3, 4)]
    groups = [{"id": f"g{n}", "displayName": f"G{n}", "members": members if n == 1 else []} for n in (1, 2, 3)]
    more = {"entitlements": ENTITLEMENTS} if preset == "salesforce" else {}
    users = [user(n, displayName=f"Person {n}", **more) for n in range(1, 8)]
    return serve(_application(preset, {"users": users, "groups": groups}))


def _application(preset: str, seed: dict[str, Any]) -> WireApp:
    """The product's own, where there is one, with small pages."""
    if preset in PRODUCTS:
        domain = "example.com" if PRODUCTS[preset].verified_domain else ""
        return DialectSandbox(replace(PRODUCTS[preset], max_page=2, default_page=2, verified_domain=domain), seed)
    return ScimSandbox(seed, settings=strict(dialect_of(preset, {})))


@EACH
def test_a_preset_reads_the_whole_application(strict_app: Any, preset: str) -> None:
    reading = strict_app.read(dialect=preset, **UNHURRIED)
    assert sorted(reading.ids) == [f"u{n}" for n in range(1, 8)]
    assert {name: end.problem for name, end in reading.ends.items() if end.problem} == {}
    dialect = dialect_of(preset, {})
    assert len(reading.members) == (4 if dialect.groups else 0)
    assert all(request.headers["user-agent"] for request in strict_app.sandbox.requests())


def test_veza_is_asked_for_200_users_a_page(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(n) for n in range(1, 202)], "groups": []}, settings=ScimSandboxSettings(max_page=200)))
    assert len(app.read(dialect="veza", **UNHURRIED).ids) == 201
    asked = [request.query for request in app.sandbox.requests() if request.path.endswith("/Users")]
    assert [query for query in asked if "count=200" in query][:2] == ["startIndex=1&count=200", "startIndex=201&count=200"]


@EACH
def test_a_preset_creates_changes_finds_and_deactivates_accounts(strict_app: Any, preset: str) -> None:
    dialect = dialect_of(preset, {})

    async def work(scim: Scim) -> tuple[Record, Record, Sequence[Record], Record]:
        created = await scim.create_account(new(preset))
        changes: dict[str, Value] = {"title": "Lead", "name.givenName": "Nina", "phoneNumbers.work": "1"}
        changed = await scim.update_account(created.id, changes, created)
        found = await scim.find_accounts("userName", "NEW@example.com")
        return created, changed, found, await scim.deactivate_account(created.id)

    created, changed, found, ended = strict_app.run(work, dialect=preset, **UNHURRIED)
    assert changed.values() == {**new(preset), "title": "Lead", "name.givenName": "Nina", "phoneNumbers.work": "1"}
    assert [each.id for each in found] == [created.id]
    assert ended.state is AccountState.DEACTIVATED
    if dialect.active_update is ActiveUpdate.PATCH_VALUE:
        assert '"value":{"active":false}' in strict_app.sandbox.writes()[-1].body


@EACH
def test_a_preset_brings_a_deactivated_account_back_where_that_is_possible(strict_app: Any, preset: str) -> None:
    async def work(scim: Scim) -> tuple[bool, AccountState]:
        await scim.deactivate_account("u5")
        if not scim.traits.can.reactivate:
            with pytest.raises(NotFound):
                await scim.activate_account("u5")
            return False, AccountState.DEACTIVATED
        return True, (await scim.activate_account("u5")).state

    possible, state = strict_app.run(work, dialect=preset, **UNHURRIED)
    assert possible is (dialect_of(preset, {}).afterwards is not Afterwards.GONE)
    assert state is (AccountState.ACTIVE if possible else AccountState.DEACTIVATED)


@pytest.mark.parametrize("preset", [name for name in sorted(presets()) if dialect_of(name, {}).groups])
def test_a_preset_adds_and_removes_members(strict_app: Any, preset: str) -> None:
    async def work(scim: Scim) -> None:
        await asyncio.gather(*(scim.remove_member("g1", f"u{n}") for n in (1, 2, 3)), *(scim.add_member("g1", f"u{n}") for n in (5, 6)))

    strict_app.run(work, dialect=preset, **UNHURRIED)
    assert {member["value"] for member in strict_app.held("groups", "g1")["members"]} == {"u4", "u5", "u6"}


@pytest.mark.parametrize(("preset", "attribute"), [("1password", "emails.work")])
def test_what_a_product_never_changes_is_told_to_the_planner(strict_app: Any, preset: str, attribute: str) -> None:
    async def immutable(scim: Scim) -> frozenset[str]:
        return scim.traits.immutable

    assert attribute in strict_app.run(immutable, dialect=preset)


@pytest.mark.parametrize(
    ("preset", "missing"),
    [
        ("veza", "displayName, name.familyName, name.givenName"),
        ("aws-iam-identity-center", "displayName, name.familyName, name.givenName"),
        ("salesforce", "entitlements"),
        ("github-enterprise", "externalId"),
    ],
)
def test_what_a_product_requires_is_missed_before_anything_is_sent(strict_app: Any, preset: str, missing: str) -> None:
    with pytest.raises(Rejected, match=f"without {missing}$"):
        strict_app.run(lambda scim: scim.create_account({"userName": "x"}), dialect=preset)


@pytest.mark.parametrize(
    ("preset", "wrong", "left"),
    [
        # What cannot be seen afterwards is refused, although it was done; and nobody seems to be there to be removed.
        ("aws-iam-identity-center", {"members": "each"}, {"u1", "u2", "u4", "u5"}),
        ("aws-iam-identity-center", {"remove_form": "filter"}, {"u1", "u2", "u4", "u5"}),
        ("github-enterprise", {"remove_form": "filter"}, {"u1", "u2", "u4", "u5"}),
        ("salesforce", {"remove_form": "value_array"}, {"u1", "u2", "u4"}),
        ("google-cloud-identity", {"remove_form": "value_array"}, {"u1", "u2", "u4", "u5"}),
    ],
)
def test_memberships_in_another_form_than_the_preset_are_refused_and_nothing_is_lost(
    strict_app: Any, preset: str, wrong: dict[str, Any], left: set[str]
) -> None:
    async def work(scim: Scim) -> list[object]:
        changes = [scim.add_member("g1", "u5"), scim.remove_member("g1", "u1"), scim.remove_member("g1", "u2")]
        return list(await asyncio.gather(*changes, return_exceptions=True))

    strict_app.run(lambda scim: scim.remove_member("g1", "u3"), dialect=preset, **UNHURRIED)
    refused = strict_app.run(work, dialect=preset, dialect_overrides={"rate": {}, **wrong})
    assert any(isinstance(each, Rejected) for each in refused)
    assert {member["value"] for member in strict_app.held("groups", "g1")["members"]} == left


@pytest.mark.parametrize("preset", ["aws-iam-identity-center"])
def test_a_group_that_is_shown_without_members_is_not_taken_for_empty(strict_app: Any, preset: str) -> None:
    async def work(scim: Scim) -> tuple[bool, bool]:
        return await scim.has_member("g1", "u1"), await scim.has_member("g2", "u1")

    assert strict_app.run(work, dialect=preset) == (True, False)
    with pytest.raises(PreconditionFailed, match="has members"):
        strict_app.run(lambda scim: scim.delete_group("g1"), dialect=preset)
    strict_app.sandbox.add_fault(Fault(FaultKind.STATUS, path="groups.value", status=400))
    ends = strict_app.read(dialect=preset).ends
    assert all("cannot be read" in ends[f"members g{n}"].problem for n in (1, 2, 3))


def test_a_list_that_holds_a_placeholder_is_not_believed(serve: Any) -> None:
    app = serve(ScimSandbox({"users": [{"id": "1", "userName": "SYNTHESIS_USER", "active": False}]}))
    assert "synthesis_user" in app.read(dialect="snowflake").ends["accounts"].problem


@pytest.mark.parametrize(
    ("limits", "endpoint", "write", "bucket"),
    [
        ({"reads": 1}, "Users", False, "reads"),
        ({"requests": 1}, "Users", True, "requests"),
        ({"writes": 1, "user_writes": 1}, "Users", True, "user_writes"),
        ({"writes": 1, "user_writes": 1}, "Groups", True, "writes"),
        ({"reads": 1, "group_reads": 1}, "Groups", False, "group_reads"),
        ({"reads": 1, "group_reads": 1}, "ServiceProviderConfig", False, "reads"),
    ],
)
def test_a_request_counts_against_the_narrowest_limit(limits: dict[str, int], endpoint: str, bucket: str, *, write: bool) -> None:
    assert Rate(**limits).bucket(endpoint, write=write) == bucket


def test_a_burst_is_never_larger_than_the_product_allows(strict_app_of_slack: Budget) -> None:
    for name in ("user_writes", "group_writes"):
        allowance = strict_app_of_slack.declared[name]
        assert allowance.count * strict_app_of_slack.share // 4 <= 20
        assert allowance.count / allowance.seconds == pytest.approx(180 / 60)


@pytest.fixture
def strict_app_of_slack(app: Any) -> Budget:
    async def budget(scim: Scim) -> Budget:
        return scim._session.http.budget

    found: Budget = app.run(budget, dialect="slack")
    return found


@pytest.mark.parametrize("preset", ["zoom"])
def test_a_value_that_a_merging_put_keeps_is_refused_by_the_reading_afterwards(strict_app: Any, preset: str) -> None:
    async def work(scim: Scim) -> Record:
        seen = await scim.read_account("u1")
        assert seen is not None
        return await scim.update_account("u1", {"enterprise.department": None}, seen)

    with pytest.raises(Rejected, match=r"did not change enterprise\.department"):
        strict_app.run(work, dialect=preset)


@pytest.mark.parametrize("preset", sorted(PRODUCTS))
def test_a_preset_is_checked_without_a_problem_against_its_product(strict_app: Any, preset: str) -> None:
    checked = strict_app.run(lambda scim: scim.check(), dialect=preset, **UNHURRIED)
    assert [each for each in checked if each.problem] == []
