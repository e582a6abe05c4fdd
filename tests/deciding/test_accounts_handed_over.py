"""An operation is refused where its account is another person's by now, whatever the operation is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import AccountState, Record
from connectors.errors import Conflict, Rejected
from connectors.memory.state import MemoryAccount
from reconcile.plan.model import Outcome, OutcomeKind, Plan, Run, Verb
from tests.support.companies.office import Office, days, office, person
from tests.support.undoing import inverse

KEYS = [{"account": "no", "identity": "anchor", "adopt": True}, {"account": "login", "identity": "mail", "adopt": True}]
LEFT = {"status": "left"}


def left(here: Office) -> Plan:
    here.hr(person("ann", **LEFT))
    return here.plan(days(1))


def returned(here: Office) -> Plan:
    here.hr(person("ann", **LEFT))
    here.night(days(1))
    here.hr(person("ann"))
    return here.plan(days(2))


def rested(here: Office) -> Plan:
    here.hr(person("ann", **LEFT))
    here.night(days(1))
    return here.plan(days(40), deletions=True)


def moved(here: Office) -> Plan:
    here.hr(person("ann", dept="lab", name="Anna"))
    return here.plan(days(1))


def joined(here: Office) -> Plan:
    here.hr(person("ann", dept="lab"))
    here.night(days(1))
    here.hr(person("ann"))
    return here.plan(days(2))


STORIES: dict[Verb, tuple[Callable[[Office], Plan], Mapping[str, Any]]] = {
    Verb.DEACTIVATE: (left, {}),
    Verb.SUSPEND: (left, {"leavers": "suspend"}),
    Verb.REACTIVATE: (returned, {}),
    Verb.DELETE: (rested, {"delete_after_days": 30}),
    Verb.UPDATE: (moved, {}),
    Verb.REMOVE_MEMBER: (moved, {}),
    Verb.ADD_MEMBER: (joined, {}),
}
HANDED_OVER = {
    "another login": ({"login": "bob@x"}, "login was 'ann@x' and is 'bob@x' now"),
    "another number": ({"no": "bob"}, "no was 'ann' and is 'bob' now"),
    "another address": ({"email": "bob@x"}, "email was None and is 'bob@x' now"),
    "no number": ({"no": None}, "no was 'ann' and is None now"),
}


@contextmanager
def ann(folder: Path, **mapping: Any) -> Iterator[Office]:
    """An office with one person, who has an account of her own."""
    keys = [*KEYS, {"account": "email", "identity": "dept"}]
    with office(folder, person("ann"), **{"correlate": keys, **mapping}) as here:
        here.night()
        yield here


def edit(here: Office, account_id: str, **values: Any) -> None:
    """Somebody changes an account by hand; None takes a value away."""
    account = here.bench.target.accounts[account_id]
    attributes = {name: value for name, value in {**account.attributes, **values}.items() if value is not None}
    here.bench.target.accounts[account_id] = replace(account, attributes=attributes, version=account.version + 1)


def only_account(here: Office) -> str:
    (found,) = here.bench.target.accounts
    return found


def world_of(here: Office) -> tuple[Any, Any]:
    return dict(here.bench.target.accounts), set(here.bench.target.members)


@pytest.mark.parametrize("verb", STORIES)
def test_no_verb_reaches_an_account_that_changed_hands(tmp_path: Path, verb: Verb) -> None:
    """One plan, tried on each account that may be another person's: only the account differs, not what was decided."""
    story, mapping = STORIES[verb]
    with ann(tmp_path, **mapping) as here:
        plan = story(here)
        of_verb = {each.id for each in plan.operations if each.verb is verb}
        assert of_verb
        account = here.bench.target.accounts[only_account(here)]
        for changes, detail in HANDED_OVER.values():
            if account.state is AccountState.DEACTIVATED and changes == {"no": None}:
                # A deactivated account may show less.
                continue
            here.bench.target.accounts[account.id] = account
            edit(here, account.id, **changes)
            before = world_of(here)
            for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
                found = next(each for each in outcomes if each.operation_id in of_verb)
                assert found.kind is OutcomeKind.MOVED
                assert found.detail.startswith(f"{detail}: the account may be another person's; the plan wanted ")
                assert {each.kind for each in outcomes} <= {OutcomeKind.MOVED, OutcomeKind.HELD}
            assert world_of(here) == before


@pytest.mark.parametrize("verb", STORIES)
def test_an_account_whose_login_differs_by_case_or_space_alone_is_the_same(tmp_path: Path, verb: Verb) -> None:
    story, mapping = STORIES[verb]
    with ann(tmp_path, **mapping) as here:
        plan = story(here)
        edit(here, only_account(here), login="ANN@x ", no=" Ann")
        assert here.bench.preview(plan) == ()
        assert {each.kind for each in here.bench.apply(plan)} == {OutcomeKind.DONE}


