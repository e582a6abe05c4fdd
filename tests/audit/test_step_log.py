"""The log of a live run has a line for each step, none with a value of an attribute; its faults stop a run only before it begins."""

import json
import os
import stat
from contextlib import closing

import pytest

from reconcile.apply.journal import EntryKind
from reconcile.apply.step_log import LONGEST_DETAIL, open_journal
from reconcile.clock import SYSTEM
from reconcile.errors import FileUnusable
from reconcile.plan.model import Because, LinkChange, Operation, Outcome, OutcomeKind, Situation, Verb
from reconcile.plan.server_answer import ServerAnswer

VALUE = "Ada Lovelace"


@pytest.fixture
def operation():
    return Operation(
        id="o1",
        verb=Verb.UPDATE,
        target="okta",
        anchor="E1",
        account_id="a1",
        who="ada@example.com",
        name="",
        before={"name": VALUE},
        after={"name": VALUE},
        because=Because(situation=Situation.CONFIRMED, rule="okta: name", detail=""),
    )


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def begin(journal):
    journal.do("add_run", run="r1", plan="d" * 64, at="2026-03-02T00:00:00Z")


def carry_out(journal, operation, kind=OutcomeKind.FAILED, detail="the system refused it"):
    begin(journal)
    carry_on(journal, operation, kind, detail)


def carry_on(journal, operation, kind=OutcomeKind.FAILED, detail="the system refused it"):
    journal.intend("r1", operation)
    answer = ServerAnswer(status=403, code="E0000006", request_id="q1", repetition="permanent")
    outcome = Outcome(operation_id="o1", kind=kind, detail=detail, account_id="a1", answer=answer)
    journal.conclude("r1", operation, outcome, (EntryKind.GONE,), (f'{{"value": "{VALUE}"}}',))
    journal.link("r1", [LinkChange(target="okta", anchor="E1", account_id="a1", because=VALUE)])
    journal.do("end_run", run="r1", at="2026-03-02T00:00:01Z")


def test_each_step_is_a_line_with_its_run_and_operation_and_without_values(tmp_path, operation):
    log = tmp_path / "steps.jsonl"
    with closing(open_journal(tmp_path / "state", SYSTEM, log)) as journal:
        carry_out(journal, operation)
    told = lines(log)
    assert [each["step"] for each in told] == ["run_began", "intent", "outcome", "answer", "gone", "taught", "link", "run_ended"]
    assert {each["run"] for each in told} == {"r1"}
    assert {each["operation"] for each in told if each["step"] in {"intent", "outcome", "gone", "taught"}} == {"o1"}
    assert (told[2]["outcome"], told[2]["detail"], told[3]["status"]) == ("failed", "the system refused it", 403)
    assert VALUE not in log.read_text(encoding="ascii")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", OutcomeKind)
def test_detail_of_an_outcome_is_told_only_where_it_is_a_failure_and_never_at_length(tmp_path, operation, kind):
    log = tmp_path / "steps.jsonl"
    with closing(open_journal(tmp_path / "state", SYSTEM, log)) as journal:
        carry_out(journal, operation, kind, "x" * 5000)
    told = next(each for each in lines(log) if each["step"] == "outcome")
    failed = kind in (OutcomeKind.FAILED, OutcomeKind.UNKNOWN, OutcomeKind.HELD)
    assert told.get("detail") == ("x" * LONGEST_DETAIL if failed else None)


def test_log_that_cannot_be_opened_stops_a_run_before_it_begins(tmp_path, operation):
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for log in (tmp_path / "gone" / "steps.jsonl", tmp_path, tmp_path / "link"):
        with closing(open_journal(tmp_path / "state", SYSTEM, log)) as journal:
            with pytest.raises(FileUnusable), journal.transaction():
                carry_out(journal, operation)
            assert journal.runs.ids() == []


def test_log_that_fails_later_stops_nothing_and_the_journal_is_whole(tmp_path, operation):
    log = tmp_path / "steps.jsonl"
    with closing(open_journal(tmp_path / "state", SYSTEM, log)) as journal:
        begin(journal)
        with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
            os.dup2(full.fileno(), journal._log._handle)
        carry_on(journal, operation)
        assert [each.kind for each in journal.runs.recorded("r1").outcomes] == [OutcomeKind.FAILED]
    assert [each["step"] for each in lines(log)] == ["run_began"]
