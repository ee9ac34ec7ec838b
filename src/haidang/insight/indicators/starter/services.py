"""Public services, citizens' reports, assigned tasks, digital transformation, the Centre itself."""

from haidang.insight.indicators.starter.shapes import (
    DAILY,
    MONTHLY,
    WEEKLY,
    IndicatorData,
    TargetData,
    ThresholdData,
)


def _target(level: float) -> TargetData:
    return TargetData("UBND tỉnh", "level", dict.fromkeys(range(2024, 2028), level))


def _share(dataset: str, part: str, whole: str) -> dict[str, object]:
    return {
        "dataset": dataset, "agg": "ratio", "numerator": part, "denominator": whole, "scale": 100,
    }  # fmt: skip


SERVICES: tuple[IndicatorData, ...] = (
    IndicatorData(
        "ho-so-dung-han", "Hồ sơ đúng hạn", "tthc", "%", "higher", "day", DAILY, "74.VP",
        "commune", _share("ho-so", "dung_han", "giai_quyet"), decimals=1,
        thresholds=(ThresholdData(98, 95, hysteresis=0.2),), targets=(_target(98),),
    ),
    IndicatorData(
        "ho-so-qua-han", "Hồ sơ đang quá hạn", "tthc", "hồ sơ", "lower", "day", DAILY, "74.VP",
        "commune", {"dataset": "ho-so", "agg": "sum", "field": "qua_han"},
        thresholds=(
            ThresholdData(400, 1000, level="province", hysteresis=10),
            ThresholdData(60, 150, level="district", hysteresis=3),
            ThresholdData(11, 51, level="commune", hysteresis=1),
        ),
    ),
    IndicatorData(
        "ho-so-truc-tuyen", "Hồ sơ nộp trực tuyến", "tthc", "%", "higher", "day", DAILY, "74.VP",
        "commune", _share("ho-so", "truc_tuyen", "tiep_nhan"), decimals=1,
        thresholds=(ThresholdData(70, 50, hysteresis=1),), targets=(_target(80),),
    ),
    IndicatorData(
        "ho-so-so-hoa", "Hồ sơ được số hóa", "tthc", "%", "higher", "day", DAILY, "74.VP",
        "commune", _share("ho-so", "so_hoa", "tiep_nhan"), decimals=1,
        thresholds=(ThresholdData(80, 65, hysteresis=1),), targets=(_target(85),),
    ),
    IndicatorData(
        "dat-dai-tre-han", "Hồ sơ đất đai trễ hạn", "dat-dai", "%", "lower", "day", DAILY,
        "74.STNMT", "district", _share("dat-dai", "tre_han", "dang_xu_ly"), decimals=1,
        thresholds=(ThresholdData(3, 8, hysteresis=0.2),),
    ),
    IndicatorData(
        "phan-anh-tiep-nhan", "Phản ánh tiếp nhận trong ngày", "phan-anh", "phản ánh", "lower",
        "day", DAILY, "74.IOC", "commune",
        {"dataset": "phan-anh", "agg": "sum", "field": "tiep_nhan"},
    ),
    IndicatorData(
        "phan-anh-qua-han", "Phản ánh quá hạn", "phan-anh", "phản ánh", "lower", "day", DAILY,
        "74.IOC", "commune", {"dataset": "phan-anh", "agg": "sum", "field": "qua_han"},
        hazard=True,
        thresholds=(
            ThresholdData(30, 60, level="province", hysteresis=2),
            ThresholdData(8, 15, level="district", hysteresis=1),
            ThresholdData(2, 4, level="commune"),
        ),
    ),
    IndicatorData(
        "phan-anh-dung-han", "Phản ánh xử lý đúng hạn", "phan-anh", "%", "higher", "day", DAILY,
        "74.IOC", "commune", _share("phan-anh", "dung_han", "xu_ly"), decimals=1,
        thresholds=(ThresholdData(97, 93, hysteresis=0.3),), targets=(_target(97),),
    ),
    IndicatorData(
        "phan-anh-hai-long", "Người dân hài lòng với kết quả xử lý", "phan-anh", "%", "higher",
        "day", DAILY, "74.IOC", "commune", _share("phan-anh", "hai_long", "danh_gia"), decimals=1,
        thresholds=(ThresholdData(90, 80, hysteresis=1),), targets=(_target(90),),
    ),
    IndicatorData(
        "phan-anh-mo-lai", "Phản ánh mở lại sau khi đóng", "phan-anh", "%", "lower", "day", DAILY,
        "74.IOC", "commune", _share("phan-anh", "mo_lai", "xu_ly"), decimals=1,
        thresholds=(ThresholdData(5, 10, hysteresis=0.5),),
    ),
    IndicatorData(
        "nhiem-vu-tre-han", "Nhiệm vụ UBND tỉnh giao trễ hạn", "ioc", "%", "lower", "day", DAILY,
        "74.VP", "district", _share("nhiem-vu", "tre_han", "dang_thuc_hien"), decimals=1,
        thresholds=(ThresholdData(3, 8, hysteresis=0.3),),
    ),
    IndicatorData(
        "ma-doc", "Máy nhiễm mã độc", "attt", "máy", "lower", "day", DAILY, "74.STTTT",
        "district", {"dataset": "an-toan-thong-tin", "agg": "sum", "field": "ma_doc"},
        hazard=True,
        thresholds=(
            ThresholdData(40, 80, level="province", hysteresis=2),
            ThresholdData(8, 20, level="district", hysteresis=1),
        ),
    ),
    IndicatorData(
        "su-co-attt", "Sự cố an toàn thông tin từ mức 3", "attt", "sự cố", "lower", "day", DAILY,
        "74.STTTT", "district", {"dataset": "an-toan-thong-tin", "agg": "sum", "field": "su_co"},
        hazard=True, thresholds=(ThresholdData(1, 1),),
    ),
    IndicatorData(
        "vneid", "Dân có tài khoản định danh điện tử", "cds", "%", "higher", "month", MONTHLY,
        "74.CA", "district", method="manual", spec={"rollup": "mean"}, decimals=1,
        thresholds=(ThresholdData(85, 75),), targets=(_target(90),),
    ),
    IndicatorData(
        "van-ban-dien-tu", "Văn bản ký số, xử lý trên mạng", "cds", "%", "higher", "month",
        MONTHLY, "74.STTTT", "commune", method="manual", spec={"rollup": "mean"}, decimals=1,
        thresholds=(ThresholdData(95, 90),), targets=(_target(98),),
    ),
    IndicatorData(
        "lanh-dao-dang-nhap", "Lãnh đạo sử dụng hệ thống trong tuần", "ioc", "%", "higher",
        "week", WEEKLY, "74.IOC", "province", method="manual", decimals=0,
        thresholds=(ThresholdData(70, 40),), targets=(_target(80),),
    ),
)  # fmt: skip
