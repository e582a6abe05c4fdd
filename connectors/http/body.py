"""The headers and the body of an answer: the body is unpacked under a limit that holds while it is unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

LONGEST_BODY = 64 << 20
"""Bytes of one answer, unpacked."""
LONGEST_HEADER = 16 << 10
"""Characters of one header; it is looked at with patterns, and shown."""
_GZIP = zlib.MAX_WBITS | 16
_PLAIN = ("", "identity")


class UnusableAnswer(Exception):
    """The answer cannot be read. The message says why."""


def refuse_long_headers(pairs: Sequence[tuple[str, str]]) -> None:
    """Raises UnusableAnswer for a header that is longer than allowed."""
    for name, value in pairs:
        if len(name) + len(value) > LONGEST_HEADER:
            raise UnusableAnswer(f"its header {name[:50]} has {len(value)} characters, more than {LONGEST_HEADER}")


class Unpacking:
    """Takes a body in the pieces in which it comes. Raises UnusableAnswer.

    Only gzip is asked for, once: a body that is packed twice grows a million times, and no server has a reason to send one.
    """

    def __init__(self, codings: Sequence[str], longest: int) -> None:
        used = [coding for each in codings if (coding := each.strip().lower()) not in _PLAIN]
        if used not in ([], ["gzip"], ["x-gzip"]):
            raise UnusableAnswer(f"it is packed as {', '.join(used)[:100]}, which was not asked for")
        self._packed = bool(used)
        self._stream = zlib.decompressobj(_GZIP)
        self._begun = False
        self._longest, self._length, self._taken = longest, 0, 0
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        """The next piece."""
        self._taken += len(piece)
        if self._taken > self._longest:
            raise UnusableAnswer(f"it is longer than {self._longest} bytes")
        if not self._packed:
            self._keep(piece)
            return
        while piece:
            self._begun = True
            piece = self._unpack(piece)

    def whole(self) -> bytes:
        """All of it."""
        if self._packed and self._begun and not self._stream.eof:
            raise UnusableAnswer("it ends in the middle of its gzip data")
        return b"".join(self._pieces)

    def _unpack(self, piece: bytes) -> bytes:
        """Unpacks no more than is allowed, and returns what is left of the piece."""
        if self._stream.eof:
            # RFC 1952, section 2.2: members follow each other.
            self._stream = zlib.decompressobj(_GZIP)
        try:
            self._keep(self._stream.decompress(piece, self._longest - self._length + 1))
        except zlib.error:
            raise UnusableAnswer("it is not the gzip data that it is called") from None
        return self._stream.unused_data or self._stream.unconsumed_tail

    def _keep(self, piece: bytes) -> None:
        self._length += len(piece)
        if self._length > self._longest:
            raise UnusableAnswer(f"it is longer than {self._longest} bytes")
        if piece:
            self._pieces.append(piece)
