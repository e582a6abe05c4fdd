"""A live run that is killed: nothing else is applied until it is resumed, and then all is as if it had never been killed."""

from collections import Counter
from collections.abc import Callable

import pytest

from connectors.sandbox.host import Fault, FaultKind
from tests.support.waiting import LIMIT, until

from .conftest import Undisturbed
from .hr_oracle import holdings
from .night_worlds import CLOCK, World


def _kill(held: World, *words: str, when: Callable[[], object]) -> None:
    """Starts a command, kills it while a server holds back what it waits for, and lets the servers carry out what was sent."""
    process = held.launch(*words)
    try:
        until(lambda: process.poll() is not None or when())
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    held.release()


def _met(held: World, system: str, fault: Fault) -> Callable[[], object]:
    """Arms a fault; says when a request has met it."""
    faults = getattr(held, system)._struck.faults
    faults.add(fault)
    armed = faults._armed[-1]
    return lambda: armed.seen > fault.after


def _unanswered(held: World, system: str, method: str, path: str) -> Callable[[], object]:
    """Lets the server carry out such a request and keep its answer back; says when one has come."""
    return _met(held, system, Fault(FaultKind.DROP_AFTER, method=method, path=path, seconds=LIMIT, times=1))


def _before_the_first_write(held: World) -> Callable[[], object]:
    """Holds back the looks at single accounts, which no read of a whole system takes; says when one has come."""
    okta = _met(held, "okta", Fault(FaultKind.LATENCY, path="^/api/v1/users/00u", seconds=LIMIT))
    wiki = _met(held, "wiki", Fault(FaultKind.LATENCY, path="/Users/", seconds=LIMIT))
    return lambda: okta() or wiki()


def _behind_writes(number: int, method: str) -> Callable[[World], Callable[[], object]]:
    """Holds back every write of one kind to Okta that comes after so many of them."""
    return lambda held: _met(held, "okta", Fault(FaultKind.LATENCY, method=method, seconds=LIMIT, after=number))


POINTS: dict[str, Callable[[World], Callable[[], object]]] = {
    "before the first write": _before_the_first_write,
    "in the middle of the writes": _behind_writes(3, "POST"),
    "okta created, not answered": lambda held: _unanswered(held, "okta", "POST", r"^/api/v1/users\?"),
    "wiki created, not answered": lambda held: _unanswered(held, "wiki", "POST", "/Users$"),
}


@pytest.mark.parametrize("arrange", POINTS.values(), ids=POINTS)
def test_a_killed_run_is_resumed_to_what_an_undisturbed_one_leaves(calm, undisturbed, arrange):
    held = calm()
    _kill(held, "run", *CLOCK, "--live", when=arrange(held))
    _refuses_to_apply(held)
    assert held.run("resume").code == 10
    _is_as(held, undisturbed)


def test_plan_made_before_a_resume_waits_for_nobody_and_is_not_applied(calm):
    held = calm()
    _kill(held, "run", *CLOCK, "--live", when=_behind_writes(2, "POST")(held))
    digest = held.run("plan", *CLOCK, "--json").json["plan"]["digest"]
    assert digest[:12] in held.run("status").out
    assert held.run("resume").code == 10
    assert digest[:12] not in held.run("status").out
    applied = held.run("apply", digest, "--live")
    assert (applied.code, "was applied since it was made" in applied.err) == (14, True)


def test_a_resume_that_is_killed_too_is_resumed(calm, undisturbed):
    held = calm()
    _kill(held, "run", *CLOCK, "--live", when=_behind_writes(2, "POST")(held))
    held.okta.forget_requests()
    held.wiki.forget_requests()
    _kill(held, "resume", when=_behind_writes(1, "POST")(held))
    _refuses_to_apply(held)
    assert held.run("resume").code == 10
    _is_as(held, undisturbed)
    assert held.settled()


def test_a_run_killed_while_it_reads_leaves_nothing_to_resume(calm, undisturbed):
    held = calm()
    _kill(held, "run", *CLOCK, "--live", when=_met(held, "wiki", Fault(FaultKind.LATENCY, path="/Groups", seconds=LIMIT)))
    assert held.writes == 0
    nothing = held.run("resume")
    assert (nothing.code, nothing.err) == (0, "No run was interrupted; there is nothing to resume.\n")
    assert held.night().code == 10
    _is_as(held, undisturbed)


def test_what_a_killed_run_had_sent_is_never_told_as_done_by_others(calm):
    held = calm()
    _kill(held, "run", *CLOCK, "--live", when=_unanswered(held, "okta", "DELETE", "/groups/"))
    assert held.run("extract", hour=14).code == 0
    (run,) = held.run("runs", "--json").json["runs"]
    for words in ((), ("resume",)):
        assert not words or held.run(*words, hour=15).code == 13
        told = held.run("between", "2026-03-02", "2026-03-02T14:30", "--json", hour=16).json["changes"]
        lost = [each for each in told if (each["system"], each["kind"]) == ("okta", "lost")]
        assert lost
        assert {each["run"] for each in lost} == {run["id"]}


def _refuses_to_apply(held: World) -> None:
    writes = held.writes
    refused = held.run("apply", "--live")
    assert refused.code == 13
    assert "reconcile resume" in refused.err
    assert held.writes == writes


def _is_as(held: World, undisturbed: Undisturbed) -> None:
    found = holdings(held.state)
    for system in ("okta", "wiki"):
        assert found[system].accounts == undisturbed.after[system].accounts
        assert found[system].groups == undisturbed.after[system].groups
    assert held.remembered() == undisturbed.remembered
    numbers = Counter(account.get("employeeNumber") for account in found["okta"].accounts.values())
    numbers += Counter(account.get("externalId") for account in found["wiki"].accounts.values())
    del numbers[None]
    assert set(numbers.values()) == {2}
    assert found["okta"].accounts[held.morning.starter]["works"]
