"""A first night over real sockets that is killed again and again, and the state that an undisturbed one leaves."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.sandbox.host import Fault, FaultKind
from reconcile.apply.journal import Journal
from tests.crash import killed
from tests.night.hr_oracle import Holdings, holdings
from tests.night.night_worlds import AT_ONCE, DAY, World, world
from tests.support.waiting import until

KILLED = -9
FINISHED = (0, 10)
MOST_ENTRIES = 12
"""Journal entries that a process writes at most before it is killed."""


def _without_most(okta: dict[str, Any], wiki: dict[str, Any]) -> None:
    """Leaves the first users of each system: hundreds of operations of most kinds are planned."""
    okta["users"] = okta["users"][:12] + [user for user in okta["users"][12:] if "break" in user["profile"]["login"]]
    kept = {user["profile"]["login"] for user in okta["users"]}
    okta["members"] = {group: [user for user in members if user in kept] for group, members in okta["members"].items()}
    wiki["users"] = wiki["users"][:8]
    known = {user["id"] for user in wiki["users"]}
    for group in wiki["groups"]:
        group["members"] = [each for each in group["members"] if each["value"] in known]


@contextmanager
def first_night(folder: Path) -> Iterator[World]:
    """A world with most accounts still to be created, read and planned. Its guards let that pass."""
    with world(folder, change=_without_most) as held:
        planned = held.plan()
        assert len(planned["operations"]) > 200, len(planned["operations"])
        assert not planned["plan"]["refused"], [each["message"] for each in planned["verdicts"] if not each["passed"]]
        yield held


@dataclass(slots=True)
class Kills:
    """Kills one run of a world until it has ended, by a seed: at entries of the journal, and at random instants between."""

    held: World
    seed: int
    faults: bool = True
    kills: Counter[str] = field(default_factory=Counter)
    """By kind of moment."""

    def run_to_the_end(self, most: int) -> None:
        """Starts the run and kills it at most so many times, then lets it end. Each time what is under way in the servers is awaited."""
        draw = random.Random(self.seed)
        for _ in range(most):
            if self.faults:
                self._disturb(draw)
            words = self._next_words()
            if words is None or self._killed(draw, words) in FINISHED:
                break
            self.held.okta.clear_faults()
            self.held.wiki.clear_faults()
            until(self.held.quiet)
        self.held.release()
        while (words := self._next_words()) is not None:
            ended = self.held.run(*words)
            assert ended.code in FINISHED, ended.err

    def _next_words(self) -> tuple[str, ...] | None:
        """The next command: the apply, then resumes while there is something to resume."""
        with contextlib.closing(Journal(self.held.folder / "state")) as journal:
            if not journal.runs.ids():
                return "apply", "--live"
            return ("resume",) if journal.runs.unfinished() else None

    def _killed(self, draw: random.Random, words: tuple[str, ...]) -> int:
        """Starts a command that is killed, and returns its exit code: another one where it ended before."""
        number, kind = draw.randint(1, MOST_ENTRIES), draw.choice(("before", "after", "instant"))
        moment = "after" if kind == "instant" else kind
        # At an instant: some entries later the process would end itself, a moment before that it is killed from outside.
        armed = number if kind != "instant" else number + MOST_ENTRIES
        command = [sys.executable, killed.__file__, str(DAY), str(armed), moment, "--project", str(self.held.folder), *words]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if kind == "instant":
            writes = self.held.writes
            until(lambda: process.poll() is not None or self.held.writes > writes + draw.randint(0, 2))
            process.kill()
        code = process.wait()
        self.kills[kind] += code == KILLED
        return code

    def _disturb(self, draw: random.Random) -> None:
        """Arms a fault in each server: a limit, an error, or an answer that is lost after the request was carried out."""
        for system in (self.held.okta, self.held.wiki):
            kind: Callable[[int], Fault] = draw.choice((_limited, _failing, _lost))
            system.add_fault(kind(draw.randint(0, 8)))


def _limited(after: int) -> Fault:
    return Fault(FaultKind.STATUS, status=429, headers=AT_ONCE, after=after, times=1)


def _failing(after: int) -> Fault:
    return Fault(FaultKind.STATUS, status=503, headers=AT_ONCE, after=after, times=1)


def _lost(after: int) -> Fault:
    return Fault(FaultKind.DROP_AFTER, method="POST", after=after, times=1)


def state_of(held: World) -> tuple[dict[str, Holdings], tuple[set[tuple[str, ...]], set[tuple[str, ...]]]]:
    """What both systems hold, and what the store remembers of links and memberships, by names instead of ids."""
    return holdings(held.state), held.remembered()


def duplicates(held: World) -> dict[str, int]:
    """Accounts of one system with one employee number, by number, where there are several."""
    okta = Counter(user["profile"].get("employeeNumber") for user in held.state["okta"]["users"])
    wiki = Counter(user.get("externalId") for user in held.state["wiki"]["users"])
    return {str(number): count for counts in (okta, wiki) for number, count in counts.items() if number and count > 1}


__all__ = ["Kills", "duplicates", "first_night", "state_of"]
