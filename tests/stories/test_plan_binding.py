"""A plan is applied under the day, the configuration and the snapshots that it was made for, and once."""

import contextlib
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from reconcile.apply.journal import Journal
from reconcile.clock import Clock
from reconcile.errors import PlanDamaged
from reconcile.plan.model import OutcomeKind
from reconcile.usecases.session import Session
from tests.night.night_worlds import CLOCK, DAY
from tests.support import day

from .story_worlds import Person, Story

LEAVER, MOVER = Person(1), Person(2)


def leaves(story: Story, person: Person) -> None:
    story.lines(lambda lines: [line.replace("Active", "Left") if line.startswith(person.anchor) else line for line in lines])


def planned(story: Story) -> str:
    """Somebody leaves, and a plan ends their account: its digest."""
    leaves(story, LEAVER)
    assert story.run("extract").code == 0
    made = story.run("plan", "--json")
    assert made.code == 10, made.err
    story.systems["okta"].forget_requests()
    return str(made.json["plan"]["digest"])


def protect(story: Story) -> None:
    story.edit("reconcile.toml", "[protected.accounts]", f'[protected]\npeople = ["{LEAVER.anchor}"]\n\n[protected.accounts]')


def tighten(story: Story) -> None:
    with (story.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
        file.write("\n[guards]\ndeactivate = { count = 0 }\n")


def edit_mapping(story: Story) -> None:
    path = story.folder / "mappings" / "okta.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a note\n", encoding="utf-8")


def decide(story: Story) -> None:
    assert story.run("decide", "okta", MOVER.anchor, MOVER.login, "same", "--by", "Ada", "--why", "asked").code == 0


def read_again(story: Story) -> None:
    leaves(story, MOVER)
    assert story.run("extract").code == 0


def apply_another(story: Story) -> None:
    leaves(story, MOVER)
    assert story.night().code == 0
    story.systems["okta"].forget_requests()


CHANGES: dict[str, tuple[Callable[[Story], object], str]] = {
    "protection added": (protect, "[protected] changed since"),
    "guard tightened": (tighten, "[guards] changed since"),
    "mapping edited": (edit_mapping, "mappings/okta.toml changed since"),
    "decision made": (decide, "decisions.csv changed since"),
    "people read again": (read_again, "people was read again since"),
    "another run": (apply_another, "was applied since it was made"),
}


def refused(story: Story, digest: str, sentence: str, today: date | None = None) -> None:
    """Neither the live run nor the dry one carries the plan out; both say why, and nothing is written."""
    for words in (("--live",), ()):
        ended = story.run("apply", digest, *words, today=today)
        assert (ended.code, ended.out) == (14, "")
        assert digest[:12] in ended.err
        assert sentence in ended.err
        assert "Nothing was written." in ended.err
    assert story.writes() == []


@pytest.mark.parametrize(("change", "sentence"), CHANGES.values(), ids=CHANGES)
def test_a_plan_is_not_applied_after_what_it_was_computed_from_changed(at_office, change, sentence):
    digest = planned(at_office)
    change(at_office)
    refused(at_office, digest, sentence)


def test_a_plan_is_not_applied_on_another_day(at_office):
    digest = planned(at_office)
    refused(at_office, digest, "it decides for 2026-03-02, and today is 2026-03-03", DAY + timedelta(1))
    assert at_office.run("apply", digest, "--live").code == 0


def test_a_plan_is_applied_once(at_office):
    digest = planned(at_office)
    assert at_office.run("apply", digest, "--live").code == 0
    at_office.systems["okta"].forget_requests()
    refused(at_office, digest, "it was applied already, by the run ")


def test_a_plan_file_of_another_project_is_not_applied(at_office, tmp_path):
    digest = planned(at_office)
    at_office.run("rebind", "--journal")
    other = tmp_path / "other"
    shutil.copytree(at_office.folder, other)
    for left in (other / "state").glob("journal.sqlite*"):
        left.unlink()
    story = Story(other, at_office.systems)
    assert story.run("rebind", "--journal").code == 0
    refused(story, digest, "it was not made by this project")


def test_a_plan_for_another_day_never_becomes_the_newest(at_office):
    digest = planned(at_office)
    other = at_office.run("plan", "--clock", "2026-03-09", "--json", today=DAY).json["plan"]["digest"]
    assert at_office.plan()["plan"]["digest"] == digest != other
    refused(at_office, other, "it decides for 2026-03-09")


def test_a_command_that_ends_after_midnight_acts_for_the_day_on_which_it_began(at_office):
    leaves(at_office, LEAVER)
    at_office.run("extract")
    moment = datetime.combine(DAY, time(23, 59), UTC)
    session = Session.open(at_office.folder, Clock(lambda: moment))
    moment += timedelta(minutes=2)
    with session.locked():
        done = session.apply(session.plan(), lambda _outcome: None)
    assert {each.kind for each in done.outcomes} == {OutcomeKind.DONE}


