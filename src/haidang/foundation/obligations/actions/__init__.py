"""Writes: what is owed, reminders, timers."""
