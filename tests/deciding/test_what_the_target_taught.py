"""What a target refused for good, or keeps in another form, is remembered: said once a night, and not sent again while nothing changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Record, Value
from connectors.errors import Busy, Conflict, ConnectorError, Forbidden, RateLimited, Rejected, Unreachable
from reconcile.apply.journal import Journal
from reconcile.apply.ledger import project_journal
from reconcile.apply.written import in_another_form
from reconcile.plan.model import FindingKind, Operation, OutcomeKind, Plan, Run, Verb
from tests.support.companies.engine import _working
from tests.support.companies.office import Office, _sql, changed, days, done, found, office, person, said
from tests.support.undoing import inverse

MAPPING: dict[str, Any] = {"attributes": {"login": "mail", "no": "anchor", "name": "name", "dept": "dept", "phone": "phone"}}
COLUMNS = ("name", "mail", "dept", "status", "start", "end", "phone")
RULES = {"attributes": {"name": "name", "mail": "mail", "dept": "dept", "phone": "phone"}}


def worker(who: str = "ann", **columns: str | None) -> Any:
    return person(who, **{"phone": "1", **columns})


@dataclass
class Habits:
    """What the target of an office does with the attributes that it is sent."""

    here: Office
    error: Callable[[Mapping[str, Value]], ConnectorError | None] = lambda _attributes: None
    kept: Callable[[Mapping[str, Value]], Mapping[str, Value]] = lambda attributes: attributes
    requests: int = 0

    def __post_init__(self) -> None:
        target = self.here.bench.target
        self._update, self._create = target.update_account, target.create_account
        target.update_account, target.create_account = self.update, self.create  # type: ignore[method-assign]

    async def update(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        self.requests += 1
        if error := self.error(changes):
            raise error
        return await self._update(account_id, self.kept(changes), seen)

    async def create(self, attributes: Mapping[str, Value]) -> Record:
        self.requests += 1
        if error := self.error(attributes):
            raise error
        return await self._create(self.kept(attributes))


@contextlib.contextmanager
def taught(folder: Path, *people: Any, **mapping: Any) -> Any:
    """An office with a night behind it."""
    with office(folder, *(people or (worker(),)), **{**MAPPING, **mapping}) as here:
        rules = here.bench.world.sources[0].rules
        here.hr(*(people or (worker(),)), rules={**rules, **RULES})
        yield here


def apply(here: Office, plan: Plan) -> dict[str, OutcomeKind]:
    """How each operation of a plan ended, by what it writes."""
    kinds = {outcome.operation_id: outcome.kind for outcome in here.bench.apply(plan)}
    return {_what(operation): kinds[operation.id] for operation in plan.operations}


def _what(operation: Operation) -> str:
    return " ".join([operation.verb.value, *sorted(operation.after)]) if operation.verb is Verb.UPDATE else operation.verb.value


def _rejects(name: str, value: str = "bad") -> Callable[[Mapping[str, Value]], ConnectorError | None]:
    return lambda attributes: (
        Rejected("the request was refused", detail="not a telephone number") if attributes.get(name) == value else None
    )


def test_refused_attribute_is_found_and_the_others_of_the_account_go_on(tmp_path: Path) -> None:
    with taught(tmp_path) as here:
        here.night()
        habits = Habits(here, error=_rejects("phone"))
        here.hr(worker(phone="bad", name="Ann Lee", dept="lab"))
        assert apply(here, here.plan(days(1)))["update dept name phone"] is OutcomeKind.FAILED
        second = apply(here, here.plan(days(2)))
        assert {what: kind for what, kind in second.items() if what.startswith("update")} == {
            "update dept": OutcomeKind.DONE,
            "update name": OutcomeKind.DONE,
            "update phone": OutcomeKind.FAILED,
        }
        habits.requests = 0
        third = here.plan(days(3))
        assert third.operations == ()
        (message,) = said(third, FindingKind.REFUSED)
        assert "refused phone on " in message
        assert "not a telephone number" in message
        assert here.account("ann").attributes["name"] == "Ann Lee"
        assert here.plan(days(4)).operations == ()
        assert habits.requests == 0


@pytest.mark.parametrize("change", ["value", "account", "mapping", "days"])
def test_refused_value_is_sent_again_once_something_changes(tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with taught(tmp_path) as here:
        here.night()
        Habits(here, error=_rejects("phone"))
        here.hr(worker(phone="bad"))
        apply(here, here.plan(days(1)))
        assert here.plan(days(2)).operations == ()
        match change:
            case "value":
                here.hr(worker(phone="2"))
            case "account":
                account = here.account("ann")
                here.bench.target.accounts[account.id] = replace(account, attributes={**account.attributes, "phone": "3"})
            case "mapping":
                monkeypatch.setattr("reconcile.decide.decide_target.rules_digest", lambda _parts: "other")
            case _:
                _sql("UPDATE store.lesson SET since = $at", at=f"{days(-5)}T03:00:00.000+00:00")
        assert [_what(operation) for operation in here.plan(days(2)).operations] == ["update phone"]


@pytest.mark.parametrize(
    "error", [Forbidden("no"), RateLimited("no"), Unreachable("no"), Busy("no")], ids=lambda error: type(error).__name__
)
def test_what_is_no_judgement_of_the_value_is_sent_every_night(tmp_path: Path, error: ConnectorError) -> None:
    with taught(tmp_path) as here:
        here.night()
        Habits(here, error=lambda _attributes: error)
        here.hr(worker(phone="bad"))
        apply(here, here.plan(days(1)))
        plan = here.plan(days(2))
        assert [_what(operation) for operation in plan.operations] == ["update phone"]
        assert said(plan, FindingKind.REFUSED) == []


@pytest.mark.parametrize("error", [Rejected("no seat is left"), Conflict("no seat is left")], ids=["rejected", "conflict"])
def test_refused_account_is_one_finding_and_its_memberships_wait(tmp_path: Path, error: ConnectorError) -> None:
    with taught(tmp_path) as here:
        habits = Habits(here, error=lambda _attributes: error)
        apply(here, here.plan())
        plan = here.plan(days(1))
        assert plan.operations == ()
        (message,) = said(plan, FindingKind.REFUSED)
        assert "refused the new account" in message
        assert "no seat is left" in message
        habits.error = lambda _attributes: None
        here.hr(worker(name="Ann Lee"))
        apply(here, here.plan(days(2)))
        assert here.state("ann") == "active"
        assert here.groups("ann") == {"all", "sales"}


def test_refused_membership_is_a_finding_and_others_are_given(tmp_path: Path) -> None:
    with taught(tmp_path) as here:
        add = here.bench.target.add_member

        async def full(entitlement_id: str, account_id: str) -> None:
            if entitlement_id == "g-sales":
                raise Rejected("the group is full")
            await add(entitlement_id, account_id)

        here.bench.target.add_member = full  # type: ignore[method-assign]
        apply(here, here.plan())
        plan = here.plan(days(1))
        assert plan.operations == ()
        assert here.groups("ann") == {"all"}
        (finding,) = found(plan, FindingKind.REFUSED)
        assert (finding.anchor, "the membership in 'sales'" in finding.message) == ("ann", True)


@pytest.mark.parametrize(
    ("setting", "verb", "write"), [("deactivate", Verb.DEACTIVATE, "deactivate_account"), ("suspend", Verb.SUSPEND, "suspend_account")]
)
def test_refused_end_of_an_account_is_tried_every_night(tmp_path: Path, setting: str, verb: Verb, write: str) -> None:
    with taught(tmp_path, leavers=setting) as here:
        here.night()

        async def refuses(*_: object) -> None:
            raise Rejected("the account is locked by an administrator")

        setattr(here.bench.target, write, refuses)
        here.hr(worker(status="left"))
        for night in range(1, 4):
            plan = here.plan(days(night))
            assert done(plan) == [(verb, "ann")]
            assert ("locked by an administrator" in plan.operations[-1].because.detail) is (night > 1)
            assert apply(here, plan)[verb.value] is OutcomeKind.FAILED


def test_membership_of_a_leaver_that_cannot_be_taken_is_tried_every_night_and_that_of_a_mover_is_found(tmp_path: Path) -> None:
    with taught(tmp_path, worker(), worker("bob")) as here:
        here.night()

        async def refuses(*_: object) -> None:
            raise Rejected("a rule of the target manages it")

        here.bench.target.remove_member = refuses  # type: ignore[method-assign]
        here.hr(worker(status="left"), worker("bob", dept="lab"))
        apply(here, here.plan(days(1)))
        plan = here.plan(days(2))
        assert {(anchor, group) for _, anchor, group in changed(plan)} == {("ann", "all"), ("ann", "sales")}
        assert [finding.anchor for finding in found(plan, FindingKind.REFUSED)] == ["bob"]


FORMS = {
    "number": ("0170 5550123", "+49 (170) 5550-123"),
    "uri": ("+49 170 5550123", "tel:+491705550123"),
    "case": ("Night Shift", "NIGHT SHIFT"),
    "space": ("front desk ", "front desk"),
    "cut": ("A very long description of a desk", "A very long descrip"),
    "accent": ("Zoë Ångström", "Zoe Angstrom"),
}


@pytest.mark.parametrize(("wanted", "shown"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("write", ["create", "update"])
def test_value_in_another_form_is_done_and_stays_so(tmp_path: Path, write: str, wanted: str, shown: str) -> None:
    with taught(tmp_path) as here:
        if write == "update":
            here.night()
        habits = Habits(here, kept=lambda attributes: {**attributes, **({"phone": shown} if "phone" in attributes else {})})
        here.hr(worker(phone=wanted))
        assert set(apply(here, here.plan(days(1))).values()) == {OutcomeKind.DONE}
        habits.requests = 0
        for night in (2, 3):
            plan = here.plan(days(night))
            assert (plan.operations, found(plan, FindingKind.REFUSED), found(plan, FindingKind.NOT_KEPT)) == ((), [], [])
        here.hr(worker(phone="7"))
        assert [_what(operation) for operation in here.plan(days(4)).operations] == ["update phone"]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("1.5", "15"),
        ("-5", "5"),
        ("00123456", "123456"),
        ("99123456", "123456"),
        ("12/2026", "122026"),
        ("Annabel", "Anna"),
        (["ab", "c"], ["a", "bc"]),
        (["ab"], ["ab", "c"]),
        (True, "1"),
        (12, "112"),
    ],
)
def test_value_that_only_looks_like_what_was_written_is_another_one(wanted: Value, shown: Value) -> None:
    assert not in_another_form(wanted, shown)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (True, "true"),
        (5, "5"),
        (["b", "A"], ["a", "b"]),
        ("0170 555-0123", "01705550123"),
        ("030/5550123", "tel:+49-30-5550123"),
        ("Zoë", "zoe "),
    ],
)
def test_value_in_another_notation_is_the_same(wanted: Value, shown: Value) -> None:
    assert in_another_form(wanted, shown)


def test_value_that_is_replaced_later_is_written_again(tmp_path: Path) -> None:
    with taught(tmp_path) as here:
        here.night()
        Habits(here, kept=lambda attributes: {**attributes, "phone": "0170-5550123"})
        here.hr(worker(phone="0170 5550123"))
        apply(here, here.plan(days(1)))
        account = here.account("ann")
        here.bench.target.accounts[account.id] = replace(account, attributes={**account.attributes, "phone": "0170-9999999"})
        assert [_what(operation) for operation in here.plan(days(2)).operations] == ["update phone"]


@pytest.mark.parametrize(
    ("before", "shown"),
    [("1", "1"), ("555 777", "555 777"), ("1", "Nobody"), ("1", "555 777")],
    ids=["ignored", "ignored and a part of it", "replaced", "number cut short"],
)
def test_value_that_is_ignored_or_replaced_has_failed_and_is_found(tmp_path: Path, before: str, shown: str) -> None:
    with taught(tmp_path, worker(phone=before)) as here:
        here.night()
        Habits(here, kept=lambda attributes: {**attributes, "phone": shown})
        here.hr(worker(phone="555 777 999"))
        assert apply(here, here.plan(days(1))) == {"update phone": OutcomeKind.FAILED}
        plan = here.plan(days(2))
        assert plan.operations == ()
        (message,) = said(plan, FindingKind.REFUSED)
        assert "phone did not take the value" in message


def test_login_in_another_form_is_done_only_where_case_alone_differs(tmp_path: Path) -> None:
    for kept, kind in (("ANN.LEE@X", OutcomeKind.DONE), ("ann-lee@x", OutcomeKind.FAILED)):
        with taught(tmp_path) as here:
            Habits(here, kept=lambda attributes, kept=kept: {**attributes, "login": kept})  # type: ignore[misc]
            here.hr(worker(mail="ann.lee@x"))
            assert apply(here, here.plan())["create"] is kind


def test_attribute_that_is_not_kept_is_one_finding_for_all_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with taught(tmp_path, worker(), worker("bob"), worker("cem")) as here:
        Habits(here, kept=lambda attributes: {name: value for name, value in attributes.items() if name != "dept"})
        assert set(apply(here, here.plan()).values()) == {OutcomeKind.DONE}
        plan = here.plan(days(1))
        assert plan.operations == ()
        assert said(plan, FindingKind.NOT_KEPT) == [
            "app does not keep dept (3 accounts): it was written, and nothing is shown. Take it out of the mapping."
        ]
        monkeypatch.setattr("reconcile.decide.decide_target.rules_digest", lambda _parts: "other")
        assert len(here.plan(days(1)).operations) == 3


def test_lessons_survive_a_store_that_is_lost(tmp_path: Path) -> None:
    with taught(tmp_path) as here:
        here.night()
        Habits(here, error=_rejects("phone"))
        here.hr(worker(phone="bad"))
        apply(here, here.plan(days(1)))
        _sql("DELETE FROM store.lesson")
        assert [_what(operation) for operation in here.plan(days(2)).operations] == ["update phone"]
        _sql("DELETE FROM store.settled")
        with contextlib.closing(Journal(here.bench.folder / here.bench.journal)) as journal, _working() as store:
            project_journal(store, journal)
        assert here.plan(days(2)).operations == ()


def test_undo_takes_back_a_value_that_is_shown_in_another_form(tmp_path: Path) -> None:
    with taught(tmp_path) as here:
        here.night()
        habits = Habits(here, kept=lambda attributes: {**attributes, "phone": "tel:0170-5550123"})
        here.hr(worker(phone="0170/5550123"))
        plan = here.plan(days(1))
        run = Run(id="r", plan_digest=plan.digest, live=True, started="", ended="", outcomes=tuple(here.bench.apply(plan)))
        habits.kept = lambda attributes: attributes
        assert {outcome.kind for outcome in here.bench.apply(inverse(plan, run))} == {OutcomeKind.DONE}
        assert here.account("ann").attributes["phone"] == "1"
