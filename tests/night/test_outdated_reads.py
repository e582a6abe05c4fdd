"""A plan of a read that is older than what a live run wrote says so; after the next read it does not."""

from reconcile.errors import ExitCode

from .conftest import Planned
from .night_worlds import CLOCK, World


def _told(held: World) -> list[str]:
    plan = held.run("plan", *CLOCK, "--json").json
    return [each["message"] for each in plan["findings"] if each["kind"] == "outdated_read"]


def test_plan_of_a_read_from_before_a_run_says_which_run_wrote_since(before_a_night: Planned) -> None:
    held = before_a_night.world
    assert _told(held) == []
    assert held.run("apply", "--live", hour=13).code == ExitCode.CHANGES_WAIT
    run = held.run("runs", "--json").json["runs"][0]["id"]
    okta, wiki = _told(held)
    assert okta.startswith("okta: read at 2026-03-02T12:")
    assert wiki.startswith("wiki: read at 2026-03-02T12:")
    for message in (okta, wiki):
        assert f"before the run {run} wrote to it" in message
        assert message.endswith("Read it first: reconcile extract")
    writes = held.writes
    assert held.run("apply", "--live", hour=13).code in (ExitCode.DONE, ExitCode.CHANGES_WAIT)
    assert held.writes == writes
    assert held.run("extract", hour=14).code == ExitCode.DONE
    assert _told(held) == []


def test_why_after_a_run_says_that_its_target_was_read_before(before_a_night: Planned) -> None:
    held = before_a_night.world
    asked = ("why", next(each["profile"]["login"] for each in held.state["okta"]["users"]), "--json", *CLOCK)
    words = "okta: read at "
    before = held.run(*asked, hour=13)
    assert (before.code, words in before.out) == (ExitCode.DONE, False)
    assert held.run("apply", "--live", hour=13).code == ExitCode.CHANGES_WAIT
    assert words in held.run(*asked, hour=13).out
    assert held.run("extract", hour=14).code == ExitCode.DONE
    assert words not in held.run(*asked, hour=14).out


def test_account_that_a_run_created_since_the_read_is_neither_gone_nor_created_again(before_a_night: Planned) -> None:
    held = before_a_night.world
    for name in ("okta", "wiki"):
        mapping = held.folder / "mappings" / f"{name}.toml"
        mapping.write_text(f"recreate_missing = true\n{mapping.read_text()}")
    assert held.run("plan", *CLOCK).code == ExitCode.CHANGES_WAIT
    applied = held.run("apply", "--live", "--json", hour=13).json
    assert "create" in {each["verb"] for each in applied["operations"]}
    plan = held.run("plan", *CLOCK, "--json").json
    assert "create" not in {each["verb"] for each in plan["operations"]}
    assert "account_missing" not in {each["kind"] for each in plan["findings"]}


def test_read_that_shows_nothing_of_what_a_run_did_is_no_older_for_it(before_a_night: Planned) -> None:
    held = before_a_night.world
    person = next(
        each
        for each in held.state["okta"]["users"]
        if each["status"] == "ACTIVE" and each["profile"]["login"] != "break-glass.admin@example.com"
    )
    ended = held.run(
        "act", "revoke-sessions", person["profile"]["login"], "--target", "okta", "--live", "--by", "Ann", "--why", "stolen laptop", hour=13
    )
    assert ended.code == ExitCode.DONE, ended.err
    assert len(_told(held)) == 1
    assert held.run("extract", hour=14).code == ExitCode.DONE
    assert _told(held) == []


def test_restore_by_a_read_from_before_a_run_says_so_and_is_not_done(before_a_night: Planned) -> None:
    held = before_a_night.world
    assert held.run("apply", "--live", hour=13).code == ExitCode.CHANGES_WAIT
    asked = ("restore", "--as-of", "2026-03-02T12:30", "--json")
    made = held.run(*asked, hour=14)
    told = {each["target"]: each["message"] for each in made.json["findings"] if each["kind"] == "outdated_read"}
    assert (made.code, made.json["operations"], sorted(told)) == (ExitCode.CHANGES_WAIT, [], ["okta", "wiki"])
    assert told["okta"].endswith("This plan knows nothing of what that run did. Read it first: reconcile extract, then ask again.")
    assert held.run("extract", hour=15).code == ExitCode.DONE
    after = held.run(*asked, hour=15).json
    assert {each["kind"] for each in after["findings"]}.isdisjoint({"outdated_read"})
