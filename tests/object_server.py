"""OpenStack Swift in one process, its S3 interface among its doors. Run by Debian's own Python:

/usr/bin/python3 -I tests/object_server.py FOLDER ACCOUNT-PORT CONTAINER-PORT OBJECT-PORT S3-PORT

`objects.py` writes the folder and says when to start and end.
"""

import sys

import eventlet

eventlet.monkey_patch(all=False, socket=True, select=True, thread=True)

from eventlet import wsgi  # noqa: E402 - after the patch
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.utils import NullLogger, set_swift_dir  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402


def main(folder: str, *ports: str) -> None:
    set_swift_dir(folder)  # not the machine's own /etc/swift
    keepers = ("account", "container", "object")
    for name, port in zip(keepers, ports, strict=False):
        _ring(f"{folder}/{name}.ring.gz", int(port))
    threads = []
    for name, port in zip((*keepers, "proxy"), ports, strict=True):
        app = loadapp(f"{folder}/{name}.conf")
        listening = eventlet.listen(("127.0.0.1", int(port)))
        threads.append(
            eventlet.spawn(
                wsgi.server, listening, app, NullLogger(), protocol=SwiftHttpProtocol, debug=False
            )
        )
    for one in threads:
        one.wait()


def _ring(path: str, port: int) -> None:
    """Say that one device of this machine keeps everything, once."""
    address = {"ip": "127.0.0.1", "port": port}
    back = {f"replication_{word}": value for word, value in address.items()}
    ring = RingBuilder(2, 1, 0)
    ring.add_dev({"region": 1, "zone": 1, "device": "d", "weight": 1, **address, **back})
    ring.rebalance(seed=1)
    ring.get_ring().save(path)


main(*sys.argv[1:])
