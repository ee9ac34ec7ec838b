"""Writes: every one in a transaction, with its entry in the audit trail and its event."""
