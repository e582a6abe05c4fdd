"""Judges the effect of a write from the user before and after it: what was set, and what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.contract import Value
from connectors.errors import Rejected
from connectors.scim import decode as wire
from connectors.scim.filters import fold
from connectors.scim.looks import record_of
from connectors.scim.names import PRIMARY, WORK
from connectors.scim.untyped import kept_without_type
from connectors.telephone import same_number

_NOTHING: tuple[Value, ...] = (None, "", [])
"""Values that stand for no value: null, an empty list and nothing are one to SCIM (RFC 7643 section 2.5), and so is "" in practice."""


def refuse_false(name: str, held: Mapping[str, Value], shown: wire.Resource, needed: Mapping[str, Value]) -> None:
    """Raises Rejected where a user after a write lacks what it had, or what was to be set."""
    after = record_of(shown).values()
    if lost := _lost(held, after, needed):
        raise Rejected(f"setting {', '.join(sorted(needed))} also removed {', '.join(lost)}: the dialect of {name} is wrong")
    if refused := sorted(each for each, value in needed.items() if not _took(held.get(each), after.get(each), value)):
        raise Rejected(
            kept_without_type(shown, {each: needed[each] for each in refused})
            or f"the application answered that all is well and did not change {', '.join(refused)}"
        )


def equal(held: Value, wanted: Value) -> bool:
    """Whether two values of an attribute are one to SCIM."""
    return held == wanted or (held in _NOTHING and wanted in _NOTHING)


def _took(before: Value, after: Value, wanted: Value) -> bool:
    """Whether a change took effect, a server's own spelling of the value (case, number or text) being good enough where it did change."""
    if equal(after, wanted) or same_number(str(after or ""), str(wanted or "")):
        return True
    return after != before and wanted is not None and after is not None and fold(str(after)) == fold(str(wanted))


def _lost(before: Mapping[str, Value], after: Mapping[str, Value], changed: Iterable[str]) -> list[str]:
    """Lists other attributes than the changed ones whose values are gone; an entry that only got another name has kept its value.

    An entry without a type has two names, `primary` and `work`: what was to be changed under one of them was to go under the other.
    """
    owned = tuple(changed)
    owned += tuple(name for name in before if any(_same_entry(name, mine, before) for mine in owned))
    kept = [(_head(name), value) for name, value in after.items()]
    return sorted(
        name
        for name, value in before.items()
        if value not in _NOTHING and after.get(name) in _NOTHING and (_head(name), value) not in kept and not _within(name, owned)
    )


def _same_entry(name: str, other: str, held: Mapping[str, Value]) -> bool:
    one, two = (f"{each}..".split(".", 2) for each in (name, other))
    named_so = one[0] == two[0] and {one[1], two[1]} == {PRIMARY, WORK} and one[2] == two[2]
    return named_so and name in held and held[name] == held.get(other)


def _head(name: str) -> str:
    return name.partition(".")[0]


def _within(name: str, owned: tuple[str, ...]) -> bool:
    return any(name == mine or name.startswith(f"{mine}.") for mine in owned)
