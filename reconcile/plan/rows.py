"""The rows of a plan: its operations, findings and links, in memory or in its file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Rows(Protocol[T_co]):
    """Rows in the order of the plan: a tuple, or rows of a saved plan, which each iteration reads from its file."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[T_co]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Digest input of one of a plan's tables."""

    rows: int
    digest: str
    """SHA-256 over the texts of its rows (`digest.seal`)."""


class StoredRows(ABC, Generic[T]):
    """Rows in the file of a plan, checked against their seal."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal

    def __len__(self) -> int:
        return self.seal.rows

    @abstractmethod
    def __iter__(self) -> Iterator[T]: ...

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StoredRows):
            return self.seal == other.seal
        return isinstance(other, tuple) and len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(self.seal)


@dataclass(frozen=True, slots=True)
class MappedRows(Generic[T]):
    """Rows computed from other rows, one by one, at each iteration."""

    rows: Rows[T]
    transform: Callable[[T], T]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[T]:
        return map(self.transform, self.rows)


@dataclass(frozen=True, slots=True)
class AskedRows(Generic[T]):
    """Rows that are asked for anew at each iteration, and their number."""

    count: int
    ask: Callable[[], Iterator[T]]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[T]:
        return self.ask()
