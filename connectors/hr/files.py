"""Finds the files that a pattern means today, and checks their age."""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import assert_never

from connectors.hr.settings import CompanionKind, HrFileSettings, Pick
from connectors.hr.text import FileRefused

_TWO = dict.fromkeys(("%y", "%m", "%d", "%H", "%M", "%S"), r"\d\d")
_DIGITS = {**_TWO, "%Y": r"\d{4}", "%j": r"\d{3}", "%b": r"[A-Za-z]{3}", "%B": r"[A-Za-z]+"}
_NO_EXPORTS = (".", "~$")
"""Beginnings of the names of files that are hidden, or that Excel keeps beside an open workbook."""
_SAME_TIME = timedelta(hours=1)
"""Time within which files may come together, in any order."""
_YEAR_FIRST = re.compile(r"(\D*)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d)")
"""A name with a date whose order is that of the names: what stands before it, and the mark between its parts."""
_MARKERS = tuple(kind.value for kind in CompanionKind if kind is not CompanionKind.NONE)


def chosen_files(settings: HrFileSettings, base: Path) -> list[Path]:
    """The files to read, at least one. Raises FileRefused where nothing matches, a name lacks its date, or two are equally new."""
    try:
        found = _matching(settings.path, base)
        if not found:
            raise FileRefused(f"no file matches {settings.path}; {_near(base / settings.path)}")
        if settings.name_date is None and settings.pick is Pick.NEWEST:
            _refuse_later(found)
    except OSError as error:
        raise FileRefused(f"{settings.path} cannot be looked for: {error.strerror}") from None
    _refuse_outside(found, settings, base)
    if settings.name_date is None:
        return found if settings.pick is Pick.ALL else found[-1:]
    dated = sorted((_name_moment(file, settings.name_date), file.name, file) for file in found)
    newest = [file for moment, _, file in dated if moment == dated[-1][0]]
    match settings.pick:
        case Pick.ALL:
            return [file for *_, file in dated]
        case Pick.NEWEST if len(newest) > 1:
            names = " and ".join(file.name for file in newest[-2:])
            raise FileRefused(
                f"{names} state the same date, so neither is the newest; leave only the right one there, or have the exporter put the time "
                'of day into the name (name_date = "%Y%m%d%H%M")'
            )
        case Pick.NEWEST:
            return newest
        case _:
            assert_never(settings.pick)


def _matching(pattern: str, base: Path) -> list[Path]:
    if (base / pattern).is_file():
        return [base / pattern]
    wanted = Path(pattern)
    found = Path(wanted.anchor).glob(str(wanted.relative_to(wanted.anchor))) if wanted.is_absolute() else base.glob(pattern)
    return sorted(file for file in found if file.is_file() and not file.name.endswith(_MARKERS) and not file.name.startswith(_NO_EXPORTS))


def _refuse_later(found: list[Path]) -> None:
    """Refuses the last name where another file was changed later: `31.01.2026` comes behind `01.02.2026`, and an old file would be read for a
    month. Names that begin alike and state the year first are in order. Raises FileRefused and OSError.
    """
    last = found[-1]
    in_doubt = [file for file in found if _date_place(file) is None or _date_place(file) != _date_place(last)]
    changed = {file: file.stat().st_mtime for file in (*in_doubt, last)}
    latest = max(changed, key=changed.__getitem__)
    if changed[latest] - changed[last] > _SAME_TIME.total_seconds():
        raise FileRefused(
            f"{last.name} is the newest by its name, and {latest.name} was changed later; "
            "say how the names state their date (name_date), or remove the one that does not count"
        )


def _date_place(file: Path) -> tuple[str, ...] | None:
    """The beginning of a name up to a date that states the year first, and the mark in that; None where there is none."""
    found = _YEAR_FIRST.match(file.name)
    return found.groups() if found else None


def _refuse_outside(found: list[Path], settings: HrFileSettings, base: Path) -> None:
    """A relative path means the project folder: a link out of it could show the lines of any file in a report."""
    outside = [file for file in found if not file.resolve().is_relative_to(base.resolve())]
    if outside and not Path(settings.path).is_absolute():
        real = outside[0].resolve()
        raise FileRefused(
            f"{outside[0].name} is a link out of the project folder, to {real}; give path as an absolute path if that is meant"
        )


