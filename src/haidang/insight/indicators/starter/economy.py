"""Economy, budget, public investment, enterprises, labour."""

from haidang.insight.indicators.starter.shapes import (
    DAILY,
    MONTHLY,
    QUARTERLY,
    IndicatorData,
    TargetData,
    ThresholdData,
)

ECONOMY: tuple[IndicatorData, ...] = (
    IndicatorData(
        "giai-ngan", "Giải ngân vốn đầu tư công", "dau-tu-cong", "tỷ đồng", "higher", "month",
        MONTHLY, "74.SKHDT", "district",
        {"dataset": "giai-ngan", "agg": "sum", "field": "giai_ngan", "cumulative": True},
        shows_ratio=True,
        thresholds=(ThresholdData(-5, -10, basis="pace", hysteresis=0.5),),
        targets=(
            TargetData("TTg", "amount", {2024: 15500, 2025: 18000, 2026: 19500, 2027: 21000}, 1,
                       shared=True, legal_basis="Quyết định giao kế hoạch của Thủ tướng"),
            TargetData("HĐND", "amount", {2024: 22000, 2025: 25600, 2026: 27700, 2027: 29500}, 2,
                       shared=True, legal_basis="Nghị quyết của HĐND tỉnh"),
        ),
        description="Lũy kế từ đầu năm; mỗi cấp giao kế hoạch cho một tỷ lệ riêng.",
    ),
    IndicatorData(
        "thu-ngan-sach", "Thu ngân sách lũy kế", "ngan-sach", "tỷ đồng", "higher", "day",
        DAILY, "74.STC", "district",
        {"dataset": "thu-ngan-sach", "agg": "sum", "field": "tong_thu", "cumulative": True},
        thresholds=(ThresholdData(-3, -8, basis="pace", hysteresis=0.3),),
        targets=(
            TargetData("TTg", "amount", {2024: 62000, 2025: 66000, 2026: 71300, 2027: 75000}, 1,
                       shared=True),
            TargetData("HĐND", "amount", {2024: 64000, 2025: 68500, 2026: 74000, 2027: 78000}, 2,
                       shared=True),
        ),
    ),
    IndicatorData(
        "thu-noi-dia", "Thu nội địa trong ngày", "ngan-sach", "tỷ đồng", "higher", "day",
        DAILY, "74.STC", "district",
        {"dataset": "thu-ngan-sach", "agg": "sum", "field": "noi_dia"}, decimals=1,
    ),
    IndicatorData(
        "grdp", "Tốc độ tăng GRDP", "kinh-te", "%", "higher", "quarter", QUARTERLY,
        "74.SKHDT", "province", method="manual", decimals=2,
        thresholds=(ThresholdData(0, -1, basis="plan"),),
        targets=(TargetData("HĐND", "level", {2024: 8, 2025: 10, 2026: 10, 2027: 10}),),
    ),
    IndicatorData(
        "iip", "Chỉ số sản xuất công nghiệp so cùng kỳ", "kinh-te", "%", "higher", "month",
        MONTHLY, "74.SCT", "province",
        {"dataset": "kinh-te", "agg": "last", "field": "iip"}, decimals=1,
        thresholds=(ThresholdData(107, 100, hysteresis=0.2),),
    ),
    IndicatorData(
        "ban-le", "Tổng mức bán lẻ hàng hóa, dịch vụ", "kinh-te", "tỷ đồng", "higher", "month",
        MONTHLY, "74.SCT", "province",
        {"dataset": "kinh-te", "agg": "sum", "field": "ban_le"},
        thresholds=(ThresholdData(8, 3, basis="last_year"),),
        targets=(
            TargetData("HĐND", "amount", {2024: 350000, 2025: 395000, 2026: 445000, 2027: 500000}),
        ),
        description="Tỷ lệ kế hoạch của từng tháng chỉ là phần tháng đó đóng góp.",
    ),
    IndicatorData(
        "xuat-khau", "Kim ngạch xuất khẩu", "kinh-te", "triệu USD", "higher", "month",
        MONTHLY, "74.SCT", "province",
        {"dataset": "kinh-te", "agg": "sum", "field": "xuat_khau"},
        thresholds=(ThresholdData(-5, -10, basis="last_year"),),
    ),
    IndicatorData(
        "nhap-khau", "Kim ngạch nhập khẩu", "kinh-te", "triệu USD", "higher", "month",
        MONTHLY, "74.SCT", "province",
        {"dataset": "kinh-te", "agg": "sum", "field": "nhap_khau"},
        thresholds=(ThresholdData(-5, -10, basis="last_year"),),
    ),
    IndicatorData(
        "xuat-sieu", "Thặng dư thương mại", "kinh-te", "triệu USD", "higher", "month",
        MONTHLY, "74.SCT", "province", {"formula": "xuat_khau - nhap_khau"}, method="formula",
        thresholds=(ThresholdData(0, -200),),
    ),
    IndicatorData(
        "von-fdi", "Vốn FDI đăng ký lũy kế", "kinh-te", "triệu USD", "higher", "month",
        MONTHLY, "74.SKHDT", "province",
        {"dataset": "kinh-te", "agg": "sum", "field": "von_fdi", "cumulative": True},
        thresholds=(ThresholdData(-8, -20, basis="pace"),),
        targets=(TargetData("HĐND", "amount", {2024: 1800, 2025: 1900, 2026: 2000, 2027: 2100}),),
    ),
    IndicatorData(
        "dn-thanh-lap", "Doanh nghiệp thành lập mới", "doanh-nghiep", "doanh nghiệp", "higher",
        "month", MONTHLY, "74.SKHDT", "district",
        {"dataset": "doanh-nghiep", "agg": "sum", "field": "thanh_lap"},
        thresholds=(ThresholdData(-5, -15, basis="last_year"),),
    ),
    IndicatorData(
        "dn-giai-the", "Doanh nghiệp giải thể", "doanh-nghiep", "doanh nghiệp", "lower",
        "month", MONTHLY, "74.SKHDT", "district",
        {"dataset": "doanh-nghiep", "agg": "sum", "field": "giai_the"},
    ),
    IndicatorData(
        "dn-ty-le-giai-the", "Giải thể trên thành lập mới", "doanh-nghiep", "lần", "lower",
        "month", MONTHLY, "74.SKHDT", "district",
        {"formula": "dn_giai_the / dn_thanh_lap"}, method="formula", decimals=2,
        thresholds=(ThresholdData(0.7, 1, hysteresis=0.02),),
    ),
    IndicatorData(
        "lao-dong-mat-viec", "Lao động mất việc trong doanh nghiệp", "lao-dong", "người", "lower",
        "month", MONTHLY, "74.SLDTBXH", "district",
        {"dataset": "lao-dong", "agg": "sum", "field": "mat_viec"},
        thresholds=(ThresholdData(10, 30, basis="last_year"),),
    ),
)  # fmt: skip
