"""People who are gone from the sources without a word: counted in dates that prove it, and only then treated as leavers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from mappings.rules import TargetMapping
from reconcile.plan.model import FindingKind, Severity, Situation, Verb
from tests.support.companies.office import MAPPING, RULES, Office, changed, days, done, found, office, person, said
from tests.support.companies.world import HrSource

OTHERS = tuple(person(f"p{number}") for number in range(3))
GONE = {"vanished": "deactivate", "vanished_after": 3}


def test_only_the_third_night_without_them_ends_the_account(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, **GONE) as here:
        here.night()
        here.bench.target.members.add((here.account("ann").id, "g-chess"))
        here.hr(*OTHERS)
        for night, count in ((1, 1), (2, 2)):
            plan = here.night(days(night))
            assert plan.operations == ()
            assert said(plan, FindingKind.SOURCE_MISSING) == [
                (
                    f"ann is missing from all sources: absent from {count} of 3 complete reads on different dates. The account ann@x is active and "
                    "is left as it is; after the last of them it is deactivated. Ask HR whether the person has left."
                )
            ]
        plan = here.night(days(3))
        assert done(plan) == [(Verb.DEACTIVATE, "ann")]
        assert changed(plan) == [(Verb.REMOVE_MEMBER, "ann", "all"), (Verb.REMOVE_MEMBER, "ann", "sales")]
        assert plan.operations[-1].because.situation is Situation.SOURCE_MISSING
        assert plan.operations[-1].because.detail == (
            'ann is missing from all sources: absent from complete reads on 3 dates, and the mapping says vanished = "deactivate" after 3.'
        )
        assert (here.state("ann"), here.groups("ann")) == ("deactivated", {"chess club"})
        plan = here.plan(days(4))
        assert plan.operations == ()
        (finding,) = found(plan, FindingKind.SOURCE_MISSING)
        assert (finding.severity, finding.message) == (
            Severity.NOTE,
            "ann is missing from all sources, on 4 dates of complete reads by now; the account ann@x is deactivated.",
        )


def test_person_who_reappears_gets_current_grants_and_a_new_absence_count(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="suspend", vanished_after=2) as here:
        here.night()
        here.hr(*OTHERS)
        here.night(days(1))
        here.hr(person("ann"), *OTHERS)
        assert here.night(days(2)).operations == ()
        here.hr(*OTHERS)
        assert here.night(days(3)).operations == ()
        assert done(here.night(days(4))) == [(Verb.SUSPEND, "ann")]
        assert here.state("ann") == "suspended"
        here.hr(person("ann", dept="lab"), *OTHERS)
        plan = here.night(days(5))
        assert done(plan) == [(Verb.REACTIVATE, "ann")]
        assert here.groups("ann") == {"all"}


def test_many_reads_of_one_night_are_one_night(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, **GONE) as here:
        here.night()
        here.hr(*OTHERS)
        for _ in range(3):
            here.read(days(1))
        assert "absent from 1 of 3" in said(here.plan(days(1)), FindingKind.SOURCE_MISSING)[0]


def _count(here: Office, *reads: tuple[int, str]) -> str:
    """How long ann is gone after reads of files of some days at some moments (of March 2026, UTC)."""
    here.night()
    here.hr(*OTHERS)
    for day, at in reads:
        here.read(days(day), f"2026-03-{at}")
    (sentence,) = said(here.bench.plan(), FindingKind.SOURCE_MISSING)
    return sentence.partition("absent from ")[2].partition(" complete")[0]


@pytest.mark.parametrize(
    ("reads", "count"),
    [
        # Before and after two midnights, within 24 hours and ten minutes.
        ([(1, "03T23:55"), (2, "04T12:00"), (3, "05T00:05")], "2 of 9"),
        ([(1, "03T23:55"), (2, "04T00:05"), (3, "04T00:10")], "1 of 9"),
        ([(1, "03T23:55"), (2, "04T19:54")], "1 of 9"),
        ([(1, "03T23:55"), (2, "04T19:55")], "2 of 9"),
        # Every night at half past two, with a clock that is put forward, and a start that is late.
        ([(1, "03T02:30"), (2, "04T01:30"), (3, "05T01:30"), (4, "06T04:29"), (5, "07T01:30")], "5 of 9"),
        # What failed at night is read again at noon: the night after it is too near, the next one counts.
        ([(1, "03T02:30"), (2, "04T14:00"), (3, "05T02:30"), (4, "06T02:30")], "3 of 9"),
        # Two reads of one date that are far enough from each other.
        ([(1, "03T00:05"), (2, "03T23:50"), (3, "04T23:55")], "2 of 9"),
    ],
)
def test_nights_that_count_are_different_dates_and_twenty_hours_apart(tmp_path: Path, reads: list[tuple[int, str]], count: str) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="deactivate", vanished_after=9) as here:
        assert _count(here, *reads) == count


def test_one_file_that_is_read_on_many_dates_is_one_absence(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="deactivate", vanished_after=9) as here:
        same = [(1, f"{day:02}T01:00") for day in (3, 4, 5, 6)]
        assert _count(here, *same, (2, "07T01:00"), (1, "08T01:00"), (3, "09T01:00")) == "3 of 9"


def test_a_read_while_the_clock_was_wrong_is_no_night(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="deactivate", vanished_after=9) as here:
        assert _count(here, (1, "03T01:00"), (2, "20T01:00"), (3, "03T05:00"), (4, "04T01:00")) == "2 of 9"


def test_a_night_that_was_not_read_completely_proves_nothing_and_ends_nothing(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, **GONE) as here:
        here.night()
        here.hr(*OTHERS)
        here.night(days(1))
        here.bench.world = replace(here.bench.world, broken=frozenset({"hr"}))
        assert here.night(days(2)).operations == ()
        here.bench.world = replace(here.bench.world, broken=frozenset())
        assert "absent from 2 of 3" in said(here.night(days(3)), FindingKind.SOURCE_MISSING)[0]
        assert done(here.night(days(4))) == [(Verb.DEACTIVATE, "ann")]


def test_every_source_must_have_been_read_on_the_same_night(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="deactivate", vanished_after=2) as here:
        second = HrSource("agency", (person("zoe"),), {**RULES, "connector": "agency"})
        here.bench.world = replace(here.bench.world, sources=(*here.bench.world.sources, second))
        here.night()
        here.hr(*OTHERS)
        for night, broken in ((1, "hr"), (2, "agency"), (3, "hr")):
            here.bench.world = replace(here.bench.world, broken=frozenset({broken}))
            here.night(days(night))
        here.bench.world = replace(here.bench.world, broken=frozenset())
        assert "absent from 1 of 2" in said(here.night(days(4)), FindingKind.SOURCE_MISSING)[0]


def test_person_who_changed_sources_is_absent_only_since_leaving_the_second(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="deactivate", vanished_after=2) as here:
        second = HrSource("agency", (person("zoe"),), {**RULES, "connector": "agency"})
        here.bench.world = replace(here.bench.world, sources=(*here.bench.world.sources, second))
        here.night()
        here.hr(*OTHERS)
        here.hr(person("zoe"), person("ann"), source=1)
        for night in (1, 2):
            assert done(here.night(days(night))) == []
        here.hr(person("zoe"), source=1)
        assert "absent from 1 of 2" in said(here.night(days(3)), FindingKind.SOURCE_MISSING)[0]


def test_a_row_that_the_mapping_leaves_out_is_no_absence(tmp_path: Path) -> None:
    """A filter that somebody edits makes nobody vanish."""
    with office(tmp_path, person("ann"), *OTHERS, **GONE) as here:
        here.night()
        here.hr(person("ann", name="Ann Lee"), *OTHERS)
        here.night(days(1))
        source = here.bench.world.sources[0]
        here.bench.world = replace(here.bench.world, sources=(replace(source, rules={**source.rules, "where": "no <> 'ann'"}),))
        for night in (2, 3, 4):
            here.read(days(night))
        plan = here.plan(days(5))
        assert plan.operations == ()
        assert said(plan, FindingKind.SOURCE_MISSING) == [
            (
                "ann is missing from what the mapping takes of the sources. No action: hr still holds a row of theirs, which the mapping leaves out. "
                "The account ann@x is active and is left as it is. See `where` of the source hr, and the row: "
                "an empty value makes it leave out a row, too. Correct the one that is wrong; it is no termination."
            )
        ]


def test_a_kept_account_whose_row_the_mapping_leaves_out_is_not_called_missing_from_the_sources(tmp_path: Path) -> None:
    """Whoever recorded the termination, as the sentence about missing people advises, would end the access of somebody who works."""
    with office(tmp_path, person("ann"), person("bob"), *OTHERS) as here:
        here.night()
        source = here.bench.world.sources[0]
        here.bench.world = replace(here.bench.world, sources=(replace(source, rules={**source.rules, "where": "no <> 'ann'"}),))
        here.hr(person("ann", name="Ann Lee"), *OTHERS)
        assert said(here.night(days(1)), FindingKind.SOURCE_MISSING) == [
            (
                "ann is missing from what the mapping takes of the sources: hr holds a row of theirs, which the mapping leaves out; "
                "the account ann@x is active and is left as it is. See `where` of the source hr, and the row: "
                "an empty value makes it leave out a row, too. Correct the one that is wrong; it is no termination."
            ),
            (
                "bob is missing from all sources, which were read completely; the account bob@x is active and is left as it is. "
                "Confirm with HR and record the termination in the source."
            ),
        ]
        assert (
            here.bench.why("ann")
            .sentences[0]
            .startswith("hr holds a row of ann, which the mapping leaves out. See `where` of the source hr")
        )
        assert here.bench.why("bob").sentences[0].startswith("bob is in no source any more.")


def test_another_spelling_of_the_anchors_is_no_absence(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, correlate=[], **GONE) as here:
        here.night()
        source = here.bench.world.sources[0]
        here.bench.world = replace(here.bench.world, sources=(replace(source, rules={**source.rules, "anchor": "'E' || no"}),))
        for night in (1, 2, 3):
            here.read(days(night))
        plan = here.plan(days(4))
        assert done(plan) == []
        assert all("was the expression of the anchor changed?" in message for message in said(plan, FindingKind.SOURCE_MISSING))


def test_row_without_id_disproves_every_absence(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, **GONE) as here:
        here.night()
        here.hr(*OTHERS)
        for night in (1, 2, 3):
            here.read(days(night))
        here.hr(*OTHERS, person("nobody", no=None))
        plan = here.plan(days(4))
        assert done(plan) == []
        assert "some rows of the sources do not say who they are about" in said(plan, FindingKind.SOURCE_MISSING)[0]


def test_account_that_now_matches_another_person_is_not_ended(tmp_path: Path) -> None:
    """A contractor's row is gone and an employee's row has the same key: whose account it is, nobody guesses."""
    keys = [{"account": "login", "identity": "mail", "adopt": True}]
    with office(tmp_path, person("c1", mail="ann@x"), *OTHERS, correlate=keys, **GONE) as here:
        here.night()
        here.hr(*OTHERS, person("e1", mail="ann@x"))
        for night in (1, 2, 3):
            here.read(days(night))
        plan = here.plan(days(4))
        assert done(plan) == []
        assert "E1 (e1) matches the account by now" in said(plan, FindingKind.SOURCE_MISSING)[0]


def test_without_the_rule_they_stay_for_ever(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS) as here:
        here.night()
        here.hr(*OTHERS)
        for night in (1, 2, 3):
            here.read(days(night))
        plan = here.plan(days(4))
        assert plan.operations == ()
        assert "Confirm with HR and record the termination in the source." in said(plan, FindingKind.SOURCE_MISSING)[0]


def test_absence_ends_no_protected_account(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="deactivate", vanished_after=2) as here:
        here.night()
        here.bench.world = replace(here.bench.world, protected_people=("ann",))
        here.hr(*OTHERS)
        here.read(days(1))
        plan = here.plan(days(2))
        assert plan.operations == ()
        assert "the plan would deactivate the account" in said(plan, FindingKind.PROTECTED)[0]


def test_one_night_is_never_proof_enough() -> None:
    with pytest.raises(ValidationError):
        TargetMapping.model_validate({**MAPPING, "vanished": "deactivate", "vanished_after": 1})
