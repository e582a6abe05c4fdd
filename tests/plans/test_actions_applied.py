"""A one-off action of a plan is performed once, and a temporary password reaches the one who asked and nothing that is kept."""

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.actions import Action, ActionRule, Performed, TemporaryPassword
from connectors.contract import AccountState, Capability, Record, Traits
from connectors.errors import PreconditionFailed, Uncertain, Unreachable
from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from reconcile.apply import sending
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.apply.preview import preview
from reconcile.decide.protection.protected import Protection
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Run, Verb
from reconcile.report import dry_run, run_summary
from reconcile.report.formats import csv, html, json, text
from reconcile.report.redact import redacted

from .small_plans import operation, plan_of

KEY = b"key"
"""Key of redacted reports."""

RULES = {
    Action.REVOKE_SESSIONS: ActionRule(repeatable=True),
    Action.UNLOCK: ActionRule(possible=frozenset({"LOCKED"}), already=frozenset({"ACTIVE"}), leads_to="ACTIVE", repeatable=True),
    Action.RESET_FACTORS: ActionRule(possible=frozenset({"ACTIVE", "LOCKED"}), repeatable=True),
    Action.RESET_PASSWORD: ActionRule(possible=frozenset({"ACTIVE", "RECOVERY"}), leads_to="RECOVERY"),
    Action.TEMPORARY_PASSWORD: ActionRule(possible=frozenset({"ACTIVE"}), leads_to="EXPIRED"),
    Action.EXPIRE_PASSWORD: ActionRule(possible=frozenset({"ACTIVE"}), already=frozenset({"EXPIRED"}), leads_to="EXPIRED", repeatable=True),
    Action.RESEND_ACTIVATION: ActionRule(possible=frozenset({"PENDING"}), already=frozenset({"ACTIVE"})),
}
WORD = "Zk7!hidden-word"
LOST_BEFORE, LOST_AFTER = "before", "after"
REPEATABLE = [action for action, rule in RULES.items() if rule.repeatable]
ONCE = [Action.RESET_PASSWORD, Action.TEMPORARY_PASSWORD]


class Desk(MemoryTarget):
    """A target whose answers are lost before or after it acts, as often as it is told."""

    def __init__(self, status: str, *lost: str, offers: dict[Action, ActionRule] | None = None) -> None:
        can = Capability(suspend=True, actions=RULES if offers is None else offers)
        traits = Traits(login="login", email="email", unique=frozenset({"login"}), can=can)
        super().__init__("desk", traits, [MemoryAccount("acc1", AccountState.ACTIVE, {"login": "crew1"}, status=status)])
        self.lost = list(lost)
        self.requests = 0
        self.unread = False
        """Whether it cannot be read any more once it was asked to act."""

    async def perform(self, account_id: str, action: Action) -> Performed:
        self.requests += 1
        lost = self.lost.pop(0) if self.lost else ""
        if lost == LOST_BEFORE:
            raise Uncertain("no answer came")
        done = await super().perform(account_id, action)
        if lost == LOST_AFTER:
            raise Uncertain("no answer came")
        done = dataclasses.replace(done, record=None) if self.unread else done
        return dataclasses.replace(done, password=TemporaryPassword(WORD)) if done.password else done

    async def read_account(self, account_id: str) -> Record | None:
        if self.unread and self.requests:
            raise Unreachable("desk cannot be reached")
        return await super().read_account(account_id)


def usual(action: Action) -> str:
    return {Action.UNLOCK: "LOCKED", Action.RESEND_ACTIVATION: "PENDING"}.get(action, "ACTIVE")


def asked(action: Action, before: str = "") -> Operation:
    leads_to = RULES[action].leads_to
    shown = ({"status": before or usual(action)}, {"status": leads_to}) if leads_to else ({}, {})
    return operation(1, Verb(action.value), before=shown[0], after=shown[1], account={"login": "crew1"})


Taker = Callable[[Operation, TemporaryPassword], None]


