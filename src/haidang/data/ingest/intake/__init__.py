"""The intake process: makes readings durable, answers, judges them, and carries them to the lake.

`mqtt` ends the protocol for devices, `door` takes requests of the web process over a unix socket,
`http` those of agents where that port is open; `gate` makes all of them durable in one journal, one
sync per group. Behind them, in a process of its own (`carrier`), `fast` follows the journal, parses
(`formats`), checks (`checks`) and runs the evaluators; `lake` commits what `fast` parsed. The web
process imports `client`, `spool` and `writers` only, so nothing here imports the rest.
"""


def main() -> None:
    """Run intake until SIGTERM or SIGINT."""
    from haidang.data.ingest.intake import process

    process.main()
