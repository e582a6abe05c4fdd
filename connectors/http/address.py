"""Checks the addresses that a request may go to."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Name and numbers of this machine."""
WANTED = "must begin with https:// (plain http only for this machine itself)"


def is_private(address: SplitResult) -> bool:
    """Whether what is sent to an address is encrypted, or stays on this machine."""
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)


def origin(text: str) -> tuple[str, str | None, int | None, bool] | None:
    """Splits a URL into scheme, host, port and whether a user stands before the host; None for what is no URL."""
    try:
        url = urlsplit(text)
        port = url.port or {"https": 443, "http": 80}.get(url.scheme)
    except ValueError:
        return None
    return url.scheme, url.hostname, port, "@" in url.netloc


def password(address: str) -> str:
    """The password in an address; empty where there is none."""
    try:
        return urlsplit(address).password or ""
    except ValueError:
        return ""
