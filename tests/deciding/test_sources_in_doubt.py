"""A source in doubt freezes the people who depend on it, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from reconcile.plan.model import FindingKind, Plan
from reconcile.project.config import InDoubt
from tests.support.companies.engine import Lab
from tests.support.companies.people import WANTED, account, company, planned, row, source, told, world
from tests.support.companies.world import Group, HrRow, HrSource, World

HR = source("hr", row("E1"), row("E2"))
AGENCY = source("agency", row("C1"), row("C2"))
ACCOUNTS = tuple(account(f"u{no}", f"{no.lower()}@x", no) for no in ("E1", "E2", "C1", "C2"))
LINKS = {"E1": "uE1", "E2": "uE2", "C1": "uC1", "C2": "uC2"}


@contextmanager
def tonight(before: World, folder: Path, *sources: HrSource, broken: str = "") -> Iterator[Lab]:
    """The world as it was read yesterday, whole, and then with tonight's sources, of which one may break off."""
    with company(before, folder) as bench:
        bench.world = replace(before, sources=sources, broken=frozenset({broken} - {""}))
        bench.extract()
        yield bench


def plan_tonight(before: World, folder: Path, *sources: HrSource, broken: str = "") -> Plan:
    with tonight(before, folder, *sources, broken=broken) as bench:
        return bench.plan()


def staffed(*sources: HrSource, **rest: object) -> World:
    return world(*sources, **{"accounts": ACCOUNTS, "links": LINKS, **rest})


def nameless(held: HrSource, *rows: HrRow) -> HrSource:
    """The source with other rows, one more of which does not say whom it is about."""
    return replace(held, rows=rows, unreadable=("",))


def frozen(plan: Plan) -> str:
    (message,) = [each.message for each in plan.findings if each.kind is FindingKind.FROZEN]
    return message


def test_what_a_trusted_source_states_goes_on_while_another_is_in_doubt(tmp_path: Path) -> None:
    changed = source("hr", row("E1", status="left"), row("E2", dept="blue"), row("E3"))
    plan = plan_tonight(staffed(HR, AGENCY), tmp_path, changed, source("agency", row("C1", status="left")), broken="agency")
    assert planned(plan) == [("deactivate", "E1"), ("create", "E3"), ("update", "E2")]
    assert plan.untrusted


def test_a_source_in_doubt_states_nothing_not_even_a_termination(tmp_path: Path) -> None:
    said = source("agency", row("C1", status="left"), row("C2", dept="blue"), row("C3"), row("C4"), row("C5"), row("C6"))
    plan = plan_tonight(staffed(HR, AGENCY), tmp_path, HR, said, broken="agency")
    assert planned(plan) == []
    assert [(each.source, each.cause.value, each.people, each.leavers) for each in plan.waiting] == [("agency", "untrusted", 2, 0)]


def test_a_leaver_whom_a_source_in_doubt_held_waits_and_is_named_first(tmp_path: Path) -> None:
    agency = source("agency", row("C1"), row("C2"), row("E2"))
    plan = plan_tonight(staffed(HR, agency), tmp_path, source("hr", row("E1"), row("E2", status="left")), agency, broken="agency")
    assert planned(plan) == []
    (waits,) = plan.waiting
    assert (waits.people, waits.leavers, waits.sample) == (3, 1, ("Name E2 (E2)", "Name C1 (C1)", "Name C2 (C2)"))
    assert "3 people whom its last good read held (1 of them left: Name E2 (E2))" in frozen(plan)


def test_a_leaver_who_cannot_sign_in_any_more_is_no_leaver_to_wait_for(tmp_path: Path) -> None:
    agency = source("agency", row("E2", status="left"))
    before = staffed(HR, agency, accounts=(account("uE2", "e2@x", "E2", state="deactivated"),), links={"E2": "uE2"})
    (waits,) = plan_tonight(before, tmp_path, HR, agency, broken="agency").waiting
    assert (waits.people, waits.leavers) == (1, 0)


def test_two_numbers_of_one_person_are_frozen_where_either_source_is_in_doubt(tmp_path: Path) -> None:
    hr = source("hr", row("E1", key="p1"), person="key")
    agency = source("agency", row("C1", key="p1"), person="key")
    before = world(hr, agency, accounts=(account("u1", "e1@x", "E1"),), links={"E1": "u1"})
    changed = replace(hr, rows=(row("E1", key="p1", dept="blue"),))
    assert planned(plan_tonight(before, tmp_path, changed, agency)) == [("update", "E1")]
    assert planned(plan_tonight(before, tmp_path, changed, agency, broken="agency")) == []


