"""A returning person gets the former account with current grants; a person who never starts loses the one created ahead."""

from __future__ import annotations

from pathlib import Path

from connectors.contract import AccountState
from reconcile.plan.model import FindingKind, Verb
from tests.support.companies.office import changed, days, done, office, person, said


def test_returning_person_gets_current_grants_on_the_linked_account(tmp_path: Path) -> None:
    with office(tmp_path, person("ann")) as here:
        here.night()
        account = here.account("ann").id
        here.hr(person("ann", status="left"))
        assert done(here.night(days(1))) == [(Verb.DEACTIVATE, "ann")]
        assert here.groups("ann") == set()
        here.hr(person("ann", dept="chess", name="Ann Lee"))
        here.rules(groups={"chess": {"group": "chess club", "when": "dept = 'chess'"}})
        plan = here.night(days(100))
        assert [operation.verb for operation in plan.operations] == [Verb.REACTIVATE, Verb.UPDATE, Verb.ADD_MEMBER]
        reactivation, *others = plan.operations
        assert all(operation.depends_on == (reactivation.id,) for operation in others)
        assert (here.account("ann").id, here.state("ann"), here.groups("ann")) == (account, "active", {"chess club"})
        assert len(here.bench.target.accounts) == 1


def test_returning_person_keeps_memberships_that_this_job_never_gave(tmp_path: Path) -> None:
    """As in Okta, which keeps the groups of a deactivated user."""
    with office(tmp_path, person("ann")) as here:
        here.night()
        here.bench.target.members.add((here.account("ann").id, "g-chess"))
        here.hr(person("ann", status="left"))
        here.night(days(1))
        here.hr(person("ann"))
        plan = here.night(days(2))
        assert changed(plan) == [(Verb.ADD_MEMBER, "ann", "all"), (Verb.ADD_MEMBER, "ann", "sales")]
        assert here.groups("ann") == {"all", "sales", "chess club"}


def test_deactivated_account_with_the_anchor_is_reactivated_and_none_created(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "deactivated"}) as here:
        assert done(here.night()) == [(Verb.REACTIVATE, "ann")]
        assert here.state("ann") == "active"


def test_a_hire_that_is_rescinded_loses_the_account_that_was_made_ahead(tmp_path: Path) -> None:
    with office(tmp_path, person("ann", start="2026-03-07")) as here:
        assert done(here.night()) == [(Verb.CREATE, "ann")]
        here.hr(person("ann", start="2026-03-07", status="left"))
        plan = here.night(days(1))
        assert done(plan) == [(Verb.DEACTIVATE, "ann")]
        assert plan.operations[-1].because.detail == "Ann (ann) is terminated (status left, start 2026-03-07)."
        assert (here.state("ann"), here.groups("ann")) == ("deactivated", set())


def test_a_hire_that_is_put_off_keeps_the_account_and_is_told(tmp_path: Path) -> None:
    with office(tmp_path, person("ann", start="2026-03-07")) as here:
        here.night()
        here.hr(person("ann", start="2026-06-01"))
        plan = here.plan(days(1))
        assert plan.operations == ()
        assert said(plan, FindingKind.POLICY) == ["Ann (ann) starts later, and the account ann@x works already. It is left as it is."]


def test_a_hire_whose_row_is_taken_back_without_a_word_is_gone_after_the_nights_that_prove_it(tmp_path: Path) -> None:
    others = (person("bob"), person("cyd"))
    with office(tmp_path, person("ann", start="2026-03-07"), *others, vanished="deactivate", vanished_after=2) as here:
        here.night()
        here.hr(*others)
        assert done(here.night(days(1))) == []
        assert done(here.night(days(2))) == [(Verb.DEACTIVATE, "ann")]


def test_a_leaver_who_was_reactivated_by_hand_is_deactivated_again(tmp_path: Path) -> None:
    with office(tmp_path, person("ann", status="left"), accounts={"ann": "active"}) as here:
        here.night()
        here.by_hand("ann", AccountState.ACTIVE)
        assert done(here.plan(days(1))) == [(Verb.DEACTIVATE, "ann")]
