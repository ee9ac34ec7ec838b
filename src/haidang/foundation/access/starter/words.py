"""What each shipped capability means, in the words that an administrator reads.

A domain may say it better in CAPABILITIES of its own `permissions`; what it says wins.
"""

from django.utils.translation import gettext_lazy as _

CAPABILITIES = {
    "org.view": _("Xem đơn vị, cán bộ"),
    "org.manage": _("Quản lý đơn vị, cán bộ"),
    "org.approve": _("Duyệt đợt sắp xếp đơn vị hành chính, ranh giới"),
    "access.manage": _("Quản lý tài khoản và phân quyền"),
    "audit.view": _("Xem nhật ký thay đổi"),
    "obligations.view": _("Xem việc phải thực hiện"),
    "obligations.answer": _("Nhận nhắc việc của đơn vị"),
    "obligations.head": _("Nhận báo cáo khi đơn vị quá hạn"),
    "catalogue.view": _("Xem danh mục dữ liệu"),
    "catalogue.manage": _("Quản lý danh mục dữ liệu"),
    "catalogue.raise": _("Nêu và xử lý vướng mắc về dữ liệu"),
    "warehouse.query": _("Truy vấn kho dữ liệu"),
    "ingest.view": _("Xem nguồn dữ liệu, lượt nạp"),
    "ingest.load": _("Nạp dữ liệu"),
    "ingest.approve": _("Duyệt dữ liệu của đơn vị"),
    "ingest.mend": _("Sửa dữ liệu chờ xử lý"),
    "ingest.manage": _("Quản lý nguồn dữ liệu, thiết bị"),
    "readings.write": _("Gửi số liệu quan trắc"),
    "indicators.view": _("Xem chỉ tiêu"),
    "indicators.report": _("Nhập số liệu chỉ tiêu"),
    "indicators.approve": _("Duyệt số liệu chỉ tiêu"),
    "indicators.define": _("Định nghĩa chỉ tiêu, đề nghị ngưỡng và kế hoạch"),
    "indicators.decide": _("Quyết định ngưỡng và kế hoạch"),
    "alerts.view": _("Xem cảnh báo"),
    "alerts.handle": _("Tiếp nhận, xử lý cảnh báo"),
    "alerts.manage": _("Quản lý quy tắc cảnh báo"),
    "operations.view": _("Xem phiếu điều hành"),
    "operations.handle": _("Xử lý phiếu điều hành"),
    "operations.assign": _("Giao, đề nghị phối hợp, chuyển thẩm quyền phiếu"),
    "operations.close": _("Đóng phiếu điều hành"),
    "operations.manage": _("Ban hành quy trình (SOP)"),
    "dashboards.view": _("Xem bảng điều hành"),
    "dashboards.wall": _("Chiếu màn hình lớn"),
    "dashboards.design": _("Thiết kế bảng điều hành"),
    "reporting.view": _("Xem báo cáo"),
    "reporting.fill": _("Lập báo cáo"),
    "reporting.approve": _("Duyệt báo cáo của đơn vị"),
    "reporting.receive": _("Tiếp nhận, trả lại báo cáo"),
    "reporting.manage": _("Quản lý chế độ báo cáo"),
}
