"""Connectors: ways in which the platform itself fetches what a source has.

Each is a folder with the same rooms: `settings.py` says as plain data what must be filled in (a
`Kind` named KIND), `fetch.py` does the work (`test` and `fetch` of `protocol.Work`), `tests/`
tries it against a real server. `registry` finds them; `outside` is the one door to addresses
outside. To add one, copy the nearest folder and name it in `registry`.
"""