class Taken(list[tuple[str, str]]):
    """Takes passwords, by the account that they open."""

    def __call__(self, operation: Operation, password: TemporaryPassword) -> None:
        self.append((operation.account_id, password.reveal()))


def run_of(desk: Desk, state: Path, *operations: Operation, password_sink: Taker | None = None, **more: object) -> Run:
    """One run, or the same one again where it has begun."""
    plan = plan_of(operations)
    with contextlib.closing(Journal(state)) as journal:
        if journal.runs.unfinished() is None:
            journal.start("run", plan)
        asyncio.run(Applier(plan, {"desk": desk}, journal, "run", password_sink=password_sink, **more).apply())  # type: ignore[arg-type]
        return journal.runs.recorded("run")


def only(run: Run) -> Outcome:
    (outcome,) = run.outcomes
    return outcome


def killed_after_intent(state: Path, *operations: Operation) -> None:
    with contextlib.closing(Journal(state)) as journal:
        journal.start("run", plan_of(operations))
        for each in operations:
            journal.intend("run", each)


@pytest.mark.parametrize("action", Action)
def test_action_is_performed_once(tmp_path, action):
    desk, taken = Desk(usual(action)), Taken()
    outcome = only(run_of(desk, tmp_path, asked(action), password_sink=taken))
    assert (outcome.kind, outcome.account_id) == (OutcomeKind.DONE, "acc1")
    assert desk.performed == [("acc1", action)]
    assert desk.accounts["acc1"].status == (RULES[action].leads_to or usual(action))
    assert run_of(desk, tmp_path, asked(action), password_sink=taken).outcomes == (outcome,)
    assert desk.requests == 1


def test_verb_that_sending_does_not_know_makes_no_account_active(tmp_path, monkeypatch):
    """Whoever adds a verb and forgets to say how it is sent gets a fault, and no other change."""
    monkeypatch.setattr(sending, "ACTION_VERBS", {})
    desk = Desk("LOCKED")
    outcome = only(run_of(desk, tmp_path, asked(Action.UNLOCK)))
    assert (outcome.kind, "ValueError in reconcile/apply/sending.py" in outcome.detail) == (OutcomeKind.UNKNOWN, True), outcome
    assert desk.accounts["acc1"].status == "LOCKED"


@pytest.mark.parametrize("action", [Action.REVOKE_SESSIONS, Action.RESET_FACTORS])
def test_action_that_an_account_does_not_show_says_so(tmp_path, action):
    assert only(run_of(Desk("ACTIVE"), tmp_path, asked(action))).detail == "desk accepted it; an account does not show it"


@pytest.mark.parametrize(("action", "status"), [(Action.UNLOCK, "ACTIVE"), (Action.EXPIRE_PASSWORD, "EXPIRED")])
def test_nothing_is_sent_where_it_is_already_so(tmp_path, action, status):
    desk = Desk(status)
    assert [each.kind for each in asyncio.run(preview(plan_of([asked(action)]), {"desk": desk}))] == [OutcomeKind.ALREADY]
    assert only(run_of(desk, tmp_path, asked(action))).kind is OutcomeKind.ALREADY
    assert desk.requests == 0


@pytest.mark.parametrize("action", [action for action in Action if RULES[action].possible is not None])
def test_account_of_another_status_has_moved(tmp_path, action):
    desk = Desk("FROZEN")
    (foreseen,) = asyncio.run(preview(plan_of([asked(action)]), {"desk": desk}))
    outcome = only(run_of(desk, tmp_path, asked(action), password_sink=Taken()))
    assert outcome.kind is foreseen.kind is OutcomeKind.MOVED
    assert outcome.detail == foreseen.detail
    assert "is FROZEN now; it is possible only from " in outcome.detail
    assert desk.requests == 0


@pytest.mark.parametrize("action", Action)
def test_action_of_another_account_moved_or_gone(tmp_path, action):
    desk = Desk(usual(action))
    other = dataclasses.replace(desk.accounts["acc1"], attributes={"login": "crew2"})
    for number, accounts in enumerate(({"acc1": other}, {})):
        desk.accounts = accounts
        assert only(run_of(desk, tmp_path / str(number), asked(action), password_sink=Taken())).kind is OutcomeKind.MOVED
    assert desk.requests == 0


