"""MQTT 3.1.1 for publishing devices: QoS 0 and 1, PUBACK after the journal's sync."""

from haidang.data.ingest.intake.mqtt.server import MqttProtocol, MqttServer

__all__ = ["MqttProtocol", "MqttServer"]
