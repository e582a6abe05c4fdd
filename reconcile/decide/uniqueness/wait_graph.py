"""Finds cycles in a wait-for graph, and where a cycle can be opened."""

from __future__ import annotations

from collections.abc import Iterable


class WaitForGraph:
    """A wait-for graph. Nodes without outgoing edges are removed repeatedly; what remains is in a cycle, or waits for one."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """`pairs`: the waiting node, and the node that it waits for."""
        self._for: dict[str, set[str]] = {}
        self._behind: dict[str, set[str]] = {}
        for who, other in pairs:
            self._for.setdefault(who, set()).add(other)
            self._for.setdefault(other, set())
            self._behind.setdefault(other, set()).add(who)
        self._release([each for each, others in self._for.items() if not others])

    @property
    def stuck(self) -> frozenset[str]:
        """The nodes in a cycle, and those that wait for one."""
        return frozenset(self._for)

    def cycle_through(self, who: str) -> frozenset[str]:
        """The nodes that wait for this one and that it waits for, directly or through others."""
        ahead = _reached(who, self._for)
        return frozenset(self._behind.get(who, set()) & ahead)

    def cycles(self) -> dict[str, int]:
        """The cycle of each stuck node, by number. A node that waits for a cycle, or is between two, has a number of its own."""
        number: dict[str, int] = {}
        for count, start in enumerate(reversed(_finished(self._for))):
            ahead = [start]
            while ahead:
                at = ahead.pop()
                if at not in number:
                    number[at] = count
                    ahead += self._behind.get(at, ())
        return number

    def cut(self, who: str, other: str) -> None:
        """Removes the edge from `who` to `other`."""
        self._for[who].discard(other)
        self._behind[other].discard(who)
        if not self._for[who]:
            self._release([who])

    def _release(self, ready: list[str]) -> None:
        while ready:
            gone = ready.pop()
            del self._for[gone]
            for each in self._behind.pop(gone, ()):
                self._for[each].discard(gone)
                if not self._for[each]:
                    ready.append(each)


def _reached(start: str, steps: dict[str, set[str]]) -> set[str]:
    seen, ahead = set[str](), list(steps.get(start, ()))
    while ahead:
        at = ahead.pop()
        if at not in seen:
            seen.add(at)
            ahead += steps.get(at, ())
    return seen


def _finished(steps: dict[str, set[str]]) -> list[str]:
    """Sorts the nodes: each after all that a walk from it reaches first."""
    seen, order = set[str](), list[str]()
    ahead = [(each, False) for each in sorted(steps)]
    while ahead:
        at, done = ahead.pop()
        if done:
            order.append(at)
        elif at not in seen:
            seen.add(at)
            ahead.append((at, True))
            ahead += [(each, False) for each in sorted(steps[at]) if each not in seen]
    return order
