"""Equal texts as one object: of a million accounts most have one of a few hundred departments."""

from __future__ import annotations

from collections.abc import Callable

from connectors.contract import Value
from reconcile.store.values import travels_as_json, value_of

MOST = 5_000
"""Different texts that are remembered. Of logins and addresses there are more, and no two are equal."""


def reader_of(kind: str) -> Callable[[str], Value]:
    """Returns what makes a value of a text, given the DuckDB type of its expression; equal texts become one object."""
    return (lambda text: value_of(text, kind)) if travels_as_json(kind) else _sharing()


def _sharing() -> Callable[[str], str]:
    """Returns what answers each text with the object that stands for it, which is the first one met. It is asked for each value of a creation."""
    met: dict[str, str] = {}
    known = met.get

    def shared(text: str) -> str:
        found = known(text)
        if found is not None:
            return found
        if len(met) < MOST:
            met[text] = text
        return text

    return shared
