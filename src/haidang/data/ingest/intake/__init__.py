"""The intake process: makes readings durable, answers, judges them, and carries them to the lake.

`mqtt` ends the protocol for devices and `door` takes requests of the web process over a unix
socket; `gate` makes both durable in one journal, one sync per group. `fast` follows the journal,
parses (`formats`), checks (`checks`) and runs the evaluators; `lake` commits what `fast` parsed.
The web process imports `client`, `spool` and `writers` only, so nothing here imports the rest.
"""

import threading


def main() -> None:
    """Run intake until SIGTERM or SIGINT."""
    from haidang.data.ingest.intake import process

    process.main()


def run(stop: threading.Event) -> None:
    """Run intake until `stop` is set."""
    from haidang.data.ingest.intake import process

    process.run(stop)
