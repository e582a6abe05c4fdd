"""The decoders that read what other systems wrote, each as a function of bytes that holds what must be so of every row."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from connectors.bounds import DEEPEST, LONGEST_EVIDENCE, LONGEST_ID, LONGEST_NAME, LONGEST_RECORD
from connectors.contract import RawPage, Rows, Scope, ScopeKind, Source, Traits
from connectors.errors import BadResponse
from connectors.hr.csv.connector import HrCsv
from connectors.hr.csv.settings import HrCsvSettings
from connectors.hr.xlsx.connector import HrXlsx
from connectors.hr.xlsx.settings import HrXlsxSettings
from connectors.memory.connector import MemoryTarget
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.scim.connector import Scim
from connectors.scim.decode import listing
from connectors.scim.errors import complaint
from connectors.scim.settings import ScimSettings
from connectors.secrets import SecretRef
from reconcile.snapshot.decoding import decoded

from .seeds import workbook

HR_COLUMNS = ("employee_id", "first_name", "email", "start_date")
_FOLDER = Path(tempfile.gettempdir())
_SCOPES = (
    Scope(ScopeKind.ACCOUNTS),
    Scope(ScopeKind.ENTITLEMENTS),
    Scope(ScopeKind.ENTITLEMENTS, "apps"),
    Scope(ScopeKind.MEMBERS, "g1"),
    Scope(ScopeKind.ASSIGNMENTS, "app:a1"),
)


def hold(rows: Rows) -> None:
    """What is so of the rows of every page, whoever wrote it."""
    for record in rows.records:
        _texts((record.id, LONGEST_ID), (record.attributes, LONGEST_RECORD), (record.status, LONGEST_ID), (record.updated, LONGEST_ID))
        assert record.id
        assert isinstance(record.values(), dict)
        assert _depth(record.values()) <= DEEPEST
    for entitlement in rows.entitlements:
        _texts((entitlement.id, LONGEST_ID), (entitlement.name, LONGEST_NAME), (entitlement.attributes, LONGEST_RECORD))
        assert entitlement.id
        assert isinstance(json.loads(entitlement.attributes), dict)
    for membership in rows.memberships:
        _texts((membership.account_id, LONGEST_ID), (membership.entitlement_id, LONGEST_ID), (membership.via, LONGEST_ID))
        assert membership.account_id
        assert membership.account_id not in (".", "..")
    for odd in rows.quarantined:
        _texts((odd.id, LONGEST_ID), (odd.reason, LONGEST_EVIDENCE), (odd.raw, LONGEST_EVIDENCE))
        assert odd.reason


def _texts(*limited: tuple[str, int]) -> None:
    for text, most in limited:
        assert isinstance(text, str)
        assert len(text) <= most
        text.encode()


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _pages(source: Source, scopes: tuple[Scope, ...], body: bytes) -> Iterator[Rows]:
    for scope in scopes:
        page = RawPage(scope, 1, body)
        yield source.decode(page)
        yield decoded(source, page)


def _okta(body: bytes) -> None:
    for rows in list(_pages(OKTA, _SCOPES, body))[1::2]:
        hold(rows)


def _scim(body: bytes) -> None:
    for rows in list(_pages(SCIM, _SCOPES[:4], body))[1::2]:
        hold(rows)
    complaint(body)
    try:
        for each in listing(body).ids():
            _texts((each, LONGEST_ID))
    except BadResponse:
        pass


def _memory(body: bytes) -> None:
    for rows in list(_pages(MEMORY, _SCOPES, body))[1::2]:
        hold(rows)


def _hr(form: str) -> Callable[[bytes], None]:
    def decode(body: bytes) -> None:
        for rows in list(_pages(HR[form], (Scope(ScopeKind.FILE, "people"),), body))[1::2]:
            hold(rows)

    return decode


def _file(form: str) -> Callable[[bytes], None]:
    """A whole file: surveyed, cut into pages, each of them decoded."""

    def read(body: bytes) -> None:
        with tempfile.NamedTemporaryFile(suffix=".csv" if form == "hr_csv" else ".xlsx") as file:
            file.write(body)
            file.flush()
            source = HR[form]
            path = Path(file.name)
            scope = Scope(ScopeKind.FILE, path.name)
            looked = source._look(path)
            for item in source._reading(scope, looked, None):
                if isinstance(item, RawPage):
                    hold(decoded(source, item))

    return read


def _part(name: str) -> Callable[[bytes], None]:
    """A workbook with one part of its own."""
    read = _file("hr_xlsx")
    return lambda body: read(workbook(**{name: body}))


def _hr_settings(model: type[HrCsvSettings | HrXlsxSettings]) -> HrCsvSettings | HrXlsxSettings:
    footer = {"footer_pattern": r"TRAILER,(?P<rows>\d+),,"} if model is HrCsvSettings else {}
    return model(
        path="people*",
        columns=HR_COLUMNS,
        key=("employee_id",),
        date_columns={"start_date": "%Y-%m-%d"},
        max_quarantine=1_000_000,
        **footer,
    )


OKTA = Okta("okta", OktaSettings(url="https://acme.okta.com", token=SecretRef("env:NONE"), apps=True), _FOLDER)
SCIM = Scim("app", ScimSettings(url="https://app.example.com/scim/v2", token=SecretRef("env:NONE")), _FOLDER)
MEMORY = MemoryTarget("memory", Traits("userName", "email"))
HR = {
    "hr_csv": HrCsv("hr", _hr_settings(HrCsvSettings), _FOLDER),
    "hr_xlsx": HrXlsx("hr", _hr_settings(HrXlsxSettings), _FOLDER),
}
DECODERS: dict[str, Callable[[bytes], None]] = {
    "okta": _okta,
    "scim": _scim,
    "memory": _memory,
    "hr_csv": _hr("hr_csv"),
    "hr_xlsx": _hr("hr_xlsx"),
    "hr_csv_file": _file("hr_csv"),
    "hr_xlsx_file": _file("hr_xlsx"),
    "hr_xlsx_sheet": _part("worksheet"),
    "hr_xlsx_strings": _part("sharedStrings"),
    "hr_xlsx_styles": _part("styles"),
}
"""Each raises nothing, whatever the bytes are."""
