"""Several plans of one day are no way around a limit: what they do counts together, against the company of before."""

from datetime import date

import pytest

from tests.night.night_worlds import CLOCK

from .story_worlds import PEOPLE, Person, people

FIVE = 5
"""The floor of the usual limit of deactivations: 5 % of 60 people are 3."""
GROUPS = "[guards]\nremove_member = {}\ngroups = { remove_member = {} }"


def leave(story, leavers):
    """HR says that these have left, and nobody else."""
    gone = {each.anchor for each in leavers}
    story.lines(lambda _: [one.line.replace(",Active", ",Left") if one.anchor in gone else one.line for one in people()])


@pytest.fixture
def company(at_office):
    """60 people; their number of groups is no subject here."""
    at_office.edit("reconcile.toml", "[protected", f"{GROUPS}\n\n[protected")
    return at_office


def still_there(story):
    """How many of the people of HR have an account that is not deactivated."""
    users = story.systems["okta"].app.state()["users"]
    return sum(user["status"] != "DEPROVISIONED" and user["profile"]["login"].startswith("p") for user in users)


def test_twelve_plans_of_five_are_refused_from_the_second_on(company):
    codes = []
    for number in range(1, PEOPLE // FIVE + 1):
        leave(company, people()[: number * FIVE])
        codes.append(company.night().code)
    assert codes == [0] + [11] * 11
    assert still_there(company) == PEOPLE - FIVE


def test_the_refusal_says_what_was_done_before_and_by_which_run(company):
    leave(company, people()[:FIVE])
    run = company.night("--json").json["run"]["id"]
    leave(company, people()[: FIVE + 2])
    night = company.night()
    assert (
        "Refused: 7 accounts would be deactivated in okta (11.5% of 61 accounts or people), 5 of them by the run "
        f"{run}, since 2026-03-02 12:00 UTC, and 2 by this plan; the limit is 5% above a floor of 5." in night.err
    )
    verdict = next(each for each in company.plan()["verdicts"] if each["guard"] == "okta.deactivate")
    assert (verdict["earlier"], verdict["count"], verdict["population"]) == (5, 7, 61)
    assert "5 of them by the run" in company.run("show").out.replace("\n  ", " ")


def test_the_next_night_has_its_own_limit(company):
    leave(company, people()[:FIVE])
    assert company.night().code == 0
    leave(company, people()[: 2 * FIVE])
    assert company.run("run", "--live", today=date(2026, 3, 3)).code == 0


def test_what_was_undone_leaves_room_again(company):
    leave(company, people()[:FIVE])
    assert company.night().code == 0
    undo = company.run("undo", "--json").json["plan"]["digest"]
    assert company.run("apply", undo, "--live").code == 0
    leave(company, people()[FIVE : 2 * FIVE])
    assert company.night().code == 0


def test_an_incident_of_several_runs_can_be_undone_run_by_run(company):
    company.edit("reconcile.toml", "[guards]", "[guards]\ndeactivate = { percent = 50 }")
    runs = []
    for number in (1, 2, 3):
        leave(company, people()[: number * FIVE])
        runs.append(company.night("--json").json["run"]["id"])
    leave(company, [])
    assert company.run("extract").code == 0
    for run in reversed(runs):
        undo = company.run("undo", run, "--json")
        assert undo.code == 10, undo.err
        assert company.run("apply", undo.json["plan"]["digest"], "--live").code == 0
    assert still_there(company) == PEOPLE


def test_override_for_many_leavers_does_not_block_the_next_one(company):
    leave(company, people()[:11])
    assert company.night().code == 11
    plan = company.plan()
    for guard in [each["guard"] for each in plan["verdicts"] if not each["passed"]]:
        said = company.run("override", guard, "--plan", plan["plan"]["digest"], "--by", "Rae", "--why", "The office was closed")
        assert said.code == 0
    assert company.run("apply", plan["plan"]["digest"], "--live").code == 0
    leave(company, people()[: 11 + FIVE])
    assert company.night().code == 0
    leave(company, people()[: 11 + 2 * FIVE])
    assert company.night().code == 11


def test_accounts_made_on_the_same_day_do_not_make_a_loss_smaller(company):
    newcomers = [Person(PEOPLE + number).line for number in range(200)]
    company.lines(lambda rows: [*rows, *newcomers])
    company.reading("people", "shrink_percent = 100")
    assert company.night().code == 0
    company.lines(lambda rows: [row.replace(",Active", ",Left") if number < 12 else row for number, row in enumerate(rows)])
    night = company.night()
    assert night.code == 11
    assert "12 accounts would be deactivated in okta (19.7% of 61 accounts or people)" in night.err


def test_leavers_do_not_hide_behind_new_rows_of_the_same_file(company):
    newcomers = [Person(PEOPLE + number).line for number in range(200)]
    company.lines(lambda rows: [*(row.replace(",Active", ",Left") for row in rows[:12]), *rows[12:], *newcomers])
    night = company.night()
    assert night.code == 11
    assert "12 accounts would be deactivated in okta (19.7% of 61 accounts or people); the limit is 5%" in night.err
    assert company.writes() == []


def test_a_plan_of_before_another_run_is_never_applied_after_it(company):
    leave(company, people()[:FIVE])
    assert company.run("extract").code == 0
    first = company.run("plan", *CLOCK, "--json").json["plan"]["digest"]
    before = (company.folder / "mappings" / "okta.toml").read_text(encoding="utf-8")
    company.edit("mappings/okta.toml", "<> 'Nowhere'", f"<> 'Nowhere' and mail > '{Person(2 * FIVE - 1).login}'")
    second = company.run("plan", *CLOCK, "--json").json["plan"]["digest"]
    (company.folder / "mappings" / "okta.toml").write_text(before, encoding="utf-8")
    assert company.run("apply", first, "--live").code == 0
    company.edit("mappings/okta.toml", "<> 'Nowhere'", f"<> 'Nowhere' and mail > '{Person(2 * FIVE - 1).login}'")
    refused = company.run("apply", second, "--live")
    assert refused.code == 14
    assert "was applied since it was made" in refused.err
    assert company.run("plan", *CLOCK).code == 11
    assert still_there(company) == PEOPLE - FIVE
