"""Units of measure by their UN/CEFACT codes (recommendation 20), and how they convert."""

from typing import NamedTuple


class Unit(NamedTuple):
    """A unit: its sign, what it measures, and value × factor + shift in that kind's base unit."""

    sign: str
    measures: str
    factor: float = 1.0
    shift: float = 0.0


UNITS: dict[str, Unit] = {
    "C62": Unit("", "number"),
    "P1": Unit("%", "share"),
    "CEL": Unit("°C", "temperature"),
    "FAH": Unit("°F", "temperature", 5 / 9, -160 / 9),
    "KEL": Unit("K", "temperature", 1.0, -273.15),
    "GQ": Unit("µg/m³", "concentration"),
    "GP": Unit("mg/m³", "concentration", 1e3),
    "M1": Unit("mg/l", "concentration", 1e6),
    "KMQ": Unit("kg/m³", "concentration", 1e9),
    "59": Unit("ppm", "parts"),
    "61": Unit("ppb", "parts", 1e-3),
    "MTS": Unit("m/s", "speed"),
    "KMH": Unit("km/h", "speed", 1 / 3.6),
    "MMT": Unit("mm", "length", 1e-3),
    "CMT": Unit("cm", "length", 1e-2),
    "MTR": Unit("m", "length"),
    "KMT": Unit("km", "length", 1e3),
    "PAL": Unit("Pa", "pressure"),
    "A97": Unit("hPa", "pressure", 1e2),
    "MBR": Unit("mbar", "pressure", 1e2),
    "KPA": Unit("kPa", "pressure", 1e3),
    "BAR": Unit("bar", "pressure", 1e5),
    "2N": Unit("dB", "sound"),
    "LUX": Unit("lx", "light"),
    "D54": Unit("W/m²", "irradiance"),
    "MQS": Unit("m³/s", "flow"),
    "G51": Unit("l/s", "flow", 1e-3),
    "LTR": Unit("l", "volume", 1e-3),
    "MTQ": Unit("m³", "volume"),
    "SEC": Unit("s", "time"),
    "MIN": Unit("phút", "time", 60.0),
    "HUR": Unit("giờ", "time", 3600.0),
    "DD": Unit("°", "angle"),
    "D10": Unit("S/m", "conductivity"),
    "H61": Unit("mS/cm", "conductivity", 0.1),
    "Q30": Unit("pH", "acidity"),
    "NTU": Unit("NTU", "turbidity"),
    "KWH": Unit("kWh", "energy"),
    "KWT": Unit("kW", "power", 1e3),
    "WTT": Unit("W", "power"),
}
_BY_SIGN = {unit.sign: unit for unit in UNITS.values()}


def converted(value: float, code: str, wanted: str) -> float | None:
    """Return a value in the unit whose sign is wanted; None when it cannot be said in it."""
    given, into = UNITS.get(code), _BY_SIGN.get(wanted)
    if given is None or into is None or given.measures != into.measures:
        return None
    if given.sign == into.sign:
        return value
    base = value * given.factor + given.shift
    return float(f"{(base - into.shift) / into.factor:.12g}")
