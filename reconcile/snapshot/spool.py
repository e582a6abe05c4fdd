"""The pages of one read as they came, on disk: what an extract decodes from, and the evidence until its snapshot is sealed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO
from zlib import crc32

import msgspec

from connectors.contract import RawPage, ReadRequest, ResumePoint, Scope, ScopeEnd, ScopeKind
from reconcile.disk import naming

FORMAT = 2
"""Number of the file's format: a file that another version of this program left is read again."""
LONGEST_HEAD = 1 << 20
"""Bytes of the line before a page."""
RESUMED_WITHIN = 3600
"""Seconds after which the pages of an interrupted read are too old to go on from: what they show may have changed since."""


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    """The line before a page, or that of an end."""

    kind: ScopeKind
    name: str
    declared_total: int | None = None
    number: Annotated[int, msgspec.Meta(ge=1)] = 1
    cursor: str | None = None
    bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    crc: int = 0
    problem: str | None = None
    """Not None for an end."""
    watermark: str = ""
    delta: bool = False


class Spool:
    """One system's pages and scope ends, in the order they came. The file is readable by its owner only."""

    def __init__(self, path: Path, request: ReadRequest) -> None:
        self.path = path
        self.request = request
        """Request of the read that fills the spool."""
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")

    @classmethod
    def open(cls, path: Path, since: str = "", system: str = "") -> Spool:
        """A new spool, or the one that an interrupted read of the same kind and system left behind, to be gone on with."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        head: dict[str, object] = {"format": FORMAT, "since": since, "system": system}
        held = _held(path, head)
        if held is not None:
            return cls(path, ReadRequest(since, held))
        path.unlink(missing_ok=True)
        spool = cls(path, ReadRequest(since))
        spool._write(head, None)
        return spool

    def add(self, item: RawPage | ScopeEnd) -> None:
        match item:
            case RawPage():
                head = {"kind": item.scope.kind, "name": item.scope.name, "number": item.number, "cursor": item.cursor}
                self._write({**head, "declared_total": item.declared_total, "bytes": len(item.body), "crc": crc32(item.body)}, item.body)
            case ScopeEnd():
                head = {"kind": item.scope.kind, "name": item.scope.name, "problem": item.problem}
                self._write({**head, "declared_total": item.declared_total, "watermark": item.watermark, "delta": item.delta}, None)

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)

    def items(self) -> Iterator[RawPage | ScopeEnd]:
        """Yields what was added, one at a time, without the pages of a scope that was begun anew after them."""
        self._file.flush()
        begun = {item.scope: end for item, end in _items(self.path) if isinstance(item, RawPage) and item.number == 1}
        for item, end in _items(self.path):
            if isinstance(item, ScopeEnd) or end >= begun.get(item.scope, 0):
                yield item

    def _write(self, head: dict[str, object], body: bytes | None) -> None:
        whole = {name: _unicode(value) for name, value in head.items()}
        with naming(self.path):
            self._file.write(json.dumps(whole).encode() + b"\n")
            if body is not None:
                self._file.write(body + b"\n")
            self._file.flush()


def _unicode(value: object) -> object:
    """A text without halves of characters, which a server may state; anything else as it is."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def _held(path: Path, wanted: dict[str, object]) -> dict[Scope, ResumePoint] | None:
    """The last page of each scope that a young spool of the same kind holds; None where there is none to go on from.

    What was half written when the read was killed is cut off.
    """
    if not path.exists() or time.time() - path.stat().st_mtime > RESUMED_WITHIN:
        return None
    try:
        return _whole_pages(path, wanted)
    except (ValueError, RecursionError):
        # It is damaged: nobody knows which of its pages are as they came.
        return None


def _whole_pages(path: Path, wanted: dict[str, object]) -> dict[Scope, ResumePoint] | None:
    with path.open("rb") as file:
        if not _is_head(file.readline(), wanted):
            return None
        end = file.tell()
    held: dict[Scope, ResumePoint] = {}
    for item, end_of_item in _items(path):
        end = end_of_item
        if isinstance(item, RawPage):
            held[item.scope] = ResumePoint(item.number, item.cursor)
        elif item.problem:
            return None
    os.truncate(path, end)
    return held


def _is_head(line: bytes, wanted: dict[str, object]) -> bool:
    try:
        return bool(json.loads(line) == wanted)
    except (ValueError, RecursionError):
        return False


def _items(path: Path) -> Iterator[tuple[RawPage | ScopeEnd, int]]:
    """Every whole item after the head, with the offset after it; ends where the file ends in the middle of one."""
    with path.open("rb") as file:
        file.readline()
        while line := file.readline(LONGEST_HEAD):
            if not line.endswith(b"\n"):
                return
            head = msgspec.json.decode(line, type=_Head)
            scope = Scope(head.kind, head.name)
            if head.problem is not None:
                yield ScopeEnd(scope, head.problem, head.declared_total, head.watermark, delta=head.delta), file.tell()
                continue
            body = file.read(head.bytes)
            if len(body) < head.bytes:
                return
            if file.read(1) != b"\n" or crc32(body) != head.crc:
                raise ValueError(f"{path} is damaged")
            yield RawPage(scope, head.number, body, head.cursor, head.declared_total), file.tell()
