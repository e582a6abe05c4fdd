"""What `reconcile why` says to the shell."""

from __future__ import annotations

from .night_worlds import World


def test_a_person_is_explained_by_login_as_by_anchor_to_people_and_to_programs(drifted: World) -> None:
    operation = next(each for each in drifted.plan()["operations"] if each["verb"] == "update" and each["target"] == "okta")
    asked = drifted.run("why", operation["who"], "--clock", "2026-03-02", "--json")
    assert asked.code == 0
    assert asked.json["anchor"] == operation["anchor"]
    done = [each["id"] for target in asked.json["targets"] for each in target["operations"]]
    assert operation["id"] in done
    assert operation["because"]["detail"] in " ".join(drifted.run("why", operation["anchor"], "--clock", "2026-03-02").out.split())


def test_unknown_person_is_a_usage_error(drifted: World) -> None:
    asked = drifted.run("why", "nobody@nowhere.example")
    assert asked.code == 2
    assert "known as 'nobody@nowhere.example'" in asked.err


def test_spaces_around_a_name_are_no_part_of_it(drifted: World) -> None:
    operation = next(each for each in drifted.plan()["operations"] if each["verb"] == "update" and each["target"] == "okta")
    asked = drifted.run("why", f" {operation['who']}\t", "--clock", "2026-03-02", "--json")
    assert (asked.code, asked.json["anchor"]) == (0, operation["anchor"])
    assert drifted.run("why", " ").code == 2
