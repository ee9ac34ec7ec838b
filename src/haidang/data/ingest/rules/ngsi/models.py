"""Smart Data Models as contracts: which attribute is which field, and in which unit of measure.

Names of models and attributes are those of smartdatamodels.org. An attribute that is not named
here is not loaded; a person adds it to the contract of the dataset where it is wanted.
"""

from typing import Any, NamedTuple

from haidang.data.ingest.rules.inference.values import Proposed


class Attribute(NamedTuple):
    """One attribute: its name, the field's name and title, type and unit of measure."""

    attribute: str
    name: str
    title: str
    type: str = "number"
    unit: str = ""


class Model(NamedTuple):
    """One type of entity. `time` is the attribute that tells when it was observed."""

    code: str
    title: str
    time: str
    attributes: tuple[Attribute, ...]

    @property
    def fields(self) -> tuple[Proposed, ...]:
        """Return the fields of the contract: entity, time, place, and what is measured."""
        common = (
            Proposed("thuc_the", "Thực thể", "id", key=True, required=True, why="mã thực thể"),
            Proposed(
                "thoi_diem", "Thời điểm", self.time, "datetime", key=True, required=True,
                why="thời điểm quan sát",
            ),
            Proposed("kinh_do", "Kinh độ", "location.longitude", "number", "°", why="vị trí"),
            Proposed("vi_do", "Vĩ độ", "location.latitude", "number", "°", why="vị trí"),
        )  # fmt: skip
        own = [
            Proposed(
                one.name, one.title, one.attribute, one.type, one.unit, why="Smart Data Models"
            )
            for one in self.attributes
        ]
        return (*common, *own)

    @property
    def mapping(self) -> dict[str, Any]:
        """Return the declared layout of a source of such entities."""
        return {
            "format": "ngsi",
            "entity_type": self.code,
            "timezone": "UTC",
            "decimal": ".",
            "columns": {one.heading: one.name for one in self.fields},
            "units": {one.attribute: one.unit for one in self.attributes if one.unit},
        }


_PLACE = (
    Attribute("address.addressLocality", "dia_ban", "Địa bàn", "string"),
    Attribute("refDevice", "thiet_bi", "Thiết bị", "string"),
)
_WEATHER = (
    Attribute("temperature", "nhiet_do", "Nhiệt độ", unit="°C"),
    Attribute("relativeHumidity", "do_am", "Độ ẩm tương đối"),
    Attribute("windSpeed", "toc_do_gio", "Tốc độ gió", unit="m/s"),
    Attribute("windDirection", "huong_gio", "Hướng gió", unit="°"),
    Attribute("precipitation", "mua", "Lượng mưa", unit="mm"),
)

MODELS: dict[str, Model] = {
    model.code: model
    for model in (
        Model(
            "AirQualityObserved", "Chất lượng không khí", "dateObserved",
            (
                Attribute("pm25", "pm25", "Bụi PM2.5", unit="µg/m³"),
                Attribute("pm10", "pm10", "Bụi PM10", unit="µg/m³"),
                Attribute("co", "co", "CO", unit="µg/m³"),
                Attribute("no", "no", "NO", unit="µg/m³"),
                Attribute("no2", "no2", "NO2", unit="µg/m³"),
                Attribute("nox", "nox", "NOx", unit="µg/m³"),
                Attribute("so2", "so2", "SO2", unit="µg/m³"),
                Attribute("o3", "o3", "O3", unit="µg/m³"),
                Attribute("airQualityIndex", "chi_so", "Chỉ số chất lượng không khí"),
                Attribute("airQualityLevel", "muc", "Mức", "string"),
                *_WEATHER, *_PLACE,
            ),
        ),
        Model(
            "WaterQualityObserved", "Chất lượng nước", "dateObserved",
            (
                Attribute("pH", "ph", "pH", unit="pH"),
                Attribute("temperature", "nhiet_do", "Nhiệt độ nước", unit="°C"),
                Attribute("O2", "oxy", "Oxy hòa tan", unit="mg/l"),
                Attribute("conductivity", "do_dan_dien", "Độ dẫn điện", unit="mS/cm"),
                Attribute("turbidity", "do_duc", "Độ đục", unit="NTU"),
                Attribute("tss", "tss", "TSS", unit="mg/l"),
                Attribute("cod", "cod", "COD", unit="mg/l"),
                Attribute("bod", "bod", "BOD", unit="mg/l"),
                Attribute("NH4", "amoni", "Amoni", unit="mg/l"),
                *_PLACE,
            ),
        ),
        Model(
            "WaterObserved", "Mực nước, lưu lượng", "dateObserved",
            (
                Attribute("waterLevel", "muc_nuoc", "Mực nước", unit="m"),
                Attribute("flow", "luu_luong", "Lưu lượng", unit="m³/s"),
                Attribute("height", "chieu_cao", "Chiều cao", unit="m"),
                *_PLACE,
            ),
        ),
        Model(
            "FloodMonitoring", "Theo dõi ngập", "dateObserved",
            (
                Attribute("currentLevel", "muc_hien_tai", "Mức hiện tại", unit="m"),
                Attribute("measuredDistance", "khoang_cach", "Khoảng cách đo", unit="m"),
                Attribute("floodLevelStatus", "tinh_trang", "Tình trạng", "string"),
                *_PLACE,
            ),
        ),
        Model(
            "TrafficFlowObserved", "Lưu lượng giao thông", "dateObserved",
            (
                Attribute("intensity", "luong_xe", "Lượng xe"),
                Attribute("averageVehicleSpeed", "toc_do", "Tốc độ trung bình", unit="km/h"),
                Attribute("averageVehicleLength", "chieu_dai_xe", "Chiều dài xe", unit="m"),
                Attribute("averageHeadwayTime", "gian_cach", "Giãn cách trung bình", unit="s"),
                Attribute("occupancy", "do_chiem_dung", "Độ chiếm dụng mặt đường"),
                Attribute("congested", "un_tac", "Ùn tắc", "boolean"),
                Attribute("laneId", "lan", "Làn", "integer"),
                Attribute("laneDirection", "chieu", "Chiều", "string"),
                *_PLACE,
            ),
        ),
        Model(
            "WeatherObserved", "Thời tiết", "dateObserved",
            (
                *_WEATHER,
                Attribute("atmosphericPressure", "khi_ap", "Khí áp", unit="hPa"),
                Attribute("illuminance", "do_sang", "Độ sáng", unit="lx"),
                *_PLACE,
            ),
        ),
        Model(
            "NoiseLevelObserved", "Tiếng ồn", "dateObserved",
            (
                Attribute("LAeq", "laeq", "Mức ồn tương đương LAeq", unit="dB"),
                Attribute("LAmax", "lamax", "Mức ồn lớn nhất", unit="dB"),
                *_PLACE,
            ),
        ),
        Model(
            "Alert", "Cảnh báo", "dateIssued",
            (
                Attribute("category", "nhom", "Nhóm", "string"),
                Attribute("subCategory", "loai", "Loại", "string"),
                Attribute("severity", "muc", "Mức nghiêm trọng", "string"),
                Attribute("description", "mo_ta", "Mô tả", "string"),
                *_PLACE,
            ),
        ),
    )
}  # fmt: skip
