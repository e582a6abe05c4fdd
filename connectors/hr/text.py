"""Decodes the bytes of a file as the text that its settings declare, or refuses it."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from connectors.bounds import LONGEST_ROW
from connectors.hr.csv.settings import FinalNewline, HrCsvSettings
from connectors.quoting import quoted

BLOCK = 1 << 20
_OTHER_KINDS = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old or a password-protected Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"-----BEGIN PGP", "an encrypted PGP message"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"<!doctype", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<table", "an HTML page"),
    (b"<?xml", "an XML document"),
)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_ORDER = "\ufffe"
"""A byte order mark whose bytes are read in the wrong order."""
_UNORDERED = ("utf-16", "utf-32")
_ORDER = (
    "it has no byte order mark, and the contract's encoding says nothing of the order of bytes; "
    'set encoding = "utf-16-le" (that of Windows) or "utf-16-be", whichever it is'
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""Vertical tab and form feed stay: they are line breaks inside a cell, typed by people."""
_C1_CONTROL = re.compile(r"[\x80-\x9f]")
"""Control characters of ISO 8859; Windows has quotation marks, dashes and the euro sign in their places."""
_CONTROL_BYTES = bytes(code for code in range(128) if _CONTROL.match(chr(code)))


class FileRefused(Exception):
    """The file as a whole cannot be believed. The message says why and what to do."""


def lines_of(file: BinaryIO, settings: HrCsvSettings) -> Iterator[str]:
    """The lines with their ends: LF, CR LF or CR, and no other character (RFC 4180 knows none). Raises FileRefused."""
    begun, number = "", 0
    for text in _texts(file, settings.encoding):
        lines = list(io.StringIO(begun + text, newline=""))
        # a CR at the end of a block may be half of a CR LF
        begun = lines.pop() if lines and not lines[-1].endswith("\n") else ""
        number += len(lines)
        if len(begun) > LONGEST_ROW:
            raise FileRefused(f"line {number + 1} has more than {LONGEST_ROW} characters, so its rows do not end with line breaks")
        yield from lines
    if begun:
        last = list(io.StringIO(begun, newline=""))
        _refuse_missing_newline(last[-1], number + len(last), settings)
        yield from last


def kind_of(start: bytes) -> str:
    """Returns the real kind of a file that begins like this; empty for what may be text."""
    plain = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return next((kind for magic, kind in _OTHER_KINDS if plain.startswith(magic.lower())), "")


def _refuse_missing_newline(last: str, number: int, settings: HrCsvSettings) -> None:
    """A file that was cut inside its last value looks like one whose writer ends no last line."""
    if settings.final_newline is FinalNewline.REQUIRED and not last.endswith(("\n", "\r")):
        raise FileRefused(
            f"its last line, {number}, does not end with a line break, so it may have been cut short; "
            'have it exported again, or set final_newline = "optional" if this exporter never ends its last line'
        )


def _texts(file: BinaryIO, encoding: str) -> Iterator[str]:
    block = file.read(BLOCK)
    _refuse_other_kinds(block, encoding)
    decoder = codecs.getincrementaldecoder(encoding)()
    garbled = _Garbled(encoding)
    read, line, first = 0, 1, True
    while True:
        read += len(block)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise _undecodable(error, encoding, line, read - len(error.object) + error.start) from None
        except UnicodeError as error:
            raise FileRefused(_ORDER if encoding in _UNORDERED else f"it is not {encoding} ({error}); have it exported again") from None
        if first and text.startswith(_OTHER_ORDER):
            raise FileRefused(
                f'its byte order is not that of {encoding}, the contract\'s encoding; set encoding = "utf-16" if that is now agreed'
            )
        garbled.see(block)
        _refuse_control_characters(block, text, line, encoding)
        line += block.count(b"\n")
        yield text.removeprefix("\ufeff") if first else text
        if not block:
            return
        first = first and not text
        block = file.read(BLOCK)


def _refuse_other_kinds(start: bytes, encoding: str) -> None:
    if not start:
        raise FileRefused("it is empty: 0 bytes; the export failed or was not finished, have it exported again")
    if kind := kind_of(start[:64]):
        raise FileRefused(f"it is {kind}, not a CSV file; unpack or decrypt it first, or have plain text exported")
    wide = encoding.startswith(("utf-16", "utf-32"))
    if start.startswith(_UTF16_MARKS) and not wide:
        raise FileRefused(f'it is UTF-16 and the contract says {encoding}; set encoding = "utf-16" if that is now agreed')
    zeros = start[:256].count(0)
    if wide and not zeros and not start.startswith(_UTF16_MARKS):
        raise FileRefused(f'it looks like UTF-8 and the contract says {encoding}; set encoding = "utf-8" if that is now agreed')
    if not wide and zeros >= len(start[:256]) // 3 > 0 and start.strip(b"\0"):
        raise FileRefused(
            f'it looks like UTF-16 and the contract says {encoding} (U+0000); set encoding = "utf-16-le" or "utf-16-be" if that is now agreed'
        )


def _undecodable(error: UnicodeDecodeError, encoding: str, line: int, place: int) -> FileRefused:
    line += error.object.count(b"\n", 0, error.start)
    found = error.object[error.start : error.end].hex(" ")
    around = error.object[max(0, error.start - 12) : error.end + 12].decode("cp1252", "replace")
    said = " ".join("".join(letter if letter.isprintable() else " " for letter in around).split())
    return FileRefused(
        f"it is not {encoding}: line {line} (byte {place}) holds {found}; the exporter's encoding changed, "
        f"or another one must be declared (often cp1252, in which that place reads {quoted(said)})"
    )


class _Garbled:
    """Whether a file that is declared to be in an old encoding is UTF-8: read as declared, it would garble names without an error."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._utf8 = None if encoding.startswith("utf") else codecs.getincrementaldecoder("utf-8")()
        self._plain = True

    def see(self, block: bytes) -> None:
        """One block after the other, an empty one at the end. Raises FileRefused there."""
        if self._utf8 is None:
            return
        self._plain = self._plain and block.isascii()
        try:
            self._utf8.decode(block, final=not block)
        except UnicodeDecodeError:
            self._utf8 = None
            return
        if not block and not self._plain:
            raise FileRefused(
                f'it is UTF-8 and the contract says {self._encoding}, which would garble names; set encoding = "utf-8" if that is now agreed'
            )


def _refuse_control_characters(block: bytes, text: str, line: int, encoding: str) -> None:
    # in UTF-8 a control character is its own byte, and looking at bytes is many times faster
    if encoding == "utf-8" and len(block.translate(None, _CONTROL_BYTES)) == len(block):
        return
    found = _CONTROL.search(text)
    if found:
        raise FileRefused(
            f"line {line + text.count(chr(10), 0, found.start())} holds the control character U+{ord(found[0]):04X}, "
            "which no text has; the file is damaged, have it exported again"
        )
    # UTF-8 may hold them: whoever garbled that text did so before the export.
    if not encoding.startswith("utf") and (found := _C1_CONTROL.search(text)):
        read = found[0].encode(encoding).decode("cp1252", "ignore")
        raise FileRefused(
            f"line {line + text.count(chr(10), 0, found.start())} holds the control character U+{ord(found[0]):04X}, which no text has; "
            f"another encoding than {encoding} must be declared (often cp1252{f', in which that place reads {quoted(read)}' if read else ''})"
        )
