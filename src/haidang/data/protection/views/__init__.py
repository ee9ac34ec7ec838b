"""Pages of protection, by what they show."""
