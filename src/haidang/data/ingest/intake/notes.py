"""The note of a journal record: whose readings, in which format, with which default."""

from dataclasses import dataclass

SENML, LINES, ARROW, NGSI = "senml", "lines", "arrow", "ngsi"

# Time units of line protocol by name: how many µs one step is; 0 stands for nanoseconds.
TIME_UNITS = {"": 0, "ns": 0, "n": 0, "us": 1, "u": 1, "ms": 1000, "s": 1_000_000}


@dataclass(frozen=True)
class Note:
    """`extra` is the device that SenML names may leave out, or the time unit of lines."""

    source: str
    format: str
    extra: str = ""

    def encode(self) -> bytes:
        return f"{self.source}\0{self.format}\0{self.extra}".encode()

    @classmethod
    def decode(cls, data: bytes) -> "Note":
        return cls(*data.decode().split("\0", 2))