@pytest.mark.parametrize(("login", "kind"), [("ann@x", OutcomeKind.DONE), (None, OutcomeKind.MOVED), ("bob@x", OutcomeKind.MOVED)])
def test_a_deactivated_account_that_shows_its_login_alone_is_the_same(tmp_path: Path, login: str | None, kind: OutcomeKind) -> None:
    with ann(tmp_path) as here:
        plan = returned(here)
        edit(here, only_account(here), no=None, login=login)
        assert next(each for each in here.bench.apply(plan)).kind is kind


def test_values_that_the_plan_writes_itself_are_no_change_of_hands(tmp_path: Path) -> None:
    keys = [{"account": "email", "identity": "mail", "adopt": True}]
    attributes = {"login": {"expression": "anchor || '@x'"}, "email": "mail"}
    with office(tmp_path, person("ann", dept="lab"), correlate=keys, attributes=attributes) as here:
        here.night()
        here.hr(person("ann", mail="anna@x"))
        plan = here.plan(days(1))
        assert {each.verb for each in plan.operations} == {Verb.UPDATE, Verb.ADD_MEMBER}
        assert here.bench.preview(plan) == ()
        assert {each.kind for each in here.bench.apply(plan)} == {OutcomeKind.DONE}


def test_what_was_sent_before_the_interruption_is_done_whatever_the_account_is_by_now(tmp_path: Path) -> None:
    """A system may show another login of the account that was just deactivated (GitHub hides it)."""
    with ann(tmp_path) as here:
        plan = left(here)
        outcomes = here.bench.apply(plan)
        edit(here, only_account(here), login="hidden-7")
        begun = here.bench.resume(plan, sent={each.operation_id for each in outcomes})
        assert {each.kind for each in begun} == {OutcomeKind.DONE}


def test_a_group_is_not_given_to_an_account_that_was_deactivated_by_hand(tmp_path: Path) -> None:
    with ann(tmp_path) as here:
        plan = joined(here)
        here.by_hand("ann", AccountState.DEACTIVATED)
        before = world_of(here)
        for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
            assert [(each.kind, each.detail.partition("; ")[0]) for each in outcomes] == [
                (OutcomeKind.MOVED, "the account has been deactivated meanwhile")
            ]
        assert world_of(here) == before


def test_a_group_is_taken_from_an_account_that_was_deactivated_by_hand(tmp_path: Path) -> None:
    with ann(tmp_path) as here:
        here.hr(person("ann", dept="lab"))
        plan = here.plan(days(1))
        here.by_hand("ann", AccountState.DEACTIVATED)
        assert {each.kind for each in here.bench.apply(plan)} == {OutcomeKind.DONE}
        assert here.groups("ann") == {"all"}


@pytest.mark.parametrize(("story", "kind"), [(moved, OutcomeKind.ALREADY), (joined, OutcomeKind.MOVED)])
def test_a_group_change_for_a_deleted_account_finds_nothing_to_take_and_gives_nothing(
    tmp_path: Path, story: Any, kind: OutcomeKind
) -> None:
    with ann(tmp_path) as here:
        plan = story(here)
        gone = only_account(here)
        del here.bench.target.accounts[gone]
        here.bench.target.members = {pair for pair in here.bench.target.members if pair[0] != gone}
        outcomes = {each.operation_id: each for each in here.bench.apply(plan)}
        kinds = {outcomes[each.id].kind for each in plan.operations if each.verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)}
        assert kinds == {kind}


def undo(here: Office, plan: Plan, outcomes: tuple[Outcome, ...]) -> Plan:
    return inverse(plan, Run(id="R", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes))


@pytest.mark.parametrize("verb", [verb for verb in STORIES if verb is not Verb.DELETE])
def test_an_undo_is_refused_for_an_account_that_changed_hands_after_the_run(tmp_path: Path, verb: Verb) -> None:
    story, mapping = STORIES[verb]
    with ann(tmp_path, **mapping) as here:
        plan = story(here)
        back = undo(here, plan, here.bench.apply(plan))
        assert back.operations
        edit(here, only_account(here), login="bob@x", no="bob")
        before = world_of(here)
        assert {each.kind for each in here.bench.apply(back)} <= {OutcomeKind.MOVED, OutcomeKind.HELD}
        assert world_of(here) == before


def test_an_undo_knows_the_account_by_the_values_that_the_run_wrote(tmp_path: Path) -> None:
    keys = [{"account": "email", "identity": "mail", "adopt": True}]
    attributes = {"login": {"expression": "anchor || '@x'"}, "email": "mail"}
    with office(tmp_path, person("ann", dept="lab"), correlate=keys, attributes=attributes) as here:
        here.night()
        here.hr(person("ann", mail="anna@x"))
        plan = here.plan(days(1))
        before = world_of(here)
        back = undo(here, plan, here.bench.apply(plan))
        assert {each.account["email"] for each in back.operations} == {"anna@x"}
        assert {each.kind for each in here.bench.apply(back)} == {OutcomeKind.DONE}
        assert world_of(here)[1] == before[1]
        assert {each.attributes["email"] for each in here.bench.target.accounts.values()} == {"ann@x"}


