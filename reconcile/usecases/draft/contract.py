"""Drafts the contract of an HR export: its table in reconcile.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from glob import escape
from pathlib import Path
from time import strptime

from connectors.hr.inspection.columns import FoundColumn, null_spellings
from connectors.hr.inspection.inspect import FoundExport
from connectors.hr.settings import CompanionKind
from connectors.quoting import quoted
from reconcile.usecases.draft import toml
from reconcile.usecases.draft.roles import Roles
from reconcile.usecases.draft.vocabulary import Role

CONNECTOR = "people"
_IN_NAME = (("%Y%m%d", re.compile(r"(?<!\d)\d{8}(?!\d)")), ("%Y-%m-%d", re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")))
_PARTS = re.compile(r"\d+|[^\W\d_]+|[\W_]+")
_FOOTER_WORDS = frozenset({
    "total", "totals", "count", "counts", "sum", "row", "rows", "record", "records", "report", "page", "of", "end", "by", "on", "at", "as",
    "generated", "created", "date", "confidential", "employees", "workers", "people",
    "summe", "gesamt", "anzahl", "seite", "von", "ende", "stand", "bericht", "mitarbeiter",
})  # fmt: skip
"""Words of footers that name no person."""
_WIDTH = 118
_NAMES = (Role.FIRST, Role.LAST, Role.PREFERRED_FIRST, Role.PREFERRED_LAST)


def contract(export: FoundExport, roles: Roles, used: Sequence[str], folder: Path) -> list[str]:
    """The lines of the table. `used`: the columns that the mappings name."""
    return [
        f"[connectors.{CONNECTOR}]",
        *_file(export, folder),
        *_form(export),
        *_columns(export.columns, used),
        *_key(roles),
        *_values(export, used),
    ]


def _file(export: FoundExport, folder: Path) -> Iterator[str]:
    yield f"type = {toml.quoted('hr_xlsx' if export.table.is_workbook else 'hr_csv')}"
    file, inside = export.file.resolve(), folder.resolve()
    path = file.relative_to(inside) if file.is_relative_to(inside) else file
    form, name = _dated(path.name)
    yield f"path = {toml.quoted(str(path.with_name(name)))}"
    if form:
        yield f"name_date = {toml.quoted(form)}  # the date in the file's name says which is the newest"
    kind = next((each for each in CompanionKind if each.value.startswith(".") and Path(f"{file}{each.value}").exists()), None)
    if kind is not None:
        yield f"companion = {toml.quoted(kind.value)}  # it lies beside the file and says that the file is finished"
    else:
        yield '# ASK: is a file written when the export is finished? Then set companion = ".ok", ".done" or ".sha256"; a half-written file is seen by it.'
    yield "# ASK: how old may the newest file be? For example max_age_hours = 36: an older one is yesterday's, sent again."


def _dated(name: str) -> tuple[str, str]:
    """The format of the date in a file's name and the name as a pattern; no format where the name has no date, or two."""
    for form, digits in _IN_NAME:
        found = [each for each in digits.finditer(name) if _is_day(each[0], form)]
        if len(found) == 1:
            return form, f"{escape(name[: found[0].start()])}*{escape(name[found[0].end() :])}"
    return "", name


def _is_day(text: str, form: str) -> bool:
    try:
        return 2000 <= strptime(text, form).tm_year < 2100
    except ValueError:
        return False


def _form(export: FoundExport) -> Iterator[str]:
    table = export.table
    if len(table.sheets) > 1:
        names = ", ".join(map(toml.shown, table.sheets))
        yield f"sheet = {toml.asked(f'which sheet holds the people: {names}? This draft is of the first')}"
    elif table.is_workbook:
        yield f"sheet = {toml.quoted(table.sheets[0])}"
    else:
        yield from _bytes(export)
    if table.skip_lines:
        yield f"skip_lines = {table.skip_lines}  # before the header"
    if table.doubtful_line:
        question = f"is line {table.doubtful_line} a second header (1), or the first person (0)? This draft leaves it out"
        yield f"label_lines = {toml.asked(question)}"
    elif table.labels:
        yield f"label_lines = {len(table.labels)}  # behind the header: other names of the columns, no people"
    yield from _footer(export)


def _bytes(export: FoundExport) -> Iterator[str]:
    table = export.table
    letters = f"  # letters beyond ASCII read so: {toml.shown(table.encoding.letters)}" if table.encoding.letters else ""
    if table.encoding.certain:
        yield f"encoding = {toml.quoted(table.encoding.name)}{letters}"
    else:
        yield f"encoding = {toml.asked('not UTF-8. Ask for the code page of the export: cp1250, iso-8859-15, mac_roman, ...')}{letters}"
    if table.other_delimiters:
        fitting = " ".join(map(quoted, (table.delimiter, *table.other_delimiters)))
        yield f"delimiter = {toml.asked(f'several fit: {fitting}')}"
    elif table.delimiter != ",":
        yield f"delimiter = {toml.quoted(table.delimiter)}"
    if table.quote != '"':
        yield f"quote = {toml.quoted(table.quote)}"
    if not table.ends_last_line:
        yield 'final_newline = "optional"  # this file\'s last line has no line break, so that one cut inside its last value looks the same'
    if not table.whole:
        yield "# Only the beginning of the file was looked at: it is very long. `check` reads all of it."


