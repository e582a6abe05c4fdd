"""Memberships that go along with the creation of their account: each is judged by what the account is in, and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Opening, Record
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Fault, FaultKind, Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest
from reconcile.apply.journal import EntryKind, Journal
from reconcile.apply.journal_facts import facts_after
from reconcile.decide.protection.protected import Protection
from reconcile.plan.approval import Approval, RowDecision
from reconcile.plan.model import Operation, OutcomeKind, Verb

from .one_operation import operation
from .one_run import RUN, Kill, Killed, applied, kinds

LOGIN = "ada@example.com"
GROUPS = {name: f"00g0000000000000000{name}" for name in "abc"}
IMPORTED, EVERYONE, NONE = "00g0000000000000imp", "00g0000000000000all", "00g0000000000000none"
DONE, FAILED, HELD, UNKNOWN, NOT_APPROVED = (OutcomeKind[each] for each in ("DONE", "FAILED", "HELD", "UNKNOWN", "NOT_APPROVED"))
CREATED, ACTIVATED, READ_GROUPS = r"/users\?activate=false", "/lifecycle/activate", r"/users/[^/]+/groups"
AT_ONCE = {"Retry-After": "0"}
ALL = {"new": DONE, "a": DONE, "b": DONE, "c": DONE}


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW_TOKEN", "sandbox-token")


@contextmanager
def served(wrap: Callable[[WireApp], WireApp] = lambda app: app, more: Sequence[str] = ()) -> Iterator[Sandbox]:
    """An org with some groups and nobody in it."""
    groups: list[dict[str, Any]] = [{"id": id_, "profile": {"name": name}} for name, id_ in GROUPS.items()]
    groups += [{"id": id_, "profile": {"name": id_}} for id_ in more]
    groups += [
        {"id": IMPORTED, "type": "APP_GROUP", "profile": {"name": "imported"}},
        {"id": EVERYONE, "type": "BUILT_IN", "profile": {"name": "Everyone"}},
    ]
    with running(wrap(OktaSandbox({"users": [], "groups": groups}))) as sandbox:
        yield sandbox


def connect(sandbox: Sandbox) -> Okta:
    return Okta("acme", OktaSettings.model_validate({"url": sandbox.url, "token": "env:NEW_TOKEN"}), Path())


def creation(**fields: Any) -> Operation:
    after = {"login": LOGIN, "email": LOGIN, "firstName": "Ada", "lastName": "Byron"}
    return operation("acme", Verb.CREATE, "new", LOGIN, **{"anchor": "ada", "after": after, **fields})


def addition(case: str, group: str = "", *, needs: Sequence[str] = (), **fields: Any) -> Operation:
    usual = {
        "anchor": "ada",
        "before": {"member": False},
        "after": {"member": True},
        "entitlement_kind": "group",
        "account": {"login": LOGIN},
    }
    return operation("acme", Verb.ADD_MEMBER, case, LOGIN, entitlement_id=group, depends_on=("new", *needs), **{**usual, **fields})


def additions() -> list[Operation]:
    return [addition(name, id_) for name, id_ in GROUPS.items()]


def asked_for(sandbox: Sandbox) -> list[list[str]]:
    """The groups that each creation asked for."""
    bodies = [json.loads(each.body) for each in sandbox.writes() if each.path.endswith("/users")]
    return [each.get("groupIds", []) for each in bodies]


def added(sandbox: Sandbox) -> list[str]:
    """The groups of the memberships that were sent by themselves."""
    return [each.path.split("/")[-3] for each in sandbox.writes() if each.method == "PUT"]


def held(sandbox: Sandbox) -> list[set[str]]:
    """The groups of each user, apart from the one of all."""
    state: Any = sandbox.app.state()
    of = {user["id"]: {id_ for id_, members in state["members"].items() if user["id"] in members} for user in state["users"]}
    return [groups - {EVERYONE} for groups in of.values()]


def owned(journal: Journal) -> set[str]:
    """The groups that the journal has a grant of, each of the account that it has linked."""
    facts = facts_after(journal, 0, 1000)
    linked = {each.account_id for each in facts if each.kind is EntryKind.LINK}
    grants = [each for each in facts if each.kind is EntryKind.GRANT]
    assert len({each.entitlement_id for each in grants}) == len(grants)
    assert {each.account_id for each in grants} <= linked
    return {each.entitlement_id for each in grants}


def test_memberships_of_a_new_account_cost_one_read_and_no_write_of_their_own(tmp_path: Path) -> None:
    with served() as sandbox:
        journal = Journal(tmp_path)
        assert kinds(applied(connect(sandbox), [creation(), *additions()], journal)) == ALL
        assert asked_for(sandbox) == [list(GROUPS.values())]
        assert (held(sandbox), owned(journal)) == ([set(GROUPS.values())], set(GROUPS.values()))
        assert [each.method for each in sandbox.writes()] == ["POST", "POST"]
        assert sum(each.path.endswith("/groups") for each in sandbox.requests()) == 1


def test_each_row_has_its_intent_before_the_request_goes_out(tmp_path: Path) -> None:
    intended: list[frozenset[str]] = []

    class Watching(Wrapped):
        async def answer(self, request: WireRequest) -> WireAnswer:
            if request.method == "POST" and request.path.endswith("/users"):
                intended.append(Journal(tmp_path).runs.intended(RUN))
            return await self.server.answer(request)

    with served(Watching) as sandbox:
        applied(connect(sandbox), [creation(), *additions()], Journal(tmp_path))
    assert intended == [{"new", "a", "b", "c"}]


def test_creation_takes_no_more_groups_than_the_target_does(tmp_path: Path) -> None:
    many = [f"00g{number:017d}" for number in range(23)]
    with served(more=many) as sandbox:
        rows = [addition(f"{number:02d}", id_) for number, id_ in enumerate(many)]
        assert set(kinds(applied(connect(sandbox), [creation(), *rows], Journal(tmp_path))).values()) == {DONE}
        assert [len(each) for each in asked_for(sandbox)] == [20]
        assert len(added(sandbox)) == 3
        assert held(sandbox) == [set(many)]


def test_group_that_the_plan_creates_before_the_account_counts(tmp_path: Path) -> None:
    group = operation("acme", Verb.CREATE_GROUP, "g", "", anchor="", entitlement="crew", entitlement_kind="group", after={"name": "crew"})
    with served() as sandbox:
        journal = Journal(tmp_path)
        outcomes = applied(connect(sandbox), [group, creation(), addition("a", needs=("g",), entitlement="crew")], journal)
        assert kinds(outcomes) == {"g": DONE, "new": DONE, "a": DONE}
        made = outcomes["g"].entitlement_id
        assert (asked_for(sandbox), held(sandbox), owned(journal)) == ([[made]], [{made}], {made})


@pytest.mark.parametrize(("opening", "status", "mails"), [(Opening.LATER, "STAGED", 0), (Opening.MAIL, "PROVISIONED", 1), (Opening.SILENT, "PROVISIONED", 0)])  # fmt: skip
def test_account_that_is_created_in_groups_is_opened_as_planned(opening: Opening, status: str, mails: int, tmp_path: Path) -> None:
    with served() as sandbox:
        assert kinds(applied(connect(sandbox), [creation(opening=opening), *additions()], Journal(tmp_path))) == ALL
        app: Any = sandbox.app
        assert ([each["status"] for each in app.state()["users"]], len(app.mails())) == ([status], mails)
        assert held(sandbox) == [set(GROUPS.values())]


def test_row_that_a_reviewer_holds_does_not_go_along(tmp_path: Path) -> None:
    approval = Approval(
        plan_digest="", by="eve", why="", made="2026-05-04T00:00:00Z", until="2026-06-04T00:00:00Z", rows={"b": RowDecision.HOLD}
    )
    with served() as sandbox:
        outcomes = applied(connect(sandbox), [creation(), *additions()], Journal(tmp_path), approvals=[approval])
        assert kinds(outcomes) == {**ALL, "b": NOT_APPROVED}
        assert held(sandbox) == [{GROUPS["a"], GROUPS["c"]}]


def test_row_that_waits_for_what_has_failed_does_not_go_along(tmp_path: Path) -> None:
    group = operation(
        "acme", Verb.CREATE_GROUP, "g", "", anchor="", entitlement="imported", entitlement_kind="group", after={"name": "imported"}
    )
    with served() as sandbox:
        outcomes = applied(connect(sandbox), [group, creation(), *additions(), addition("d", needs=("g",))], Journal(tmp_path))
        assert outcomes["d"].kind is HELD
        assert asked_for(sandbox) == [list(GROUPS.values())]


def test_row_of_an_app_or_of_another_account_does_not_go_along(tmp_path: Path) -> None:
    others = [
        addition("d", GROUPS["a"], entitlement_kind="app"),
        addition("e", GROUPS["b"], anchor="bob", account_id="00u0000000000000none"),
    ]
    with served() as sandbox:
        applied(connect(sandbox), [creation(), *others], Journal(tmp_path))
        assert asked_for(sandbox) == [[]]


def test_account_that_a_condition_protects_is_created_in_no_group(tmp_path: Path) -> None:
    def condition(_target: str, record: Record) -> str:
        return "protected" if record.values()["lastName"] == "Byron" else ""

    with served() as sandbox:
        outcomes = applied(connect(sandbox), [creation(), *additions()], Journal(tmp_path), Protection(condition=condition))
        assert kinds(outcomes) == {"new": DONE, "a": HELD, "b": HELD, "c": HELD}
        assert held(sandbox) == [set()]


def test_group_whose_members_are_protected_does_not_go_along(tmp_path: Path) -> None:
    with served() as sandbox:
        applied(connect(sandbox), [creation(), *additions()], Journal(tmp_path), Protection(groups={"acme": {GROUPS["b"]: "b"}}))
        assert asked_for(sandbox) == [[GROUPS["a"], GROUPS["c"]]]


LOST = [
    Fault(FaultKind.DROP_BEFORE, path=CREATED, times=1),
    Fault(FaultKind.DROP_AFTER, path=CREATED, times=1),
    Fault(FaultKind.STATUS, path=CREATED, times=1, status=503, headers=AT_ONCE),
    Fault(FaultKind.STATUS_AFTER, path=CREATED, times=1, status=500),
    Fault(FaultKind.STATUS_AFTER, path=CREATED, times=1, status=503, headers=AT_ONCE),
    Fault(FaultKind.BODY, path=CREATED, times=1, status=200, body="<html>Sign in</html>"),
    Fault(FaultKind.DROP_AFTER, path=ACTIVATED, times=1),
    Fault(FaultKind.STATUS_AFTER, path=ACTIVATED, times=1, status=500),
    Fault(FaultKind.STATUS, path=READ_GROUPS, times=1, status=500),
    Fault(FaultKind.BODY, path=READ_GROUPS, times=1, status=200, body="[]"),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda each: f"{each.kind} {each.status} {each.path}")
def test_lost_answer_costs_no_membership_and_no_ownership(fault: Fault, tmp_path: Path) -> None:
    with served() as sandbox:
        sandbox.add_fault(fault)
        journal = Journal(tmp_path)
        assert kinds(applied(connect(sandbox), [creation(), *additions()], journal)) == ALL
        assert (held(sandbox), owned(journal)) == ([set(GROUPS.values())], set(GROUPS.values()))
        assert added(sandbox) == []


class Wrapped:
    """A server that answers some requests otherwise."""

    def __init__(self, server: WireApp) -> None:
        self.server = server

    async def answer(self, request: WireRequest) -> WireAnswer:
        return await self.server.answer(request)

    def state(self) -> object:
        return self.server.state()

    def seed(self, state: object) -> None:
        self.server.seed(state)


class Forgetful(Wrapped):
    """A server that leaves one group of each creation out."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method == "POST" and request.path.endswith("/users"):
            body = json.loads(request.body)
            groups = [each for each in body.get("groupIds", []) if each != GROUPS["b"]]
            request = replace(request, body=json.dumps({**body, "groupIds": groups}).encode())
        return await self.server.answer(request)


