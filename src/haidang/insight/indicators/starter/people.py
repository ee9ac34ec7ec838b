"""Health, schools, road safety, order, fire."""

from haidang.insight.indicators.starter.shapes import (
    DAILY,
    MONTHLY,
    QUARTERLY,
    WEEKLY,
    YEARLY,
    IndicatorData,
    TargetData,
    ThresholdData,
)

# Of the province alone: a district has too few cases a month for a percentage to mean anything.
_THAN_LAST_YEAR = ThresholdData(10, 20, basis="last_year", hysteresis=1, level="province")

PEOPLE: tuple[IndicatorData, ...] = (
    IndicatorData(
        "sot-xuat-huyet", "Ca sốt xuất huyết trong tuần", "y-te", "ca", "lower", "week", WEEKLY,
        "74.SYT", "commune", {"dataset": "dich-benh", "agg": "sum", "field": "sot_xuat_huyet",
                                  "whole": True},
        hazard=True,
        thresholds=(
            ThresholdData(110, 131, level="province", hysteresis=3),
            ThresholdData(18, 26, level="district", hysteresis=1),
            ThresholdData(3, 6, level="commune"),
        ),
        description="Ngưỡng là bách phân vị 75 và 90 của 5 năm.",
    ),
    IndicatorData(
        "tay-chan-mieng", "Ca tay chân miệng trong tuần", "y-te", "ca", "lower", "week", WEEKLY,
        "74.SYT", "commune", {"dataset": "dich-benh", "agg": "sum", "field": "tay_chan_mieng",
                                  "whole": True},
        hazard=True,
        thresholds=(
            ThresholdData(90, 120, level="province", hysteresis=3),
            ThresholdData(15, 22, level="district", hysteresis=1),
            ThresholdData(3, 5, level="commune"),
        ),
    ),
    IndicatorData(
        "giuong-trong", "Giường bệnh còn trống", "y-te", "%", "higher", "day", DAILY, "74.SYT",
        "district",
        {"dataset": "benh-vien", "agg": "ratio", "numerator": "trong", "denominator": "giuong",
         "scale": 100},
        decimals=1, hazard=True, thresholds=(ThresholdData(15, 8, hysteresis=1),),
    ),
    IndicatorData(
        "bhyt", "Dân số tham gia bảo hiểm y tế", "y-te", "%", "higher", "month", MONTHLY,
        "74.BHXH", "district",
        {"dataset": "bao-hiem", "agg": "ratio", "numerator": "tham_gia", "denominator": "dan_so",
         "scale": 100},
        decimals=1, thresholds=(ThresholdData(93, 90, hysteresis=0.1),),
        targets=(
            TargetData("TTg", "level", {2024: 93, 2025: 94, 2026: 95, 2027: 95}, 1),
            TargetData("HĐND", "level", {2024: 94, 2025: 95, 2026: 95.5, 2027: 96}, 2),
        ),
    ),
    IndicatorData(
        "truong-chuan", "Trường đạt chuẩn quốc gia", "giao-duc", "%", "higher", "quarter",
        QUARTERLY, "74.SGDDT", "district", method="manual", spec={"rollup": "mean"}, decimals=1,
        thresholds=(ThresholdData(70, 60),),
        targets=(TargetData("HĐND", "level", {2024: 75, 2025: 77, 2026: 80, 2027: 82}),),
    ),
    IndicatorData(
        "tiem-chung", "Trẻ em tiêm chủng đầy đủ", "y-te", "%", "higher", "month", MONTHLY,
        "74.SYT", "commune", method="manual", spec={"rollup": "mean", "weight": "dan-so"},
        decimals=1,
        thresholds=(ThresholdData(90, 85),),
        targets=(TargetData("UBND tỉnh", "level", {2024: 95, 2025: 95, 2026: 95, 2027: 95}),),
    ),
    IndicatorData(
        "ho-ngheo", "Hộ nghèo đa chiều", "lao-dong", "hộ", "lower", "month", MONTHLY,
        "74.SLDTBXH", "commune", method="manual", spec={"rollup": "sum"},
    ),
    IndicatorData(
        "dan-so", "Dân số", "lao-dong", "người", "range", "year", YEARLY, "74.CTK", "commune",
        method="manual", spec={"rollup": "sum"},
    ),
    IndicatorData(
        "dien-tich", "Diện tích tự nhiên", "dat-dai", "km²", "range", "year", YEARLY, "74.STNMT",
        "commune", method="manual", spec={"rollup": "sum"}, decimals=2,
    ),
    IndicatorData(
        "tai-nan-giao-thong", "Tai nạn giao thông tháng", "giao-thong", "vụ", "lower", "month",
        DAILY, "74.CA", "district",
        {"dataset": "tai-nan-giao-thong", "agg": "sum", "field": "so_vu"},
        hazard=True, thresholds=(_THAN_LAST_YEAR,),
    ),
    IndicatorData(
        "nguoi-chet-tngt", "Người chết vì tai nạn giao thông", "giao-thong", "người", "lower",
        "month", DAILY, "74.CA", "district",
        {"dataset": "tai-nan-giao-thong", "agg": "sum", "field": "chet"},
        hazard=True, thresholds=(_THAN_LAST_YEAR,),
    ),
    IndicatorData(
        "pham-phap-hinh-su", "Vụ phạm pháp hình sự", "an-ninh", "vụ", "lower", "month", MONTHLY,
        "74.CA", "district", {"dataset": "an-ninh", "agg": "sum", "field": "so_vu"}, hazard=True,
        thresholds=(_THAN_LAST_YEAR,),
    ),
    IndicatorData(
        "kham-pha-an", "Tỷ lệ khám phá án hình sự", "an-ninh", "%", "higher", "month", MONTHLY,
        "74.CA", "district",
        {"dataset": "an-ninh", "agg": "ratio", "numerator": "kham_pha", "denominator": "so_vu",
         "scale": 100},
        decimals=1, thresholds=(ThresholdData(80, 75, hysteresis=0.5),),
    ),
    IndicatorData(
        "vu-chay", "Vụ cháy trong ngày", "pccc", "vụ", "lower", "day", DAILY, "74.CA",
        "district", {"dataset": "chay-no", "agg": "sum", "field": "so_vu"}, hazard=True,
        thresholds=(
            ThresholdData(2, 4, level="province"),
            ThresholdData(1, 2, level="district"),
        ),
    ),
)  # fmt: skip
