"""Questions about indicators and their figures; every one asks the scope."""
