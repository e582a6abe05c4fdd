"""Checks the addresses that a request may go to."""

from __future__ import annotations

from urllib.parse import SplitResult

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Name and numbers of this machine."""
WANTED = "must begin with https:// (plain http only for this machine itself)"


def is_private(address: SplitResult) -> bool:
    """Whether what is sent to an address is encrypted, or stays on this machine."""
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)
