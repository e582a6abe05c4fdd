"""Memberships of one group travel together, and each is judged by itself: its drift, its protection, its refusal, and what an interruption left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Target
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Fault, FaultKind, Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from reconcile.apply.journal import Journal
from reconcile.decide.protection.protected import Protection
from reconcile.plan.model import Operation, OutcomeKind, Verb

from .one_operation import operation
from .one_run import RUN, Kill, Killed, applied, kinds

MANY = 12
GROUP = "00g00000000000000001"
IDS = [f"00u{number:017d}" for number in range(300)]
DONE, ALREADY, MOVED, HELD, FAILED, UNKNOWN = (each for name in ("DONE", "ALREADY", "MOVED", "HELD", "FAILED", "UNKNOWN") for each in [OutcomeKind[name]])  # fmt: skip


def login(number: int) -> str:
    return f"person{number}@example.com"


def okta_state(people: int, members: Sequence[int] = (), off: Sequence[int] = ()) -> dict[str, Any]:
    users = [
        {"id": IDS[n], "status": "DEPROVISIONED" if n in off else "ACTIVE", "profile": {"login": login(n), "email": login(n), "firstName": "A", "lastName": "B"}}
        for n in range(people)
    ]  # fmt: skip
    return {"users": users, "groups": [{"id": GROUP, "profile": {"name": "crew"}}], "members": {GROUP: [IDS[n] for n in members]}}


def scim_state(people: int, members: Sequence[int] = (), off: Sequence[int] = ()) -> dict[str, Any]:
    users = [{"id": IDS[n], "userName": login(n), "active": n not in off} for n in range(people)]
    return {"users": users, "groups": [{"id": GROUP, "displayName": "crew", "members": [{"value": IDS[n]} for n in members]}]}


@dataclass
class System:
    """One kind of server, and its connector."""

    kind: str
    made: Callable[..., dict[str, Any]]
    login: str
    write: str
    """A regular expression of the requests that change members."""
    method: str
    """The method of an addition."""

    @contextmanager
    def serve(self, state: dict[str, Any], wrap: Callable[[WireApp], WireApp] = lambda app: app) -> Iterator[Sandbox]:
        with running(wrap(OktaSandbox(state) if self.kind == "okta" else ScimSandbox(state))) as sandbox:
            yield sandbox

    def connect(self, sandbox: Sandbox, **dialect: Any) -> Target:
        if self.kind == "okta":
            return Okta("acme", OktaSettings.model_validate({"url": sandbox.url, "token": "env:BATCH_TOKEN"}), Path())
        settings = {"url": sandbox.url + BASE_PATH, "token": "env:BATCH_SCIM_TOKEN", "dialect_overrides": dialect}
        return Scim("acme", ScimSettings.model_validate(settings), Path())

    def members(self, sandbox: Sandbox) -> set[str]:
        state: Any = sandbox.app.state()
        if self.kind == "okta":
            return set(state["members"].get(GROUP, ()))
        return {each["value"] for each in state["groups"][0].get("members") or ()}

    def changes(self, sandbox: Sandbox) -> list[str]:
        """What was sent to change members, the addresses and bodies."""
        return [f"{each.path} {each.body}" for each in sandbox.writes() if re.search(self.write, f"{each.method} {each.path}")]

    def asked(self, number: int, *, member: bool = True, **more: Any) -> Operation:
        verb = Verb.ADD_MEMBER if member else Verb.REMOVE_MEMBER
        fields = {"before": {"member": not member}, "after": {"member": member}, "entitlement_id": GROUP, "entitlement_kind": "group"}
        return operation("acme", verb, f"{number:03d}", login(number), IDS[number], account={self.login: login(number)}, **fields, **more)


OKTA = System("okta", okta_state, "login", r"^(PUT|DELETE) .*/users/", "PUT")
SCIM = System("scim", scim_state, "userName", "^PATCH .*/Groups/", "PATCH")
BOTH = pytest.mark.parametrize("system", [OKTA, SCIM], ids=["okta", "scim"])


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_TOKEN", "sandbox-token")
    monkeypatch.setenv("BATCH_SCIM_TOKEN", "sandbox")


@BOTH
def test_each_row_of_a_batch_is_judged_by_its_own_account_and_membership(system: System, tmp_path: Path) -> None:
    """Of twelve one is a member by now, one was deactivated, one has another login, one is gone, one is protected."""
    state = system.made(MANY - 1, members=[0], off=[1])
    if system is OKTA:
        state["users"][2]["profile"]["login"] = "another@example.com"
    else:
        state["users"][2]["userName"] = "another@example.com"
    protection = Protection(accounts={"acme": frozenset({login(3)})})
    with system.serve(state) as sandbox:
        outcomes = applied(system.connect(sandbox), [system.asked(n) for n in range(MANY)], Journal(tmp_path), protection)
        assert kinds(outcomes) == {
            "000": ALREADY, "001": MOVED, "002": MOVED, "003": HELD, **{f"{n:03d}": DONE for n in range(4, MANY - 1)}, f"{MANY - 1:03d}": MOVED,
        }  # fmt: skip
        assert system.members(sandbox) == {IDS[n] for n in (0, *range(4, MANY - 1))}
        sent = " ".join(system.changes(sandbox))
        assert [n for n in (0, 1, 2, 3, MANY - 1) if IDS[n] in sent] == []
    assert "login was" in outcomes["002"].detail or "userName was" in outcomes["002"].detail


@BOTH
def test_member_of_a_protected_group_is_held_in_a_batch(system: System, tmp_path: Path) -> None:
    state = system.made(MANY)
    guarded = "00g00000000000000009"
    if system is OKTA:
        state["groups"].append({"id": guarded, "profile": {"name": "admins"}})
        state["members"][guarded] = [IDS[5]]
    else:
        state["groups"].append({"id": guarded, "displayName": "admins", "members": [{"value": IDS[5]}]})
    with system.serve(state) as sandbox:
        protection = Protection(groups={"acme": {guarded: "admins"}})
        outcomes = applied(system.connect(sandbox), [system.asked(n) for n in range(MANY)], Journal(tmp_path), protection)
        assert [id_ for id_, each in outcomes.items() if each.kind is not DONE] == ["005"]
        assert outcomes["005"].kind is HELD
        assert IDS[5] not in " ".join(system.changes(sandbox))


@BOTH
def test_row_of_which_a_prerequisite_failed_is_held_in_a_batch(system: System, tmp_path: Path) -> None:
    moved = operation("acme", Verb.UPDATE, "update", login(4), IDS[4], before={"title": "Pilot"}, after={"title": "Lead"})
    rows = [system.asked(n, **({"depends_on": ("update",)} if n == 4 else {})) for n in range(MANY)]
    with system.serve(system.made(MANY)) as sandbox:
        outcomes = applied(system.connect(sandbox), [moved, *rows], Journal(tmp_path))
        assert {id_: each.kind for id_, each in outcomes.items() if each.kind is not DONE} == {"update": MOVED, "004": HELD}
        assert IDS[4] not in " ".join(system.changes(sandbox))


def test_memberships_of_one_group_take_one_request_a_hundred_and_one_read_more(tmp_path: Path) -> None:
    with SCIM.serve(scim_state(250)) as sandbox:
        outcomes = applied(SCIM.connect(sandbox), [SCIM.asked(n) for n in range(250)], Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {DONE}
        assert len(SCIM.changes(sandbox)) == 3
        # The canary of additions is none, so each of three batches is looked at and read back.
        assert sum(each.method == "GET" and "/Groups/" in each.path for each in sandbox.requests()) == 6


def test_memberships_of_one_okta_group_take_little_more_than_a_request_each(tmp_path: Path) -> None:
    with OKTA.serve(okta_state(100)) as sandbox:
        outcomes = applied(OKTA.connect(sandbox), [OKTA.asked(n) for n in range(100)], Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {DONE}
        assert len(sandbox.requests()) <= 110


class Picky:
    """A server that refuses every change of one member."""

    def __init__(self, server: WireApp, account: str, status: int, body: str) -> None:
        self.server, self.account, self.status, self.body = server, account, status, body

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method in ("PATCH", "PUT") and self.account in f"{request.path} {request.body.decode()}":
            return WireAnswer(status=self.status, headers=[], body=self.body.encode())
        return await self.server.answer(request)

    def state(self) -> object:
        return self.server.state()

    def seed(self, state: object) -> None:
        self.server.seed(state)


@pytest.mark.parametrize(
    ("system", "status", "body"),
    [
        (OKTA, 400, '{"errorCode": "E0000001", "errorSummary": "Api validation failed"}'),
        (SCIM, 400, '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "detail": "no such member"}'),
    ],
    ids=["okta", "scim"],
)
def test_one_refused_row_keeps_no_other_from_being_done(system: System, status: int, body: str, tmp_path: Path) -> None:
    with system.serve(system.made(64), lambda app: Picky(app, IDS[13], status, body)) as sandbox:
        outcomes = applied(system.connect(sandbox), [system.asked(n) for n in range(64)], Journal(tmp_path))
        assert [(id_, each.kind) for id_, each in outcomes.items() if each.kind is not DONE] == [("013", FAILED)]
        answer = outcomes["013"].answer
        assert answer is not None
        assert answer.status == status
        assert system.members(sandbox) == set(IDS[:64]) - {IDS[13]}
        if system is SCIM:
            # Halving finds the row among 64 in six steps, each of which sends the other half.
            assert len(system.changes(sandbox)) <= 2 * 6 + 1


@BOTH
@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.STATUS_AFTER])
def test_lost_answer_is_settled_for_each_row_by_reading_back(system: System, kind: FaultKind, tmp_path: Path) -> None:
    with system.serve(system.made(MANY)) as sandbox:
        sandbox.add_fault(Fault(kind, method=system.method, times=1, status=503))
        outcomes = applied(system.connect(sandbox), [system.asked(n) for n in range(MANY)], Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {DONE}
        assert system.members(sandbox) == set(IDS[:MANY])
        # Okta's requests are repeated as they are; SCIM's once more for what the group does not show.
        repeated = kind is not FaultKind.DROP_AFTER if system is OKTA else kind is FaultKind.DROP_BEFORE
        assert len(system.changes(sandbox)) >= (MANY if system is OKTA else 1) + repeated
        assert len(system.changes(sandbox)) <= (MANY if system is OKTA else 1) + 1


@BOTH
def test_change_that_is_accepted_and_not_made_is_not_said_to_be_done(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconcile.apply.executor.READ_BACK_WAITS", (0.0, 0.0))
    with system.serve(system.made(MANY)) as sandbox:
        sandbox.add_fault(Fault(FaultKind.STATUS, method=system.method, status=204))
        outcomes = applied(system.connect(sandbox), [system.asked(n) for n in range(MANY)], Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {UNKNOWN if system is OKTA else FAILED}


@BOTH
def test_batch_that_was_sent_and_can_be_read_by_nobody_is_unknown_in_every_row(system: System, tmp_path: Path) -> None:
    """A membership that may have been given is this job's own, also where the target is given up before its row could be looked at."""
    reads = 2 if system is OKTA else MANY + 1
    with system.serve(system.made(MANY)) as sandbox:
        sandbox.add_fault(Fault(FaultKind.STATUS, method="GET", after=reads, status=503, headers={"Retry-After": "0"}))
        outcomes = applied(system.connect(sandbox), [system.asked(n) for n in range(MANY)], Journal(tmp_path))
        assert system.members(sandbox) == set(IDS[:MANY])
        assert set(kinds(outcomes).values()) == {UNKNOWN}