@pytest.mark.parametrize("action", Action)
def test_action_that_the_target_does_not_offer_is_not_sent(tmp_path, action):
    desk = Desk(usual(action), offers={})
    outcome = only(run_of(desk, tmp_path, asked(action), password_sink=Taken()))
    assert (outcome.kind, outcome.detail.partition("; ")[0]) == (OutcomeKind.MOVED, "desk does not offer it")
    assert desk.requests == 0


def test_status_that_moves_between_look_and_request_is_no_failure(tmp_path):
    class Moving(Desk):
        async def perform(self, account_id, action):
            raise PreconditionFailed(f"{account_id} is FROZEN, from which there is no {action}")

    assert only(run_of(Moving("ACTIVE"), tmp_path, asked(Action.RESET_PASSWORD))).kind is OutcomeKind.MOVED


@pytest.mark.parametrize("protection", [Protection(people=frozenset({"n1"})), Protection(accounts={"desk": frozenset({"crew1"})})])
@pytest.mark.parametrize("action", Action)
def test_protected_account_is_held(tmp_path, action, protection):
    desk = Desk(usual(action))
    outcome = only(run_of(desk, tmp_path, asked(action), password_sink=Taken(), protection=protection))
    assert outcome.kind is OutcomeKind.HELD
    assert outcome.detail.startswith("protected: ")
    assert desk.requests == 0


@pytest.mark.parametrize("action", REPEATABLE)
def test_repeatable_action_without_effect_is_sent_once_more(tmp_path, action):
    desk = Desk(usual(action), LOST_BEFORE)
    assert only(run_of(desk, tmp_path, asked(action))).kind is OutcomeKind.DONE
    assert (desk.requests, len(desk.performed)) == (2, 1)


@pytest.mark.parametrize("action", REPEATABLE)
def test_repeatable_action_is_never_sent_a_third_time(tmp_path, action):
    desk = Desk(usual(action), *[LOST_BEFORE] * 5)
    outcome = only(run_of(desk, tmp_path, asked(action)))
    read = "sent twice, and read back nothing has come of it" if RULES[action].leads_to else "sent twice without an answer"
    assert (outcome.kind, outcome.detail) == (OutcomeKind.UNKNOWN, f"{read}: no answer came")
    assert desk.requests == 2


@pytest.mark.parametrize(
    ("action", "requests"),
    [(Action.UNLOCK, 1), (Action.EXPIRE_PASSWORD, 1), (Action.REVOKE_SESSIONS, 2), (Action.RESET_FACTORS, 2)],
)
def test_repeatable_action_with_effect_is_not_repeated_where_the_status_shows_it(tmp_path, action, requests):
    desk = Desk(usual(action), LOST_AFTER)
    assert only(run_of(desk, tmp_path, asked(action))).kind is OutcomeKind.DONE
    assert desk.requests == requests


UNSENT = "it may have been sent; the account is {}. Look at it before you ask again"
NOT_KNOWN = "whether the password was replaced is not known: the account is ACTIVE. Ask for another one"
REPLACED = "the password was replaced, and the new one is lost: the account is EXPIRED. Ask for another one"
LOST = [
    (Action.RESET_PASSWORD, "ACTIVE", LOST_BEFORE, OutcomeKind.UNKNOWN, UNSENT.format("ACTIVE")),
    (Action.RESET_PASSWORD, "ACTIVE", LOST_AFTER, OutcomeKind.DONE, "the account is RECOVERY"),
    # It was in recovery before: the status says nothing of this request.
    (Action.RESET_PASSWORD, "RECOVERY", LOST_BEFORE, OutcomeKind.UNKNOWN, UNSENT.format("RECOVERY")),
    (Action.RESET_PASSWORD, "RECOVERY", LOST_AFTER, OutcomeKind.UNKNOWN, UNSENT.format("RECOVERY")),
    # Nothing shows a mail.
    (Action.RESEND_ACTIVATION, "PENDING", LOST_BEFORE, OutcomeKind.UNKNOWN, UNSENT.format("PENDING")),
    (Action.RESEND_ACTIVATION, "PENDING", LOST_AFTER, OutcomeKind.UNKNOWN, UNSENT.format("PENDING")),
    (Action.TEMPORARY_PASSWORD, "ACTIVE", LOST_BEFORE, OutcomeKind.UNKNOWN, NOT_KNOWN),
    (Action.TEMPORARY_PASSWORD, "ACTIVE", LOST_AFTER, OutcomeKind.UNKNOWN, REPLACED),
]


