"""Pages of what is owed, and of the reminders."""
