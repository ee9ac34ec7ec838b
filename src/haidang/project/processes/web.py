"""The web process: pages, API and live stream on one port."""

import socket
import sys

import uvicorn
from django.conf import settings

from haidang.foundation.core import serving


class Server(uvicorn.Server):
    """A server that ends live streams before it waits for what is still being answered.

    Left alone it would wait for them in vain, then cut them in the middle of a chunk.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        from haidang.project import asgi

        await asgi.stopping()
        await super().shutdown(sockets)


def main(host: str, port: int) -> None:
    """Serve until SIGTERM; what is still being answered after two seconds is cut."""
    server = Server(config(host, port))
    server.run()
    if not server.started:
        sys.exit(3)


def config(host: str, port: int) -> uvicorn.Config:
    """Return how the pages are served."""
    from haidang.project.asgi import application

    return uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="uvloop",
        lifespan="on",
        proxy_headers=not settings.DEBUG,
        forwarded_allow_ips="127.0.0.1",
        **serving.OPTIONS,
    )
