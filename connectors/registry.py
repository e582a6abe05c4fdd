"""Resolves the connector that a `type` in the configuration names.

A connector type is two places, `module:Class`: the pydantic model of its settings, and the connector, which is built with
`Class(name, settings, base)`; `base` is the project folder, where relative paths start. Third parties add theirs by an entry point in the group `reconcile.connectors` whose value is a `Connector`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from pydantic import BaseModel

from connectors.contract import Source


@dataclass(frozen=True, slots=True)
class Connector:
    """Place of the settings and the class of one connector type."""

    settings: str
    connector: str


BUILT_IN = {
    "hr_csv": Connector("connectors.hr.csv.settings:HrCsvSettings", "connectors.hr.csv.connector:HrCsv"),
    "hr_xlsx": Connector("connectors.hr.xlsx.settings:HrXlsxSettings", "connectors.hr.xlsx.connector:HrXlsx"),
    "okta": Connector("connectors.okta.settings:OktaSettings", "connectors.okta.connector:Okta"),
    "scim": Connector("connectors.scim.settings:ScimSettings", "connectors.scim.connector:Scim"),
}


def connector_types() -> dict[str, Connector]:
    """Every connector type by its name in the configuration; ours win over a third party's of the same name."""
    return {**_of_third_parties(), **BUILT_IN}


@cache
def _of_third_parties() -> dict[str, Connector]:
    """The connector types of other distributions. Their metadata is read once a process: that takes longer than building a connector."""
    return {point.name: cast("Connector", point.load()) for point in entry_points(group="reconcile.connectors")}


def settings_model(kind: Connector) -> type[BaseModel]:
    """The pydantic model that a connector's table in reconcile.toml is read with."""
    return cast("type[BaseModel]", _load(kind.settings))


def build(kind: Connector, name: str, settings: BaseModel, base: Path) -> Source:
    """The connector itself. Opens nothing: the first request does."""
    return cast("type", _load(kind.connector))(name, settings, base)  # type: ignore[no-any-return]


def _load(place: str) -> object:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
