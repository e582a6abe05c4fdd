"""A creation that is answered with an account that was there before links nobody to it, and says what it may have overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Record, Value
from connectors.errors import Uncertain
from connectors.memory.connector import MemoryTarget
from reconcile.plan.model import FindingKind, OutcomeKind, Plan, Verb
from tests.support.companies.targets import Company, give_account, mapping, target


class Upserting(MemoryTarget):
    """Answers creations with an account that is there: `overwrites` it first, and loses the answer where it `loses` it.

    `makes_one`: the first creation makes an account, with which those after it are answered.
    """

    answers_with = ""
    makes_one = False
    overwrites = False
    loses = False

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        if not self.answers_with:
            made = await super().create_account(attributes)
            self.answers_with = made.id if self.makes_one else ""
            return made
        if self.overwrites:
            held = self.accounts[self.answers_with]
            self.accounts[held.id] = replace(held, attributes={**held.attributes, **attributes}, version=held.version + 1)
        if self.loses:
            raise Uncertain("the answer was lost")
        return self.accounts[self.answers_with].record()


def firm(folder: Path, **more: Any) -> tuple[Company, Upserting]:
    """Sorcha has an account that is linked to her, the porter one that nobody has."""
    plain = target("app")
    app = Upserting("app", plain.traits)
    here = Company(folder, [app], [mapping(attributes={"login": "name", "title": "title"}, **more)])
    give_account(app, "sorcha")
    here.hire("sorcha", title="Clerk")
    here.night()
    give_account(app, "porter")
    here.hire("niamh", title="Pilot")
    return here, app


def links(here: Company) -> list[tuple[str, str]]:
    return [tuple(each) for each in here.connection.execute("SELECT anchor, account_id FROM store.link ORDER BY ALL").fetchall()]  # type: ignore[misc]


def created(here: Company) -> tuple[Plan, OutcomeKind, str]:
    plan = here.plan()
    (creation,) = [each for each in plan.operations if each.verb is Verb.CREATE]
    outcome = next(each for each in here.apply(plan) if each.operation_id == creation.id)
    assert (outcome.account_id == "") is (outcome.kind is OutcomeKind.FAILED)
    return plan, outcome.kind, outcome.detail


@pytest.mark.parametrize("loses", [False, True])
@pytest.mark.parametrize(("account", "whose"), [("app-sorcha", "which is linked to no-sorcha"), ("app-porter", "which was there before")])
def test_account_that_an_upsert_overwrote_is_not_linked_to_the_new_person(tmp_path: Path, account: str, whose: str, *, loses: bool) -> None:
    here, app = firm(tmp_path)
    app.answers_with, app.overwrites, app.loses = account, True, loses
    _, kind, detail = created(here)
    assert kind is OutcomeKind.FAILED
    assert detail == (
        f"app answered the creation with the account {account}, {whose}: it is not linked to this person. "
        "Look at it: what was sent may have overwritten its login, title"
    )
    assert links(here) == [("no-sorcha", "app-sorcha")]


def test_account_with_another_login_is_not_linked_and_the_outcome_says_whose_it_is(tmp_path: Path) -> None:
    here, app = firm(tmp_path)
    app.answers_with = "app-sorcha"
    _, kind, detail = created(here)
    assert kind is OutcomeKind.FAILED
    assert "the account app-sorcha, which is linked to no-sorcha and whose login is 'sorcha' and not 'niamh': it is not linked" in detail
    assert links(here) == [("no-sorcha", "app-sorcha")]


def test_unknown_account_with_another_login_is_not_linked(tmp_path: Path) -> None:
    here, app = firm(tmp_path)
    plan = here.plan()
    app.answers_with = give_account(app, "stranger")
    (outcome,) = here.apply(plan)
    assert (outcome.kind, outcome.account_id) == (OutcomeKind.FAILED, "")
    assert links(here) == [("no-sorcha", "app-sorcha")]


def test_account_that_the_plan_itself_links_is_told_with_its_person(tmp_path: Path) -> None:
    here, app = firm(tmp_path)
    here.hire("porter")
    app.answers_with = "app-porter"
    _, _, detail = created(here)
    assert "the account app-porter, which is linked to no-porter and whose login is 'porter' and not 'niamh'" in detail
    assert links(here) == [("no-porter", "app-porter"), ("no-sorcha", "app-sorcha")]


def test_creation_that_was_answered_so_is_not_repeated_the_next_night_and_the_leaver_s_end_reaches_no_other(tmp_path: Path) -> None:
    here, app = firm(tmp_path)
    app.answers_with = "app-sorcha"
    created(here)
    plan = here.night()
    assert plan.operations == ()
    (refused,) = [each.message for each in plan.findings if each.kind is FindingKind.REFUSED]
    assert "app refused the new account" in refused
    here.people["niamh"]["status"] = "left"
    assert here.night().operations == ()


def test_two_creations_of_a_run_that_are_answered_with_one_new_account_link_it_once(tmp_path: Path) -> None:
    here, app = firm(tmp_path)
    here.hire("oisin", title="Pilot")
    plan = here.plan()
    app.makes_one = app.overwrites = True
    outcomes = here.apply(plan)
    assert sorted(each.kind for each in outcomes) == [OutcomeKind.DONE, OutcomeKind.FAILED]
    assert len(links(here)) == 2
    assert any("which was created for another person in this run" in each.detail for each in outcomes)


def test_new_account_is_linked_as_ever(tmp_path: Path) -> None:
    here, _ = firm(tmp_path)
    _, kind, detail = created(here)
    assert (kind, detail) == (OutcomeKind.DONE, "")
    assert [anchor for anchor, _ in links(here)] == ["no-niamh", "no-sorcha"]
