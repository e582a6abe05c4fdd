"""Whether the bytes of a file are the text that its contract declares."""

from __future__ import annotations

import codecs
import io
import re

from connectors.hr_csv.settings import FinalNewline, HrCsvSettings

_OTHER_KINDS = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"-----BEGIN PGP", "an encrypted PGP message"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"<!doctype", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<?xml", "an XML document"),
)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""Vertical tab and form feed stay: they are line breaks inside a cell, typed by people."""


class FileRefused(Exception):
    """The file as a whole cannot be believed. The message says why and what to do."""


def lines_of(body: bytes, settings: HrCsvSettings) -> list[str]:
    """The lines with their ends: LF, CR LF or CR, and no other character (RFC 4180 knows none). Raises FileRefused."""
    _refuse_other_kinds(body, settings.encoding)
    text = _decoded(body, settings.encoding)
    _refuse_control_characters(text)
    return list(io.StringIO(text, newline=""))


def refuse_missing_newline(lines: list[str], settings: HrCsvSettings) -> None:
    """A file that was cut inside its last value looks like one whose writer ends no last line. Raises FileRefused."""
    if settings.final_newline is FinalNewline.REQUIRED and lines and not lines[-1].endswith(("\n", "\r")):
        raise FileRefused(
            f"its last line, {len(lines)}, does not end with a line break, so it may have been cut short; "
            'have it exported again, or set final_newline = "optional" if this exporter never ends its last line'
        )


def _refuse_other_kinds(body: bytes, encoding: str) -> None:
    if not body:
        raise FileRefused("it is empty: 0 bytes; the export failed or was not finished, have it exported again")
    start = body[:16].lstrip().lower()
    for magic, kind in _OTHER_KINDS:
        if start.startswith(magic.lower()):
            raise FileRefused(f"it is {kind}, not a CSV file; unpack or decrypt it first, or have plain text exported")
    if body.startswith(_UTF16_MARKS) and not encoding.startswith(("utf-16", "utf-32")):
        raise FileRefused(f'it is UTF-16 and the contract says {encoding}; set encoding = "utf-16" if that is now agreed')


def _decoded(body: bytes, encoding: str) -> str:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        found = body[error.start : error.end].hex(" ")
        raise FileRefused(
            f"it is not {encoding}: line {line} (byte {error.start}) holds {found}; "
            "the exporter's encoding changed, or another one must be declared (often cp1252)"
        ) from None
    if not encoding.startswith("utf") and not body.isascii() and _is_utf8(body):
        raise FileRefused(
            f'it is UTF-8 and the contract says {encoding}, which would garble names; set encoding = "utf-8" if that is now agreed'
        )
    return text.removeprefix("\ufeff")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_control_characters(text: str) -> None:
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise FileRefused(
            f"line {line} holds the control character U+{ord(found[0]):04X}, which no text has; the file is damaged, have it exported again"
        )
