"""Asking for a removal, deciding on it, and carrying it out so that a crash changes nothing."""
