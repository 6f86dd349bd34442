"""`posenet bag`."""
