"""The regime that every new system has: the monthly socio-economic report of districts, communes.

Periods run from the 15th to the 14th (Decree 09/2019); the receiver is the Centre.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from haidang.delivery.reporting.rules.checks import ItemSpec


@dataclass(frozen=True)
class FormData:
    """The form of one level."""

    level: str
    title: str
    working_days: int
    items: Sequence[ItemSpec]
    pairs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class RegimeData:
    """A regime and its forms."""

    code: str
    title: str
    legal_basis: str
    period_kind: str
    receiver: str
    sector: str
    forms: Sequence[FormData]


_ZERO, _HUNDRED = Decimal(0), Decimal(100)


def _count(code: str, title: str, unit: str, jump: str = "2", **more: str) -> ItemSpec:
    return ItemSpec(code, title, unit, minimum=_ZERO, jump=Decimal(jump), **more)  # type: ignore[arg-type]


def _share(code: str, title: str, **more: str) -> ItemSpec:
    return ItemSpec(code, title, "%", 1, minimum=_ZERO, maximum=_HUNDRED, **more)  # type: ignore[arg-type]


COMMUNE = FormData(
    "commune",
    "Báo cáo kinh tế - xã hội tháng của xã, phường, thị trấn",
    2,
    (
        _count("so-ho", "Tổng số hộ dân", "hộ", "1.5"),
        _count(
            "ho-ngheo", "Trong đó hộ nghèo đa chiều", "hộ", "1.5",
            indicator="ho-ngheo", hint="Theo danh sách đã được công nhận đến ngày chốt số liệu",
        ),
        _share("tiem-chung", "Trẻ em được tiêm chủng đầy đủ", indicator="tiem-chung"),
        _share("van-ban-dien-tu", "Văn bản ký số, xử lý trên mạng", indicator="van-ban-dien-tu"),
        _count("phan-anh", "Phản ánh, kiến nghị đã tiếp nhận", "phản ánh",
               prefill="phan-anh-tiep-nhan"),
        _count("ho-so-qua-han", "Hồ sơ thủ tục hành chính đang quá hạn", "hồ sơ",
               prefill="ho-so-qua-han", prefill_how="last"),
        _count("sot-xuat-huyet", "Ca sốt xuất huyết mắc mới", "ca", "3", prefill="sot-xuat-huyet"),
        _count("sxh-nhap-vien", "Trong đó nhập viện", "ca", "3"),
    ),
    (("ho-ngheo", "so-ho"), ("sxh-nhap-vien", "sot-xuat-huyet")),
)  # fmt: skip
DISTRICT = FormData(
    "district",
    "Báo cáo kinh tế - xã hội tháng của huyện, thành phố",
    3,
    (
        _count("dan-so", "Dân số trung bình", "người", "1.2"),
        _share("vneid", "Dân có tài khoản định danh điện tử", indicator="vneid"),
        ItemSpec("thu-noi-dia", "Thu nội địa trong kỳ", "tỷ đồng", 1, minimum=_ZERO,
                 jump=Decimal(2), prefill="thu-noi-dia"),
        _count("dn-thanh-lap", "Doanh nghiệp thành lập mới", "doanh nghiệp",
               prefill="dn-thanh-lap", prefill_how="last"),
        _count("ho-kinh-doanh", "Hộ kinh doanh đăng ký mới", "hộ"),
        _count("lao-dong-mat-viec", "Lao động mất việc trong doanh nghiệp", "người",
               prefill="lao-dong-mat-viec", prefill_how="last"),
        _count("tai-nan", "Vụ tai nạn giao thông", "vụ", "3", prefill="tai-nan-giao-thong",
               prefill_how="last"),
        _count("nguoi-chet", "Người chết vì tai nạn giao thông", "người", "3",
               prefill="nguoi-chet-tngt", prefill_how="last"),
    ),
)  # fmt: skip
MONTHLY = RegimeData(
    code="ktxh-thang",
    title="Báo cáo kinh tế - xã hội tháng",
    legal_basis="Nghị định 09/2019/NĐ-CP",
    period_kind="month_15",
    receiver="74.IOC",
    sector="kinh-te",
    forms=(COMMUNE, DISTRICT),
)
