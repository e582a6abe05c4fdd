"""The desired state of each account: values and entitlements."""
