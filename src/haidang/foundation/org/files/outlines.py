"""Shapes of a GeoJSON file or a zipped Shapefile, in WGS 84."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pyproj
import shapefile
import shapely
from shapely.geometry.base import BaseGeometry

from haidang.foundation.core import documents
from haidang.foundation.org.errors import UnreadableOutlinesError
from haidang.foundation.org.rules.outlines import Shape
from haidang.foundation.org.rules.systems import SYSTEMS

MOST_BYTES = documents.MOST_MAP_BYTES
MOST_SHAPES = 20_000
_NOT_GEOJSON = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    shapely.GEOSException,
    documents.BrokenDocumentError,
)
_NOT_A_SHAPEFILE = (
    zipfile.BadZipFile,
    shapefile.ShapefileException,
    shapely.GEOSException,
    struct.error,
    KeyError,
    IndexError,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,  # a password, a way of packing that is not known
    zlib.error,
)
Moved = Callable[[BaseGeometry], BaseGeometry]


def shapes_of(name: str, content: bytes, system: str = "") -> tuple[list[Shape], str]:
    """Return the surfaces of a file in WGS 84, and the name of the system it was read in.

    `system` is a key of SYSTEMS; empty: what the file says. Raises UnreadableOutlinesError.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableOutlinesError("Tệp lớn hơn 80 MB; hãy giản lược đường ranh rồi nhập lại.")
    read = _of_shapefile if name.lower().endswith(".zip") else _of_geojson
    found, told = read(content)
    crs = _system(system, told)
    move = _to_wgs84(crs)
    shapes = [Shape(properties, move(geometry)) for properties, geometry in found]
    if not shapes:
        raise UnreadableOutlinesError("Tệp không có hình vùng (Polygon) nào.")
    return shapes, crs.name


def _of_geojson(content: bytes) -> tuple[list[tuple[dict[str, str], BaseGeometry]], str]:
    try:
        data = documents.parsed(content, most_bytes=MOST_BYTES)
        features = data["features"]
        told = str(data.get("crs", {}).get("properties", {}).get("name", ""))
        found = [
            (_texts(feature.get("properties") or {}), shapely.geometry.shape(feature["geometry"]))
            for feature in features[: MOST_SHAPES + 1]
            if feature.get("geometry")
        ]
    except documents.LargeDocumentError as error:
        raise UnreadableOutlinesError(error.message) from error
    except _NOT_GEOJSON as error:
        raise UnreadableOutlinesError("Tệp GeoJSON phải là một FeatureCollection.") from error
    return _surfaces(found), told or "EPSG:4326"


def _of_shapefile(content: bytes) -> tuple[list[tuple[dict[str, str], BaseGeometry]], str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = _parts(archive)
        reader = shapefile.Reader(
            shp=io.BytesIO(parts["shp"]),
            dbf=io.BytesIO(parts["dbf"]),
            shx=io.BytesIO(parts["shx"]) if "shx" in parts else None,
            encoding=_encoding(parts),
            encodingErrors="replace",
        )
        found = [
            (_texts(one.record.as_dict()), shapely.geometry.shape(one.shape.__geo_interface__))
            for one in _first(reader.iterShapeRecords())
            if one.shape.shapeType != shapefile.NULL
        ]
    except _NOT_A_SHAPEFILE as error:
        raise UnreadableOutlinesError(
            "Tệp nén phải có đủ .shp và .dbf của một lớp bản đồ (kèm .prj)."
        ) from error
    return _surfaces(found), parts.get("prj", b"").decode("utf-8", "replace")


def _parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Return the files of the one layer in an archive, by their ending."""
    layers = [info for info in archive.infolist() if info.filename.lower().endswith(".shp")]
    if len(layers) != 1:
        raise UnreadableOutlinesError("Tệp nén phải chứa đúng một lớp bản đồ (.shp).")
    stem = layers[0].filename[:-4]
    chosen = [info for info in archive.infolist() if info.filename.rpartition(".")[0] == stem]
    if sum(info.file_size for info in chosen) > 4 * MOST_BYTES:
        raise UnreadableOutlinesError("Lớp bản đồ quá lớn; hãy giản lược đường ranh.")
    return {info.filename.rpartition(".")[2].lower(): archive.read(info) for info in chosen}


def _encoding(parts: dict[str, bytes]) -> str:
    said = parts.get("cpg", b"utf-8").decode("ascii", "ignore").strip().lower()
    return {"1258": "cp1258", "ansi 1258": "cp1258", "1252": "cp1252"}.get(said, "utf-8")


def _first(records: Any) -> Iterator[Any]:
    for number, one in enumerate(records):
        if number > MOST_SHAPES:
            return
        yield one


def _surfaces(
    found: list[tuple[dict[str, str], BaseGeometry]],
) -> list[tuple[dict[str, str], BaseGeometry]]:
    if len(found) > MOST_SHAPES:
        raise UnreadableOutlinesError(f"Tệp có hơn {MOST_SHAPES} hình.")
    return [(told, shape) for told, shape in found if shape.geom_type.endswith("Polygon")]


def _texts(properties: dict[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in properties.items() if value not in (None, "")}


def _system(chosen: str, told: str) -> pyproj.CRS:
    if chosen and chosen not in SYSTEMS:
        raise UnreadableOutlinesError("Hệ tọa độ không có trong danh sách.")
    if not chosen and not told:
        raise UnreadableOutlinesError("Tệp không ghi hệ tọa độ (.prj); hãy chọn hệ tọa độ.")
    try:
        return pyproj.CRS.from_user_input(int(chosen) if chosen else told)
    except pyproj.exceptions.CRSError as error:
        raise UnreadableOutlinesError(
            "Không hiểu hệ tọa độ ghi trong tệp; hãy chọn hệ tọa độ."
        ) from error


def _to_wgs84(crs: pyproj.CRS) -> Moved:
    """Return how shapes are moved. PROJ's own parameters of VN-2000; it never asks the network."""
    if crs.equals(pyproj.CRS(4326), ignore_axis_order=True) or crs.name == "WGS 84 (CRS84)":
        return _flat
    change = pyproj.Transformer.from_crs(_known(crs), 4326, always_xy=True)

    def moved(geometry: BaseGeometry) -> BaseGeometry:
        flat = shapely.force_2d(geometry)
        return shapely.transform(flat, change.transform, interleaved=False)

    return moved


def _flat(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.force_2d(geometry)


def _known(crs: pyproj.CRS) -> pyproj.CRS:
    """Return the registered system that a .prj describes: its text lacks the shift to WGS 84."""
    code = crs.to_epsg(min_confidence=60)
    return pyproj.CRS(code) if code else crs
