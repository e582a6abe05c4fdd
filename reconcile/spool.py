"""The pages of one read as they came, on disk: what an extract decodes from, and the evidence until its snapshot is sealed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from connectors.contract import RawPage, Scope, ScopeEnd, ScopeKind


class Spool:
    """One system's pages and scope ends, in the order they came. The file is readable by its owner only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

    def add(self, item: RawPage | ScopeEnd) -> None:
        match item:
            case RawPage():
                head = {"kind": item.scope.kind, "name": item.scope.name, "number": item.number, "cursor": item.cursor}
                self._write({**head, "declared_total": item.declared_total, "bytes": len(item.body)}, item.body)
            case ScopeEnd():
                head = {"kind": item.scope.kind, "name": item.scope.name, "problem": item.problem}
                self._write({**head, "declared_total": item.declared_total, "watermark": item.watermark}, b"")

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)

    def items(self) -> Iterator[RawPage | ScopeEnd]:
        """What was added, one at a time."""
        self._file.flush()
        with self.path.open("rb") as file:
            while line := file.readline():
                head = json.loads(line)
                scope = Scope(ScopeKind(head["kind"]), head["name"])
                if "problem" in head:
                    yield ScopeEnd(scope, head["problem"], head["declared_total"], head["watermark"])
                    continue
                body = file.read(head["bytes"])
                file.read(1)
                yield RawPage(scope, head["number"], body, head["cursor"], head["declared_total"])

    def _write(self, head: dict[str, object], body: bytes) -> None:
        self._file.write(json.dumps(head).encode() + b"\n")
        if "bytes" in head:
            self._file.write(body + b"\n")
