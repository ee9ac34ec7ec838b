"""What a start needs once: migrations, the lake, roles; the demo province for `haidang demo`."""

import hashlib
import importlib
import os
from pathlib import Path

from haidang import __version__

_PACKAGE = Path(__file__).parents[2]
_SHARED = (
    "haidang.project.asgi",
    "uvicorn",
    "procrastinate.worker",
    "pyarrow.dataset",  # the lake's engine asks for it, in each process
    "haidang.data.warehouse.streams.asked",  # comes with the first narrow question
)


def warm() -> None:
    """Import the platform in the supervisor, so that its children share the memory.

    Whatever a first request would import or parse is taken in as well: a file that changes under a
    running platform is not read, and not mixed with older ones, before the next start.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
    import django

    django.setup()
    from django.conf import settings

    # Collected files are an operator's choice; the pages' server warns where the folder is not.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    for module in _SHARED:
        importlib.import_module(module)
    from django.urls import reverse

    reverse("home")  # with every page and route
    _parse_templates()


def _parse_templates() -> None:
    """Have Django keep every template of the platform parsed."""
    from django.template import loader

    for folder in _PACKAGE.glob("*/*/templates"):
        for file in folder.rglob("*"):
            if file.is_file():
                loader.get_template(str(file.relative_to(folder)))


def is_done(folder: Path, *, demo: bool) -> bool:
    """Tell whether this version has prepared this database, and no removal is to be replayed."""
    mark = _mark(folder, demo)
    if (folder / "removals" / "replay").exists():
        return False
    return mark.exists() and mark.read_text(encoding="ascii") == _fingerprint()


def main(*, demo: bool) -> None:
    """Migrate and fill reference data; idempotent. Runs in a process of its own."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from django.utils import timezone

    from haidang.action.alerts import api as alerts
    from haidang.action.operations import api as operations
    from haidang.data.protection import api as protection
    from haidang.data.warehouse import api as warehouse
    from haidang.delivery.dashboards import api as dashboards
    from haidang.foundation.access import api as access
    from haidang.foundation.core.audit import SYSTEM

    warehouse.prepare()
    protection.replay()
    access.install_roles()
    dashboards.install_starter(by=SYSTEM)
    if demo:
        from haidang.project.demo import install

        install.install()
    alerts.install_starter(by=access.EVERYTHING, now=timezone.now())
    operations.install_starter(by=SYSTEM, now=timezone.now())
    _mark(settings.DATA_DIR, demo).write_text(_fingerprint(), encoding="ascii")


def _mark(folder: Path, demo: bool) -> Path:
    return folder / "run" / ("prepared-demo" if demo else "prepared")


def _fingerprint() -> str:
    """Return a digest of version, database address and migration files."""
    digest = hashlib.sha256(f"{__version__} {os.environ.get('HAIDANG_DATABASE_URL')}".encode())
    for file in sorted(_PACKAGE.glob("*/*/migrations/*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
