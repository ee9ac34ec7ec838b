"""The web process: pages, API and live stream on one port."""

import uvicorn
from django.conf import settings


def main(host: str, port: int) -> None:
    """Serve until SIGTERM; open streams are cut after two seconds."""
    from haidang.project.asgi import application

    uvicorn.run(
        application,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,
        server_header=False,
        proxy_headers=not settings.DEBUG,
        forwarded_allow_ips="127.0.0.1",
        h11_max_incomplete_event_size=64 * 1024,
    )
