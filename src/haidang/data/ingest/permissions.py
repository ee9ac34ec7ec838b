"""The capabilities of this domain that an administrator reads in these words."""

from django.utils.translation import gettext_lazy as _

VIEW = "ingest.view"
MANAGE = "ingest.manage"
CAMERAS = "cameras.view"
CAMERAS_MANAGE = "cameras.manage"
CAMERAS_LOG = "cameras.log"
CAPABILITIES = {
    CAMERAS: _("Xem sổ đăng ký camera và nhật ký truy cập"),
    CAMERAS_MANAGE: _("Đăng ký, sửa, gỡ camera"),
    CAMERAS_LOG: _("Ghi nhật ký xem, trích xuất hình ảnh camera"),
}
