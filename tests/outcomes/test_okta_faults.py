"""Every verb of Okta with every fault on its request: the org is as wanted, or the journal says what is and is not known."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Opening
from connectors.http.retry import RetryPolicy
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.okta.user_types import TYPE
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from reconcile.plan.model import Verb

from .one_operation import ACTIVE, OFF, STAGED, SUSPENDED, operation
from .struck import Bench, Deed, Row, problems

GROUP, RENAMED, EMPTY, APP = "00g00000000000000001", "00g00000000000000002", "00g00000000000000003", "0oa00000000000000001"
MEMBER: dict[str, Any] = {"before": {"member": False}, "after": {"member": True}}
NO_MEMBER: dict[str, Any] = {"before": {"member": True}, "after": {"member": False}}
NAMES = (
    "create", "create, activation struck", "create staged", "create mailed", "create mailed, mail struck", "update", "rename", "activate", "activate mailed", "unsuspend", "deactivate", "deactivate, sessions struck",
    "suspend", "suspend, sessions struck", "delete", "create group", "add member", "remove member", "assign", "unassign",
    "unlock", "reset password", "temporary password", "expire password", "reset factors", "revoke sessions",
    "update group", "delete group", "resend activation", "change type",
)  # fmt: skip
USER_TYPE, CREW = "oty00000000000000user", "oty00000000000000crew"
NEW = ("create", "create, activation struck", "create staged", "create mailed", "create mailed, mail struck")
STATUS = {
    "activate": "DEPROVISIONED",
    "activate mailed": "STAGED",
    "unsuspend": "SUSPENDED",
    "delete": "DEPROVISIONED",
    "unlock": "LOCKED_OUT",
    "resend activation": "PROVISIONED",
}
LIFECYCLE = {
    "activate": "activate", "activate mailed": "activate", "unsuspend": "unsuspend", "deactivate": "deactivate", "suspend": "suspend",
    "unlock": "unlock", "reset password": "reset_password", "temporary password": "expire_password_with_temp_password",
    "expire password": r"expire_password$", "reset factors": "reset_factors", "resend activation": "reactivate",
}  # fmt: skip


def _id(name: str) -> str:
    return f"00u{NAMES.index(name):017d}"


def _login(name: str) -> str:
    return f"person{NAMES.index(name)}@example.com"


def _status(name: str) -> Any:
    return lambda state: [str(user["status"]) for user in state["users"] if user["profile"]["login"] == _login(name)]


def _profile(name: str, attribute: str) -> Any:
    return lambda state: next(user["profile"].get(attribute) for user in state["users"] if user["id"] == _id(name))


def _type_of(name: str) -> Any:
    return lambda state: next(user["type"]["id"] for user in state["users"] if user["id"] == _id(name))


def _user(name: str, user_id: str, status: str) -> dict[str, Any]:
    login = _login(name)
    return {
        "id": user_id,
        "status": status,
        "profile": {"login": login, "email": login, "firstName": "A", "lastName": "B"},
    }


def _event(name: str, kind: str) -> Any:
    return lambda state: any(each["eventType"] == kind and each["target"][0]["id"] == _id(name) for each in state["log"])


def _creation(name: str) -> Deed:
    login = _login(name)
    opening = {"create staged": Opening.LATER, "create mailed": Opening.MAIL, "create mailed, mail struck": Opening.MAIL}.get(name, Opening.SILENT)  # fmt: skip
    profile = {"login": login, "email": login, "firstName": "A", "lastName": "B"}
    asked = operation("acme", Verb.CREATE, name, login, after=profile, account={"login": login}, opening=opening)
    struck = "lifecycle/activate" if "struck" in name else r"users\?activate"
    made = json.dumps(_user(name, "00u99999999999999999", "STAGED"))
    after = ["STAGED"] if opening is Opening.LATER else ["PROVISIONED"]
    return Deed(name, asked, "POST", struck, [], after, _status(name), (200, "{}" if "struck" in name else made), (["STAGED"],))


def _change(name: str, verb: Verb, fields: dict[str, Any], ends: tuple[object, object], **more: Any) -> Deed:
    """A change of an account; `ends`: what the org shows before and after."""
    usual = {"delete": ("DELETE", r"users/\w+\?"), "update": ("POST", r"users/\w+$"), "rename": ("POST", r"users/\w+$")}
    method, path = usual.get(name) or ("POST", f"lifecycle/{LIFECYCLE.get(name)}")
    if "sessions struck" in name:
        method, path, more = "DELETE", "/sessions", {"beside": True, **more}
    asked = operation("acme", verb, name, _login(name), _id(name), account={"login": _login(name)}, **fields)
    return Deed(name, asked, before=ends[0], after=ends[1], **{"method": method, "path": path, "shown": _status(name), **more})


def _action(name: str, before: str, after: str, **more: Any) -> Deed:
    fields = {"before": {"status": before}, "after": {"status": after}}
    return _change(name, Verb(name.replace(" ", "_")), fields, ([before], [after]), **more)


def _member(name: str) -> Any:
    return lambda state: _id(name) in state["members"].get(GROUP, ())


def _assigned(name: str) -> Any:
    return lambda state: _id(name) in state["apps"][0]["users"]


def _crews(state: Any) -> int:
    return sum(each["profile"]["name"] == "Crew" for each in state["groups"])


def _names_of(group_id: str) -> Any:
    return lambda state: [group["profile"]["name"] for group in state["groups"] if group["id"] == group_id]


def _unchanged(name: str) -> tuple[int, str]:
    """The answer of an org that shows a user as it was."""
    return 200, json.dumps(_user(name, _id(name), "ACTIVE"))


def _memberships() -> list[Deed]:
    staff, wiki = {"entitlement_id": GROUP}, {"entitlement_id": f"app:{APP}"}
    of_group = {"path": "groups/.*/users/", "nothing": (204, "")}
    group = operation("acme", Verb.CREATE_GROUP, "create group", "Crew", entitlement="Crew", after={"description": ""})
    made = {"id": "00g99999999999999999", "type": "OKTA_GROUP", "profile": {"name": "Crew", "description": None}}
    assigned = json.dumps({"id": _id("assign"), "scope": "USER"})
    return [
        Deed("create group", group, "POST", "groups$", 0, 1, _crews, (200, json.dumps(made))),
        _change("add member", Verb.ADD_MEMBER, MEMBER | staff, (False, True), shown=_member("add member"), method="PUT", **of_group),
        _change("remove member", Verb.REMOVE_MEMBER, NO_MEMBER | staff, (True, False), shown=_member("remove member"), method="DELETE", **of_group),
        _change("assign", Verb.ADD_MEMBER, MEMBER | wiki, (False, True), shown=_assigned("assign"), path="apps/.*/users", nothing=(200, assigned)),
        _change("unassign", Verb.REMOVE_MEMBER, NO_MEMBER | wiki, (True, False), shown=_assigned("unassign"), method="DELETE", path="apps/.*/users/", nothing=(204, "")),
    ]  # fmt: skip


def _groups() -> list[Deed]:
    """Changes of groups that are there."""
    renamed, gone = {"before": {"name": "old"}, "after": {"name": "new"}}, {"entitlement_id": EMPTY, "entitlement": "empty"}
    update = operation("acme", Verb.UPDATE_GROUP, "update group", "old", entitlement_id=RENAMED, entitlement="old", **renamed)
    delete = operation("acme", Verb.DELETE_GROUP, "delete group", "empty", before={"name": "empty", "description": ""}, **gone)
    same = (200, json.dumps({"id": RENAMED, "type": "OKTA_GROUP", "profile": {"name": "old", "description": None}}))
    return [
        Deed("update group", update, "PUT", f"groups/{RENAMED}$", ["old"], ["new"], _names_of(RENAMED), same),
        Deed("delete group", delete, "DELETE", f"groups/{EMPTY}$", ["empty"], [], _names_of(EMPTY), (204, "")),
    ]


def _states() -> list[Deed]:
    opened = {"before": STAGED, "after": ACTIVE, "opening": Opening.MAIL}
    ended, paused = {"before": ACTIVE, "after": OFF}, {"before": ACTIVE, "after": SUSPENDED}
    return [
        _change("activate", Verb.REACTIVATE, {"before": OFF, "after": ACTIVE}, (["DEPROVISIONED"], ["PROVISIONED"])),
        _change("activate mailed", Verb.REACTIVATE, opened, (["STAGED"], ["PROVISIONED"])),
        _change("unsuspend", Verb.REACTIVATE, {"before": SUSPENDED, "after": ACTIVE}, (["SUSPENDED"], ["ACTIVE"])),
        *(_change(name, Verb.DEACTIVATE, ended, (["ACTIVE"], ["DEPROVISIONED"])) for name in NAMES if name.startswith("deactivate")),
        *(_change(name, Verb.SUSPEND, paused, (["ACTIVE"], ["SUSPENDED"])) for name in NAMES if name.startswith("suspend")),
        _change("delete", Verb.DELETE, {"before": OFF, "after": {"state": "deleted"}}, (["DEPROVISIONED"], []), nothing=(204, "")),
    ]


def _updates() -> list[Deed]:
    title, login = {"before": {"title": None}, "after": {"title": "Pilot"}}, _login("rename")
    renamed = {"before": {"login": login}, "after": {"login": "new@example.com"}}
    return [
        _change(
            "update", Verb.UPDATE, title, (None, "Pilot"), unkept=True, shown=_profile("update", "title"), nothing=_unchanged("update")
        ),
        _change(
            "rename", Verb.RENAME, renamed, (login, "new@example.com"), shown=_profile("rename", "login"), nothing=_unchanged("rename")
        ),
        _change(
            "change type",
            Verb.RENAME,
            {"before": {TYPE: "user"}, "after": {TYPE: "crew"}},
            (USER_TYPE, CREW),
            method="PUT",
            path=r"users/\w+$",
            shown=_type_of("change type"),
            nothing=(200, json.dumps({**_user("change type", _id("change type"), "ACTIVE"), "type": {"id": USER_TYPE}})),
        ),
    ]


def _actions() -> list[Deed]:
    mailed = _event("resend activation", "user.lifecycle.reactivate")
    factors = _event("reset factors", "user.mfa.factor.reset_all"), _event("revoke sessions", "user.session.clear")
    return [
        _action("unlock", "LOCKED_OUT", "ACTIVE"),
        _action("reset password", "ACTIVE", "RECOVERY"),
        _action("temporary password", "ACTIVE", "PASSWORD_EXPIRED", nothing=(200, '{"tempPassword": "Zk7!another-word"}')),
        _action("expire password", "ACTIVE", "PASSWORD_EXPIRED"),
        _change("resend activation", Verb.RESEND_ACTIVATION, {}, (False, True), shown=mailed, unseen=True),
        _change("reset factors", Verb.RESET_FACTORS, {}, (False, True), shown=factors[0], unseen=True),
        _change(
            "revoke sessions",
            Verb.REVOKE_SESSIONS,
            {},
            (False, True),
            method="DELETE",
            path="/sessions",
            shown=factors[1],
            unseen=True,
            nothing=(204, ""),
        ),
    ]


def _seed() -> dict[str, Any]:
    return {
        "users": [_user(name, _id(name), STATUS.get(name, "ACTIVE")) for name in NAMES if name not in NEW and "group" not in name],
        "groups": [{"id": each, "profile": {"name": name}} for each, name in ((GROUP, "staff"), (RENAMED, "old"), (EMPTY, "empty"))],
        "members": {GROUP: [_id("remove member")]},
        "types": [{"id": USER_TYPE, "default": True, "name": "user"}, {"id": CREW, "name": "crew"}],
        "apps": [{"id": APP, "label": "Wiki", "users": {_id("unassign"): {}}}],
    }


def _connect(sandbox: Sandbox) -> Okta:
    settings = OktaSettings.model_validate({"url": sandbox.url, "token": "env:OKTA_TEST_TOKEN", "apps": True, "user_types": True})
    return Okta("acme", settings, Path(), patience=RetryPolicy(attempts=3, longest_wait=5, first_wait=0.01))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    deeds = [*map(_creation, NEW), *_updates(), *_states(), *_memberships(), *_groups(), *_actions()]
    folder = tmp_path_factory.mktemp("state")
    return Bench("okta", lambda: running(OktaSandbox(_seed())), _connect, deeds, folder, mails=lambda app: len(app.mails()))


@pytest.fixture(scope="module")
def rows(bench: Bench) -> list[Row]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKTA_TEST_TOKEN", "sandbox-token")
        return asyncio.run(bench.everything())


def test_org_is_as_the_journal_says_and_a_second_run_ends_what_a_fault_left(bench: Bench, rows: list[Row]) -> None:
    assert problems(bench, rows) == []


def test_every_verb_meets_every_fault(bench: Bench) -> None:
    assert {deed.operation.verb for deed in bench.deeds} == {*Verb}


def test_every_fault_was_met(rows: list[Row]) -> None:
    assert [str(row) for row in rows if not row.sent and "killed" not in row.fault] == []
    assert {row.deed for row in rows} == set(NAMES)


def test_password_is_asked_for_once_and_no_mail_goes_out_twice(rows: list[Row]) -> None:
    """A request beyond the rate limit was not carried out, and goes out again."""
    asked = [
        row for row in rows if row.deed in ("reset password", "temporary password", "resend activation") and not row.fault.startswith("429")
    ]
    assert [str(row) for row in asked if row.sent > 1] == []
    assert [str(row) for row in rows if row.mails > 1] == []


def test_run_that_was_killed_after_its_intent_is_ended_by_the_next_but_for_passwords(rows: list[Row]) -> None:
    killed = {(row.deed, row.fault): row.outcome.kind for row in rows if "killed" in row.fault}
    open_ = {each for each, kind in killed.items() if kind != "done"}
    shown_by_no_status = {(name, f"killed {when}") for name in ("temporary password", "resend activation") for when in ("before", "after")}
    assert open_ == {("reset password", "killed before"), *shown_by_no_status}


def test_page_of_a_proxy_judges_nothing(rows: list[Row]) -> None:
    """What is permanent would be left out of the plans of the next days."""
    assert [
        str(row) for row in rows if row.fault.startswith("page") and row.outcome.answer and row.outcome.answer.repetition == "permanent"
    ] == []
