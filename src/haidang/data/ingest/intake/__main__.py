"""`python -m haidang.data.ingest.intake`: the process by itself, for development and tests."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")

import django

django.setup()

from haidang.data.ingest.intake.process import main  # noqa: E402 - Django first

main()
