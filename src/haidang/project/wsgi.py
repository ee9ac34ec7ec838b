"""Django's pages, served in threads behind the raw ASGI hot paths of `asgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
application = get_wsgi_application()