def test_a_live_run_for_another_day_is_a_mistake_in_the_command(at_office):
    leaves(at_office, LEAVER)
    ended = at_office.run("run", "--live", "--clock", "2026-03-09", today=DAY)
    assert (ended.code, ended.out) == (2, "")
    assert "with --live it can only be today" in ended.err
    assert at_office.writes() == []


def test_the_newest_plan_is_the_one_made_last_whatever_clock_and_file_times_say(at_office):
    first = planned(at_office)
    leaves(at_office, MOVER)
    assert at_office.run("extract").code == 0
    # The machine's clock was set back by a day, and a copy restored the older file.
    second = at_office.run("plan", "--json", today=DAY - timedelta(1)).json["plan"]["digest"]
    (at_office.folder / "state" / "plans" / first / "plan.json").touch()
    assert at_office.run("show", "--json", today=DAY - timedelta(1)).json["plan"]["digest"] == second != first


def test_the_newest_run_is_the_one_begun_last_whatever_the_clock_says(at_office):
    assert at_office.run("apply", planned(at_office), "--live").code == 0
    leaves(at_office, MOVER)
    yesterday = DAY - timedelta(1)
    assert at_office.run("run", "--live", today=yesterday).code == 0
    back = at_office.run("undo", "--json", today=yesterday)
    assert {each["anchor"] for each in back.json["operations"]} == {MOVER.anchor}


def test_an_override_that_expired_stays_expired_when_the_clock_is_set_back(at_office):
    tighten(at_office)
    leaves(at_office, LEAVER)
    assert at_office.run("extract").code == 0
    plan = at_office.run("plan", "--json")
    assert plan.code == 11
    digest = plan.json["plan"]["digest"]
    assert at_office.run("override", "okta.deactivate", "--plan", digest, "--by", "Ada", "--why", "asked", "--hours", "1").code == 0
    assert at_office.run("plan", today=DAY + timedelta(2)).code in (10, 11)
    ended = at_office.run("apply", digest, "--live")
    assert ended.code == 11
    assert at_office.writes() == []


def test_plan_whose_files_are_lost_before_the_first_write_is_not_begun(at_office):
    """What a run that is interrupted is resumed from is on disk, whole, before the run begins."""
    digest, before = planned(at_office), runs(at_office)
    session = Session.open(at_office.folder, day.clock_on(DAY))
    plan = session.load_plan(digest)
    (at_office.folder / "state" / "plans" / digest / "operation.parquet").unlink()
    with pytest.raises(PlanDamaged, match="a file is missing"):
        session.apply(plan, lambda _outcome: None)
    assert (at_office.writes(), runs(at_office)) == ([], before)


def runs(story: Story) -> list[str]:
    with contextlib.closing(Journal(story.folder / "state")) as journal:
        return journal.runs.ids()


def interrupted(story: Story) -> str:
    """Two people leave, and a run that ends both accounts was killed after it had begun the first; its plan's digest."""
    leaves(story, LEAVER)
    leaves(story, MOVER)
    assert story.run("extract").code == 0
    digest = story.run("plan", "--json").json["plan"]["digest"]
    plan = Session.open(story.folder, day.clock_on(DAY)).load_plan(digest)
    first = next(each for each in plan.operations if each.anchor == LEAVER.anchor)
    journal = Journal(story.folder / "state", day.clock_on(DAY))
    journal.start("interrupted", plan)
    journal.intend("interrupted", first)
    journal.close()
    story.systems["okta"].forget_requests()
    return digest


RESUMED: dict[str, tuple[Callable[[Story], object], date, str]] = {
    "another day": (lambda _story: None, DAY + timedelta(1), "it decides for 2026-03-02"),
    "mapping edited": (edit_mapping, DAY, "mappings/okta.toml changed since"),
}


@pytest.mark.parametrize(("change", "today", "sentence"), RESUMED.values(), ids=RESUMED)
def test_a_run_resumed_when_its_plan_is_outdated_ends_what_it_began_and_holds_the_rest(at_office, change, today, sentence):
    interrupted(at_office)
    change(at_office)
    ended = at_office.run("resume", "--json", today=today)
    assert ended.code == 13, ended.err
    held = [each for each in ended.json["operations"] if each["outcome"]["kind"] == "held"]
    assert all(sentence in each["outcome"]["detail"] for each in held)
    assert MOVER.anchor in {each["anchor"] for each in held}
    assert at_office.run("run", "--live", today=today).code == 0
    gone = {held for held in at_office.lost() if len(held) == 2}
    assert gone == {("okta", LEAVER.login), ("okta", MOVER.login)}


def test_a_run_resumed_on_its_day_goes_on_with_everything(at_office):
    interrupted(at_office)
    assert at_office.run("resume").code == 0
    assert {held for held in at_office.lost() if len(held) == 2} == {("okta", LEAVER.login), ("okta", MOVER.login)}


def test_plans_of_the_same_day_can_follow_one_another(at_office):
    """An hourly run finds nothing to do again and again: an empty plan that was applied is planned, and applied, anew."""
    for _ in range(3):
        night = at_office.run("run", *CLOCK, "--live")
        assert (night.code, night.err) == (0, "")