@pytest.mark.parametrize(("action", "status", "lost", "kind", "detail"), LOST)
def test_mail_or_password_is_never_sent_twice_after_a_lost_answer(tmp_path, action, status, lost, kind, detail):  # noqa: PLR0917 - a row of the table
    desk, taken = Desk(status, lost), Taken()
    outcome = only(run_of(desk, tmp_path, asked(action, status), password_sink=taken))
    assert (outcome.kind, outcome.detail) == (kind, f"no answer came; {detail}")
    assert (desk.requests, taken) == (1, [])


@pytest.mark.parametrize(("action", "status", "lost", "kind", "detail"), LOST)
def test_resume_never_sends_a_mail_or_a_password_of_an_interrupted_run(tmp_path, action, status, lost, kind, detail):  # noqa: PLR0917 - a row of the table
    desk, taken = Desk(status), Taken()
    killed_after_intent(tmp_path, asked(action, status))
    if lost == LOST_AFTER:
        asyncio.run(desk.perform("acc1", action))
    desk.requests = 0
    outcome = only(run_of(desk, tmp_path, asked(action, status), password_sink=taken))
    assert (outcome.kind, outcome.detail) == (kind, detail)
    assert (desk.requests, taken) == (0, [])


@pytest.mark.parametrize("action", REPEATABLE)
def test_resume_sends_a_repeatable_action_of_an_interrupted_run(tmp_path, action):
    desk = Desk(usual(action))
    killed_after_intent(tmp_path, asked(action))
    assert only(run_of(desk, tmp_path, asked(action))).kind is OutcomeKind.DONE
    assert (desk.requests, len(desk.performed)) == (1, 1)


@pytest.mark.parametrize("action", Action)
def test_resume_that_cannot_read_the_account_does_not_call_it_failed(tmp_path, action):
    desk = Desk(usual(action))
    killed_after_intent(tmp_path, asked(action))
    desk.requests, desk.unread = 1, True
    outcome = only(run_of(desk, tmp_path, asked(action), password_sink=Taken()))
    assert (outcome.kind, outcome.detail) == (
        OutcomeKind.UNKNOWN,
        "it may have been sent before the interruption, and desk cannot be reached. Look at the account before you ask again",
    )
    assert desk.requests == 1


@pytest.mark.parametrize("action", Action)
def test_action_that_was_never_sent_has_failed_where_the_target_cannot_be_read(tmp_path, action):
    desk = Desk(usual(action))
    desk.requests, desk.unread = 1, True
    assert only(run_of(desk, tmp_path, asked(action), password_sink=Taken())).kind is OutcomeKind.FAILED
    assert desk.requests == 1


@pytest.mark.parametrize("lost", [LOST_BEFORE, LOST_AFTER, ""])
@pytest.mark.parametrize("action", ONCE)
def test_target_that_cannot_be_read_after_it_was_asked_is_unknown(tmp_path, action, lost):
    """To call it failed would say that nothing came of it, and the person would be mailed again."""
    desk, taken = Desk("ACTIVE", *filter(None, [lost])), Taken()
    desk.unread = True
    outcome = only(run_of(desk, tmp_path, asked(action), password_sink=taken))
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert "Look at it before you ask again" in outcome.detail
    assert taken == ([("acc1", WORD)] if action is Action.TEMPORARY_PASSWORD and not lost else [])
    assert desk.requests == 1


