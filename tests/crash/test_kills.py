"""A run that is killed again and again, with faults on, ends as an undisturbed one: nothing twice, nothing lost."""

from .worlds import Kills, duplicates, first_night, state_of


def test_run_that_is_killed_a_dozen_times_ends_as_an_undisturbed_one(tmp_path):
    with first_night(tmp_path / "undisturbed") as held:
        assert held.run("apply", "--live").code in (0, 10)
        expected = state_of(held)
    with first_night(tmp_path / "killed") as held:
        kills = Kills(held, seed=7)
        kills.run_to_the_end(most=14)
        assert kills.kills.total() >= 12
        assert state_of(held) == expected
        assert not duplicates(held)
        outcomes = {each["outcome"]["kind"] for each in held.run("show", "--json").json["operations"]}
        assert outcomes <= {"done", "already"}
