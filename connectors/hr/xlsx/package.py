"""The parts of a workbook file: a zip archive of XML (ECMA-376, part 2), limited in size before it is unpacked."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from pathlib import Path
from typing import BinaryIO, Protocol
from xml.parsers import expat

from connectors.hr.text import FileRefused, kind_of

_CHUNK = 1 << 20
"""Bytes. Old versions of expat look at an unfinished element again with every piece, so pieces are not small."""
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError, struct.error, LookupError, LZMAError, OSError)
"""Errors of the library for an archive that is none; RuntimeError holds NotImplementedError, ValueError the errors of Unicode."""


class Part(Protocol):
    """Listener to the elements of one XML part, by their names without namespace."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def text(self, text: str) -> None: ...


class Package:
    """An open workbook file."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        """Raises FileRefused where it is no workbook, or a larger one than is allowed."""
        start = file.read(64)
        file.seek(0)
        _refuse_other_kinds(start, file, max_bytes)
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGE as error:
            raise _damaged(error) from None
        members = self._zip.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > max_bytes:
            raise FileRefused(
                f"it unpacks to {unpacked >> 20} MB, more than max_unpacked_mb = {max_bytes >> 20}; if it is really so large, raise that, or have a CSV file exported"
            )
        if any(member.flag_bits & 1 for member in members):
            raise FileRefused("it is protected by a password; have it exported without one")
        self.max_bytes = self._left = max_bytes
        self._names = {member.filename for member in members}

    def workbook(self) -> str:
        """The name of the part that lists the sheets."""
        found = [target for kind, target in self.related("").values() if kind == "officeDocument"]
        if not found:
            raise FileRefused("it is a zip archive and no Excel workbook; unpack it first, or have a workbook exported")
        return found[0]

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Returns by relationship id the kind, and the name of the part that is meant."""
        folder, name = posixpath.split(part)
        relations = _Relations(folder)
        for _ in self.parse(posixpath.join(folder, "_rels", f"{name}.rels"), relations):
            pass
        return relations.found

    def parse(self, name: str, part: Part) -> Iterator[None]:
        """Reads one part, pausing after every piece of it; nothing where there is no such part. Raises FileRefused."""
        if name not in self._names:
            return
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda tag, attributes: part.start(_local(tag), attributes)
        parser.EndElementHandler = lambda tag: part.end(_local(tag))
        parser.CharacterDataHandler = part.text
        try:
            with self._zip.open(name) as stream:
                while piece := stream.read(_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise FileRefused(f"its parts unpack to more than max_unpacked_mb = {self.max_bytes >> 20}; have it exported again")
                    parser.Parse(piece, False)
                    yield
                parser.Parse(b"", True)
                yield
        except expat.ExpatError as error:
            raise _damaged(f"{name}: {error}") from None
        except _DAMAGE as error:
            raise _damaged(error) from None


class _Relations:
    """A `.rels` part."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            place = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(self._folder, target))
            self.found[attributes.get("Id", "")] = (posixpath.basename(attributes.get("Type", "")), place)

    def end(self, tag: str) -> None:
        """Ignores the end of an element."""

    def text(self, text: str) -> None:
        """Ignores text."""


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> None:
    raise FileRefused("it declares XML entities, which no spreadsheet program writes; it is not read")


def _damaged(error: object) -> FileRefused:
    return FileRefused(f"it is damaged or was not copied whole ({error}); have it exported again")


def _refuse_other_kinds(start: bytes, file: BinaryIO, max_bytes: int) -> None:
    if not start:
        raise FileRefused("it is empty: 0 bytes; the export failed or was not finished, have it exported again")
    if start.startswith(b"PK\x03\x04"):
        return
    if start.startswith(_COMPOUND_FILE):
        locked = _ENCRYPTED in file.read(max_bytes)
        file.seek(0)
        what = "protected by a password; have it exported without one" if locked else "an old Excel workbook (.xls); have .xlsx exported"
        raise FileRefused(f"it is {what}")
    what = kind_of(start) or "text, perhaps CSV"
    raise FileRefused(f"it is {what}, not an Excel workbook, whatever its name says; have a workbook exported, or use type hr_csv for text")


def open_package(file: Path, max_bytes: int) -> tuple[BinaryIO, Package]:
    """The workbook, and the file that its user closes. Raises FileRefused, and OSError."""
    opened = file.open("rb")
    try:
        return opened, Package(opened, max_bytes)
    except FileRefused:
        opened.close()
        raise
