"""The source of a secret: `env:NAME` or `file:PATH`. The value is read when it is used and never shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

from connectors.cleaning import remember


class SecretMissing(Exception):
    """The secret is not where the configuration says it is."""


class CaFileUnusable(SecretMissing):
    """The certificate authorities that the configuration names cannot be read."""

    def __init__(self, system: str, path: Path) -> None:
        super().__init__(f"{system}: {path} holds no certificate authority that can be read; ca_file names a file with certificates as PEM")


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A place that holds a secret."""

    place: str

    @staticmethod
    def parse(text: object) -> SecretRef:
        if isinstance(text, SecretRef):
            return text
        if isinstance(text, str) and text.partition(":")[0] in ("env", "file") and text.partition(":")[2]:
            return SecretRef(text)
        raise ValueError("expected env:NAME or file:PATH (a secret itself never stands in a file that is reviewed)")

    def reveal(self, base: Path = Path()) -> str:
        """The secret, without surrounding white space. `base` is the folder a relative PATH starts from. Raises SecretMissing."""
        kind, _, where = self.place.partition(":")
        if kind == "env":
            value = os.environ.get(where, "")
            problem = f"the environment variable {where} is not set"
        else:
            path = base / where
            problem = f"the file {path} cannot be read"
            try:
                value = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                value = ""
        if not value.strip():
            raise SecretMissing(f"{problem}, or is empty; it should hold the secret that {self.place} names")
        return remember(value.strip())


def _schema(_source: object, _handler: object) -> core_schema.CoreSchema:
    return core_schema.no_info_plain_validator_function(SecretRef.parse)


Secret = Annotated[SecretRef, GetPydanticSchema(_schema)]
"""A SecretRef as a field of a settings model."""

__all__ = ["CaFileUnusable", "Secret", "SecretMissing", "SecretRef"]