def _near(wanted: Path) -> str:
    folder = wanted.parent
    if not folder.is_dir():
        return f"the folder {folder} is not there"
    names = sorted(file.name for file in folder.iterdir() if file.is_file())
    near = get_close_matches(wanted.name, names, n=3, cutoff=0.4)
    if not near:
        return f"the folder {folder} holds {len(names)} other files" if names else f"the folder {folder} is empty"
    return f"similar names there: {', '.join(near)}"


def stated_date(file: Path, settings: HrFileSettings) -> date | None:
    """The date in the file's name, None where no name_date is declared. Raises FileRefused where the name has none."""
    return None if settings.name_date is None else _name_moment(file, settings.name_date).date()


def _name_moment(file: Path, form: str) -> datetime:
    pattern = "".join(_DIGITS.get(part, re.escape(part)) for part in re.split(r"(%[A-Za-z])", form))
    for found in re.finditer(rf"(?<!\d){pattern}(?!\d)", file.name):
        try:
            return datetime(*time.strptime(found[0], form)[:6], tzinfo=UTC)
        except ValueError:
            continue
    raise FileRefused(f"the name {file.name} holds no date of the form {form} (name_date)")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Size, digest and time of a file when it was looked at: it may change while it is read, or be another one under the same name."""

    size: int
    sha256: str
    changed: datetime


def fingerprint(file: Path) -> Fingerprint:
    """Reads the file once. Raises FileRefused where it cannot be read, or changes meanwhile."""
    try:
        with file.open("rb") as opened:
            before = os.fstat(opened.fileno())
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            size = opened.tell()
        after = file.stat()
    except OSError as error:
        raise unreadable(error) from None
    if (before.st_mtime_ns, before.st_ino) != (after.st_mtime_ns, after.st_ino) or not before.st_size == size == after.st_size:
        raise changing()
    try:
        changed = datetime.fromtimestamp(after.st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        raise FileRefused("its time of last change lies outside of the calendar; have it copied again") from None
    return Fingerprint(size, digest, changed)


def unreadable(error: OSError) -> FileRefused:
    """The sentence for a file that the operating system does not give."""
    who = "; give the user that runs this the right to read it" if isinstance(error, PermissionError) else ""
    return FileRefused(f"it cannot be read: {error.strerror}{who}")


def changing() -> FileRefused:
    """The sentence for a file that is not what it was a moment ago."""
    return FileRefused("it changed while it was read: it is still being written; try again when it is finished")


AHEAD = timedelta(days=1)
"""Time by which a file's date may lie ahead of this machine's clock: elsewhere it may be tomorrow already, and clocks differ."""


def refuse_future(now: datetime, changed: datetime, name: date | None, companion: date | None) -> None:
    """Raises FileRefused where the time of last change, the date in the name or the companion's `as_of` lies in the future.

    Such a file would stay the newest for ever, and every later one would count as old.
    """
    wrong = [
        (where, day.isoformat())
        for where, day in (("its name", name), ("its companion (as_of)", companion))
        if day and _begin(day) > now + AHEAD
    ]
    if changed > now + AHEAD:
        wrong.append(("its time of last change", f"{changed:%Y-%m-%d %H:%M} UTC"))
    if wrong:
        said = " and ".join(f"{where} states {when}" for where, when in wrong)
        raise FileRefused(
            f"{said}, which is in the future (this machine's clock says {now:%Y-%m-%d %H:%M} UTC); "
            "remove or correct the file, or correct the clock"
        )


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def refuse_wrong_age(changed: datetime, stated: date | None, now: datetime, settings: HrFileSettings) -> None:
    """`changed` is the time of last change, `stated` the day the export says it is of, counted from its beginning in UTC. Raises FileRefused."""
    quiet = (now - changed).total_seconds()
    if settings.min_age_seconds and quiet < settings.min_age_seconds:
        raise FileRefused(
            f"it was last changed {max(quiet, 0):.0f} seconds ago, less than min_age_seconds = {settings.min_age_seconds}: it may still be being written; try again"
        )
    if settings.max_age_hours is None:
        return
    made = _begin(stated) if stated else changed
    hours = (now - made) / timedelta(hours=1)
    said = f"of {stated}" if stated else f"of {changed:%Y-%m-%d %H:%M} UTC"
    if hours > settings.max_age_hours:
        raise FileRefused(
            f"it is {said}, {hours:.0f} hours old, more than max_age_hours = {settings.max_age_hours:g}: tonight's export did not arrive"
        )
