"""Rejections of rows: later plans leave a row out while it says the same."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from reconcile.plan.model import Operation
from reconcile.plan.tables import attributes_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A rejected row, which later plans leave out while it says the same."""

    plan_digest: str
    """The plan whose approval rejected it."""
    operation_id: str
    fingerprint: str
    """Digest of what the row changes (`fingerprint`)."""
    target: str
    verb: str
    anchor: str
    account_id: str
    subject: str
    """Name of the account, person or group for readers."""
    by: str
    why: str
    made: str
    """RFC 3339, UTC."""

    @property
    def reason(self) -> str:
        return f"rejected on {self.made[:10]} by {self.by}: {self.why.rstrip('.')}"


def fingerprint(operation: Operation) -> str:
    """The digest of the values before and after an operation: a rejection ends when one of them changes."""
    return sha256(f"{attributes_text(operation.before)}\n{attributes_text(operation.after)}".encode("utf-8", "surrogatepass")).hexdigest()
