"""Hides the ids of operations under a key, which alone leads from them to the full report.

The id of an operation is computed from the anchor or the account of a person without a key, so that a list of the staff would
give them all away. A keyed permutation needs no table, however many operations a plan has, and two ids never become one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

_ROUNDS = 8
"""Rounds of a Feistel network; four are enough where the rounds are pseudorandom functions (Luby and Rackoff, 1988)."""
_USUAL = re.compile(r"(?:[0-9a-f]{2}){6,}")
_OTHER = "r"
"""Stands before what is made of a text that is no hash."""


@dataclass(frozen=True, slots=True)
class KeyedIds:
    """The permutation of one key."""

    key: bytes

    def hidden(self, id_: str) -> str:
        """The id under the key; empty for an empty one."""
        if _USUAL.fullmatch(id_):
            return self._permuted(bytes.fromhex(id_), range(_ROUNDS)).hex()
        return _OTHER + self._permuted(id_.encode("utf-8", "surrogatepass"), range(_ROUNDS)).hex() if id_ else ""

    def original(self, hidden: str) -> str:
        """The id that was hidden so; empty for what no id becomes."""
        other = hidden.startswith(_OTHER)
        try:
            found = self._permuted(bytes.fromhex(hidden.removeprefix(_OTHER)), reversed(range(_ROUNDS)))
            return found.decode("utf-8", "surrogatepass") if other else found.hex()
        except ValueError:
            return ""

    def _permuted(self, text: bytes, rounds: Iterable[int]) -> bytes:
        middle = len(text) // 2
        halves = [text[:middle], text[middle:]]
        for number in rounds:
            changed, read = number % 2, 1 - number % 2
            mask = blake2b(
                bytes([number, len(text) % 256]) + halves[read], key=self.key[:64], person=b"reconcile ids", digest_size=64
            ).digest()
            halves[changed] = bytes(each ^ mask[place % len(mask)] for place, each in enumerate(halves[changed]))
        return b"".join(halves)
