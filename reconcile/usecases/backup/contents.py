"""The content of a backup: which files it may hold, and the manifest that says what they are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from reconcile.apply.audit_head import FILE as AUDIT_HEAD
from reconcile.apply.journal import FILE as JOURNAL
from reconcile.store.file import FILE as STORE

MANIFEST = "manifest.json"
FORMAT = 1
LARGEST_MANIFEST = 64 << 20
"""Bytes of a manifest that are read."""
_PLAN_FILE = re.compile(r"plans/[0-9a-f]{64}/(plan\.json|group_sizes\.json|(operation|finding|link)\.parquet)")
_DIGEST = re.compile(r"[0-9a-f]{64}")
PIECE = 1 << 20


class BackedUpFile(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """The manifest of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    made: str
    """Moment at which it was begun (RFC 3339)."""
    version: str
    """The version of this program that made it."""
    project: str
    audit_head: str
    """Hash of the newest audit entry; empty where there is none."""
    unfinished_run: str
    """The live run that was under way or interrupted; empty for none."""
    files: dict[str, BackedUpFile]


def may_hold(name: str) -> bool:
    """Whether a backup holds a file of this name. No other name is ever written to: neither `..` nor an absolute path is one."""
    return name in (STORE, JOURNAL, AUDIT_HEAD) or _PLAN_FILE.fullmatch(name) is not None


def is_plan(name: str) -> bool:
    """Whether a folder of `plans/` is a saved plan, and not one that is being written."""
    return _DIGEST.fullmatch(name) is not None


def pieces(path: Path) -> Iterable[bytes]:
    """The bytes of a file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def described(path: Path) -> BackedUpFile:
    """The size and the hash of a file."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces(path):
        digest.update(piece)
        size += len(piece)
    return BackedUpFile(size=size, sha256=digest.hexdigest())
