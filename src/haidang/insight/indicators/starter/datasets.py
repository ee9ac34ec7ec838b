"""Contracts of the datasets that the starter indicators read."""

from haidang.insight.indicators.starter.shapes import DatasetData, FieldData

_DAY = FieldData("ngay", "Ngày", "date", key=True)
_WEEK = FieldData("tuan", "Ngày đầu tuần (thứ Hai)", "date", key=True)
_MONTH = FieldData("ky", "Kỳ (tháng)", "yearmonth", key=True)
_UNIT = FieldData("don_vi", "Đơn vị", "unit", key=True)


def _count(name: str, title: str, unit: str = "") -> FieldData:
    return FieldData(name, title, "integer", unit)


def _amount(name: str, title: str, unit: str) -> FieldData:
    return FieldData(name, title, "number", unit)


DATASETS: tuple[DatasetData, ...] = (
    DatasetData(
        "giai-ngan", "Giải ngân vốn đầu tư công", "dau-tu-cong", "74.SKHDT", "district", "ky",
        (
            _MONTH, _UNIT,
            _amount("ke_hoach", "Kế hoạch vốn cả năm", "tỷ đồng"),
            _amount("giai_ngan", "Giải ngân trong tháng", "tỷ đồng"),
        ),
    ),
    DatasetData(
        "thu-ngan-sach", "Thu ngân sách nhà nước", "ngan-sach", "74.STC", "district", "ngay",
        (
            _DAY, _UNIT,
            _amount("noi_dia", "Thu nội địa", "tỷ đồng"),
            _amount("xuat_nhap_khau", "Thu xuất nhập khẩu", "tỷ đồng"),
            _amount("tong_thu", "Tổng thu", "tỷ đồng"),
        ),
    ),
    DatasetData(
        "kinh-te", "Sản xuất, thương mại, đầu tư nước ngoài", "kinh-te", "74.SCT", "province", "ky",
        (
            _MONTH, _UNIT,
            _amount("iip", "Chỉ số sản xuất công nghiệp so cùng kỳ", "%"),
            _amount("ban_le", "Tổng mức bán lẻ", "tỷ đồng"),
            _amount("xuat_khau", "Xuất khẩu", "triệu USD"),
            _amount("nhap_khau", "Nhập khẩu", "triệu USD"),
            _count("du_an_fdi", "Dự án FDI cấp mới", "dự án"),
            _amount("von_fdi", "Vốn FDI đăng ký", "triệu USD"),
        ),
    ),
    DatasetData(
        "doanh-nghiep", "Đăng ký doanh nghiệp", "doanh-nghiep", "74.SKHDT", "district", "ky",
        (
            _MONTH, _UNIT,
            _count("thanh_lap", "Thành lập mới", "doanh nghiệp"),
            _count("giai_the", "Giải thể", "doanh nghiệp"),
            _amount("von", "Vốn đăng ký", "tỷ đồng"),
        ),
    ),
    DatasetData(
        "lao-dong", "Biến động lao động trong doanh nghiệp", "lao-dong", "74.SLDTBXH", "district",
        "ky",
        (
            _MONTH, _UNIT,
            _count("mat_viec", "Lao động mất việc", "người"),
            _count("tuyen_moi", "Lao động tuyển mới", "người"),
        ),
    ),
    DatasetData(
        "ho-so", "Hồ sơ thủ tục hành chính", "tthc", "74.VP", "commune", "ngay",
        (
            _DAY, _UNIT,
            _count("tiep_nhan", "Tiếp nhận", "hồ sơ"),
            _count("giai_quyet", "Đã giải quyết", "hồ sơ"),
            _count("dung_han", "Giải quyết đúng hạn", "hồ sơ"),
            _count("qua_han", "Đang quá hạn", "hồ sơ"),
            _count("truc_tuyen", "Tiếp nhận trực tuyến", "hồ sơ"),
            _count("so_hoa", "Đã số hóa", "hồ sơ"),
        ),
    ),
    DatasetData(
        "dat-dai", "Hồ sơ đất đai", "dat-dai", "74.STNMT", "district", "ngay",
        (
            _DAY, _UNIT,
            _count("dang_xu_ly", "Đang xử lý", "hồ sơ"),
            _count("tre_han", "Trễ hạn", "hồ sơ"),
        ),
    ),
    DatasetData(
        "phan-anh", "Phản ánh, kiến nghị 1022", "phan-anh", "74.IOC", "commune", "ngay",
        (
            _DAY, _UNIT,
            _count("tiep_nhan", "Tiếp nhận", "phản ánh"),
            _count("xu_ly", "Đã xử lý", "phản ánh"),
            _count("dung_han", "Xử lý đúng hạn", "phản ánh"),
            _count("qua_han", "Đang quá hạn", "phản ánh"),
            _count("danh_gia", "Có đánh giá", "phản ánh"),
            _count("hai_long", "Hài lòng", "phản ánh"),
            _count("mo_lai", "Mở lại sau khi đóng", "phản ánh"),
        ),
    ),
    DatasetData(
        "nhiem-vu", "Nhiệm vụ UBND tỉnh giao", "ioc", "74.VP", "district", "ngay",
        (
            _DAY, _UNIT,
            _count("dang_thuc_hien", "Đang thực hiện", "nhiệm vụ"),
            _count("tre_han", "Trễ hạn", "nhiệm vụ"),
        ),
    ),
    DatasetData(
        "dich-benh", "Bệnh truyền nhiễm theo tuần", "y-te", "74.SYT", "commune", "tuan",
        (
            _WEEK, _UNIT,
            _count("sot_xuat_huyet", "Ca sốt xuất huyết", "ca"),
            _count("tay_chan_mieng", "Ca tay chân miệng", "ca"),
        ),
    ),
    DatasetData(
        "benh-vien", "Giường bệnh", "y-te", "74.SYT", "district", "ngay",
        (
            _DAY, _UNIT,
            _count("giuong", "Giường kế hoạch", "giường"),
            _count("trong", "Giường trống", "giường"),
            _count("kham", "Lượt khám", "lượt"),
        ),
    ),
    DatasetData(
        "bao-hiem", "Tham gia bảo hiểm y tế", "y-te", "74.BHXH", "district", "ky",
        (
            _MONTH, _UNIT,
            _count("dan_so", "Dân số", "người"),
            _count("tham_gia", "Người tham gia", "người"),
        ),
    ),
    DatasetData(
        "tai-nan-giao-thong", "Tai nạn giao thông", "giao-thong", "74.CA", "district", "ngay",
        (
            _DAY, _UNIT,
            _count("so_vu", "Số vụ", "vụ"),
            _count("chet", "Người chết", "người"),
            _count("bi_thuong", "Người bị thương", "người"),
        ),
    ),
    DatasetData(
        "an-ninh", "Phạm pháp hình sự", "an-ninh", "74.CA", "district", "ky",
        (
            _MONTH, _UNIT,
            _count("so_vu", "Số vụ", "vụ"),
            _count("kham_pha", "Đã khám phá", "vụ"),
        ),
    ),
    DatasetData(
        "chay-no", "Cháy, nổ", "pccc", "74.CA", "district", "ngay",
        (
            _DAY, _UNIT,
            _count("so_vu", "Số vụ cháy", "vụ"),
            _count("thiet_hai_nguoi", "Người chết, bị thương", "người"),
        ),
    ),
    DatasetData(
        "rac-thai", "Thu gom chất thải sinh hoạt", "ha-tang", "74.SXD", "district", "ngay",
        (
            _DAY, _UNIT,
            _amount("phat_sinh", "Phát sinh", "tấn"),
            _amount("thu_gom", "Thu gom, xử lý", "tấn"),
        ),
    ),
    DatasetData(
        "dien-nuoc", "Cấp điện, cấp nước", "ha-tang", "74.SXD", "district", "ky",
        (
            _MONTH, _UNIT,
            _count("khach_hang", "Khách hàng dùng điện", "khách hàng"),
            _amount("phut_mat_dien", "Tổng phút mất điện của khách hàng", "phút"),
            _count("so_ho", "Số hộ", "hộ"),
            _count("ho_nuoc_sach", "Hộ dùng nước sạch", "hộ"),
        ),
    ),
    DatasetData(
        "an-toan-thong-tin", "An toàn thông tin mạng", "attt", "74.STTTT", "district", "ngay",
        (
            _DAY, _UNIT,
            _count("ma_doc", "Máy nhiễm mã độc", "máy"),
            _count("su_co", "Sự cố từ mức 3", "sự cố"),
        ),
    ),
    DatasetData(
        "quan-trac", "Số liệu quan trắc tự động", "moi-truong", "74.STNMT", "commune", "time",
        kind="readings", unit_field="unit",
    ),
)  # fmt: skip
