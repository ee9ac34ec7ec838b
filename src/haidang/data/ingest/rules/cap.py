"""CAP 1.2 as a contract: one row for each area of each language of an alert."""

from typing import Any

from haidang.data.ingest.rules.inference.values import Proposed

DATASET = "canh-bao-cap"
TITLE = "Cảnh báo CAP"


def _time(name: str, title: str, heading: str) -> Proposed:
    return Proposed(name, title, heading, "datetime", why="CAP 1.2")


def _text(name: str, title: str, heading: str, codes: str = "") -> Proposed:
    return Proposed(name, title, heading, codes=tuple(codes.split()), why="CAP 1.2")


STATUS = "Actual Exercise System Test Draft"
MESSAGE = "Alert Update Cancel Ack Error"
SCOPE = "Public Restricted Private"
URGENCY = "Immediate Expected Future Past Unknown"
SEVERITY = "Extreme Severe Moderate Minor Unknown"

FIELDS: tuple[Proposed, ...] = (
    Proposed("ma", "Mã bản tin", "identifier", key=True, required=True, why="CAP 1.2"),
    Proposed("nguoi_gui", "Người gửi", "sender", key=True, required=True, why="CAP 1.2"),
    Proposed("luc_gui", "Lúc gửi", "sent", "datetime", key=True, required=True, why="CAP 1.2"),
    Proposed("muc", "Phần của bản tin", "part", key=True, required=True, why="CAP 1.2"),
    _text("trang_thai", "Trạng thái", "status", STATUS),
    _text("loai", "Loại bản tin", "msgType", MESSAGE),
    _text("pham_vi", "Phạm vi", "scope", SCOPE),
    _text("tham_chieu", "Bản tin liên quan", "references"),
    _text("ngon_ngu", "Ngôn ngữ", "language"),
    _text("nhom", "Nhóm", "category"),
    _text("su_kien", "Sự kiện", "event"),
    _text("ung_pho", "Việc cần làm", "responseType"),
    _text("khan_cap", "Mức khẩn cấp", "urgency", URGENCY),
    _text("nghiem_trong", "Mức nghiêm trọng", "severity", SEVERITY),
    _text("chac_chan", "Mức chắc chắn", "certainty"),
    _time("hieu_luc", "Có hiệu lực từ", "effective"),
    _time("bat_dau", "Bắt đầu", "onset"),
    _time("het_han", "Hết hạn", "expires"),
    _text("co_quan", "Cơ quan phát", "senderName"),
    _text("tieu_de", "Tiêu đề", "headline"),
    _text("noi_dung", "Nội dung", "description"),
    _text("huong_dan", "Hướng dẫn", "instruction"),
    _text("dia_chi", "Trang thông tin", "web"),
    _text("khu_vuc", "Khu vực", "areaDesc"),
    _text("da_giac", "Đa giác", "polygon"),
    _text("hinh_tron", "Hình tròn", "circle"),
    _text("ma_khu_vuc", "Mã khu vực", "geocode"),
    Proposed("kinh_do", "Kinh độ", "longitude", "number", "°", why="giữa các hình"),
    Proposed("vi_do", "Vĩ độ", "latitude", "number", "°", why="giữa các hình"),
)
HEADINGS: tuple[str, ...] = tuple(one.heading for one in FIELDS)
MAPPING: dict[str, Any] = {
    "format": "cap",
    "decimal": ".",
    "columns": {one.heading: one.name for one in FIELDS},
}