def test_membership_that_the_account_does_not_show_goes_by_itself(tmp_path: Path) -> None:
    with served(Forgetful) as sandbox:
        journal = Journal(tmp_path)
        assert kinds(applied(connect(sandbox), [creation(), *additions()], journal)) == ALL
        assert added(sandbox) == [GROUPS["b"]]
        assert owned(journal) == set(GROUPS.values())


def test_what_an_unopened_account_is_in_is_ours_and_the_rest_is_held(tmp_path: Path) -> None:
    with served(Forgetful) as sandbox:
        sandbox.add_fault(Fault(FaultKind.STATUS, path=ACTIVATED, status=403, body='{"errorCode": "E0000006"}'))
        journal = Journal(tmp_path)
        outcomes = applied(connect(sandbox), [creation(), *additions()], journal)
        assert kinds(outcomes) == {"new": FAILED, "a": DONE, "b": HELD, "c": DONE}
        assert held(sandbox) == [owned(journal)] == [{GROUPS["a"], GROUPS["c"]}]


def test_what_an_unopened_account_may_be_in_is_unknown_and_ours(tmp_path: Path) -> None:
    with served() as sandbox:
        sandbox.add_fault(Fault(FaultKind.STATUS, path=ACTIVATED, status=403, body='{"errorCode": "E0000006"}'))
        sandbox.add_fault(Fault(FaultKind.STATUS, path=READ_GROUPS, status=403, body='{"errorCode": "E0000006"}'))
        journal = Journal(tmp_path)
        outcomes = applied(connect(sandbox), [creation(), *additions()], journal)
        assert kinds(outcomes) == {"new": FAILED, "a": UNKNOWN, "b": UNKNOWN, "c": UNKNOWN}
        assert owned(journal) == set(GROUPS.values())


