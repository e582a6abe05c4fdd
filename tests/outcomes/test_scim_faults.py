"""Every verb of SCIM with every fault on its request: the application is as wanted, or the journal says what is and is not known."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Opening
from connectors.http.retry import RetryPolicy
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.model import Verb

from .one_operation import ACTIVE, OFF, operation
from .struck import Bench, Deed, Row, problems

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
NAMES = ("create", "create staged", "update", "activate", "deactivate", "delete", "create group", "add member", "remove member", "give role", "take role", "update group", "delete group", "rename")  # fmt: skip
PUT = {"user_update": "put", "active_update": "put", "group_update": "put"}
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
DIALECTS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "patch": ({}, NAMES),
    "bulk": ({}, ("create", "create staged", "update", "rename", "activate", "deactivate", "give role", "take role")),
    "put": (PUT, ("update", "rename", "activate", "deactivate", "add member", "remove member", "give role", "take role", "update group")),
    "delete": ({"deprovision": "delete"}, ("deactivate",)),
}
"""The settings of the dialect, and the verbs that it changes."""
NEW_NAME = "another.name@example.com"
MEMBER: dict[str, Any] = {"before": {"member": False}, "after": {"member": True}}
NO_MEMBER: dict[str, Any] = {"before": {"member": True}, "after": {"member": False}}


def _login(name: str) -> str:
    return f"{name.replace(' ', '.')}@example.com"


def _id(name: str) -> str:
    return f"u{NAMES.index(name)}"


def _user(name: str, user_id: str = "") -> dict[str, Any]:
    return {
        "schemas": [USER],
        "id": user_id or _id(name),
        "userName": _login(name),
        "active": name not in ("activate", "delete", "create staged"),
        "title": "Clerk",
        "roles": [{"value": "editor"}] if name == "take role" else [],
    }


def _seed() -> dict[str, Any]:
    held = [name for name in NAMES if "group" not in name and not name.startswith("create")]
    groups = [{"schemas": [GROUP], "id": f"g{number}", "displayName": f"group {number}", "members": []} for number in (1, 2, 3, 4)]
    groups[1]["members"] = [{"value": _id("remove member")}, {"value": _id("update")}]
    return {"users": [_user(name) for name in held], "groups": groups}


def _held(name: str, attribute: str) -> Any:
    return lambda state: [user.get(attribute) for user in state["users"] if user["userName"] == _login(name)]


def _named(name: str) -> Any:
    return lambda state: next(user["userName"] for user in state["users"] if user["id"] == _id(name))


def _role(name: str) -> Any:
    return lambda state: [
        [role["value"] for role in user.get("roles") or ()] for user in state["users"] if user["userName"] == _login(name)
    ]


def _members(number: int) -> Any:
    return lambda state: sorted(
        each["value"] for group in state["groups"] if group["id"] == f"g{number}" for each in group.get("members") or ()
    )


def _names_of(group_id: str) -> Any:
    return lambda state: [group["displayName"] for group in state["groups"] if group["id"] == group_id]


def _crews(state: Any) -> int:
    return sum(group["displayName"] == "Crew" for group in state["groups"])


def _deed(name: str, verb: Verb, fields: dict[str, Any], *request_and_ends: Any) -> Deed:
    method, path, ends, shown, nothing = request_and_ends
    asked = operation("acme", verb, name, _login(name), _id(name), account={"userName": _login(name)}, **fields)
    return Deed(name, asked, method, path, ends[0], ends[1], shown, nothing)


def _creations() -> list[Deed]:
    made = []
    for name, opening, active in (("create", Opening.SILENT, True), ("create staged", Opening.LATER, False)):
        login = _login(name)
        asked = operation("acme", Verb.CREATE, name, login, after={"userName": login, "title": "Clerk"}, account={"userName": login}, opening=opening)  # fmt: skip
        made.append(Deed(name, asked, "POST", "/Users$", [], [active], _held(name, "active"), (201, json.dumps(_user(name, "u99")))))
    group = operation("acme", Verb.CREATE_GROUP, "create group", "Crew", entitlement="Crew", after={"description": ""})
    nothing = (201, json.dumps({"schemas": [GROUP], "id": "g99", "displayName": "Crew"}))
    return [*made, Deed("create group", group, "POST", "/Groups$", 0, 1, _crews, nothing)]


def _changes(dialect: str) -> list[Deed]:
    method = "PUT" if dialect == "put" else "PATCH"
    title, works = {"before": {"title": "Clerk"}, "after": {"title": "Pilot"}}, _held("deactivate", "active")
    of_user, of_group, gone = f"/Users/{_id('update')}$", "/Groups/g{}$", {"before": OFF, "after": {"state": "deleted"}}
    ended = ("DELETE", ([True], [])) if dialect == "delete" else (method, ([True], [False]))

    def path(name: str) -> str:
        return f"/Users/{_id(name)}$"

    def same(name: str) -> tuple[int, str]:
        return 200, json.dumps(_user(name))

    renamed = {"before": {"name": "group 3"}, "after": {"name": "new"}, "entitlement_id": "g3", "entitlement": "group 3"}
    emptied = {"before": {"name": "group 4"}, "entitlement_id": "g4", "entitlement": "group 4"}
    stays, editor = _id("update"), {"entitlement_id": "role:editor"}
    return [
        _deed("update", Verb.UPDATE, title, method, of_user, (["Clerk"], ["Pilot"]), _held("update", "title"), same("update")),
        _deed("rename", Verb.RENAME, {"before": {"userName": _login("rename")}, "after": {"userName": NEW_NAME}}, method, path("rename"), (_login("rename"), NEW_NAME), _named("rename"), same("rename")),
        _deed("activate", Verb.REACTIVATE, {"before": OFF, "after": ACTIVE}, method, path("activate"), ([False], [True]), _held("activate", "active"), same("activate")),
        _deed("deactivate", Verb.DEACTIVATE, {"before": ACTIVE, "after": OFF}, ended[0], path("deactivate"), ended[1], works, (204, "") if dialect == "delete" else same("deactivate")),
        _deed("delete", Verb.DELETE, gone, "DELETE", path("delete"), ([False], []), _held("delete", "active"), (204, "")),
        _deed("add member", Verb.ADD_MEMBER, MEMBER | {"entitlement_id": "g1"}, method, of_group.format(1), ([], [_id("add member")]), _members(1), (204, "")),
        _deed("remove member", Verb.REMOVE_MEMBER, NO_MEMBER | {"entitlement_id": "g2"}, method, of_group.format(2), (sorted([stays, _id("remove member")]), [stays]), _members(2), (204, "")),
        _deed("update group", Verb.UPDATE_GROUP, renamed, method, of_group.format(3), (["group 3"], ["new"]), _names_of("g3"), (204, "")),
        _deed("delete group", Verb.DELETE_GROUP, emptied, "DELETE", of_group.format(4), (["group 4"], []), _names_of("g4"), (204, "")),
        _deed("give role", Verb.ADD_MEMBER, MEMBER | editor, method, path("give role"), ([[]], [["editor"]]), _role("give role"), same("give role")),
        _deed("take role", Verb.REMOVE_MEMBER, NO_MEMBER | editor, method, path("take role"), ([["editor"]], [[]]), _role("take role"), same("take role")),
    ]  # fmt: skip


def _in_bulk(deed: Deed) -> Deed:
    """The deed by a bulk request, which does nothing where it says that it did."""
    status, body = deed.nothing
    made = {"location": f"https://acme.example/v2/Users/{json.loads(body)['id']}"} if deed.method == "POST" else {}
    entry = {"bulkId": "c0", "method": deed.method, "status": str(status), **made}
    return replace(deed, method="POST", path="/Bulk$", nothing=(200, json.dumps({"schemas": [BULK], "Operations": [entry]})))


def _connect(sandbox: Sandbox, dialect: str) -> Scim:
    asked = {"dialect_overrides": DIALECTS[dialect][0], "bulk": dialect == "bulk"}
    scim = Scim("acme", ScimSettings.model_validate({"url": sandbox.url + BASE_PATH, "token": "env:SCIM_TEST_TOKEN", **asked}), Path())
    scim._session.bulk.requests.fewest = 1
    scim._session.http._retries.patience = RetryPolicy(attempts=2, first_wait=0.01)
    return scim


@pytest.fixture(scope="module", params=DIALECTS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    deeds = [deed for deed in (*_creations(), *_changes(request.param)) if deed.name in DIALECTS[request.param][1]]
    if request.param == "bulk":
        deeds = [_in_bulk(deed) for deed in deeds]
    folder = tmp_path_factory.mktemp("state")
    return Bench(request.param, lambda: running(ScimSandbox(_seed())), lambda sandbox: _connect(sandbox, request.param), deeds, folder)


@pytest.fixture(scope="module")
def rows(bench: Bench) -> list[Row]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCIM_TEST_TOKEN", "sandbox")
        return asyncio.run(bench.everything())


def test_application_is_as_the_journal_says_and_a_second_run_ends_what_a_fault_left(bench: Bench, rows: list[Row]) -> None:
    assert problems(bench, rows) == []


def test_every_verb_that_scim_has_meets_every_fault() -> None:
    deeds = (*_creations(), *_changes("patch"))
    assert {deed.operation.verb for deed in deeds} == {*Verb} - ACTION_VERBS.keys() - {Verb.SUSPEND}
    assert {deed.name for deed in deeds} == {*NAMES}


def test_every_fault_was_met(bench: Bench, rows: list[Row]) -> None:
    # After such a refusal of a bulk request, whose first row has met it, the others go alone.
    refused = ("409", "412") if bench.name == "bulk" else ()
    assert [str(row) for row in rows if not row.sent and not row.fault.startswith(("killed", *refused))] == []
    assert {row.fault for row in rows if not row.fault.startswith("killed")} == {row.fault for row in rows if row.sent} - {"killed before"}
    assert {row.deed for row in rows} == set(DIALECTS[bench.name][1])


def test_run_that_was_killed_after_its_intent_is_ended_by_the_next(rows: list[Row]) -> None:
    assert {row.outcome.kind for row in rows if "killed" in row.fault} == {"done"}


def test_page_of_a_proxy_judges_nothing(rows: list[Row]) -> None:
    """What is permanent would be left out of the plans of the next days."""
    assert [
        str(row) for row in rows if row.fault.startswith("page") and row.outcome.answer and row.outcome.answer.repetition == "permanent"
    ] == []