def test_account_of_a_frozen_person_is_given_to_no_other(tmp_path: Path) -> None:
    agency = source("agency", row("C1", "shared@x"))
    before = world(HR, agency, accounts=(account("u1", "shared@x"),))
    plan = plan_tonight(before, tmp_path, source("hr", row("E9", "shared@x")), agency, broken="agency")
    assert planned(plan) == []
    assert plan.links == ()
    assert "E9" in told(plan)


def test_unique_value_due_to_a_frozen_person_is_given_to_no_other(tmp_path: Path) -> None:
    mapping = {"correlate": (), "attributes": {**WANTED, "dept": {"expression": "dept", "unique": True}}}
    agency = source("agency", row("C1", dept="desk 7"))
    plan = plan_tonight(world(HR, agency, mapping=mapping), tmp_path, source("hr", row("E9", dept="desk 7")), agency, broken="agency")
    assert planned(plan) == []
    assert "C1 should have it too" in told(plan)["E9"]


def test_candidate_due_to_a_frozen_person_is_not_chosen(tmp_path: Path) -> None:
    login = {"expression": "dept", "otherwise": ["dept || '2'"], "unique": True}
    mapping = {"correlate": (), "attributes": {**WANTED, "login": login}}
    agency = source("agency", row("C1", dept="sam"))
    plan = plan_tonight(world(HR, agency, mapping=mapping), tmp_path, source("hr", row("E9", dept="sam")), agency, broken="agency")
    assert [(each.anchor, each.after["login"]) for each in plan.operations] == [("E9", "sam2")]


def test_unmatched_account_keeps_a_fully_managed_group_while_a_source_is_in_doubt(tmp_path: Path) -> None:
    mapping = {"fully_managed": ["all"], "groups": {"all": {"group": "all", "when": "true"}}}
    before = staffed(
        HR,
        AGENCY,
        accounts=(*ACCOUNTS, account("printer", "printer@x")),
        mapping=mapping,
        members=frozenset({*((each.id, "g1") for each in ACCOUNTS), ("printer", "g1")}),
    )
    assert planned(plan_tonight(before, tmp_path, HR, AGENCY)) == [("remove_member", "")]
    assert planned(plan_tonight(before, tmp_path, HR, AGENCY, broken="agency")) == []
    assert planned(plan_tonight(before, tmp_path, HR, nameless(AGENCY, *AGENCY.rows))) == []


def test_link_without_person_and_account_is_kept_while_a_source_is_in_doubt(tmp_path: Path) -> None:
    before = world(HR, AGENCY, links={"C9": "gone"}, mapping={"recreate_missing": False})
    assert [each.anchor for each in plan_tonight(before, tmp_path, HR, AGENCY).links] == ["C9"]
    assert plan_tonight(before, tmp_path, HR, AGENCY, broken="agency").links == ()


def test_earlier_absence_is_not_reported_as_proven_while_a_source_is_in_doubt(tmp_path: Path) -> None:
    before = staffed(HR, source("agency", row("C1")))
    plan = plan_tonight(before, tmp_path, HR, source("agency", row("C1")), broken="agency")
    assert "is in no source as far as they were read, which proves nothing now" in told(plan)["C2"]


def test_person_missing_beside_a_row_without_id_is_frozen_and_others_are_changed(tmp_path: Path) -> None:
    changed = nameless(AGENCY, row("C2", dept="blue"), row("C3"))
    plan = plan_tonight(staffed(HR, AGENCY), tmp_path, HR, changed)
    assert planned(plan) == [("create", "C3"), ("update", "C2")]
    assert [(each.source, each.cause.value, each.people, each.sample) for each in plan.waiting] == [
        ("agency", "unseen", 1, ("Name C1 (C1)",))
    ]
    assert "C1" not in told(plan)


def test_missing_person_stays_frozen_until_every_row_has_an_id(tmp_path: Path) -> None:
    changed = nameless(AGENCY, row("C2"))
    with tonight(staffed(HR, AGENCY), tmp_path, HR, changed) as bench:
        bench.extract()
        assert [each.people for each in bench.plan().waiting] == [1]
        bench.world = replace(bench.world, sources=(HR, replace(changed, unreadable=())))
        bench.extract()
        plan = bench.plan()
    assert plan.waiting == ()
    assert "is missing from all sources" in told(plan)["C1"]


