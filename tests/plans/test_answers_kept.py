"""What a system answered stands beside the sentence of every row that failed: in the journal, the reports and the line of the run."""

import asyncio
import json as plain_json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from connectors.contract import AccountState, Record, Traits, Value
from connectors.errors import Busy, ConnectorError, NotFound, PreconditionFailed, Rejected, Uncertain, Unreachable
from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.plan.model import Operation, OutcomeKind, Plan, Run
from reconcile.plan.server_answer import ServerAnswer
from reconcile.report import run_summary
from reconcile.report.formats import csv, html, json, text
from reconcile.report.redact import redacted

from .small_plans import operation, plan_of

KEY = b"key"
"""Key of redacted reports."""

TRAITS = Traits(login="login", email="email")
CODE, REQUEST = "E0000023", "Zabc-17"


class Refusing(MemoryTarget):
    """Refuses every update with one error."""

    def __init__(self, error: ConnectorError) -> None:
        super().__init__("desk", TRAITS, [MemoryAccount("acc1", AccountState.ACTIVE, {"login": "crew1", "title": "Pilot"})])
        self.error = error

    async def update_account(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:  # noqa: ARG002 - as of a target
        raise self.error


def change() -> Operation:
    return operation(1, before={"title": "Pilot"}, after={"title": "Master"}, account={"login": "crew1"})


def run_of(error: ConnectorError, state: Path) -> tuple[Plan, Run]:
    """A run whose one row ends with this error, as it is read from a journal that was closed in between."""
    plan = plan_of([change()])
    with closing(Journal(state)) as journal:
        journal.begin("run", plan.digest)
        asyncio.run(Applier(plan, {"desk": Refusing(error)}, journal, "run").apply())
    with closing(Journal(state)) as journal:
        return plan, journal.runs.recorded("run")


@pytest.mark.parametrize(
    ("kind", "ended", "repetition"),
    [
        (Rejected, OutcomeKind.FAILED, "permanent"),
        (Busy, OutcomeKind.FAILED, "retriable"),
        (Unreachable, OutcomeKind.FAILED, "retriable"),
        (NotFound, OutcomeKind.FAILED, "read back first"),
        (PreconditionFailed, OutcomeKind.MOVED, "read back first"),
        (Uncertain, OutcomeKind.UNKNOWN, "read back first"),
    ],
)
def test_permanent_retriable_and_to_be_read_back_are_told_apart(tmp_path, kind, ended, repetition):
    _, run = run_of(kind("no", status=403, code=CODE, request_id=REQUEST), tmp_path)
    (outcome,) = run.outcomes
    assert outcome.kind is ended
    assert outcome.answer == ServerAnswer(status=403, code=CODE, request_id=REQUEST, repetition=repetition)


def test_every_report_shows_the_status_the_code_and_the_request(tmp_path):
    error = Rejected("POST /x was refused", detail=f"{CODE} mastered", status=403, code=CODE, request_id=REQUEST)
    plan, run = run_of(error.with_way_out("Change it there."), tmp_path)
    sentence = f"POST /x was refused (HTTP 403): {CODE} mastered. Change it there."
    shown = f"{sentence} (request {REQUEST}, permanent)"
    summary = run_summary.summarize(plan, run, at="2026-11-22T02:31:07.123+00:00")
    assert run_summary.failure_lines(summary) == [f"FAILED  update crew1@harbour.example, desk: {shown}"]
    assert shown in " ".join(text.show(plan, run, width=100, colour=False).split())
    assert shown in html.page(plan, run)
    answer = {"status": 403, "code": CODE, "request_id": REQUEST, "repetition": "permanent"}
    told = plain_json.loads("".join(json.parts(plan, run, {"night": run_summary.document(summary)})))
    assert told["operations"][0]["outcome"]["answer"] == told["night"]["failures"][0]["answer"] == answer
    assert f'"{sentence}"' in csv.table(plan, run)
    assert f'"403","{CODE}","{REQUEST}","permanent"' in csv.table(plan, run)
    safe = redacted(plan, KEY, run)
    assert not any(word in csv.table(*safe) for word in (CODE, REQUEST))
    assert '"403","","","permanent"' in csv.table(*safe)
