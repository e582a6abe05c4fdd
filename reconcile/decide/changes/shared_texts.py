"""Equal texts as one object: of a million accounts most have one of a few hundred departments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from connectors.contract import Value
from reconcile.store.values import travels_as_json, value_of

MOST = 5_000
"""Different texts of an attribute that are remembered. Of logins and addresses there are more, and no two are equal."""

TRIED = 10_000
"""Creations after which it is known of which attributes few values differ."""

Reader: TypeAlias = Callable[[str], Value]


class _SharedTexts(dict[str, str]):
    """The texts of one attribute that were met before: asked for a text, it answers the object that stands for it."""

    def __missing__(self, text: str) -> str:
        if len(self) < MOST:
            self[text] = text
        return text


class WrittenValues:
    """Makes what creations write of the texts that the expressions gave; equal texts become one object."""

    def __init__(self, names: Sequence[str], kinds: Sequence[str]) -> None:
        """`kinds`: the DuckDB types of the expressions."""
        self._names, self._made = names, 0
        self._met = [_SharedTexts() for _ in kinds]
        # Known texts are found without a call of Python code.
        self._read: list[Reader] = [
            partial(value_of, kind=kind) if travels_as_json(kind) else met.__getitem__ for kind, met in zip(kinds, self._met, strict=True)
        ]

    def of(self, texts: Sequence[str | None]) -> dict[str, Value]:
        """The values of one creation by attribute, without those that are not stated."""
        self._made += 1
        if self._made == TRIED:
            # An attribute of which nearly every text is new is asked no more.
            self._read = [str if len(met) >= MOST else read for met, read in zip(self._met, self._read, strict=True)]
        return {name: read(text) for name, read, text in zip(self._names, self._read, texts, strict=True) if text}
