"""Coordinate systems that maps of Vietnamese agencies come in, by EPSG code."""

MERIDIANS = {
    "9205": "103°00'", "9206": "104°00'", "9207": "104°30'", "9208": "104°45'",
    "5896": "105°00'", "9209": "105°30'", "9210": "105°45'", "9211": "106°00'",
    "9212": "106°15'", "9213": "106°30'", "9214": "107°00'", "9215": "107°15'",
    "9216": "107°30'", "5899": "107°45'", "5897": "108°00'", "9217": "108°15'",
    "9218": "108°30'", "5898": "111°00'",
}  # fmt: skip
"""EPSG codes of VN-2000, zones of three degrees, by their central meridian."""
SYSTEMS = {
    "": "Theo tệp",
    "4326": "WGS 84 (kinh độ, vĩ độ)",
    **{code: f"VN-2000, kinh tuyến trục {degrees}, múi 3°" for code, degrees in MERIDIANS.items()},
    "3405": "VN-2000, UTM múi 48, 6°",
    "3406": "VN-2000, UTM múi 49, 6°",
    "4756": "VN-2000 (kinh độ, vĩ độ)",
}
