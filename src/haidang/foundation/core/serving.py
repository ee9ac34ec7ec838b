"""How this platform's HTTP ports are served: the same limits at each of them."""

from typing import Any

OPTIONS: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,
    "http": "httptools",
    "timeout_graceful_shutdown": 2,
    "timeout_keep_alive": 30,
    "server_header": False,
    "h11_max_incomplete_event_size": 64 * 1024,
}
