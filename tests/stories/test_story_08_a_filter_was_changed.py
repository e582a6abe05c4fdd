"""Two filters were changed: 44 accounts were deleted, the administrators' among them, because 44 is less than the limit of 500."""

import pytest

from tests.night.night_worlds import CLOCK

from .story_worlds import Person, Settled, Story, office

PEOPLE, ADMIN_IN_HR = 132, Person(3)
CHANGED = "who = \"department <> 'Sales'\""


@pytest.fixture(scope="module")
def settled_firm(tmp_path_factory):
    with office(tmp_path_factory.mktemp("firm") / "project", PEOPLE) as story:
        story.edit("reconcile.toml", '["admin@example.com"]', f'["admin@example.com", "{ADMIN_IN_HR.login}"]')
        yield Settled.after_a_calm_night(story)


@pytest.fixture
def changed(settled_firm, tmp_path) -> Story:
    story = settled_firm.again(tmp_path / "project")
    story.edit("mappings/okta.toml", "who = \"department <> 'Nowhere'\"", CHANGED)
    return story


def _guards(story: Story, limits: str) -> None:
    with (story.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[guards.targets.okta]\n{limits}\n")


def test_a_third_of_the_company_is_too_many_although_44_is_less_than_500(changed):
    _guards(changed, "deactivate = { count = 500, percent = 5, floor = 5 }")
    night = changed.night()
    assert night.code == 11
    assert changed.writes() == []
    assert changed.lost() == set()
    (sentence,) = [line for line in night.err.splitlines() if "deactivated" in line]
    leaving = [each["who"] for each in changed.plan()["operations"] if each["verb"] == "deactivate"]
    assert len(leaving) == 43
    for word in ("Refused", "43", "133", "in okta", "5%", "floor of 5", leaving[0], "reconcile override okta.deactivate", "plan again"):
        assert word in sentence


def test_the_percentage_guards_where_only_a_count_was_configured(changed):
    _guards(changed, "deactivate = { count = 500 }")
    night = changed.night()
    assert night.code == 11
    assert "5%" in next(line for line in night.err.splitlines() if "deactivated in okta" in line)
    assert changed.writes() == []


def test_a_protected_administrator_is_in_no_plan_even_where_the_guards_are_opened(changed):
    _guards(
        changed, "deactivate = { percent = 100 }\nremove_member = { percent = 100 }\n\n[guards.groups]\nremove_member = { percent = 100 }"
    )
    assert changed.run("run", *CLOCK).code == 10
    plan = changed.plan()
    assert [each["verb"] for each in plan["operations"]].count("deactivate") == 43
    assert ADMIN_IN_HR.login not in {each["who"] for each in plan["operations"]}
    (finding,) = [each for each in plan["findings"] if each["kind"] == "protected"]
    assert ADMIN_IN_HR.login in finding["message"]
