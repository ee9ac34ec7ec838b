"""Counted by the kernel: every PUBACK leaves after a sync of its own group."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.telemetry import ROOT

# Whole and as hex: a record of the journal may begin with the bytes of a PUBACK (its checksum).
_SYNC = re.compile(r"^\d+\s+fdatasync\(")
_PUBACK = re.compile(r'^\d+\s+(?:sendto|write|writev|sendmsg)\(\d+, .*"\\x40\\x02(\\x..){2}"(?!\.)')

# A server with nothing behind it: the gate, the journal and MQTT; no database.
SERVER = """
import asyncio, django, sys, uvloop
django.setup()
from pathlib import Path
from haidang.data.ingest.intake.gate import Gate
from haidang.data.ingest.intake.mqtt import MqttServer
from haidang.data.ingest.journal import Journal

class Anyone:
    def may_write(self, code): return True

async def sign_in(token): return Anyone()

async def serve():
    loop = asyncio.get_running_loop()
    journal = Journal(Path(sys.argv[1]))
    server = MqttServer(Gate(journal, loop, lambda: None), sign_in)
    listening = await loop.create_server(server.protocol, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)

uvloop.run(serve())
"""


def test_no_puback_leaves_before_the_sync_of_its_group(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("STRACE ABSENT: install Debian's strace to try it")
    trace = tmp_path / "trace"
    server = subprocess.Popen(
        ["strace", "-f", "-xx", "-s", "8", "-e", "trace=fdatasync,sendto,write,writev,sendmsg",
         "-o", str(trace), sys.executable, "-c", SERVER, str(tmp_path / "journal")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin",
             "DJANGO_SETTINGS_MODULE": "haidang.project.settings",
             "HAIDANG_DATA_DIR": str(tmp_path), "HAIDANG_SECRET_KEY": "x"},
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    port = int(server.stdout.readline())
    _publish(port, 30)
    server.stdin.close()
    server.stdout.close()
    server.wait(60)
    pubacks, early = _judge(trace.read_text())
    assert pubacks == 30
    assert early == 0


def _publish(port: int, count: int) -> None:
    """Publish one at a time, so that each PUBACK must have a sync of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        hello = b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c"
        wire.sendall(b"\x10" + bytes([len(hello)]) + hello)
        assert wire.recv(4) == b"\x20\x02\x00\x00"
        topic = b"haidang/v1/aq/d"
        for number in range(1, count + 1):
            body = len(topic).to_bytes(2, "big") + topic + number.to_bytes(2, "big") + b"[]"
            wire.sendall(b"\x32" + bytes([len(body)]) + body)
            assert wire.recv(4) == b"\x40\x02" + number.to_bytes(2, "big")


def _judge(trace: str) -> tuple[int, int]:
    """Return how many PUBACKs left, and how many of them without a new sync before."""
    pubacks = early = 0
    synced = False
    for line in trace.splitlines():
        if _SYNC.match(line):
            synced = True
        elif _PUBACK.match(line):
            pubacks += 1
            early += not synced
            synced = False
    return pubacks, early
