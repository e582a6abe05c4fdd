"""The first removal of each kind in a target is verified before another one of its kind begins: a server that lies does its harm once."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Target
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH
from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.digest import digested
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Verb
from tests.support.scim_habits import HabitServer

from .one_operation import ACTIVE, OFF, operation

MANY = 12
GROUP, APP = "00g00000000000000001", "0oa00000000000000001"
IDS = [f"00u{number:017d}" for number in range(MANY + 2)]
"""The last two are in no plan for a removal."""
State = Any
Harm = Callable[[State], None]
HELD = r"the first operation of this kind \({}\) in acme did not hold: .+\. No other is begun: see what acme did, then plan again"


@dataclass
class Liar:
    """A server that answers some requests with success, and does something else."""

    server: WireApp
    struck: str = "nothing"
    harm: Harm = lambda _state: None
    deletion: int = 204
    """Status of its answers to DELETE."""
    done: list[str] = field(default_factory=list)

    async def answer(self, request: WireRequest) -> WireAnswer:
        line = f"{request.method} {request.path}"
        if not re.fullmatch(self.struck, line) or (request.method == "PATCH" and not re.search(rb"remove|false", request.body)):
            return await self.server.answer(request)
        self.done.append(line)
        state = self.server.state()
        self.harm(state)
        self.server.seed(state)
        if request.method == "DELETE":
            return WireAnswer(status=self.deletion, headers=[])
        return WireAnswer(status=200, headers=[("Content-Type", "application/json")], body=b"{}")

    def state(self) -> object:
        return self.server.state()

    def seed(self, state: object) -> None:
        self.server.seed(state)


def _okta_state(*, off: bool) -> State:
    people = [
        {"id": each, "status": "DEPROVISIONED" if off else "ACTIVE", "profile": {"login": f"{each}@example.com", "email": f"{each}@example.com", "firstName": "A", "lastName": "B"}}
        for each in IDS
    ]  # fmt: skip
    return {
        "users": people,
        "groups": [{"id": GROUP, "profile": {"name": "crew"}}],
        "members": {GROUP: IDS},
        "apps": [{"id": APP, "label": "Wiki", "users": {} if off else {each: {} for each in IDS}}],
    }


def _scim_state(*, off: bool) -> State:
    users = [{"id": each, "userName": f"{each}@example.com", "active": not off} for each in IDS]
    return {"users": users, "groups": [{"id": GROUP, "displayName": "crew", "members": [{"value": each} for each in IDS]}]}


def _nothing(_state: State) -> None:
    pass


def _empty_okta_group(state: State) -> None:
    state["members"][GROUP] = []


def _empty_app(state: State) -> None:
    next(app for app in state["apps"] if app["id"] == APP)["users"] = {}


def _end_all_okta_users(state: State) -> None:
    for user in state["users"][:MANY]:
        user["status"] = "DEPROVISIONED"


def _empty_scim_group(state: State) -> None:
    state["groups"][0]["members"] = []


def _end_all_scim_users(state: State) -> None:
    for user in state["users"][:MANY]:
        user["active"] = False


NO_MEMBER = {"before": {"member": True}, "after": {"member": False}}
GONE = {"before": OFF, "after": {"state": "deleted"}}
ENDED = {"before": ACTIVE, "after": OFF}
EXPIRED, RESET = ({"before": {"status": "ACTIVE"}, "after": {"status": status}} for status in ("PASSWORD_EXPIRED", "RECOVERY"))
OF_GROUP = {**NO_MEMBER, "entitlement_id": GROUP, "entitlement": "crew", "entitlement_kind": "group"}
OF_APP = {**NO_MEMBER, "entitlement_id": f"app:{APP}", "entitlement": "Wiki", "entitlement_kind": "app"}
OKTA_MEMBER = r"DELETE /api/v1/groups/\w+/users/\w+"
OKTA_END = r"POST /api/v1/users/\w+/lifecycle/deactivate"
OKTA_APP = r"DELETE /api/v1/apps/\w+/users/\w+"
CASES = {
    "okta ignores a removal from a group": ("okta", Verb.REMOVE_MEMBER, OF_GROUP, OKTA_MEMBER, _nothing),
    "okta empties the group": ("okta", Verb.REMOVE_MEMBER, OF_GROUP, OKTA_MEMBER, _empty_okta_group),
    "okta takes the app from all": ("okta", Verb.REMOVE_MEMBER, OF_APP, OKTA_APP, _empty_app),
    "okta ignores a deactivation": ("okta", Verb.DEACTIVATE, ENDED, OKTA_END, _nothing),
    "okta deactivates all": ("okta", Verb.DEACTIVATE, ENDED, OKTA_END, _end_all_okta_users),
    "okta ignores a deletion": ("okta", Verb.DELETE, GONE, r"DELETE /api/v1/users/\w+", _nothing),
    "okta deactivates all with a revocation of sessions": ("okta", Verb.REVOKE_SESSIONS, {}, r"DELETE /api/v1/users/\w+/sessions", _end_all_okta_users),
    "okta deactivates all with a reset of factors": ("okta", Verb.RESET_FACTORS, {}, r"POST /api/v1/users/\w+/lifecycle/reset_factors", _end_all_okta_users),
    "okta ignores the expiry of a password": ("okta", Verb.EXPIRE_PASSWORD, EXPIRED, r"POST /api/v1/users/\w+/lifecycle/expire_password", _nothing),
    "okta ignores a reset of a password": ("okta", Verb.RESET_PASSWORD, RESET, r"POST /api/v1/users/\w+/lifecycle/reset_password", _nothing),
    "scim ignores a removal from a group": ("scim", Verb.REMOVE_MEMBER, OF_GROUP, r"PATCH /v2/Groups/\w+", _nothing),
    "scim empties the group": ("scim", Verb.REMOVE_MEMBER, OF_GROUP, r"PATCH /v2/Groups/\w+", _empty_scim_group),
    "scim ignores a deactivation": ("scim", Verb.DEACTIVATE, ENDED, r"PATCH /v2/Users/\w+", _nothing),
    "scim deactivates all": ("scim", Verb.DEACTIVATE, ENDED, r"PATCH /v2/Users/\w+", _end_all_scim_users),
    "scim ignores a deletion": ("scim", Verb.DELETE, GONE, r"DELETE /v2/Users/\w+", _nothing),
}  # fmt: skip


@dataclass
class System:
    """A lying server of one kind, and its connector."""

    kind: str
    server: Liar
    url: str

    def begin(self, *, off: bool, struck: str = "nothing", harm: Harm = _nothing) -> None:
        self.server.seed(_okta_state(off=off) if self.kind == "okta" else _scim_state(off=off))
        self.server.struck, self.server.harm, self.server.done = struck, harm, []

    def target(self) -> Target:
        if self.kind == "okta":
            return Okta("acme", OktaSettings.model_validate({"url": self.url, "token": "env:CANARY_TOKEN", "apps": True}), Path())
        return Scim("acme", ScimSettings.model_validate({"url": self.url + BASE_PATH, "token": "env:CANARY_TOKEN"}), Path())


@pytest.fixture(scope="module")
def systems() -> Iterator[dict[str, System]]:
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setenv("CANARY_TOKEN", "sandbox-token")
        servers = {"okta": Liar(OktaSandbox(_okta_state(off=False))), "scim": Liar(HabitServer())}
        yield {kind: System(kind, server, stack.enter_context(running(server)).url) for kind, server in servers.items()}


def removals(verb: Verb, fields: dict[str, Any]) -> list[Operation]:
    return [operation("acme", verb, f"{number:012x}", f"{each}@example.com", each, **fields) for number, each in enumerate(IDS[:MANY])]


def updates() -> list[Operation]:
    changed = {"before": {"title": None}, "after": {"title": "Pilot"}}
    return [
        operation("acme", Verb.UPDATE, f"update {each}", f"{each}@example.com", each, deactivated=True, **changed) for each in IDS[MANY:]
    ]


def applied(system: System, operations: list[Operation], state: Path, ended: tuple[Outcome, ...] = ()) -> dict[str, Outcome]:
    """Applies a plan, of which an earlier process of the same run has ended some operations; the outcomes by operation."""
    plan = digested(Plan(run_date="2026-05-04", planner="0", snapshots={}, mapping="", scopes=(), census=(), operations=tuple(operations), findings=(), verdicts=(), links=()))  # fmt: skip

    async def work(journal: Journal) -> None:
        target = system.target()
        try:
            await Applier(plan, {"acme": target}, journal, "run").apply()
        finally:
            await target.close()

    with contextlib.closing(Journal(state)) as journal:
        journal.start("run", plan)
        for outcome in ended:
            journal.conclude("run", next(each for each in operations if each.id == outcome.operation_id), outcome, ())
        asyncio.run(work(journal))
        return {outcome.operation_id: outcome for outcome in journal.runs.recorded("run").outcomes}


@pytest.mark.parametrize("case", CASES)
def test_a_server_that_lies_about_a_removal_does_its_harm_once_and_all_else_goes_on(
    case: str, systems: dict[str, System], tmp_path: Path
) -> None:
    kind, verb, fields, struck, harm = CASES[case]
    systems[kind].begin(off=verb is Verb.DELETE, struck=struck, harm=harm)
    taken, others = removals(verb, fields), updates() if verb is not Verb.DELETE else []
    outcomes = applied(systems[kind], [*others, *taken], tmp_path)
    # A second request for the same account may follow an answer that did not come true.
    assert len(set(systems[kind].server.done)) == 1
    first, *rest = (outcomes[each.id] for each in taken)
    assert first.kind in (OutcomeKind.FAILED, OutcomeKind.UNKNOWN), first
    words = " ".join(each for each in (verb.value.replace("_", " "), fields.get("entitlement_kind", "")) if each)
    assert {each.kind for each in rest} == {OutcomeKind.HELD}
    assert all(re.fullmatch(HELD.format(words), each.detail) for each in rest), rest[0].detail
    assert {outcomes[each.id].kind for each in others} <= {OutcomeKind.DONE}


def test_an_answer_that_is_no_answer_is_no_refusal(systems: dict[str, System], tmp_path: Path) -> None:
    okta = systems["okta"]
    okta.begin(off=False, struck=OKTA_MEMBER)
    okta.server.deletion = 200
    outcomes = applied(okta, removals(Verb.REMOVE_MEMBER, OF_GROUP), tmp_path)
    okta.server.deletion = 204
    assert len(okta.server.done) == 1
    assert [each.kind for each in outcomes.values()].count(OutcomeKind.HELD) == MANY - 1


@pytest.mark.parametrize("kind", ["okta", "scim"])
@pytest.mark.parametrize("verb", [Verb.DEACTIVATE, Verb.REMOVE_MEMBER, Verb.DELETE, Verb.REVOKE_SESSIONS, Verb.RESET_FACTORS])
def test_where_the_first_removal_holds_all_are_done(kind: str, verb: Verb, systems: dict[str, System], tmp_path: Path) -> None:
    if kind == "scim" and verb in ACTION_VERBS:
        pytest.skip("SCIM has no actions")
    systems[kind].begin(off=verb is Verb.DELETE)
    fields = {Verb.DEACTIVATE: ENDED, Verb.REMOVE_MEMBER: OF_GROUP, Verb.DELETE: GONE}.get(verb, {})
    assert {each.kind for each in applied(systems[kind], removals(verb, fields), tmp_path).values()} == {OutcomeKind.DONE}


def test_a_run_that_goes_on_after_an_interruption_verifies_its_first_removal_again(systems: dict[str, System], tmp_path: Path) -> None:
    okta = systems["okta"]
    okta.begin(off=False, struck=OKTA_MEMBER, harm=_empty_okta_group)
    taken = removals(Verb.REMOVE_MEMBER, OF_GROUP)
    ended = tuple(Outcome(operation_id=each.id, kind=OutcomeKind.DONE, at="2026-05-04T00:00:00Z") for each in taken[:3])
    outcomes = applied(okta, taken, tmp_path, ended)
    assert len(okta.server.done) == 1
    assert [outcomes[each.id].kind for each in taken[3:]] == [OutcomeKind.FAILED] + [OutcomeKind.HELD] * (MANY - 4)


def test_a_removal_that_the_server_refuses_says_nothing_about_the_others(systems: dict[str, System], tmp_path: Path) -> None:
    okta = systems["okta"]
    okta.begin(off=False)
    missing = operation("acme", Verb.REMOVE_MEMBER, "0", "x", IDS[0], **{**OF_GROUP, "entitlement_id": "00g0000000000000none"})
    outcomes = applied(okta, [missing, *removals(Verb.REMOVE_MEMBER, OF_GROUP)[1:]], tmp_path)
    assert outcomes["0"].kind is not OutcomeKind.DONE
    assert {each.kind for id_, each in outcomes.items() if id_ != "0"} == {OutcomeKind.DONE}
