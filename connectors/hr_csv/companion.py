"""Whether the file beside an export says that the export is finished, and is this one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from connectors.hr_csv.settings import CompanionKind, HrCsvSettings, Mode
from connectors.hr_csv.text import FileRefused


class OkFile(BaseModel):
    """What a `.ok` file may state; what it states must be so. Other names in it are not looked at."""

    model_config = ConfigDict(frozen=True)

    file: str | None = None
    rows: NonNegativeInt | None = None
    bytes: NonNegativeInt | None = None
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")
    as_of: date | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Companion:
    """What is known of an export from beside it."""

    rows: int | None = None
    as_of: date | None = None


def read_companion(file: Path, body: bytes, settings: HrCsvSettings) -> Companion:
    """Compares the export with its companion. Raises FileRefused where they disagree or there is none."""
    beside = file.with_name(file.name + settings.companion.value)
    match settings.companion:
        case CompanionKind.NONE:
            return Companion()
        case CompanionKind.OK:
            return _compare_ok(_read(beside), file.name, body, settings)
        case CompanionKind.DONE:
            return _compare_done(beside, file)
        case CompanionKind.SHA256:
            return _compare_sha256(_read(beside), file.name, body)


def _read(beside: Path) -> bytes:
    try:
        return beside.read_bytes()
    except FileNotFoundError:
        raise FileRefused(
            f"its companion {beside.name} is not there: the export is not finished or failed; wait for it or have it exported again"
        ) from None
    except OSError as error:
        raise FileRefused(f"its companion {beside.name} cannot be read: {error.strerror}") from None


def _compare_ok(text: bytes, name: str, body: bytes, settings: HrCsvSettings) -> Companion:
    try:
        stated = OkFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise FileRefused(f"its companion {name}.ok is not as agreed ({'.'.join(map(str, first['loc']))} {first['msg']})") from None
    if stated.rows is None and stated.bytes is None and stated.sha256 is None:
        raise FileRefused(f"its companion {name}.ok states neither rows nor bytes nor sha256, so it proves nothing")
    wrong = [
        ("file", stated.file, name),
        ("bytes", stated.bytes, len(body)),
        ("sha256", stated.sha256 and stated.sha256.lower(), hashlib.sha256(body).hexdigest()),
        ("mode", stated.mode and stated.mode.value, settings.mode.value),
    ]
    for what, said, found in wrong:
        if said is not None and said != found:
            raise FileRefused(
                f"its companion states {what} {said} and it is {found}: half copied, or changed since; have both copied again"
            )
    return Companion(stated.rows, stated.as_of)


def _compare_done(beside: Path, file: Path) -> Companion:
    _read(beside)
    if beside.stat().st_mtime_ns < file.stat().st_mtime_ns:
        raise FileRefused(
            f"it is newer than its companion {beside.name}: a new export is being written, or the marker was left behind; wait for the marker"
        )
    return Companion()


def _compare_sha256(text: bytes, name: str, body: bytes) -> Companion:
    found = re.fullmatch(rb"\\?([0-9a-fA-F]{64})(?:[ \t]+\*?([^\r\n]+))?\s*", text)
    if found is None:
        raise FileRefused(f"its companion {name}.sha256 holds no SHA-256 sum as sha256sum prints it")
    digest = hashlib.sha256(body).hexdigest()
    if found[1].decode().lower() != digest:
        raise FileRefused(
            f"its SHA-256 is {digest} and its companion states {found[1].decode().lower()}: half copied, or changed since; have both copied again"
        )
    return Companion()
