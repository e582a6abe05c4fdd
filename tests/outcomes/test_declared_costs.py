"""The costs that a connector declares of each verb are the requests that applying one operation sends, by the record of the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.actions import Action
from connectors.contract import ROLE, Opening, Target
from connectors.costs import Costed
from connectors.okta.apps import APP
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from reconcile.plan.model import Operation, OutcomeKind, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.search_key import SearchKey
from reconcile.store.plans.work_sizes import work_sizes
from reconcile.usecases.forecast import calls_of

from .one_operation import ACTIVE, OFF, SUSPENDED, Runs, operation

GROUP, EMPTY, WORK = "00g00000000000000001", "00g00000000000000002", "0oa00000000000000001"
MEMBER, NO_MEMBER = ({"before": {"member": not member}, "after": {"member": member}} for member in (True, False))
STAFF = {"entitlement_id": GROUP, "entitlement": "staff", "entitlement_kind": "group"}
DESK = {"entitlement_id": f"{APP}{WORK}", "entitlement": "desk", "entitlement_kind": "app"}
EDITOR = {"entitlement_id": f"{ROLE}editor", "entitlement": "editor", "entitlement_kind": "role"}
RENAMED = {"entitlement_id": EMPTY, "entitlement": "empty", "before": {"name": "empty"}, "after": {"name": "void"}}
GONE = {"entitlement_id": EMPTY, "entitlement": "empty", "before": {"name": "empty"}}
TITLE = {"before": {"title": None}, "after": {"title": "Pilot"}}
NEW: dict[str, Any] = {"login": "new@example.com", "email": "new@example.com", "firstName": "A", "lastName": "B"}
KEYS = tuple(SearchKey(attribute=name, value="new@example.com") for name in ("login", "email"))
CREATED = {"after": NEW, "account": {"login": "new@example.com"}}
SCIM_NEW = {"after": {"userName": "new@example.com"}, "account": {"userName": "new@example.com"}}
SCIM_KEYS = (SearchKey(attribute="userName", value="new@example.com"), SearchKey(attribute="externalId", value="77"))


def asked(verb: Verb, status: str, **fields: Any) -> tuple[Operation, str]:
    """An operation on an account in a status of its system."""
    return operation("acme", verb, verb.value, "a@b.example", "" if verb is Verb.CREATE else "a", **fields), status


def action(which: Action, status: str = "ACTIVE", after: str = "") -> tuple[Operation, str]:
    return asked(Verb(which.value), status, before={"status": status}, after={"status": after or status})


OKTA: Mapping[str, tuple[Operation, str]] = {
    **{f"create {each}": asked(Verb.CREATE, "ACTIVE", opening=each, **CREATED) for each in Opening},
    "create with keys": asked(Verb.CREATE, "ACTIVE", absent=KEYS, **CREATED),
    "update": asked(Verb.UPDATE, "ACTIVE", **TITLE),
    "rename": asked(Verb.RENAME, "ACTIVE", before={"login": "a@b.example"}, after={"login": "c@b.example"}),
    "deactivate": asked(Verb.DEACTIVATE, "ACTIVE", before=ACTIVE, after=OFF),
    "suspend": asked(Verb.SUSPEND, "ACTIVE", before=ACTIVE, after=SUSPENDED),
    "reactivate": asked(Verb.REACTIVATE, "DEPROVISIONED", before=OFF, after=ACTIVE),
    "delete": asked(Verb.DELETE, "DEPROVISIONED", before=OFF),
    "add to a group": asked(Verb.ADD_MEMBER, "ACTIVE", **STAFF, **MEMBER),
    "remove from a group": asked(Verb.REMOVE_MEMBER, "ACTIVE in", **STAFF, **NO_MEMBER),
    "assign": asked(Verb.ADD_MEMBER, "ACTIVE", **DESK, **MEMBER),
    "unassign": asked(Verb.REMOVE_MEMBER, "ACTIVE in", **DESK, **NO_MEMBER),
    "create a group": asked(Verb.CREATE_GROUP, "ACTIVE", entitlement="crew", after={"description": ""}),
    "rename a group": asked(Verb.UPDATE_GROUP, "ACTIVE", **RENAMED),
    "delete a group": asked(Verb.DELETE_GROUP, "ACTIVE", **GONE),
    "revoke sessions": action(Action.REVOKE_SESSIONS),
    "unlock": action(Action.UNLOCK, "LOCKED_OUT", "ACTIVE"),
    "reset a password": action(Action.RESET_PASSWORD, after="RECOVERY"),
}
SCIM: Mapping[str, tuple[Operation, str]] = {
    "create": asked(Verb.CREATE, "on", **SCIM_NEW),
    "create in an empty application": asked(Verb.CREATE, "", **SCIM_NEW),
    "create with keys": asked(Verb.CREATE, "on", absent=SCIM_KEYS, **SCIM_NEW),
    "update": asked(Verb.UPDATE, "on", **TITLE),
    "deactivate": asked(Verb.DEACTIVATE, "on", before=ACTIVE, after=OFF),
    "reactivate": asked(Verb.REACTIVATE, "off", before=OFF, after=ACTIVE),
    "delete": asked(Verb.DELETE, "off", before=OFF),
    "add to a group": asked(Verb.ADD_MEMBER, "on", **STAFF, **MEMBER),
    "remove from a group": asked(Verb.REMOVE_MEMBER, "on in", **STAFF, **NO_MEMBER),
    "give a role": asked(Verb.ADD_MEMBER, "on", **EDITOR, **MEMBER),
    "take a role": asked(Verb.REMOVE_MEMBER, "on in", **EDITOR, **NO_MEMBER),
    "create a group": asked(Verb.CREATE_GROUP, "on", entitlement="crew"),
    "rename a group": asked(Verb.UPDATE_GROUP, "on", **RENAMED),
    "delete a group": asked(Verb.DELETE_GROUP, "on", **GONE),
}
DIALECTS: Mapping[str, tuple[Operation, str, dict[str, Any]]] = {
    "answers believed": (*SCIM["update"], {"verify": "body", "user_update": "put"}),
    "without filters": (*SCIM["create"], {"filters": False}),
    "one limit for all": (*SCIM["add to a group"], {"rate": {"requests": 6000}}),
    "ended by deletion": (*SCIM["deactivate"], {"deprovision": "delete"}),
}


@contextmanager
def okta(status: str) -> Iterator[tuple[Sandbox, Target]]:
    state, _, inside = status.partition(" ")
    login = {"login": "a@b.example", "email": "a@b.example", "firstName": "A", "lastName": "B"}
    groups = [{"id": id_, "profile": {"name": name}} for id_, name in ((GROUP, "staff"), (EMPTY, "empty"))]
    app = {"id": WORK, "label": "desk", "users": {"a": {}} if inside else {}}
    seed = {"users": [{"id": "a", "status": state, "profile": login}], "groups": groups, "members": {GROUP: ["a"] if inside else []}}
    with running(OktaSandbox({**seed, "apps": [app]})) as sandbox:
        settings = {"url": sandbox.url, "token": "env:COSTS_TOKEN", "apps": True}
        yield sandbox, Okta("acme", OktaSettings.model_validate(settings), Path())


@contextmanager
def scim(status: str, **dialect: Any) -> Iterator[tuple[Sandbox, Target]]:
    state, _, inside = status.partition(" ")
    user = {
        "id": "a",
        "userName": "a@b.example",
        "externalId": "1",
        "active": state == "on",
        "roles": [{"value": "editor"}] if inside else [],
    }
    groups = [
        {"id": GROUP, "displayName": "staff", "members": [{"value": "a"}] if inside else []},
        {"id": EMPTY, "displayName": "empty", "members": []},
    ]
    with running(ScimSandbox({"users": [user] if state else [], "groups": groups})) as sandbox:
        settings = {"url": sandbox.url + BASE_PATH, "token": "env:COSTS_SCIM_TOKEN", "dialect_overrides": {"etag": "off", **dialect}}
        yield sandbox, Scim("acme", ScimSettings.model_validate(settings), Path())


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTS_TOKEN", "sandbox-token")
    monkeypatch.setenv("COSTS_SCIM_TOKEN", "sandbox")


async def _applied(target: Target, asked: Operation, state: Path) -> OutcomeKind:
    try:
        return (await Runs(state).apply(target, asked)).kind
    finally:
        await target.close()


def _declared(target: Target, asked: Operation, accounts: int) -> int:
    """The requests of one operation as its connector declares them, without those before the first operation of a run."""
    assert isinstance(target, Costed)
    costs = target.costs(accounts)
    (sizes,) = work_sizes(queryable((asked,)), (asked,), 1).values()
    return calls_of(sizes, costs).total() - sum(costs.start.values())


CASES = [
    pytest.param(system, *case, id=f"{system.__name__} {name}")
    for system, cases in ((okta, OKTA), (scim, SCIM))
    for name, case in cases.items()
]


@pytest.mark.parametrize(("system", "asked", "status"), CASES)
def test_declared_costs_of_a_verb_are_its_requests(tmp_path: Path, system: Any, asked: Operation, status: str) -> None:
    with system(status) as (sandbox, target):
        assert asyncio.run(_applied(target, asked, tmp_path)) is OutcomeKind.DONE
        assert _declared(target, asked, int(bool(status))) == len(sandbox.requests())


@pytest.mark.parametrize(("asked", "status", "dialect"), DIALECTS.values(), ids=DIALECTS)
def test_declared_costs_follow_the_dialect(tmp_path: Path, asked: Operation, status: str, dialect: dict[str, Any]) -> None:
    with scim(status, **dialect) as (sandbox, target):
        assert asyncio.run(_applied(target, asked, tmp_path)) is OutcomeKind.DONE
        assert _declared(target, asked, 1) == len(sandbox.requests())
