"""What later runs did to the thing that an undo would put back: the last change that stands decides whose it is."""

from __future__ import annotations

import pytest

from reconcile.decide.undo.done_again import Again, done_again, standing_run, standing_writer, undoing_run, without_attributes
from reconcile.plan.model import Verb

from .guard_worlds import change

OFF, ON, OUT, IN = Verb.DEACTIVATE, Verb.REACTIVATE, Verb.REMOVE_MEMBER, Verb.ADD_MEMBER


def by(verb: Verb, run: str, undoes: str = "") -> tuple[Verb, str, str]:
    return verb, f"app: undo {undoes}" if undoes else "app: leavers", run


@pytest.mark.parametrize(
    ("verb", "changes", "run"),
    [
        (ON, [], ""),
        (ON, [by(ON, "R2")], ""),
        (ON, [by(ON, "R2"), by(OFF, "R3")], "R3"),
        (ON, [by(ON, "R2"), by(Verb.SUSPEND, "R3")], "R3"),
        (ON, [by(ON, "R2"), by(OFF, "U2", "R2")], ""),
        (ON, [by(ON, "U1", "R1"), by(OFF, "U2", "U1")], ""),
        (ON, [by(ON, "U1", "R1"), by(OFF, "R3")], "R3"),
        (ON, [by(ON, "R2"), by(OFF, "R3"), by(ON, "R4"), by(OFF, "U4", "R4")], "R3"),
        (ON, [by(ON, "R2"), by(OFF, "R3"), (Verb.REVOKE_SESSIONS, "app: act lockdown", "R4")], "R3"),
        (OFF, [by(OFF, "R2"), by(ON, "R3")], "R3"),
        (IN, [by(IN, "R2"), by(OUT, "R3")], "R3"),
        (OUT, [by(OUT, "R2"), by(IN, "R3")], "R3"),
        (Verb.UPDATE, [by(Verb.UPDATE, "R2")], ""),
    ],
)
def test_run_whose_change_stands_is_named_and_one_that_was_undone_did_nothing(
    verb: Verb, changes: list[tuple[Verb, str, str]], run: str
) -> None:
    assert standing_run(changes, verb) == run


@pytest.mark.parametrize(
    ("verb", "changes", "run"),
    [
        (ON, [], ""),
        (ON, [by(ON, "U1", "R1")], "U1"),
        (IN, [by(OUT, "R2"), by(IN, "U1", "R1")], "U1"),
        (OFF, [by(ON, "U1", "R1")], ""),
        (ON, [by(ON, "U2", "R2")], ""),
        (ON, [by(ON, "U1", "R1"), by(OFF, "R3")], ""),
        (ON, [by(ON, "U1", "R1"), by(OFF, "UU", "U1")], ""),
        (ON, [by(ON, "U1", "R1"), by(Verb.UPDATE, "R3")], "U1"),
    ],
)
def test_run_that_took_a_change_back_is_named_while_nothing_came_after_it(
    verb: Verb, changes: list[tuple[Verb, str, str]], run: str
) -> None:
    assert undoing_run([(*each, True) for each in changes], verb, "R1") == run


def test_change_that_may_have_been_taken_back_is_taken_back_once_more() -> None:
    assert undoing_run([(*by(ON, "U1", "R1"), False)], ON, "R1") == ""


def test_row_that_was_taken_back_already_is_left_out_with_a_finding() -> None:
    back = change(Verb.REACTIVATE, 1)
    ids, stay, (finding,) = done_again([back], {back.id: [Again("U1", taken_back=True)]})
    assert (ids, stay) == (frozenset({back.id}), {})
    assert finding.message.endswith("the run U1 took that back already, and it is not planned once more.")


def wrote(value: str, run: str, undoes: str = "") -> tuple[str, str, str]:
    return value, f"app: undo {undoes}" if undoes else "app: attributes", run


@pytest.mark.parametrize(
    ("writes", "run"),
    [
        ([], ""),
        ([wrote("Chef", "R2")], "R2"),
        ([wrote("Cook", "R2")], ""),
        ([wrote("Cook", "R2"), wrote("Chef", "R3")], "R3"),
        ([wrote("Chef", "R2"), wrote("Cook", "R3")], ""),
        ([wrote("Chef", "R2"), wrote("Cook", "U2", "R2")], ""),
        ([wrote("Chef", "R2"), wrote("Cook", "R3"), wrote("Chef", "U3", "R3")], "R2"),
        ([wrote("Cook", "U1", "R1"), wrote("Chef", "R3")], "R3"),
    ],
)
def test_run_that_last_wrote_the_value_is_named_unless_it_was_undone(writes: list[tuple[str, str, str]], run: str) -> None:
    assert standing_writer(writes, "Chef") == run


def test_of_several_attributes_only_those_that_were_not_written_once_more_are_undone() -> None:
    back = change(Verb.UPDATE, 1, before={"title": "Chef", "city": "Bonn"}, after={"title": "Cook", "city": "Kiel"})
    ids, stay, (finding,) = done_again([back], {back.id: [Again("R3", "title")]})
    assert (ids, stay) == (frozenset(), {back.id: frozenset({"title"})})
    assert finding.message.endswith("the later run R3 wrote title once more, and what it wrote stays. To take that back: reconcile undo R3")
    left = without_attributes(back, stay[back.id])
    assert (left.before, left.after) == ({"city": "Bonn"}, {"city": "Kiel"})


def test_a_row_of_which_every_attribute_was_written_once_more_is_left_out_with_a_finding_for_each_run() -> None:
    back = change(Verb.UPDATE, 1, before={"title": "Chef", "city": "Bonn"}, after={"title": "Cook", "city": "Kiel"})
    ids, stay, findings = done_again([back], {back.id: [Again("R3", "title"), Again("R4", "city")]})
    assert (ids, stay, len(findings)) == (frozenset({back.id}), {}, 2)
