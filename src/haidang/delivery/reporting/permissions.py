"""What the pages and routes of this domain ask for."""

VIEW = "reporting.view"
FILL = "reporting.fill"
APPROVE = "reporting.approve"
RECEIVE = "reporting.receive"
MANAGE = "reporting.manage"
