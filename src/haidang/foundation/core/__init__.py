"""What every domain stands on, imported as modules.

`audit` (who changed what, never altered), `events` and `relay` (the outbox), `jobs` and `worker`,
`live` (what open pages hear), `files` (kept by content, fsynced), `gate` (pages below `access`),
`errors`, `text` (Vietnamese search and order), `spreadsheet` (CSV), `testing` (run jobs in a test).
"""
