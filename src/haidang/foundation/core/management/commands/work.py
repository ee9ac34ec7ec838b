from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from haidang.foundation.core import worker


class Command(BaseCommand):
    help = "Takes jobs of one queue until it is stopped; the live worker also relays events."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queue", choices=["live", "bulk"])
        parser.add_argument("--concurrency", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        worker.run(options["queue"], concurrency=options["concurrency"])
