"""Pages of tickets and of the procedures that they follow."""
