"""The command line: `haidang up`, `demo`, `check`, `load`, `query`, `units`, `backup`…"""

import argparse
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from haidang import __version__
from haidang.project import options

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.data_dir:
        os.environ["HAIDANG_DATA_DIR"] = str(Path(chosen.data_dir).absolute())
    sys.exit(chosen.run(chosen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="haidang", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data-dir", help="folder of database, lake, journal and files")
    _add_serving(commands, shared)
    _add_loading(commands, shared)
    _add_query(commands, shared)
    _add_boundaries(commands, shared)
    check = commands.add_parser("check", parents=[shared], help="check configuration and health")
    check.set_defaults(run=_check)
    _add_keeping(commands, shared)
    manage = commands.add_parser("manage", parents=[shared], help="run a management command")
    manage.add_argument("words", nargs=argparse.REMAINDER)
    manage.set_defaults(run=_manage)
    return parser


def _add_serving(commands: "Commands", shared: argparse.ArgumentParser) -> None:
    serving = argparse.ArgumentParser(add_help=False, parents=[shared])
    serving.add_argument("--port", type=int, help="port of pages and API")
    serving.add_argument("--mqtt-port", type=int, help="port of MQTT; 0 turns it off")
    up = commands.add_parser("up", parents=[serving], help="run the platform")
    up.set_defaults(run=_up, demo=False)
    demo = commands.add_parser("demo", parents=[serving], help="run it with the demo province")
    demo.set_defaults(run=_up, demo=True)


def _add_loading(commands: "Commands", shared: argparse.ArgumentParser) -> None:
    load = commands.add_parser("load", parents=[shared], help="load a file, print its receipt")
    load.add_argument("file", type=Path)
    load.add_argument("--dataset", required=True, metavar="CODE")
    load.add_argument("--source", metavar="CODE", help="needed when a dataset has several sources")
    load.add_argument("--as", dest="username", metavar="ACCOUNT", help="account that loads")
    load.set_defaults(run=_load)


def _add_boundaries(commands: "Commands", shared: argparse.ArgumentParser) -> None:
    units = commands.add_parser("units", help="the units of the province")
    kinds = units.add_subparsers(required=True, metavar="WHAT")
    boundaries = kinds.add_parser(
        "boundaries", parents=[shared], help="use the official boundaries of a file on every map"
    )
    boundaries.add_argument("file", type=Path, help="GeoJSON, or a zipped Shapefile")
    boundaries.add_argument("--source", required=True, help="who drew them")
    boundaries.add_argument("--decision", required=True, help="number of the decision")
    boundaries.add_argument("--on", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
    boundaries.add_argument("--system", default="", metavar="EPSG", help="unless the file says it")
    boundaries.add_argument("--as", dest="username", metavar="ACCOUNT", help="account that imports")
    boundaries.set_defaults(run=_boundaries)


def _add_keeping(commands: "Commands", shared: argparse.ArgumentParser) -> None:
    backup = commands.add_parser("backup", parents=[shared], help="copy everything into a folder")
    backup.add_argument(
        "purge", nargs="?", choices=["purge"], help="rewrite the backup DEST without removed data"
    )
    backup.add_argument("folder", type=Path, metavar="DEST", help="a new or empty folder")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", parents=[shared], help="bring a backup back")
    restore.add_argument("folder", type=Path, metavar="SRC", help="a folder that backup made")
    restore.set_defaults(run=_restore)


def _add_query(commands: "Commands", shared: argparse.ArgumentParser) -> None:
    query = commands.add_parser(
        "query", parents=[shared], help="ask the lake: newest approved rows, no personal data"
    )
    query.add_argument(
        "statement", help="a SELECT over datasets; pipeline:CODE; ibis:package.module:function"
    )
    query.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb")
    query.add_argument("--input", action="append", default=[], metavar="DATASET", dest="inputs")
    query.add_argument("--as-known", type=datetime.fromisoformat, metavar="MOMENT")
    query.add_argument("--from", type=date.fromisoformat, metavar="DAY", dest="first")
    query.add_argument("--to", type=date.fromisoformat, metavar="DAY", help="the day after")
    query.add_argument("--format", choices=["table", "csv", "json", "parquet"], default="table")
    query.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")
    query.add_argument("--seconds", type=float, default=900.0, help="longest that it may run")
    query.set_defaults(run=_query)


def _up(chosen: argparse.Namespace) -> int:
    if chosen.port is not None:
        os.environ["HAIDANG_PORT"] = str(chosen.port)
    if chosen.mqtt_port is not None:
        os.environ["HAIDANG_MQTT_PORT"] = str(chosen.mqtt_port)
    if chosen.demo:
        os.environ["HAIDANG_DEMO"] = "1"
        watched = options.read("HAIDANG_DATA_DIR") / "thu-muc-theo-doi"
        os.environ.setdefault("HAIDANG_WATCHED_FOLDERS", str(watched))
    from haidang.project.processes import supervisor

    plan = supervisor.Plan(
        folder=options.read("HAIDANG_DATA_DIR"),
        host=options.read("HAIDANG_HOST"),
        port=options.read("HAIDANG_PORT"),
        mqtt_host=options.read("HAIDANG_MQTT_HOST"),
        mqtt_port=options.read("HAIDANG_MQTT_PORT"),
        readings_host=options.read("HAIDANG_READINGS_HOST"),
        readings_port=options.read("HAIDANG_READINGS_PORT"),
        database_url=options.read("HAIDANG_DATABASE_URL"),
        demo=chosen.demo,
    )
    return supervisor.run(plan)


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
    import django

    django.setup()


def _load(chosen: argparse.Namespace) -> int:
    _django()
    from haidang.project import loading

    return loading.load(chosen.file, chosen.dataset, chosen.source, chosen.username)


def _query(chosen: argparse.Namespace) -> int:
    _django()
    from haidang.project import querying

    asked = querying.Asked(
        text=chosen.statement,
        engine=chosen.engine,
        inputs=chosen.inputs,
        as_known=chosen.as_known,
        days=(chosen.first, chosen.to) if chosen.first and chosen.to else None,
        seconds=chosen.seconds,
    )
    return querying.query(asked, chosen.format, chosen.output)


def _boundaries(chosen: argparse.Namespace) -> int:
    _django()
    from haidang.project import loading

    return loading.boundaries(
        chosen.file,
        source=chosen.source,
        decision=chosen.decision,
        on=chosen.on,
        system=chosen.system,
        username=chosen.username,
    )


def _check(chosen: argparse.Namespace) -> int:
    _django()
    from haidang.project import health

    return health.print_report()


def _backup(chosen: argparse.Namespace) -> int:
    from haidang.project.backups import commands

    if chosen.purge:
        return commands.purge(chosen.folder.absolute(), options.read("HAIDANG_DATA_DIR"))
    return commands.backup(options.read("HAIDANG_DATA_DIR"), chosen.folder.absolute())


def _restore(chosen: argparse.Namespace) -> int:
    from haidang.project.backups import commands

    return commands.restore(chosen.folder.absolute(), options.read("HAIDANG_DATA_DIR"))


def _manage(chosen: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["haidang manage", *chosen.words])
    return 0


if __name__ == "__main__":
    main()
