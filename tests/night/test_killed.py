"""A live run that is killed: nothing else is applied until it is resumed, and then all is as if it had never been killed."""

from collections import Counter
from collections.abc import Callable

import pytest

from connectors.sandbox.host import Fault, FaultKind

from .conftest import Undisturbed
from .hr_oracle import holdings
from .night_worlds import CLOCK, World


def _slow(held: World) -> None:
    for system in (held.okta, held.wiki):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            system.add_fault(Fault(FaultKind.LATENCY, method=method, seconds=0.1))


def _kill(held: World, *words: str, when: Callable[[], object]) -> None:
    """Starts a command, kills it when something is so, and waits until the servers have carried out what was sent."""
    process = held.launch(*words)
    try:
        held.wait(lambda: process.poll() is not None or when())
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    held.okta.clear_faults()
    held.wiki.clear_faults()
    held.wait(held.quiet)


def _unanswered(held: World, system: str, method: str, path: str) -> Callable[[], object]:
    """Lets the server carry out such a request and keep its answer back; says when one has come."""
    faults = getattr(held, system)._faults
    faults.add(Fault(FaultKind.DROP_AFTER, method=method, path=path, seconds=0.5, times=1))
    return lambda: faults._armed[-1].seen


def _before_the_first_write(held: World) -> Callable[[], object]:
    held.okta.add_fault(Fault(FaultKind.LATENCY, path="^/api/v1/users/00u", seconds=0.5))
    held.wiki.add_fault(Fault(FaultKind.LATENCY, path="/Users/", seconds=0.5))
    journal = held.folder / "state" / "journal.sqlite-wal"
    return lambda: journal.exists() and journal.stat().st_size and not held.quiet()


def _after_writes(number: int) -> Callable[[World], Callable[[], object]]:
    def arrange(held: World) -> Callable[[], object]:
        _slow(held)
        return lambda: held.writes >= number

    return arrange


POINTS: dict[str, Callable[[World], Callable[[], object]]] = {
    "before the first write": _before_the_first_write,
    "in the middle of the writes": _after_writes(10),
    "okta created, not answered": lambda held: _unanswered(held, "okta", "POST", r"^/api/v1/users\?"),
    "wiki created, not answered": lambda held: _unanswered(held, "wiki", "POST", "/Users$"),
}


@pytest.mark.parametrize("arrange", POINTS.values(), ids=POINTS)
def test_a_killed_run_is_resumed_to_what_an_undisturbed_one_leaves(calm, undisturbed, arrange):
    held = calm()
    _kill(held, "run", *CLOCK, "--live", when=arrange(held))
    _refuses_to_apply(held)
    assert held.run("resume").code == 0
    _is_as(held, undisturbed)


def test_a_resume_that_is_killed_too_is_resumed(calm, undisturbed):
    held = calm()
    _kill(held, "run", *CLOCK, "--live", when=_after_writes(2)(held))
    held.okta.forget_requests()
    held.wiki.forget_requests()
    _kill(held, "resume", when=_after_writes(3)(held))
    _refuses_to_apply(held)
    assert held.run("resume").code == 0
    _is_as(held, undisturbed)
    assert held.settled()


def test_a_run_killed_while_it_reads_leaves_nothing_to_resume(calm, undisturbed):
    held = calm()
    held.wiki.add_fault(Fault(FaultKind.LATENCY, path="/Groups", seconds=0.5))
    _kill(
        held, "run", *CLOCK, "--live", when=lambda: any("/Users" in request.path for request in held.wiki.requests()) and not held.quiet()
    )
    assert held.writes == 0
    nothing = held.run("resume")
    assert (nothing.code, nothing.err) == (0, "No run was interrupted; there is nothing to resume.\n")
    assert held.night().code == 0
    _is_as(held, undisturbed)


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