class Refusing(Wrapped):
    """A server that refuses a creation with groups for the whole of its body."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method == "POST" and b"groupIds" in request.body:
            return WireAnswer(status=400, headers=[], body=b'{"errorCode": "E0000001", "errorSummary": "Api validation failed: groupIds"}')
        return await self.server.answer(request)


@pytest.mark.parametrize("group", [NONE, IMPORTED, EVERYONE])
def test_creation_that_is_refused_for_one_group_is_repeated_without_groups(group: str, tmp_path: Path) -> None:
    with served() as sandbox:
        journal = Journal(tmp_path)
        outcomes = applied(connect(sandbox), [creation(), *additions(), addition("d", group)], journal)
        # Everybody is in the group of all.
        last = OutcomeKind.ALREADY if group == EVERYONE else FAILED
        assert kinds(outcomes) == {**ALL, "d": last}
        assert asked_for(sandbox) == [[*GROUPS.values(), group], []]
        assert sorted(set(added(sandbox)) - {group}) == sorted(GROUPS.values())
        assert (held(sandbox), owned(journal)) == ([set(GROUPS.values())], set(GROUPS.values()))
        assert [each for each in facts_after(journal, 0, 1000) if each.kind is EntryKind.TAUGHT and not each.entitlement_id] == []


def test_creation_that_is_refused_for_its_groups_is_repeated_once(tmp_path: Path) -> None:
    with served(Refusing) as sandbox:
        sandbox.add_fault(Fault(FaultKind.DROP_AFTER, path=CREATED, after=1, times=1))
        assert kinds(applied(connect(sandbox), [creation(), *additions()], Journal(tmp_path))) == ALL
        assert asked_for(sandbox) == [list(GROUPS.values()), []]


def test_creation_that_is_refused_for_its_values_holds_its_memberships(tmp_path: Path) -> None:
    with served() as sandbox:
        refused = creation(after={"login": LOGIN, "email": LOGIN, "firstName": "Ada", "lastName": "Byron", "unheard": "of"})
        journal = Journal(tmp_path)
        assert kinds(applied(connect(sandbox), [refused, *additions()], journal)) == {"new": FAILED, "a": HELD, "b": HELD, "c": HELD}
        assert asked_for(sandbox) == [list(GROUPS.values()), []]
        assert owned(journal) == set()


BOUNDARIES = [
    Kill("intend", 1, after=False), Kill("intend", 2, after=True), Kill("intend", 4, after=True),
    Kill("conclude", 1, after=False), Kill("conclude", 1, after=True), Kill("conclude", 3, after=False), Kill("conclude", 4, after=True),
]  # fmt: skip


def killed(sandbox: Sandbox, kill: Kill, folder: Path) -> int:
    """Applies the plan in a process that ends at a boundary; returns how many creations it has sent."""
    with pytest.MonkeyPatch.context() as patch:
        journal = Journal(folder)
        Kill(kill.write, kill.call, kill.after).on(journal, patch)
        with pytest.raises(Killed):
            applied(connect(sandbox), [creation(), *additions()], journal)
        journal.close()
    return len(asked_for(sandbox))


@pytest.mark.parametrize("kill", BOUNDARIES, ids=lambda kill: f"{kill.write} {kill.call} {'after' if kill.after else 'before'}")
def test_run_that_is_killed_at_a_creation_is_ended_by_a_resume(kill: Kill, tmp_path: Path) -> None:
    with served() as sandbox:
        assert killed(sandbox, kill, tmp_path) == (kill.write == "conclude")
        journal = Journal(tmp_path)
        assert journal.runs.intended(RUN) in (frozenset(), {"new", "a", "b", "c"})
        assert journal.runs.recorded(RUN).outcomes == ()
        assert kinds(applied(connect(sandbox), [creation(), *additions()], journal)) == ALL
        assert len(asked_for(sandbox)) == 1
        assert (held(sandbox), owned(journal), added(sandbox)) == ([set(GROUPS.values())], set(GROUPS.values()), [])


def test_resume_that_cannot_open_the_account_keeps_what_it_is_in_as_ours(tmp_path: Path) -> None:
    with served() as sandbox:
        sandbox.add_fault(Fault(FaultKind.STATUS, path=ACTIVATED, status=403, body='{"errorCode": "E0000006"}'))
        killed(sandbox, Kill("conclude", 1, after=False), tmp_path)
        journal = Journal(tmp_path)
        outcomes = applied(connect(sandbox), [creation(), *additions()], journal)
        assert kinds(outcomes) == {"new": FAILED, "a": DONE, "b": DONE, "c": DONE}
        assert (held(sandbox), owned(journal)) == ([set(GROUPS.values())], set(GROUPS.values()))
