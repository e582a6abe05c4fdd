"""Every verb of Okta from every status: the status it leads to, or why not, by a table written from the facts and not from the code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.actions import Action
from connectors.errors import ConnectorError
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox

STATUSES = ("STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED")
SAME, GONE = "same", "gone"
"""An effect that leaves the status as it was; a user who does not exist any more."""
DONE = "done already"
NOT_ACTIVE = "Okta suspends only users who are ACTIVE, and {id} is {status}"
NO_SIGN_IN = "{id} is {status} and cannot be suspended: it admits no sign-in"
NOT_ENDED = "{id} is {status}; only a deactivated user is deleted"
NO_PASSWORD = "{id} is {status}; Okta does reset_password only from ACTIVE or LOCKED_OUT or PASSWORD_EXPIRED or RECOVERY"
NOT_TEMPORARY = "{id} is {status}; Okta does temporary_password only from ACTIVE"
NOT_EXPIRED = "{id} is {status}; Okta does expire_password only from ACTIVE"
NOT_LOCKED = "{id} is {status}; Okta does unlock only from LOCKED_OUT"
NOT_PENDING = "{id} is {status}; Okta does resend_activation only from PROVISIONED"
NO_FACTORS = (
    "{id} is {status}; Okta does reset_factors only from ACTIVE or LOCKED_OUT or PASSWORD_EXPIRED or PROVISIONED or RECOVERY or SUSPENDED"
)
ENDED = "Okta does not change the profile of a deactivated user"
REFUSED = "was refused (HTTP 403): E0000038 This operation is not allowed in the user's current status."
TABLE: dict[str, tuple[str, ...]] = {
    # The status that the verb leads to, DONE where nothing is sent, or the sentence of the refusal. By status, in the order of STATUSES.
    "activate": ("PROVISIONED", DONE, DONE, DONE, DONE, DONE, "ACTIVE", "PROVISIONED"),
    "invite": ("PROVISIONED", DONE, DONE, DONE, DONE, DONE, "ACTIVE", "PROVISIONED"),
    "deactivate": (*("DEPROVISIONED",) * 7, DONE),
    "suspend": (NO_SIGN_IN, NOT_ACTIVE, "SUSPENDED", *(NOT_ACTIVE,) * 3, DONE, NO_SIGN_IN),
    "delete": (*(NOT_ENDED,) * 7, GONE),
    "unlock": (NOT_LOCKED, DONE, DONE, DONE, "ACTIVE", DONE, NOT_LOCKED, NOT_LOCKED),
    "reset_password": (NO_PASSWORD, NO_PASSWORD, *("RECOVERY",) * 4, NO_PASSWORD, NO_PASSWORD),
    "temporary_password": (NOT_TEMPORARY, NOT_TEMPORARY, "PASSWORD_EXPIRED", *(NOT_TEMPORARY,) * 5),
    "expire_password": (NOT_EXPIRED, NOT_EXPIRED, "PASSWORD_EXPIRED", NOT_EXPIRED, NOT_EXPIRED, DONE, NOT_EXPIRED, NOT_EXPIRED),
    "resend_activation": (NOT_PENDING, SAME, DONE, NOT_PENDING, DONE, DONE, NOT_PENDING, NOT_PENDING),
    "reset_factors": (NO_FACTORS, *(SAME,) * 6, NO_FACTORS),
    "revoke_sessions": (SAME,) * 8,
    "update": (*(SAME,) * 7, ENDED),
    "rename": (*(SAME,) * 7, ENDED),
    "add_member": (*(SAME,) * 7, REFUSED),
    "remove_member": (SAME,) * 8,
    "assign": (*(SAME,) * 7, REFUSED),
    "unassign": (SAME,) * 8,
}
MAILED = {
    # The mails that go out: an activation only where it is asked for, and a reset always, which is what it is for.
    "invite": {"STAGED": "activate", "DEPROVISIONED": "activate"},
    "reset_password": dict.fromkeys(("ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED"), "reset_password"),
    "resend_activation": {"PROVISIONED": "activate"},
}
EVENTS = {
    "reset_factors": "user.mfa.factor.reset_all",
    "revoke_sessions": "user.session.clear",
    "reset_password": "user.account.reset_password",
}
"""The event of a verb whose effect a user does not show, or not always."""
CREW, FULL, WIKI, SHOP = "00g00000000000000001", "00g00000000000000002", "0oa00000000000000001", "0oa00000000000000002"


def _id(verb: str, status: str) -> str:
    return f"00u{list(TABLE).index(verb):08d}{STATUSES.index(status):09d}"


CASES = {_id(verb, status): (verb, status, cell) for verb, row in TABLE.items() for status, cell in zip(STATUSES, row, strict=True)}


def _login(user_id: str) -> str:
    return f"{user_id.lower()}@example.com"


def _seed() -> dict[str, Any]:
    """A user for each case, in a group and an app that are full, and in none of another group and app."""
    names = {user_id: {"login": _login(user_id), "email": _login(user_id), "firstName": "Ann", "lastName": "Lee"} for user_id in CASES}
    return {
        "users": [{"id": user_id, "status": status, "profile": names[user_id]} for user_id, (_, status, _) in CASES.items()],
        "groups": [{"id": CREW, "profile": {"name": "crew"}}, {"id": FULL, "profile": {"name": "full"}}],
        "members": {FULL: list(CASES)},
        # A deactivation takes every assignment.
        "apps": [{"id": WIKI, "label": "Wiki"}, {"id": SHOP, "label": "Shop", "users": {user_id: {} for user_id, (_, status, _) in CASES.items() if status != "DEPROVISIONED"}}],
    }  # fmt: skip


async def _update(okta: Okta, user_id: str, changes: dict[str, Any]) -> None:
    seen = await okta.read_account(user_id)
    assert seen is not None
    await okta.update_account(user_id, changes, seen)


Call = Callable[[Okta, str], Awaitable[Any]]
CALLS: dict[str, Call] = {
    "activate": lambda okta, user: okta.activate_account(user),
    "invite": lambda okta, user: okta.invite_account(user),
    "deactivate": lambda okta, user: okta.deactivate_account(user),
    "suspend": lambda okta, user: okta.suspend_account(user),
    "delete": lambda okta, user: okta.delete_account(user),
    "update": lambda okta, user: _update(okta, user, {"title": "Pilot"}),
    "rename": lambda okta, user: _update(okta, user, {"login": f"new-{_login(user)}"}),
    "add_member": lambda okta, user: okta.add_member(CREW, user),
    "remove_member": lambda okta, user: okta.remove_member(FULL, user),
    "assign": lambda okta, user: okta.add_member(f"app:{WIKI}", user),
    "unassign": lambda okta, user: okta.remove_member(f"app:{SHOP}", user),
    **{each.value: (lambda okta, user, each=each: okta.perform(user, each)) for each in Action},
}


@dataclass(frozen=True)
class Ended:
    """What came of every case: the refusals, and the org's own state, events, mails and requests afterwards."""

    refusals: dict[str, str]
    state: dict[str, Any]
    mails: list[tuple[str, str]]
    writes: list[str]

    def status(self, user_id: str) -> str:
        return next((str(user["status"]) for user in self.state["users"] if user["id"] == user_id), GONE)

    def profile(self, user_id: str) -> dict[str, Any]:
        return next(user["profile"] for user in self.state["users"] if user["id"] == user_id)

    def effect(self, verb: str, user_id: str) -> bool:
        """Whether the org shows what the verb does beside the status."""
        members, apps = self.state["members"], {app["id"]: app["users"] for app in self.state["apps"]}
        shown = {
            "update": lambda: self.profile(user_id).get("title") == "Pilot",
            "rename": lambda: self.profile(user_id)["login"] == f"new-{_login(user_id)}",
            "add_member": lambda: user_id in members.get(CREW, ()),
            "remove_member": lambda: user_id not in members[FULL],
            "assign": lambda: user_id in apps[WIKI],
            "unassign": lambda: user_id not in apps[SHOP],
        }
        events = [each["eventType"] for each in self.state["log"] if each["target"][0]["id"] == user_id]
        return bool(shown[verb]()) if verb in shown else EVENTS.get(verb, "") in ("", *events)


