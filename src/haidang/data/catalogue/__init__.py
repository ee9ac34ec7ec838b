"""The catalogue: which datasets there are, who answers for them, what their rows look like.

A contract is never altered: a change is a new version, audited. It knows nothing of the lake's
tables or of where rows come from.
"""
