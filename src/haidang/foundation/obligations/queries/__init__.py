"""Reads: what is owed, and the proof of reminders."""
