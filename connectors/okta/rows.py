"""Decodes a page of an org by the scope it belongs to."""

from __future__ import annotations

from connectors.contract import RawPage, Rows, ScopeKind
from connectors.okta import apps, groups
from connectors.okta import decode as wire


def rows_of(page: RawPage) -> Rows:
    """The rows of a page of users, groups, apps, members or assignments."""
    match page.scope.kind:
        case ScopeKind.ACCOUNTS:
            records, odd = wire.users(page)
            return Rows(records=records, quarantined=odd)
        case ScopeKind.ENTITLEMENTS:
            entitlements, odd = apps.entitlements(page) if page.scope.name == apps.APPS else groups.entitlements(page)
            return Rows(entitlements=entitlements, quarantined=odd)
        case ScopeKind.MEMBERS:
            memberships, odd = wire.members(page)
            return Rows(memberships=memberships, quarantined=odd)
        case ScopeKind.ASSIGNMENTS:
            memberships, odd = apps.assignments(page)
            return Rows(memberships=memberships, quarantined=odd)
        case ScopeKind.FILE:
            raise ValueError(f"Okta is not read by {page.scope.kind}")