def test_person_with_one_missing_row_is_frozen_beside_a_row_without_id(tmp_path: Path) -> None:
    agency = source("agency", row("C1", id="a1", start="2020-01-01"), row("C1", id="a2", start="2025-01-01"), several="latest")
    moved = row("C1", id="a2", start="2025-01-01", dept="blue")
    with tonight(staffed(agency), tmp_path, nameless(agency, moved)) as bench:
        assert planned(bench.plan()) == []
        bench.world = replace(bench.world, sources=(replace(agency, rows=(moved,)),))
        bench.extract()
        assert planned(bench.plan()) == [("update", "C1")]


def test_an_absence_while_a_source_is_in_doubt_is_no_night_of_absence(tmp_path: Path) -> None:
    mapping = {"vanished": "deactivate", "vanished_after": 2}
    before = staffed(HR, source("agency", row("C1")), mapping=mapping)
    plan = plan_tonight(before, tmp_path, HR, nameless(AGENCY, row("C1")))
    assert planned(plan) == []
    assert "one of them may be theirs" in told(plan)["C2"]
    plan = plan_tonight(before, tmp_path, HR, AGENCY, broken="agency")
    assert planned(plan) == []
    assert "a source of people could not be trusted, and they may be in it" in told(plan)["C2"]


def test_source_that_was_never_read_freezes_no_person_and_proves_no_absence(tmp_path: Path) -> None:
    mapping = {"fully_managed": ["all"], "groups": {"all": {"group": "all", "when": "true"}}}
    held = staffed(
        HR, AGENCY, mapping=mapping, links={"E1": "uE1"}, members=frozenset({("uC1", "g1"), ("uE1", "g1")}), broken=frozenset({"agency"})
    )
    with company(replace(held, accounts=(ACCOUNTS[0], ACCOUNTS[2])), tmp_path) as bench:
        plan = bench.plan()
    assert planned(plan) == [("create", "E2"), ("add_member", "E2")]
    assert plan.waiting == ()
    assert "No person is frozen by it" in frozen(plan)


@pytest.mark.parametrize("doubt", ["untrusted", "partial"])
def test_project_may_freeze_all_people_while_a_source_is_in_doubt(tmp_path: Path, doubt: str) -> None:
    agency = AGENCY if doubt == "untrusted" else nameless(AGENCY, *AGENCY.rows)
    broken = "agency" if doubt == "untrusted" else ""
    changed = source("hr", row("E1", status="left"), row("E2"))
    with tonight(staffed(HR, AGENCY), tmp_path, changed, agency, broken=broken) as bench:
        assert planned(bench.plan()) == [("deactivate", "E1")]
        bench.in_doubt = InDoubt.FREEZE_ALL
        plan = bench.plan()
    assert planned(plan) == []
    assert 'in_doubt = "freeze_all"' in frozen(plan)


def test_a_person_who_is_frozen_is_told_what_they_wait_for(tmp_path: Path) -> None:
    with tonight(staffed(HR, AGENCY), tmp_path, HR, nameless(AGENCY, row("C2"))) as bench:
        assert any("Waits for agency: it does not show them now" in each for each in bench.why("C1").sentences)
        assert len(bench.why("C2").sentences) == 1
    with tonight(staffed(HR, AGENCY), tmp_path, HR, AGENCY, broken="agency") as bench:
        assert any("Waits for agency, which could not be trusted" in each for each in bench.why("C2").sentences)
        assert len(bench.why("E1").sentences) == 1


def test_a_managed_group_keeps_the_members_who_are_frozen(tmp_path: Path) -> None:
    mapping = {"fully_managed": ["all"], "groups": {"all": {"group": "all", "when": "dept = 'red'"}}}
    before = staffed(
        source("hr", row("E1", dept="red"), row("E2", dept="red")),
        source("agency", row("C1", dept="red")),
        mapping={**mapping, "attributes": {"login": WANTED["login"]}},
        groups=(Group("g1", "all"),),
        members=frozenset({("uE1", "g1"), ("uE2", "g1"), ("uC1", "g1")}),
    )
    moved = source("hr", row("E1", dept="red"), row("E2", dept="blue"))
    plan = plan_tonight(before, tmp_path, moved, source("agency", row("C1", dept="blue")), broken="agency")
    assert planned(plan) == [("remove_member", "E2")]


def test_key_shared_with_a_frozen_person_creates_no_second_account(tmp_path: Path) -> None:
    mapping = {"correlate": ({"account": "email", "identity": "mail", "adopt": True},), "attributes": {"login": "anchor || '@x'"}}
    agency = source("agency", row("C1", "one@x"))
    plan = plan_tonight(world(HR, agency, mapping=mapping), tmp_path, source("hr", row("E9", "one@x")), agency, broken="agency")
    assert planned(plan) == []
    assert "shares the key 'one@x' with Name C1 (C1)" in told(plan)["E9"]
