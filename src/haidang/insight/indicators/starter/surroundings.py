"""Environment, water, flooding, roads, waste, electricity and water supply."""

from datetime import date
from typing import Any

from haidang.insight.indicators.starter.shapes import (
    DAILY,
    HOURLY,
    LIVE,
    MONTHLY,
    IndicatorData,
    TargetData,
    ThresholdData,
)


def _metric(metric: str, agg: str = "mean", rollup: str = "max") -> dict[str, Any]:
    """Take one metric; each unit's worst station stands for it, and so on upwards."""
    return {"dataset": "quan-trac", "metric": metric, "agg": agg, "rollup": rollup}


def _live(
    code: str, name: str, sector: str, unit: str, owner: str, spec: dict[str, Any],
    *thresholds: ThresholdData, decimals: int = 0, direction: str = "lower",
) -> IndicatorData:  # fmt: skip
    return IndicatorData(
        code, name, sector, unit, direction, "hour", LIVE, owner, "commune", spec,
        method="live", decimals=decimals, hazard=True, thresholds=thresholds,
    )  # fmt: skip


SURROUNDINGS: tuple[IndicatorData, ...] = (
    _live("aqi", "Chất lượng không khí (VN_AQI)", "moi-truong", "", "74.STNMT", _metric("aqi"),
          ThresholdData(101, 151, hysteresis=3, minimum_seconds=300)),
    _live("pm25", "Bụi mịn PM2.5", "moi-truong", "µg/m³", "74.STNMT", _metric("pm25"),
          ThresholdData(40, 50, hysteresis=2, minimum_seconds=300), decimals=1),
    _live("pm10", "Bụi PM10", "moi-truong", "µg/m³", "74.STNMT", _metric("pm10"),
          ThresholdData(80, 100, hysteresis=3, minimum_seconds=300), decimals=1),
    _live("nuoc-thai-cod", "COD nước thải khu công nghiệp", "moi-truong", "mg/l", "74.STNMT",
          _metric("cod"), ThresholdData(67.5, 75, hysteresis=2, minimum_seconds=600), decimals=1),
    _live("nuoc-thai-tss", "TSS nước thải khu công nghiệp", "moi-truong", "mg/l", "74.STNMT",
          _metric("tss"), ThresholdData(45, 50, hysteresis=1, minimum_seconds=600), decimals=1),
    _live("nuoc-thai-amoni", "Amoni nước thải khu công nghiệp", "moi-truong", "mg/l", "74.STNMT",
          _metric("nh4"), ThresholdData(4.5, 5, hysteresis=0.1, minimum_seconds=600), decimals=2),
    _live("nuoc-thai-ph", "pH nước thải khu công nghiệp", "moi-truong", "pH", "74.STNMT",
          _metric("ph"),
          ThresholdData(8.5, 9, watch_low=6, critical_low=5.5, hysteresis=0.1,
                        minimum_seconds=600),
          decimals=1, direction="range"),
    _live("nuoc-thai-luu-luong", "Lưu lượng xả thải", "moi-truong", "m³/giờ", "74.STNMT",
          _metric("flow", rollup="max"), ThresholdData(500, 600, hysteresis=10), decimals=0),
    _live("muc-nuoc", "Mực nước", "thuy-van", "m", "74.STNMT", _metric("water_level", "max"),
          ThresholdData(1.15, 1.30, end=date(2022, 1, 1), hysteresis=0.03,
                        legal_basis="Mức báo động III cũ: 1,30 m"),
          ThresholdData(1.40, 1.60, start=date(2022, 1, 1), hysteresis=0.03,
                        legal_basis="Mức báo động III: 1,60 m"),
          decimals=2),
    _live("mua-1h", "Mưa trong giờ", "thuy-van", "mm", "74.STNMT", _metric("rain", "max"),
          ThresholdData(30, 50, hysteresis=5), decimals=1),
    _live("ngap", "Độ sâu ngập đường", "ha-tang", "cm", "74.SXD", _metric("flood_depth", "max"),
          ThresholdData(10, 30, hysteresis=2, minimum_seconds=120)),
    _live("toc-do-giao-thong", "Tốc độ giao thông tuyến chính", "giao-thong", "km/giờ",
          "74.SGTVT", _metric("traffic_speed", rollup="min"),
          ThresholdData(20, 10, hysteresis=2, minimum_seconds=900), direction="higher"),
    IndicatorData(
        "aqi-gio", "VN_AQI trung bình giờ", "moi-truong", "", "lower", "hour", HOURLY, "74.STNMT",
        "commune", _metric("aqi"), hazard=True,
        thresholds=(ThresholdData(101, 151, hysteresis=3),),
    ),
    IndicatorData(
        "rac-thu-gom", "Chất thải sinh hoạt được thu gom", "ha-tang", "%", "higher", "day", DAILY,
        "74.SXD", "district",
        {"dataset": "rac-thai", "agg": "ratio", "numerator": "thu_gom",
         "denominator": "phat_sinh", "scale": 100},
        decimals=1, thresholds=(ThresholdData(95, 90, hysteresis=0.5),),
        targets=(TargetData("HĐND", "level", {2024: 96, 2025: 97, 2026: 98, 2027: 98}),),
    ),
    IndicatorData(
        "rac-khoi-luong", "Chất thải sinh hoạt thu gom trong ngày", "ha-tang", "tấn", "higher",
        "day", DAILY, "74.SXD", "district",
        {"dataset": "rac-thai", "agg": "sum", "field": "thu_gom"},
    ),
    IndicatorData(
        "mat-dien", "Thời gian mất điện bình quân khách hàng", "ha-tang", "phút", "lower", "month",
        MONTHLY, "74.SXD", "district",
        {"dataset": "dien-nuoc", "agg": "ratio", "numerator": "phut_mat_dien",
         "denominator": "khach_hang"},
        decimals=1, thresholds=(ThresholdData(15, 30, hysteresis=1),),
        targets=(TargetData("UBND tỉnh", "level", {2024: 15, 2025: 14, 2026: 12, 2027: 12}),),
    ),
    IndicatorData(
        "nuoc-sach", "Hộ dân dùng nước sạch", "ha-tang", "%", "higher", "month", MONTHLY,
        "74.SXD", "district",
        {"dataset": "dien-nuoc", "agg": "ratio", "numerator": "ho_nuoc_sach",
         "denominator": "so_ho", "scale": 100},
        decimals=1, thresholds=(ThresholdData(97, 93, hysteresis=0.3),),
        targets=(TargetData("HĐND", "level", {2024: 98, 2025: 98.5, 2026: 99, 2027: 99}),),
    ),
)  # fmt: skip
