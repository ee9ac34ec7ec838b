"""What the pages of this domain ask for, and who is reminded."""

VIEW = "obligations.view"
ANSWER = "obligations.answer"
HEAD = "obligations.head"
