"""Pages: sign-in, one's own account, the administration of accounts."""
