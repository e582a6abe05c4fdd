"""Equal texts as one object: of a million accounts most have one of a few hundred departments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from connectors.contract import Value
from reconcile.store.values import travels_as_json, value_of

MOST = 5_000
"""Different texts of an attribute that are remembered. Of logins and addresses there are more, and no two are equal."""

Reader: TypeAlias = Callable[[str], Value]


class _SharedTexts(dict[str, str]):
    """The texts of one attribute that were met before: asked for a text, it answers the object that stands for it."""

    def __missing__(self, text: str) -> str:
        if len(self) < MOST:
            self[text] = text
        return text


def readers_of(kinds: Sequence[str]) -> list[Reader]:
    """Returns what makes a value of a text, given the DuckDB types of the expressions; equal texts become one object."""
    return [_reader(kind) for kind in kinds]


def without_vain_ones(readers: Sequence[Reader]) -> list[Reader]:
    """The readers, those replaced that met more different texts than they remember: they are asked millions of times, and find nothing."""
    return [str if len(getattr(each, "__self__", ())) >= MOST else each for each in readers]


def _reader(kind: str) -> Reader:
    if travels_as_json(kind):
        return lambda text: value_of(text, kind)
    # Known texts are found without a call of Python code.
    return _SharedTexts().__getitem__