@pytest.mark.parametrize("action", ONCE)
def test_accepted_action_that_the_account_does_not_show_is_unknown(tmp_path, action):
    class Idle(Desk):
        async def perform(self, account_id, action):
            done = await super().perform(account_id, action)
            assert done.record is not None
            return dataclasses.replace(done, record=done.record._replace(status="FROZEN"))

    outcome = only(run_of(Idle("ACTIVE"), tmp_path, asked(action), password_sink=Taken()))
    assert (outcome.kind, outcome.detail) == (
        OutcomeKind.UNKNOWN,
        f"desk accepted it, and the account is FROZEN, not {RULES[action].leads_to}",
    )


def everything_kept(state: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(state.rglob("*")) if each.is_file())


def everything_shown(operation: Operation, run: Run) -> str:
    plan = plan_of([operation])
    said = [repr(run)]
    for each, its_run in ((plan, run), redacted(plan, KEY, run)):
        assert its_run is not None
        summary = run_summary.summarize(each, its_run, at="2026-05-04T00:00:00Z")
        said += [csv.table(each, its_run), *json.parts(each, its_run), html.page(each, its_run)]
        said += [text.show(each, its_run, width=200, colour=False), text.summary_line(each, its_run)]
        said += [run_summary.run_line(summary, each, its_run), *run_summary.failure_lines(summary), repr(run_summary.document(summary))]
        said += [repr(dry_run.document(dry_run.dry_run_of(each, its_run)))]
    return "".join(said)


def assert_kept_nowhere(state: Path, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    kept, shown = everything_kept(state), everything_shown(asked(Action.TEMPORARY_PASSWORD), run)
    assert b"acc1" in kept
    assert "acc1" in shown
    assert WORD.encode() not in kept
    assert WORD not in shown + caplog.text + repr([record.__dict__ for record in caplog.records])


def test_password_is_handed_over_once_and_kept_nowhere(tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    desk, taken = Desk("ACTIVE"), Taken()
    run = run_of(desk, tmp_path, asked(Action.TEMPORARY_PASSWORD), password_sink=taken)
    assert (only(run).kind, taken) == (OutcomeKind.DONE, [("acc1", WORD)])
    assert_kept_nowhere(tmp_path, run, caplog)
    assert WORD not in "".join(capfd.readouterr())
    run_of(desk, tmp_path, asked(Action.TEMPORARY_PASSWORD), password_sink=taken)
    assert len(taken) == 1


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), ValueError(WORD), Uncertain(WORD), UnicodeEncodeError("ascii", WORD, 0, 1, "x")]
)
def test_password_that_could_not_be_handed_over_is_unknown_and_kept_nowhere(tmp_path, caplog, error):
    def failing(_operation: Operation, _password: TemporaryPassword) -> None:
        raise error

    desk = Desk("ACTIVE")
    run = run_of(desk, tmp_path, asked(Action.TEMPORARY_PASSWORD), password_sink=failing)
    assert only(run).kind is OutcomeKind.UNKNOWN
    assert_kept_nowhere(tmp_path, run, caplog)
    assert desk.requests == 1
    if isinstance(error, OSError):
        lost = "the new one could not be handed over (No space left on device). Ask for another one"
        assert only(run).detail == f"the password was replaced, and {lost}"


def test_password_without_a_place_to_put_it_is_not_made(tmp_path):
    desk = Desk("ACTIVE")
    outcome = only(run_of(desk, tmp_path, asked(Action.TEMPORARY_PASSWORD)))
    assert outcome.kind is OutcomeKind.FAILED
    assert "no place to put a temporary password" in outcome.detail
    assert desk.requests == 0


@pytest.mark.parametrize("action", Action)
def test_preview_performs_nothing(action):
    desk = Desk(usual(action))
    assert asyncio.run(preview(plan_of([asked(action)]), {"desk": desk})) == ()
    assert desk.requests == 0