def _footer(export: FoundExport) -> Iterator[str]:
    footers = export.table.footers
    if not footers:
        return
    rows = str(len(export.table.rows))
    counting = next((number for number, footer in enumerate(footers) if _PARTS.findall(footer).count(rows) == 1), None)
    forms = [_form_of(footer, rows if number == counting else "") for number, footer in enumerate(footers)]
    said = "; the group rows is compared with the number of rows" if counting is not None else ""
    pattern = toml.quoted("|".join(dict.fromkeys(forms)))
    yield f"footer_pattern = {pattern}  # the last line{'s' if len(footers) > 1 else ''}{said}"


def _form_of(footer: str, rows: str) -> str:
    """A pattern of a footer: its marks and its usual words, any number for a number, and any word for a word that may be a name."""
    return "".join(_form_of_part(part, rows) for part in _PARTS.findall(footer))


def _form_of_part(part: str, rows: str) -> str:
    if part == rows:
        return r"(?P<rows>\d+)"
    if part.isdecimal():
        return r"\d+"
    if part.isalpha():
        return part if part.casefold() in _FOOTER_WORDS else r"[^\W\d_]+"
    return re.escape(part).replace(r"\ ", " ").replace(r"\-", "-").replace("\\\t", r"\t")


def _columns(columns: Sequence[FoundColumn], used: Sequence[str]) -> Iterator[str]:
    yield "columns = ["
    line = ""
    for name in used:
        if line and len(line) + len(name) > _WIDTH:
            yield f" {line}"
            line = ""
        line += f" {toml.quoted(name)},"
    yield f" {line}"
    yield "]"
    if rest := [toml.shown(column.name) for column in columns if column.name not in used]:
        yield f"# Not used, so they may go: {', '.join(rest)}"


def _key(roles: Roles) -> Iterator[str]:
    column = roles.one.get(Role.KEY)
    if column is None:
        names = ", ".join(toml.shown(each.name) for each in roles.several.get(Role.KEY, ())) or "none is filled and different for all"
        yield f"key = [{toml.asked(f'which column names each person for ever: {names}?')}]"
        return
    yield f"key = [{toml.quoted(column.name)}]"
    if column.has_addresses:
        yield "# ASK: no column but the address names each person once. Somebody whose address changes is a new person: can HR export a number?"
    if blank := column.rows - column.filled:
        yield f"# {blank} of {column.rows} rows have no key: they are held back until they have one"
    yield f"key_pattern = {toml.quoted(column.pattern)}"
    if column.numbers:
        widths = sorted({len(value) for value in column.values})
        lost = f"number cells have lost leading zeros. How many digits has the number: {widths[-1]}, or any (0)?"
        width = "0" if len(widths) == 1 else toml.asked(lost)
        yield f"number_columns = {{ {toml.key(column.name)} = {width} }}{'  # ASK: ' + lost if len(widths) == 1 else ''}"


def _values(export: FoundExport, used: Sequence[str]) -> Iterator[str]:
    columns = [column for column in export.columns if column.name in used]
    dates = [column for column in columns if column.dates.formats or (not column.filled and _is_date_by_name(column))]
    proven = {column.dates.formats[0] for column in dates if len(column.dates.formats) == 1}
    for column in dates:
        form, comment = _date_format(column, proven)
        yield f"date_columns.{toml.key(column.name)} = {form}{comment}"
    for column in dates:
        if column.dates.open_dates:
            days = ", ".join(f'"{day.isoformat()}"' for day in column.dates.open_dates)
            yield f'open_dates.{toml.key(column.name)} = [{days}]  # they mean "no date"'
    nulls = null_spellings(export.columns)
    yield f"null_spellings = {toml.listed(['', *nulls])}"
    if lines := [column.name for column in columns if column.multiline]:
        yield f"multiline_columns = {toml.listed(lines)}"


def _is_date_by_name(column: FoundColumn) -> bool:
    return bool(re.search(r"date|datum|\bday\b|austritt|until|\bend\b", column.name.replace("_", " "), re.IGNORECASE))


def _date_format(column: FoundColumn, proven: set[str]) -> tuple[str, str]:
    """The format and a comment: that of the other columns where this one leaves it open, a question where they do, too."""
    fitting = column.dates.formats
    if len(fitting) == 1:
        return toml.quoted(fitting[0]), ""
    same = [form for form in proven if form in fitting or not fitting]
    if len(proven) == 1 and same:
        return toml.quoted(
            same[0]
        ), "  # like the other dates of the file; by itself it could be another" if fitting else "  # no date in it yet; like the others"
    if not fitting:
        return toml.asked('it is empty: in which form will its dates be? For example "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"'), ""
    return toml.asked(f"day or month first? Every date fits {' and '.join(fitting)}"), ""
