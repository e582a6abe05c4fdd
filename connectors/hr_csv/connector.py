"""What the HR export says tonight: one page a file, and whether that file can be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.contract import WHOLE, Check, RawPage, ReadRequest, Rows, Scope, ScopeEnd, ScopeKind
from connectors.hr_csv.companion import read_companion
from connectors.hr_csv.files import chosen_files, refuse_wrong_age, stated_date, unchanging_bytes
from connectors.hr_csv.reader import Table, read_table
from connectors.hr_csv.settings import ExtraColumns, HrCsvSettings
from connectors.hr_csv.text import FileRefused


@dataclass(frozen=True, slots=True)
class _FileRead:
    """One file, read once."""

    scope: Scope
    page: RawPage | None = None
    """None where its bytes could not be had."""
    unfit: str = ""
    """Why it is not tonight's finished export, whatever is in it."""
    inside: str = ""
    """Why what is in it cannot be trusted."""
    watermark: str = ""
    counts: str = ""

    @property
    def end(self) -> ScopeEnd:
        problem = self.unfit or self.inside
        declared = self.page.declared_total if self.page else None
        return ScopeEnd(self.scope, f"{self.scope.name}: {problem}" if problem else "", declared, self.watermark)


class HrCsv:
    """A Source over the files of one kind of HR export."""

    def __init__(self, name: str, settings: HrCsvSettings, base: Path) -> None:
        self.name = name
        self._settings = settings
        self._base = base
        self._last: tuple[bytes, Table] | None = None

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:  # noqa: ARG002 - a file is read whole
        try:
            files = await asyncio.to_thread(chosen_files, self._settings, self._base)
        except FileRefused as refused:
            yield ScopeEnd(Scope(ScopeKind.FILE, self._settings.path), problem=str(refused))
            return
        for file in files:
            read = await asyncio.to_thread(self._read, file)
            if read.page is not None:
                yield read.page
            yield read.end

    def decode(self, page: RawPage) -> Rows:
        """The rows of the bytes. A file that is refused as a whole is one quarantined row."""
        table = self._table(page.body)
        return Rows(records=table.records, quarantined=table.quarantined)

    async def attribute_names(self) -> Sequence[str] | None:
        """What the contract names; a file may have more where extra columns are allowed."""
        return self._settings.columns if self._settings.extra_columns is ExtraColumns.REFUSE else None

    async def check(self) -> Sequence[Check]:
        return await asyncio.to_thread(self._check)

    async def close(self) -> None:
        """Holds nothing open."""

    def _check(self) -> list[Check]:
        try:
            files = chosen_files(self._settings, self._base)
        except FileRefused as refused:
            return [Check(f"{self.name}: a file matches {self._settings.path}", str(refused))]
        checks = [Check(f"{self.name}: a file matches {self._settings.path}")]
        for read in map(self._read, files):
            checks.append(Check(f"{self.name}: {read.scope.name} is readable, finished and of the right age", read.unfit))
            if read.page is not None:
                checks.append(Check(f"{self.name}: {read.scope.name} is as the contract says ({read.counts})", read.inside))
        return checks

    def _read(self, file: Path) -> _FileRead:
        scope = Scope(ScopeKind.FILE, file.name)
        try:
            body, changed = unchanging_bytes(file)
        except FileRefused as refused:
            return _FileRead(scope, unfit=str(refused))
        stated, rows, unfit = None, None, ""
        try:
            companion = read_companion(file, body, self._settings)
            rows, stated = companion.rows, companion.as_of or stated_date(file, self._settings)
            refuse_wrong_age(changed, stated, datetime.now(UTC), self._settings)
        except FileRefused as refused:
            unfit = str(refused)
        table = self._table(body)
        inside = table.problem
        if not inside and rows is not None and rows != table.rows:
            inside = f"its companion states {rows} rows and it holds {table.rows}; have both exported again"
        page = RawPage(scope, 1, body, declared_total=table.declared_rows if rows is None else rows)
        watermark = stated.isoformat() if stated else f"{changed:%Y-%m-%dT%H:%M:%SZ}"
        return _FileRead(scope, page, unfit, inside, watermark, table.counts)

    def _table(self, body: bytes) -> Table:
        if self._last is None or self._last[0] is not body:
            self._last = (body, read_table(body, self._settings))
        return self._last[1]
