"""The limits of guards in words, and how much of them a plan uses."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from reconcile.plan.model import Verb, Verdict
from reconcile.project.limits import Guards, Limit

_VERBS = {verb.value: verb for verb in Verb}


class Margin(NamedTuple):
    """Limit of a guard, and how much of it a plan uses."""

    limit: str
    """`5% above a floor of 5`, `at most 20`."""
    used: int | None
    """Per cent of what is allowed; None where nothing is."""


def margin_of(verdict: Verdict, guards: Guards, targets: Iterable[str]) -> Margin | None:
    """The margin of a guard by the limits of today; None where it has none, or several: those of attributes, admins and usual sizes."""
    target = max((each for each in targets if verdict.guard.startswith(f"{each}.")), key=len, default="")
    limit = _limit(verdict.guard.removeprefix(f"{target}."), target, guards)
    if limit is None or (limit.percent is None and limit.count is None):
        return None
    words = [f"at most {limit.count:,}"] if limit.count is not None else []
    words += [f"{limit.percent:g}% above a floor of {limit.floor:,}"] if limit.percent is not None else []
    return Margin(", ".join(words), _used(verdict, limit))


def _limit(name: str, target: str, guards: Guards) -> Limit | None:
    kind, _, rest = name.partition(".")
    match kind:
        case "groups" if rest in _VERBS:
            return guards.groups.of(_VERBS[rest])
        case "dimensions" if rest in guards.dimensions:
            return guards.dimensions[rest].loss()
        case "lose_app":
            return guards.app_limit()
        case _ if name in _VERBS:
            return guards.limit(target, _VERBS[name])
        case _:
            # The others have the name of their setting.
            stated = getattr(guards, name, None)
            return stated if isinstance(stated, Limit) else None


def _used(verdict: Verdict, limit: Limit) -> int | None:
    """The share of the limit that is nearest; of a percentage with a floor the smaller one, since both have to be passed."""
    shares = []
    if limit.count is not None:
        shares.append(_share(verdict.count, limit.count))
    if limit.percent is not None:
        by_percent = _share(verdict.accounts, limit.percent * verdict.population / 100)
        shares.append(min(_share(verdict.count, limit.floor), by_percent))
    return None if max(shares) == inf else int(100 * max(shares))


def _share(count: int, allowed: float) -> float:
    return count / allowed if allowed else inf