def test_an_undo_of_a_creation_spares_an_account_that_changed_hands(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), correlate=KEYS) as here:
        plan = here.plan()
        back = undo(here, plan, here.bench.apply(plan))
        assert {each.verb for each in back.operations} == {Verb.DEACTIVATE, Verb.REMOVE_MEMBER}
        edit(here, only_account(here), no="bob")
        before = world_of(here)
        assert {each.kind for each in here.bench.apply(back)} == {OutcomeKind.MOVED}
        assert world_of(here) == before


TWINS = {
    "number": ({"no": "ANN"}, "no"),
    "login": ({"login": "Ann@x"}, "login"),
    "badge": ({"badge": "b7"}, "badge"),
    "number without zeros": ({"no": "77"}, "no"),
}


@pytest.mark.parametrize(("values", "attribute"), TWINS.values(), ids=TWINS)
def test_no_account_is_created_for_a_key_that_another_account_got_after_the_plan(
    tmp_path: Path, values: Mapping[str, str], attribute: str
) -> None:
    keys = [{**KEYS[0], "normalise": ["case", "zeros"]}, KEYS[1]]
    attributes = {"login": "mail", "no": "anchor", "badge": {"expression": "dept", "unique": True}}
    who = "0077" if values.get("no") == "77" else "ann"
    with office(tmp_path, person(who, dept="b7"), accounts={"zoe": "active"}, correlate=keys, attributes=attributes) as here:
        plan = here.plan()
        assert Verb.CREATE in {each.verb for each in plan.operations}
        edit(here, "acc-zoe", **values)
        before = world_of(here)
        for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
            created = next(each for each in outcomes if each.kind is OutcomeKind.MOVED)
            assert created.detail.startswith(f"the account acc-zoe has the {attribute} ")
            assert " by now; the plan did not see it; the plan wanted to create an account for " in created.detail
        assert world_of(here) == before


def test_account_known_to_the_plan_blocks_no_creation(tmp_path: Path) -> None:
    """A reviewer said that the account with the number is not hers."""
    with office(tmp_path, person("ann"), accounts={"zoe": "active"}, correlate=KEYS[:1]) as here:
        edit(here, "acc-zoe", no="ann")
        here.bench.world = replace(here.bench.world, link_decisions=(("ann", "acc-zoe", "different"),))
        plan = here.plan()
        assert here.bench.preview(plan) == ()
        assert {each.kind for each in here.bench.apply(plan)} == {OutcomeKind.DONE}


def test_value_that_the_plan_itself_gives_to_another_account_blocks_no_creation(tmp_path: Path) -> None:
    """Interrupted after the update, the run goes on with the creation."""
    keys = [{"account": "badge", "identity": "dept"}, {"account": "no", "identity": "anchor", "adopt": True}]
    attributes = {"login": "mail", "no": "anchor", "badge": "dept"}
    with office(tmp_path, person("zoe", dept="a1"), correlate=keys, attributes=attributes) as here:
        here.night()
        here.hr(person("zoe", dept="b7"), person("ann", dept="b7"))
        plan = here.plan(days(1))
        assert {each.verb for each in plan.operations} >= {Verb.CREATE, Verb.UPDATE}
        edit(here, only_account(here), badge="b7")
        assert {each.kind for each in here.bench.apply(plan)} == {OutcomeKind.DONE, OutcomeKind.ALREADY}


def test_unsearchable_attribute_blocks_no_creation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path, person("ann"), correlate=KEYS) as here:
        plan = here.plan()
        search = here.bench.target.find_accounts

        async def by_login(attribute: str, value: str) -> list[Record]:
            if attribute != "login":
                raise Rejected(f"{attribute} cannot be searched by")
            return list(await search(attribute, value))

        monkeypatch.setattr(here.bench.target, "find_accounts", by_login)
        created, *rest = here.bench.apply(plan)
        assert (created.kind, created.detail) == (OutcomeKind.DONE, "whether another account has its no could not be asked")
        assert {each.kind for each in rest} == {OutcomeKind.DONE}


def test_account_created_by_hand_at_the_same_moment_is_not_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path, person("ann"), correlate=KEYS) as here:
        plan = here.plan()

        async def too_late(attributes: Mapping[str, Any]) -> Record:
            here.bench.target.accounts["other"] = MemoryAccount("other", AccountState.ACTIVE, {"login": attributes["login"]})
            raise Conflict("the login is taken")

        monkeypatch.setattr(here.bench.target, "create_account", too_late)
        created = here.bench.apply(plan)[0]
        assert (created.kind, created.account_id) == (OutcomeKind.FAILED, "")
        assert here.bench.links() == {}
