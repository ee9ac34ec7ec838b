"""Write the readings since a day in a process of their own, beside the installation: `install`."""

import sys
from datetime import date

import django

if __name__ == "__main__":
    django.setup()
    from haidang.project.demo import past

    past.write_readings(date.fromisoformat(sys.argv[1]))
