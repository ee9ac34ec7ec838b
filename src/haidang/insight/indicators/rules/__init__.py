"""What figures mean, as plain Python: states, plans, staleness, words. No Django, no clock."""
