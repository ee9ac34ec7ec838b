"""Pages of alerts and of their rules."""
