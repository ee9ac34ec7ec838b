"""Weight and server time of the five main pages of the running demo."""

import gzip
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import closing

import httpx

from bench.rows import Row
from haidang.project.demo.cast import PASSWORD
from tests.platform import Platform

PAGES = {
    "board": "/console/",
    "wall": "/wall/",
    "alerts": "/console/alerts/",
    "tickets": "/console/tickets/",
    "sources": "/console/sources/",
}
REPEATS = 40
SETTLE = 30.0  # seconds after the first start, in which the history's last jobs end


def run() -> Iterator[Row]:
    """Fetch each page signed in as the centre's director; assets count once per page."""
    with Platform(demo=True) as platform, closing(sign_in(platform.url, "giamdoc.ioc")) as client:
        time.sleep(SETTLE)
        for name, path in PAGES.items():
            html, times = fetch(client, path)
            assets = asset_weights(client, html)
            raw = len(html) + sum(size for size, _ in assets)
            packed = len(gzip.compress(html)) + sum(size for _, size in assets)
            yield Row(f"{name}: server time", statistics.median(times) * 1000, None, None, "ms")
            yield Row(f"{name}: weight", raw / 1000, None, None, "kB", f"gzip {packed / 1000:.0f}")


def sign_in(url: str, username: str) -> httpx.Client:
    """Return a client signed in as a member of the demo's cast."""
    client = httpx.Client(base_url=url, follow_redirects=True, timeout=30)
    page = client.get("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, "the sign-in page has no form"
    answer = client.post(
        "/accounts/login/",
        data={"login": username, "password": PASSWORD, "csrfmiddlewaretoken": token[1]},
        headers={"Referer": f"{url}/accounts/login/"},
    )
    assert "sessionid" in client.cookies, answer.text[:500]
    return client


def fetch(client: httpx.Client, path: str) -> tuple[bytes, list[float]]:
    """Return the page and the seconds of each of the repeats, a first one left out."""
    times = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - began)
        answer.raise_for_status()
    return answer.content, times[1:]


def asset_weights(client: httpx.Client, html: bytes) -> list[tuple[int, int]]:
    """Return raw and gzipped sizes of the styles and scripts that the page names."""
    names = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css|woff2))"', html.decode()))
    bodies = [client.get(name).content for name in sorted(names)]
    return [(len(body), len(gzip.compress(body))) for body in bodies]
