"""Reads HR files of any form: their pages, and whether each file is complete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.contract import WHOLE, Check, RawPage, ReadRequest, ResumePoint, Rows, Scope, ScopeEnd, ScopeKind, SystemIdentity
from connectors.hr.companion import Companion, read_companion
from connectors.hr.files import (
    Fingerprint,
    changing,
    chosen_files,
    fingerprint,
    refuse_future,
    refuse_wrong_age,
    stated_date,
    unreadable,
)
from connectors.hr.form import Form
from connectors.hr.pages import pages_of, rows_of
from connectors.hr.settings import ExtraColumns, HrFileSettings, Mode
from connectors.hr.survey import Survey, survey
from connectors.hr.text import FileRefused


@dataclass(frozen=True, slots=True)
class _Looked:
    """One file, looked at as a whole."""

    file: Path
    seen: Fingerprint | None = None
    """None where its bytes could not be had."""
    found: Survey | None = None
    unfit: str = ""
    """Reason why it is not the expected finished export, whatever is in it."""
    declared: int | None = None
    watermark: str = ""

    @property
    def problem(self) -> str:
        return self.unfit or (self.found.problem if self.found else "")


class HrFiles:
    """A Source over the files of one kind of HR export. A million rows take as little memory as one page of them."""

    def __init__(self, name: str, settings: HrFileSettings, base: Path, form: Form) -> None:
        self.name = name
        self._settings = settings
        self._base = base
        self._form = form

    async def identity(self) -> SystemIdentity:
        """Files have none of their own: they belong to the project that names them."""
        return SystemIdentity()

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
        """A file is always read whole: `since` means nothing to it. What was begun is gone on with only while the file is the same."""
        try:
            files = await asyncio.to_thread(chosen_files, self._settings, self._base)
        except FileRefused as refused:
            yield ScopeEnd(Scope(ScopeKind.FILE, self._settings.path), problem=str(refused))
            files = []
        for file in files:
            scope = Scope(ScopeKind.FILE, file.name)
            looked = await asyncio.to_thread(self._look, file)
            reading = self._reading(scope, looked, request.held.get(scope))
            while isinstance(page := await asyncio.to_thread(next, reading), RawPage):
                yield page
            yield page
        for scope in request.held.keys() - {Scope(ScopeKind.FILE, file.name) for file in files}:
            yield ScopeEnd(scope, f"{scope.name}: it was begun, and another file is to be read now; read again")

    def decode(self, page: RawPage) -> Rows:
        """The rows of a page. A file that is refused as a whole is one quarantined row."""
        return rows_of(page, self._form, self._settings)

    async def attribute_names(self) -> Sequence[str] | None:
        """Returns the columns that the contract names; a file may have more where extra columns are allowed."""
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
        for looked in map(self._look, files):
            name = looked.file.name
            checks.append(Check(f"{self.name}: {name} is readable, finished and of the right age", looked.unfit))
            if looked.found is not None:
                checks.append(
                    Check(
                        f"{self.name}: {name} is as the contract says ({looked.found.counts})",
                        looked.found.problem or looked.found.nameless,
                    )
                )
        return checks

    def _look(self, file: Path) -> _Looked:
        try:
            seen = fingerprint(file)
        except FileRefused as refused:
            return _Looked(file, unfit=str(refused))
        companion, stated, unfit, now = Companion(), None, "", datetime.now(UTC)
        try:
            named = stated_date(file, self._settings)
            refuse_future(now, seen.changed, named, None)
            companion = read_companion(file, seen.size, seen.sha256, self._settings)
            refuse_future(now, seen.changed, named, companion.as_of)
            stated = companion.as_of or named
            refuse_wrong_age(seen.changed, stated, now, self._settings)
        except FileRefused as refused:
            unfit = str(refused)
        try:
            found = survey(file, self._form, self._settings, companion.rows)
        except OSError as error:
            return _Looked(file, unfit=str(unreadable(error)))
        declared = found.declared_rows if companion.rows is None else companion.rows
        watermark = stated.isoformat() if stated else f"{min(seen.changed, now):%Y-%m-%dT%H:%M:%SZ}"
        return _Looked(file, seen, found, unfit, declared, watermark)

    def _reading(self, scope: Scope, looked: _Looked, held: ResumePoint | None) -> Iterator[RawPage | ScopeEnd]:
        """The pages that are not held, and the end."""
        problem = looked.problem
        if looked.seen is not None and looked.found is not None:
            begun = f"{looked.seen.sha256} "
            if held is not None and not (held.cursor or "").startswith(begun):
                problem = "it is not the file that was begun; read again"
            else:
                try:
                    for page in pages_of(looked.file, scope, self._form, looked.found, looked.declared):
                        if held is None or page.number > held.number:
                            yield replace(page, cursor=f"{begun}{page.number + 1}")
                    if fingerprint(looked.file) != looked.seen:
                        raise changing()
                except (FileRefused, OSError) as error:
                    problem = str(error if isinstance(error, FileRefused) else unreadable(error))
        said = f"{scope.name}: {problem}" if problem else ""
        yield ScopeEnd(scope, said, looked.declared, looked.watermark, delta=self._settings.mode is Mode.DELTA)
