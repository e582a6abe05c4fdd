"""A run over bulk requests: every row has its own intent and outcome, whatever becomes of the request that it travelled in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.http.retry import RetryPolicy
from connectors.sandbox.host import Fault, FaultKind, Sandbox, running
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from reconcile.apply.journal import Journal
from reconcile.plan.model import Operation, OutcomeKind, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.store.plans.work_sizes import work_sizes
from reconcile.usecases.forecast import calls_of
from tests.support.bulk_answers import OddBulk

from .one_operation import ACTIVE, OFF, operation
from .one_run import RUN, Kill, Killed, applied, kinds, planned

MANY = 8
"""Accounts of each kind: to be changed, to be ended, to be made."""
DONE, MOVED, FAILED, UNKNOWN = OutcomeKind.DONE, OutcomeKind.MOVED, OutcomeKind.FAILED, OutcomeKind.UNKNOWN


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULK_TOKEN", "sandbox")


def login(name: str, number: int) -> str:
    return f"{name}{number}@example.com"


def _seed() -> dict[str, Any]:
    names = [(name, number) for name in ("clerk", "leaver") for number in range(MANY)]
    return {"users": [{"id": f"{name}-{n}", "userName": login(name, n), "title": "Clerk", "active": True} for name, n in names]}


def _asked(verb: Verb, name: str, number: int, **fields: Any) -> Operation:
    mail = login(name, number)
    account_id = "" if verb is Verb.CREATE else f"{name}-{number}"
    return operation("acme", verb, f"{name} {number}", mail, account_id, account={"userName": mail}, **fields)


def _operations() -> list[Operation]:
    title = {"before": {"title": "Clerk"}, "after": {"title": "Pilot"}}
    return [
        *(_asked(Verb.UPDATE, "clerk", n, **title) for n in range(MANY)),
        *(_asked(Verb.DEACTIVATE, "leaver", n, before=ACTIVE, after=OFF) for n in range(MANY)),
        *(_asked(Verb.CREATE, "new", n, after={"userName": login("new", n)}) for n in range(MANY)),
    ]


def _shown(app: Any) -> dict[str, tuple[Any, Any]]:
    return {user["userName"]: (user.get("title"), user["active"]) for user in app.state()["users"]}


WANTED = {
    **{login("clerk", n): ("Pilot", True) for n in range(MANY)},
    **{login("leaver", n): ("Clerk", False) for n in range(MANY)},
    **{login("new", n): (None, True) for n in range(MANY)},
}


def _connected(sandbox: Sandbox, *, bulk: bool = True, ids: int = 1) -> Scim:
    asked = {"url": sandbox.url + BASE_PATH, "token": "env:BULK_TOKEN", "bulk": bulk, "dialect_overrides": {"max_ids": ids}}
    scim = Scim("acme", ScimSettings.model_validate(asked), Path())
    scim._session.http._retries.patience = RetryPolicy(attempts=2, first_wait=0.01)
    return scim


def _bulks(sandbox: Sandbox) -> int:
    return sum(each.path.endswith("/Bulk") for each in sandbox.writes())


def test_night_takes_a_write_request_for_each_kind_and_the_forecast_says_so(tmp_path: Path) -> None:
    sent, told = {}, {}
    for bulk in (False, True):
        with running(ScimSandbox(_seed())) as sandbox:
            target, operations = _connected(sandbox, bulk=bulk), _operations()
            outcomes = applied(target, operations, Journal(tmp_path / str(bulk)))
            assert set(kinds(outcomes).values()) == {DONE}
            assert _shown(sandbox.app) == WANTED
            sent[bulk] = len(sandbox.requests())
            costs = target.costs(2 * MANY)
            told[bulk] = calls_of(work_sizes(queryable(tuple(operations)), operations, 100)["acme"], costs).total()
            # The first deactivation is a canary and goes alone.
            assert (_bulks(sandbox), len(sandbox.writes())) == ((3, 4) if bulk else (0, 3 * MANY))
    assert sent[True] <= sent[False] - 3 * MANY + 4
    assert abs(told[True] - sent[True]) <= 2
    assert abs(told[False] - sent[False]) <= 2


def test_night_with_reads_by_ids_takes_a_request_for_each_step_and_the_forecast_says_so(tmp_path: Path) -> None:
    with running(ScimSandbox(_seed())) as sandbox:
        target, operations = _connected(sandbox, ids=50), _operations()
        outcomes = applied(target, operations, Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {DONE}
        assert _shown(sandbox.app) == WANTED
        sent = len(sandbox.requests())
        told = calls_of(work_sizes(queryable(tuple(operations)), operations, 100)["acme"], target.costs(2 * MANY)).total()
    # A search for each new account; the steps of the three kinds; the canary and its witness; the first user alone.
    assert sent <= MANY + 24
    assert abs(told - sent) <= 4


HALF = '{"Operations": [{"bulkId": "c1", "method": "PATCH", "status": "200"}]}'
FAULTS: dict[str, Fault] = {
    "dropped before": Fault(FaultKind.DROP_BEFORE, method="POST", path="/Bulk$", times=1),
    "dropped after": Fault(FaultKind.DROP_AFTER, method="POST", path="/Bulk$", times=1),
    "503": Fault(FaultKind.STATUS, method="POST", path="/Bulk$", times=1, status=503),
    "503 after": Fault(FaultKind.STATUS_AFTER, method="POST", path="/Bulk$", times=2, status=503),
    "429": Fault(FaultKind.STATUS, method="POST", path="/Bulk$", times=1, status=429, headers={"Retry-After": "0"}),
    "501": Fault(FaultKind.STATUS, method="POST", path="/Bulk$", status=501),
    "413": Fault(FaultKind.STATUS, method="POST", path="/Bulk$", times=1, status=413),
    "a page": Fault(FaultKind.BODY, method="POST", path="/Bulk$", times=1, body="<html>Sign in</html>"),
    "half an answer": Fault(FaultKind.BODY, method="POST", path="/Bulk$", times=1, body=HALF),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_row_is_done_whatever_becomes_of_a_bulk_request(tmp_path: Path, fault: Fault) -> None:
    with running(ScimSandbox(_seed())) as sandbox:
        sandbox.add_fault(fault)
        outcomes = applied(_connected(sandbox), _operations(), Journal(tmp_path))
        assert {id_: kind for id_, kind in kinds(outcomes).items() if kind is not DONE} == {}
        assert _shown(sandbox.app) == WANTED


def test_row_that_moved_or_is_refused_ends_alone(tmp_path: Path) -> None:
    """One account has another title by now; the application refuses one, and says that it did one that it did not do."""
    odd = OddBulk(ScimSandbox({"users": [{**each, "title": "Boss"} if each["id"] == "clerk-0" else each for each in _seed()["users"]]}))
    refused = {"/Users/clerk-1": {"status": "400", "response": {"detail": "no"}}, "/Users/clerk-2": {"status": "200"}}
    odd.undone = lambda each: (
        {"bulkId": each["bulkId"], "method": each["method"], **refused[each["path"]]} if each["path"] in refused else None
    )
    with running(odd) as sandbox:
        outcomes = applied(_connected(sandbox), _operations(), Journal(tmp_path))
        odds = {id_: (outcome.kind, outcome.detail) for id_, outcome in outcomes.items() if outcome.kind is not DONE}
        assert {id_: kind for id_, (kind, _) in odds.items()} == {"clerk 0": MOVED, "clerk 1": FAILED, "clerk 2": FAILED}
        assert "PATCH Users/clerk-1 of acme, in a bulk request: the application refuses the request (HTTP 400): no" in odds["clerk 1"][1]
        assert "did not change title" in odds["clerk 2"][1]
        assert _shown(odd) == WANTED | {
            login("clerk", 0): ("Boss", True),
            login("clerk", 1): ("Clerk", True),
            login("clerk", 2): ("Clerk", True),
        }


def test_intents_of_all_rows_are_on_disk_before_their_request(tmp_path: Path) -> None:
    app, seen = OddBulk(ScimSandbox(_seed())), []

    def intended(_operation: Any) -> None:
        with sqlite3.connect(f"file:{next(tmp_path.glob('*.sqlite'))}?mode=ro", uri=True) as journal:
            seen.append(journal.execute("SELECT count(*) FROM entry WHERE kind = 'intent'").fetchone()[0])

    app.undone = intended
    with running(app) as sandbox:
        applied(_connected(sandbox), _operations()[:MANY], Journal(tmp_path))
    assert (app.sizes, set(seen)) == ([MANY], {MANY})


WRITES: list[Callable[[], Kill]] = [
    lambda write=write, call=call, after=after: Kill(write, call, after=after)  # type: ignore[misc]
    for write, calls in (("intend", (4, 12, 24)), ("conclude", (1, 5, 13)))
    for call in calls
    for after in (False, True)
]


def test_run_that_is_killed_inside_a_bulk_request_is_ended_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, made in enumerate(WRITES):
        kill = made()
        with running(ScimSandbox(_seed())) as sandbox, monkeypatch.context() as patch:
            journal = Journal(tmp_path / str(number))
            kill.on(journal, patch)
            with pytest.raises(Killed):
                applied(_connected(sandbox), _operations(), journal)
            journal.close()
            patch.undo()
            patch.setenv("BULK_TOKEN", "sandbox")
            again = Journal(tmp_path / str(number))
            outcomes = applied(_connected(sandbox), _operations(), again)
            assert {id_: (kind, kill) for id_, kind in kinds(outcomes).items() if kind not in (DONE, OutcomeKind.ALREADY)} == {}
            assert _shown(sandbox.app) == WANTED, kill
            assert len(again.runs.recorded(RUN).outcomes) == len(planned(_operations()).operations)


def test_answer_that_is_lost_for_good_leaves_rows_that_are_read_back(tmp_path: Path) -> None:
    """After two requests without an answer each row is what the application shows: here everything was carried out."""
    with running(ScimSandbox(_seed())) as sandbox:
        sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="POST", path="/Bulk$"))
        outcomes = applied(_connected(sandbox), _operations(), Journal(tmp_path))
        assert set(kinds(outcomes).values()) == {DONE}
        assert _shown(sandbox.app) == WANTED
