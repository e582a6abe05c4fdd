"""What later runs did to the thing that an undo would put back: the last change that stands decides whose it is."""

from __future__ import annotations

import pytest

from reconcile.decide.undo.done_again import standing_run
from reconcile.plan.model import Verb

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
