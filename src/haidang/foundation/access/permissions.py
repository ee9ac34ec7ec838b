"""The capability that the pages of this domain ask for."""

MANAGE = "access.manage"
