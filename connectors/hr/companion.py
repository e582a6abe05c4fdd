"""Checks the companion file, which says that an export is finished and which one it describes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from connectors.bounds import LARGEST_COUNT
from connectors.hr.settings import CompanionKind, HrFileSettings, Mode
from connectors.hr.text import FileRefused

LONGEST_COMPANION = 64 << 10
"""Bytes of a companion."""


class OkFile(BaseModel):
    """Statements of a `.ok` file, which must be true. Other names in it are not looked at."""

    model_config = ConfigDict(frozen=True)

    file: str | None = None
    rows: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] | None = None
    bytes: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] | None = None
    sha256: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    as_of: date | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Companion:
    """Statements about an export from files beside it."""

    rows: int | None = None
    as_of: date | None = None


def read_companion(file: Path, size: int, digest: str, settings: HrFileSettings) -> Companion:
    """Compares the export with its companion. Raises FileRefused where they disagree or there is none."""
    beside = file.with_name(file.name + settings.companion.value)
    match settings.companion:
        case CompanionKind.NONE:
            return Companion()
        case CompanionKind.OK:
            return _compare_ok(_read(beside), file.name, {"bytes": size, "sha256": digest}, settings)
        case CompanionKind.DONE:
            return _compare_done(beside, file)
        case CompanionKind.SHA256:
            return _compare_sha256(_read(beside), file.name, digest)


def _read(beside: Path) -> bytes:
    try:
        with beside.open("rb") as opened:
            text = opened.read(LONGEST_COMPANION + 1)
    except FileNotFoundError:
        raise FileRefused(
            f"its companion {beside.name} is not there: the export is not finished or failed; wait for it or have it exported again"
        ) from None
    except OSError as error:
        raise FileRefused(f"its companion {beside.name} cannot be read: {error.strerror}") from None
    if len(text) > LONGEST_COMPANION:
        raise FileRefused(f"its companion {beside.name} has more than {LONGEST_COMPANION} bytes, so it is none; have both written again")
    return text


def _compare_ok(text: bytes, name: str, found: dict[str, int | str], settings: HrFileSettings) -> Companion:
    try:
        stated = OkFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise FileRefused(f"its companion {name}.ok is not as agreed ({'.'.join(map(str, first['loc']))} {first['msg']})") from None
    if stated.rows is None and stated.bytes is None and stated.sha256 is None:
        raise FileRefused(f"its companion {name}.ok states neither rows nor bytes nor sha256, so it proves nothing")
    found = {"file": name, **found, "mode": settings.mode.value}
    said = stated.model_dump(mode="json", include=set(found), exclude_none=True)
    wrong = [f"{what} {said[what]} and it is {found[what]}" for what in said if said[what] != found[what]]
    if wrong:
        raise FileRefused(f"its companion states {', '.join(wrong)}: half copied, or changed since; have both copied again")
    return Companion(stated.rows, stated.as_of)


def _compare_done(beside: Path, file: Path) -> Companion:
    _read(beside)
    if beside.stat().st_mtime_ns < file.stat().st_mtime_ns:
        raise FileRefused(
            f"it is newer than its companion {beside.name}: a new export is being written, or the marker was left behind; wait for the marker"
        )
    return Companion()


def _compare_sha256(text: bytes, name: str, digest: str) -> Companion:
    found = re.fullmatch(rb"\\?([0-9a-fA-F]{64})(?:[ \t]+\*?([^\r\n]+))?\s*", text)
    if found is None:
        raise FileRefused(f"its companion {name}.sha256 holds no SHA-256 sum as sha256sum prints it")
    if found[1].decode().lower() != digest:
        raise FileRefused(
            f"its SHA-256 is {digest} and its companion states {found[1].decode().lower()}: half copied, or changed since; have both copied again"
        )
    return Companion()
