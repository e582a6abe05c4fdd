"""The position in the reading of a list, as one line of text: an interrupted reading goes on from it and can still be proven."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

_BITS = 128


@dataclass(frozen=True, slots=True)
class Position:
    """Position of the next page, with a count and a digest of the records before it."""

    following: str = ""
    """A startIndex, a cursor or the last id; empty for the first page."""
    records: int = 0
    digest: int = 0
    """Digest of the ids that came, whatever their order: the sum of their hashes. A repeated id changes it, as a missing one does."""

    def after(self, ids: Iterable[str], records: int) -> Position:
        """The position after a page with so many records, of which these have ids."""
        digest = sum((_hash(each) for each in ids), self.digest) % (1 << _BITS)
        return Position(self.following, self.records + records, digest)

    def same_records(self, other: Position) -> bool:
        """Whether two readings gave the same records."""
        return (self.records, self.digest) == (other.records, other.digest)

    def __str__(self) -> str:
        return f"{self.records} {self.digest:x} {self.following}"

    @staticmethod
    def parse(text: str) -> Position:
        """Reads what `str` made. Returns the beginning for anything else, for from there nothing can be missed."""
        records, digest, following = (*text.split(" ", 2), "", "")[:3]
        try:
            return Position(following, int(records), int(digest, 16))
        except ValueError:
            return BEGINNING


BEGINNING = Position()


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=_BITS // 8).digest(), "big")
