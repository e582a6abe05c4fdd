"""A live run that cannot be finished is ended by hand, and what is not known about it is said."""

import contextlib
import shutil
import signal
import time
from collections.abc import Iterator

import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.apply.journal import Journal
from tests.support.waiting import LIMIT, until

from .conftest import FirstNight, calm_world
from .night_worlds import CLOCK, World
from .rewinding import Rewinding


def begin_run(held: World) -> str:
    """Starts a run of which one write is sent and never answered, and kills it; its name."""
    held.okta.add_fault(Fault(FaultKind.DROP_AFTER, method="POST", path=r"^/api/v1/users\?", seconds=LIMIT, times=1))
    armed = held.okta._struck.faults._armed[-1]
    process = held.launch("run", *CLOCK, "--live")
    try:
        until(lambda: process.poll() is not None or armed.seen > 0)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    held.release()
    with contextlib.closing(Journal(held.folder / "state")) as journal:
        return journal.runs.ids()[0]


@pytest.fixture(scope="module")
def _begun(first_night: FirstNight, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rewinding, str]]:
    with calm_world(first_night, tmp_path_factory.mktemp("begun") / "project") as held:
        run = begin_run(held)
        yield Rewinding(held), run


@pytest.fixture
def begun(_begun: tuple[Rewinding, str]) -> tuple[World, str]:
    """A world with a run of which one write was sent and never answered, and its name. Each test finds it like that."""
    rewinding, run = _begun
    return rewinding.again(), run


def lose_plans(held: World) -> None:
    for path in (held.folder / "state" / "plans").iterdir():
        shutil.rmtree(path)


def drop_target(held: World) -> None:
    (held.folder / "mappings" / "wiki.toml").unlink()
    settings = held.folder / "reconcile.toml"
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if not line.startswith("wiki = ")), encoding="utf-8")


LOSSES = {"plan lost": (lose_plans, "there is no plan"), "target removed": (drop_target, "wiki")}


@pytest.mark.parametrize(("lose", "named"), LOSSES.values(), ids=LOSSES)
def test_a_run_that_cannot_be_finished_names_the_way_out(begun, lose, named):
    held, run = begun
    lose(held)
    writes = held.writes
    refused = held.run("resume")
    assert refused.code == 13
    assert "Traceback" not in refused.err
    assert run in refused.err
    assert named in refused.err.lower()
    assert "reconcile resume --abandon" in refused.err
    assert held.writes == writes


@pytest.mark.parametrize("lose", [None, lose_plans], ids=["plan kept", "plan lost"])
def test_an_abandoned_run_says_what_is_not_known_and_the_next_night_goes_on(begun, lose):
    held, run = begun
    if lose:
        lose(held)
    writes = held.writes
    ended = held.run("resume", "--abandon", "--json")
    assert ended.code == 13
    told = ended.json
    assert (told["run"], held.writes) == (run, writes)
    assert told["unknown"]
    assert any(each["detail"].startswith("create ") and each["target"] == "okta" for each in told["unknown"])
    assert told["not_begun"] > 0
    assert bool(told["plan_problem"]) is bool(lose)
    with contextlib.closing(Journal(held.folder / "state")) as journal:
        kinds = [each.kind for each in journal.runs.recorded(run).outcomes]
        assert journal.runs.unfinished() is None
    assert kinds.count("unknown") == len(told["unknown"])
    assert told["ended"] + len(told["unknown"]) + told["not_begun"] == _planned_size(held, run)
    # What was created without an answer is found again, not made a second time.
    assert held.night().code == 10
    assert held.settled()


def test_the_report_of_an_abandoned_run_is_read_by_a_person(begun):
    held, run = begun
    lose_plans(held)
    ended = held.run("resume", "--abandon")
    first, lost, *rest = ended.out.splitlines()
    assert first.startswith(f"The run {run} of ")
    assert "may have been sent and their outcome is not known" in first
    assert lost.startswith("Its plan: lost.")
    assert all(line.startswith("  not known  ") for line in rest[:-1])
    assert rest[-1].startswith("The next `reconcile extract` shows")
    assert held.run("resume", "--abandon").code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_live_run_that_a_signal_ends_is_partly_applied_and_resumed(calm, number):
    held = calm()
    held.okta.add_fault(Fault(FaultKind.LATENCY, method="POST", path=r"^/api/v1/users\?", seconds=LIMIT))
    armed = held.okta._struck.faults._armed[-1]
    process = held.launch("run", *CLOCK, "--live")
    until(lambda: process.poll() is not None or armed.seen > 0)
    process.send_signal(number)
    # A second one does not wait for the answer that is under way; without it the wait has an end, too.
    time.sleep(0.3)
    process.send_signal(number)
    assert process.wait() == 13
    held.release()
    assert held.run("apply", "--live").code == 13
    assert held.run("resume").code == 10
    assert held.settled()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_what_is_under_way_when_a_signal_comes_is_finished_and_written_down_and_nothing_else_begins(calm, number):
    held = calm()
    held.okta.add_fault(Fault(FaultKind.LATENCY, method="POST", path=r"^/api/v1/users\?", seconds=LIMIT))
    armed = held.okta._struck.faults._armed[-1]
    process = held.launch("run", *CLOCK, "--live")
    until(lambda: process.poll() is not None or armed.seen > 0)
    process.send_signal(number)
    until(lambda: held.okta._in_flight == 1 and not held.wiki._in_flight)
    held.release()
    assert process.wait() == 13
    with contextlib.closing(Journal(held.folder / "state")) as journal:
        run, _ = journal.runs.unfinished()
        outcomes = journal.runs.recorded(run).outcomes
        assert journal.runs.intended(run) == {each.operation_id for each in outcomes}
    assert {each.kind for each in outcomes} == {"done"}
    assert len(outcomes) < _planned_size(held, run)
    assert held.run("resume").code == 10
    assert held.settled()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_command_that_a_signal_ends_before_it_writes_has_the_code_of_the_signal(calm, number, code):
    held = calm()
    held.wiki.add_fault(Fault(FaultKind.LATENCY, path="/Groups", seconds=LIMIT))
    armed = held.wiki._struck.faults._armed[-1]
    process = held.launch("run", *CLOCK, "--live")
    until(lambda: process.poll() is not None or armed.seen > 0)
    process.send_signal(number)
    assert process.wait() == code
    held.release()
    assert held.writes == 0
    assert held.run("resume").code == 0


def _planned_size(held: World, run: str) -> int:
    with contextlib.closing(Journal(held.folder / "state")) as journal:
        return sum(row[-1] for row in journal.runs.sizes() if row[0] == run)


def test_account_that_a_killed_run_was_creating_is_told_as_begun_by_it_until_its_answer_is_known(begun: tuple[World, str]) -> None:
    held, run = begun

    def appeared() -> set[tuple[str, bool]]:
        found = held.run("between", "2026-03-02", "--json", hour=19).json["changes"]
        return {(each["run"], each["begun"]) for each in found if (each["system"], each["kind"]) == ("okta", "appeared")}

    assert held.run("extract", hour=14).code == 0
    assert appeared() == {(run, True)}
    assert f"by the run {run}, whose creation has no known answer yet" in held.run("between", "2026-03-02", hour=19).out
    # What was not begun is held, for the systems were read again since.
    assert held.run("resume", hour=15).code == 13
    assert appeared() == {(run, False)}
