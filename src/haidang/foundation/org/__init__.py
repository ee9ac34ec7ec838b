"""Units of the state and what is dated about them.

Owns: units with dated names, kinds, levels and parents (`actions.units`, no overlap possible in the
database), aliases, sectors, places and neighbours, who is competent for a sector where, positions
and officers, recorded delegation, legal bases. Its words: docs/glossary.md.
Does not own: accounts and who may do what (`access`), deadlines (`obligations`).

Reads are answered from a register in memory (`queries.register`) that a trigger keeps honest.
"""
