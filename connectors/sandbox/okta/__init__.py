"""Answers of an Okta org over its Management API, kept in memory."""

from connectors.sandbox.okta.app import OktaSandbox
from connectors.sandbox.okta.settings import WORKFORCE_LIMITS, Bucket, LinkStyle, OAuthClient, OktaSandboxSettings

__all__ = ["WORKFORCE_LIMITS", "Bucket", "LinkStyle", "OAuthClient", "OktaSandbox", "OktaSandboxSettings"]
