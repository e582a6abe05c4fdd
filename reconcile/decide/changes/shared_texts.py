"""Equal texts as one object: of a million accounts most have one of a few hundred departments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.contract import Value
from reconcile.store.values import travels_as_json, value_of

MOST = 5_000
"""Different texts that are remembered. Of logins and addresses there are more, and no two are equal."""


@dataclass(frozen=True, slots=True)
class SharedTexts:
    """The texts of one attribute that were met before."""

    _met: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The object that stands for the text."""
        if len(self._met) < MOST:
            return self._met.setdefault(text, text)
        return self._met.get(text, text)


def reader_of(kind: str) -> Callable[[str], Value]:
    """Returns what makes a value of a text, given the DuckDB type of its expression; equal texts become one object."""
    shared = SharedTexts()
    return (lambda text: value_of(text, kind)) if travels_as_json(kind) else shared.text
