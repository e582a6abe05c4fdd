"""Finds the files of a project that name a person: plans, reports, the log."""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.plan.digest import TABLES
from reconcile.report.page_data import SCRIPT_ESCAPES
from reconcile.store.plans.files import FOLDER, HEAD

IDENTIFYING = ("anchor", "account_id")
"""Columns of the tables of a plan that hold an id and nothing else."""
LONGEST = 100
"""Characters of a text that a pattern compares."""
LARGEST_PART = 1 << 30
"""Bytes of one part of a workbook that are unpacked."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """The texts that name one person."""

    ids: frozenset[str]
    """Anchors and ids of accounts, however short: they count where an id is expected."""
    pattern: str
    """A regular expression of the longer texts, between characters of no word; for Python and for polars."""

    @classmethod
    def of(cls, ids: Collection[str], texts: Collection[str]) -> Mentions:
        """The mentions by ids and texts, also as JSON, HTML and the data of a page write them."""
        forms = sorted({form for text in texts for form in _forms(text)})
        # A pattern of any length is refused: of a long text its beginning counts.
        whole = "|".join(re.escape(form) for form in forms if len(form) <= LONGEST)
        begun = "|".join(re.escape(form[:LONGEST]) for form in forms if len(form) > LONGEST)
        parts = [*([rf"(?:{whole})(?:\W|$)"] if whole else []), *([f"(?:{begun})"] if begun else [])]
        # Without a text nothing matches: no text has a character that is none.
        return cls(frozenset(ids), rf"(?i)(?:^|\W)(?:{'|'.join(parts)})" if parts else r"[^\s\S]")

    def are_in(self, text: str) -> bool:
        """Whether a text names the person."""
        return re.search(self.pattern, text) is not None

    def plans(self, state: Path) -> Iterator[str]:
        """The saved plans that name the person, by digest."""
        for folder in sorted((state / FOLDER).glob("*")):
            if folder.is_dir() and (
                self._are_in_file(folder / HEAD) or any(self._are_in_table(folder / f"{each.name}.parquet") for each in TABLES)
            ):
                yield folder.name

    def files(self, folder: Path) -> Iterator[Path]:
        """The files of a folder that name the person."""
        return (path for path in sorted(folder.glob("*")) if path.is_file() and not path.is_symlink() and self._are_in_file(path))

    def lines(self, path: Path) -> int:
        """The number of lines of a file that name the person."""
        return sum(map(self.are_in, _lines(path)))

    def without_lines(self, path: Path) -> str:
        """The text of a file without the lines that name the person."""
        return "".join(line for line in _lines(path) if not self.are_in(line))

    def _are_in_file(self, path: Path) -> bool:
        try:
            if zipfile.is_zipfile(path):
                # A workbook.
                with zipfile.ZipFile(path) as parts:
                    return any(self.are_in(_text(parts.open(each).read(LARGEST_PART))) for each in parts.infolist())
            return self.are_in(_text(path.read_bytes()))
        except FileNotFoundError:
            return False

    def _are_in_table(self, path: Path) -> bool:
        if not path.exists():
            return False
        rows = pl.read_parquet(path)
        ids = (rows[name].is_in(list(self.ids)).any() for name in IDENTIFYING if name in rows.columns)
        texts = (rows[name].str.contains(self.pattern).any() for name, kind in rows.schema.items() if kind == pl.String)
        return any(ids) or any(texts)


def _forms(text: str) -> Iterator[str]:
    """A text as it is, and as files write it."""
    as_json = json.dumps(text, ensure_ascii=False)[1:-1]
    yield from (text, json.dumps(text)[1:-1], as_json, as_json.translate(SCRIPT_ESCAPES), html.escape(text))


def _text(body: bytes) -> str:
    return body.decode("utf-8", errors="replace")


def _lines(path: Path) -> list[str]:
    return _text(path.read_bytes()).splitlines(keepends=True) if path.exists() else []
