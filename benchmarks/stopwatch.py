"""Which step of planning the time goes to: clocks around the functions that make a plan, which know nothing of them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from reconcile.decide import planner as plan
from reconcile.decide.changes.attributes import Diff
from reconcile.store.connection import Store
from reconcile.usecases import session as run

STEPS: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "merge": ((plan, "gather_identities"),),
    "map": ((Store, "derive"), (Store, "derive_list")),
    "correlate": ((plan, "correlate"), (plan, "decide_lifecycle")),
    "diff": ((Diff, "__init__"), (Diff, "decide"), (plan, "keep_unique")),
    "members": ((plan, "decide_memberships"),),
    "order": ((plan, "ordered"), (plan, "_depending")),
    "guards": ((plan, "judge"), (plan, "withhold"), (plan, "guard_facts_of")),
    "causes": ((plan, "find_causes"),),
    "write": ((plan, "digested"), (run, "save")),
}
"""Each step with the functions it consists of. Time inside one of another step counts for that one only."""


class Stopwatch:
    """Seconds by step, and by named statement."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = defaultdict(float)
        self.statements: dict[str, float] = defaultdict(float)
        self._open = ["rest"]
        self._since = time.perf_counter()

    def step(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted for a step."""

        @wraps(function)
        def timed(*positional: object, **named: object) -> Any:
            # What a source row says is mapped while merging, and stays there.
            self._enter("merge" if name == "map" and self._open[-1] == "merge" else name)
            try:
                return function(*positional, **named)
            finally:
                self.leave()

        return timed

    def statement(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A method of the store that takes names of statements, its time counted for each."""

        @wraps(function)
        def timed(store: Store, *names: str, **parameters: object) -> Any:
            found = None
            for name in names:
                began = time.perf_counter()
                found = function(store, name, **parameters)
                self.statements[name] += time.perf_counter() - began
            return found

        return timed

    def leave(self) -> None:
        """Ends the innermost step."""
        self._count()
        self._open.pop()

    def _enter(self, name: str) -> None:
        self._count()
        self._open.append(name)

    def _count(self) -> None:
        now = time.perf_counter()
        self.steps[self._open[-1]] += now - self._since
        self._since = now


@contextmanager
def watching() -> Iterator[Stopwatch]:
    """Until the context ends, every step is timed; what belongs to none is `rest`."""
    watch = Stopwatch()
    with ExitStack() as patched:
        for step, functions in STEPS.items():
            for holder, name in functions:
                patched.enter_context(patch.object(holder, name, watch.step(step, getattr(holder, name))))
        for name in ("rows", "do"):
            patched.enter_context(patch.object(Store, name, watch.statement(getattr(Store, name))))
        yield watch
    watch.leave()