async def _all_called(sandbox: Sandbox) -> Ended:
    settings = OktaSettings.model_validate({"url": sandbox.url, "token": "env:OKTA_TEST_TOKEN", "apps": True})
    okta, refusals = Okta("acme", settings, Path()), {}
    try:
        for user_id, (verb, _, _) in CASES.items():
            try:
                await CALLS[verb](okta, user_id)
            except ConnectorError as error:
                refusals[user_id] = str(error)
    finally:
        await okta.close()
    app: Any = sandbox.app
    return Ended(refusals, app.state(), app.mails(), [f"{each.path}{each.body}" for each in sandbox.writes()])


@pytest.fixture(scope="module")
def ended() -> Ended:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKTA_TEST_TOKEN", "sandbox-token")
        with running(OktaSandbox(_seed())) as sandbox:
            return asyncio.run(_all_called(sandbox))


def _named(problems: dict[str, Any]) -> dict[str, Any]:
    return {" of ".join(CASES[user_id][:2]): found for user_id, found in problems.items()}


def test_every_verb_from_every_status_ends_as_the_facts_say(ended: Ended) -> None:
    wanted = {
        user_id: status if cell in (SAME, DONE) or " " in cell else cell
        for user_id, (_, status, cell) in CASES.items()
    }  # fmt: skip
    wrong = {user_id: (ended.status(user_id), end) for user_id, end in wanted.items() if ended.status(user_id) != end}
    assert _named(wrong) == {}
    done = {user_id for user_id, (_, _, cell) in CASES.items() if cell == DONE or " " not in cell}
    assert (
        _named({each: ended.refusals.get(each) for each in done if each in ended.refusals or not ended.effect(CASES[each][0], each)}) == {}
    )


def test_every_refusal_says_the_status_and_changes_nothing(ended: Ended) -> None:
    refused = {user_id: case for user_id, case in CASES.items() if " " in case[2] and case[2] != DONE}
    said = {user_id: cell.format(id=user_id, status=status) for user_id, (_, status, cell) in refused.items()}
    assert _named({each: ended.refusals.get(each) for each, text in said.items() if text not in ended.refusals.get(each, "")}) == {}
    hidden = {each for each, (verb, _, _) in refused.items() if verb in ("update", "rename", "add_member", "assign")}
    assert _named({each: True for each in hidden if ended.effect(CASES[each][0], each)}) == {}


def test_nothing_is_sent_where_it_is_done_already_or_the_status_forbids_it(ended: Ended) -> None:
    silent = {user_id for user_id, (_, _, cell) in CASES.items() if cell == DONE or "{id}" in cell}
    assert _named({each: [one for one in ended.writes if each in one] for each in silent if any(each in one for one in ended.writes)}) == {}


def test_mail_goes_out_only_where_it_is_asked_for_and_once(ended: Ended) -> None:
    wanted = [(call, _id(verb, status)) for verb, row in MAILED.items() for status, call in row.items()]
    assert sorted(ended.mails) == sorted(wanted)
