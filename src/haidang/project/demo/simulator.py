"""The live half of the demo: about 200 devices publishing SenML through real MQTT, QoS 1.

One MQTT connection per source, as a field gateway would; readings are marked by their devices,
which are registered as simulated.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import paho.mqtt.client as mqtt
from django.conf import settings
from paho.mqtt.enums import CallbackAPIVersion

from haidang.project.demo import devices, signals

_KEYS = "demo-keys.json"  # in the data folder: API key per source, made at installation


def main() -> None:
    """Publish until SIGTERM; waits for the broker and comes back after it restarts."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    keys = json.loads((settings.DATA_DIR / _KEYS).read_text(encoding="utf-8"))
    clients = {source: _client(source, key) for source, key in keys.items()}
    fleet = list(devices.stations(_communes()))
    for _ in _ticks(stop):
        _publish_due(clients, fleet, time.time())
    for client in clients.values():
        client.disconnect()
        client.loop_stop()


def _communes() -> list[str]:
    from haidang.foundation.org import api as org

    return [unit.code for unit in org.all_units(level="commune")]


def _client(source: str, key: str) -> mqtt.Client:
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"simulator-{source}-{os.getpid()}",
        protocol=mqtt.MQTTv311,
    )
    client.username_pw_set(source, key)
    client.reconnect_delay_set(min_delay=1, max_delay=5)
    client.connect_async(settings.MQTT_HOST, settings.MQTT_PORT, keepalive=60)
    client.loop_start()
    return client


def _ticks(stop: threading.Event) -> Iterator[int]:
    """Yield once a second until asked to stop."""
    tick = 0
    while not stop.wait(1.0):
        yield tick
        tick += 1


def _publish_due(clients: dict[str, mqtt.Client], fleet: list[devices.Station], now: float) -> None:
    every = {network.source: network.every for network in devices.NETWORKS}
    for station in fleet:
        client = clients.get(station.source)
        if client is None or not client.is_connected():
            continue
        if (int(now) + station.seed) % every[station.source] == 0:
            topic = f"haidang/v1/{station.source}/{station.code}"
            client.publish(topic, message(station, now), qos=1)


def message(station: devices.Station, now: float) -> str:
    """Return one SenML pack of a device: its metrics at the whole second `now`."""
    at = np.array([float(int(now))])
    records: list[dict[str, object]] = [
        {"n": metric, "v": float(signals.measure(metric, seed, at)[0])}
        for metric in station.metrics
        for seed in (devices.seed_of(station.code, signals.kin(metric)),)
    ]
    records[0] |= {"bt": int(now)}
    return json.dumps(records)
