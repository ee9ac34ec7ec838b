"""Who may do what, where: accounts, roles, scopes, API keys, sign-in.

An *account* holds *roles*; a role is a set of *capabilities* ("alerts.handle") as data. A grant
gives a role over a unit and all below it, in one sector or in all, from one day to another. What
follows from all grants of an account is its `Scope`: the one access rule, asked at every exit. It
answers "may I", lists the units, and filters a queryset without any query of its own.

Three doors ask it: `requires` for pages, `SessionOrKey` for typed routes, `authorise` for raw
streams. Domains below this one ask through `core.gate`. tests/repository/test_entrances.py proves
that nothing stands open by oversight; what is open on purpose is named there.

Sign-in is allauth's (password, authenticator app, recovery codes) under our pages and words; axes
locks out who guesses. Nobody signs up: administrators make accounts, within their own coverage,
never their own, never beyond it.

Not here: who a person is (`org.Officer`), what a capability means (its domain).
"""
