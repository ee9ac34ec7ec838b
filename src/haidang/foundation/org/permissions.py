"""What the pages and routes of this domain ask for."""

VIEW = "org.view"
MANAGE = "org.manage"
APPROVE = "org.approve"