@BOTH
def test_removals_go_together_once_the_first_is_verified(system: System, tmp_path: Path) -> None:
    with system.serve(system.made(MANY + 2, members=range(MANY + 2))) as sandbox:
        outcomes = applied(system.connect(sandbox), [system.asked(n, member=False) for n in range(MANY)], Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {DONE}
        assert system.members(sandbox) == {IDS[MANY], IDS[MANY + 1]}
        assert len(system.changes(sandbox)) == (MANY if system is OKTA else 2)


BOUNDARIES = [
    Kill("intend", 1, after=False), Kill("intend", MANY // 2, after=True), Kill("intend", MANY, after=True),
    Kill("conclude", 1, after=False), Kill("conclude", 1, after=True), Kill("conclude", MANY // 2, after=False), Kill("conclude", MANY, after=True),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize("kill", BOUNDARIES, ids=lambda kill: f"{kill.write} {kill.call} {'after' if kill.after else 'before'}")
def test_run_that_is_killed_in_the_middle_of_a_batch_is_ended_by_a_resume(system: System, kill: Kill, tmp_path: Path) -> None:
    """What was carried out before the end counts as done, whatever the journal had of it; nothing is sent twice that a read shows."""
    operations = [system.asked(n) for n in range(MANY)]
    kill = Kill(kill.write, kill.call, kill.after)
    with system.serve(system.made(MANY)) as sandbox:
        with pytest.MonkeyPatch.context() as patch:
            journal = Journal(tmp_path)
            kill.on(journal, patch)
            with pytest.raises(Killed):
                applied(system.connect(sandbox), operations, journal)
            journal.close()
        carried_out = len(system.changes(sandbox))
        assert bool(carried_out) is (kill.write == "conclude")
        journal = Journal(tmp_path)
        assert len(journal.runs.intended(RUN)) in (0, MANY)
        outcomes = applied(system.connect(sandbox), operations, journal)
        assert kinds(outcomes) == {each.id: DONE for each in operations}
        assert system.members(sandbox) == set(IDS[:MANY])
        assert len(system.changes(sandbox)) == (carried_out or (MANY if system is OKTA else 1))


@BOTH
def test_every_row_has_its_intent_before_the_request_goes_out(system: System, tmp_path: Path) -> None:
    intended: list[int] = []

    class Watching(Picky):
        async def answer(self, request: WireRequest) -> WireAnswer:
            if request.method in ("PATCH", "PUT"):
                journal = Journal(tmp_path)
                intended.append(len(journal.runs.intended(RUN)))
                journal.close()
            return await self.server.answer(request)

    with system.serve(system.made(MANY), lambda app: Watching(app, "", 0, "")) as sandbox:
        applied(system.connect(sandbox), [system.asked(n) for n in range(MANY)], Journal(tmp_path))
    assert set(intended) == {MANY}


def test_dialect_names_how_many_members_a_request_takes(tmp_path: Path) -> None:
    with SCIM.serve(scim_state(MANY)) as sandbox:
        applied(SCIM.connect(sandbox, max_member_changes=5), [SCIM.asked(n) for n in range(MANY)], Journal(tmp_path))
        bodies = [json.loads(each.body) for each in sandbox.writes()]
        assert [len(each["Operations"][0]["value"]) for each in bodies] == [5, 5, 2]


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "met"])
def test_request_is_no_longer_than_the_server_takes(stated: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """A length that the dialect states is kept; one that the server answers with 413 is found by halving."""

    class Short(Picky):
        async def answer(self, request: WireRequest) -> WireAnswer:
            if len(request.body) > 1_000:
                return WireAnswer(status=413, headers=[], body=b"")
            return await self.server.answer(request)

    with SCIM.serve(scim_state(60), lambda app: Short(app, "", 0, "")) as sandbox:
        limit = {"max_member_bytes": 1_000} if stated else {}
        outcomes = applied(SCIM.connect(sandbox, **limit), [SCIM.asked(n) for n in range(60)], Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {DONE}
        assert any(each.status == 413 for each in sandbox.writes()) is not stated
        assert len(sandbox.writes()) <= 8
