"""CAP: alerts of a feed; a feed that only names its alerts is followed to each of them."""
