"""What each account should be: values and entitlements."""
