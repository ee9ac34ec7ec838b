"""The demo's people: one named account per role, shown on the sign-in page of the demo only."""

from dataclasses import dataclass

PASSWORD = "haidang-demo"  # noqa: S105 - the demo's own, printed on its sign-in page

STEWARD, DIRECTOR = "thongke.ioc", "giamdoc.ioc"  # who loads the past, and who approves it

# Roles of those who head their unit and are told when it owes something.
HEADS = {"leader", "centre_director", "department_head", "commune_head"}


@dataclass(frozen=True)
class Member:
    """One account of the demo: who, in which post, with which role over what."""

    username: str
    name: str
    title: str
    unit: str  # where the post is
    role: str
    over: str  # unit code whose subtree the role covers; empty: no role at all
    sector: str = ""


CAST: tuple[Member, ...] = (
    Member("chutich", "Nguyễn Thành Long", "Chủ tịch UBND tỉnh", "74", "leader", "74"),
    Member("giamdoc.ioc", "Trần Minh Hải", "Giám đốc Trung tâm", "74.IOC", "centre_director", "74"),
    Member("truongca", "Lê Thị Thu Hà", "Trưởng ca trực", "74.IOC", "shift_leader", "74"),
    Member("truc1", "Phạm Quốc Bảo", "Trực ban ca 1", "74.IOC", "operator", "74"),
    Member("thongke.ioc", "Mai Thanh Trúc", "Chuyên viên dữ liệu", "74.IOC", "data_steward", "74"),
    Member("thongke.stnmt", "Võ Ngọc Ánh", "Chuyên viên tổng hợp", "74.STNMT", "data_steward",
           "74", "moi-truong"),
    Member("giamdoc.stnmt", "Đặng Văn Khoa", "Giám đốc Sở", "74.STNMT", "department_head",
           "74", "moi-truong"),
    Member("canbo.phucuong", "Huỳnh Thị Mai", "Công chức văn phòng – thống kê", "@Phú Cường@718",
           "commune_officer", "@Phú Cường@718"),
    Member("chutich.phucuong", "Bùi Đức Thắng", "Chủ tịch UBND phường", "@Phú Cường@718",
           "commune_head", "@Phú Cường@718"),
    Member("canbo.dian", "Ngô Hoàng Nam", "Công chức văn phòng – thống kê", "@Dĩ An@724",
           "commune_officer", "@Dĩ An@724"),
    Member("quantri", "Phan Anh Tuấn", "Quản trị hệ thống", "74.IOC", "administrator", "74"),
    Member("nguoila", "Người chưa được phân quyền", "Không có vai trò", "74", "", ""),
)  # fmt: skip
