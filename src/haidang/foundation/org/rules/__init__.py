"""Pure rules of organisation: dated values, and trees made of them."""
