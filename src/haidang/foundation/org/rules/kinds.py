"""The kinds of units, and how the Centre stands to them (docs/glossary.md)."""

KINDS = {
    "ubnd": "Ủy ban nhân dân",
    "department": "Cơ quan chuyên môn",
    "vertical": "Cơ quan ngành dọc",
    "mass": "Mặt trận, tổ chức chính trị - xã hội",
    "service": "Đơn vị sự nghiệp công lập",
    "utility": "Doanh nghiệp dịch vụ công ích",
    "centre": "Trung tâm điều hành",
    "room": "Phòng, bộ phận",
}
RELATIONS = {
    "directs": "Chỉ đạo, giao việc",
    "coordinates": "Đề nghị phối hợp",
}
