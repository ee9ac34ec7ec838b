"""Pure rules of tickets: states, authority, evidence, clocks, pictures."""
