"""What can go wrong with units."""

from haidang.foundation.core.errors import HaidangError, NotFoundError


class OrgError(HaidangError):
    """Không thực hiện được thay đổi về tổ chức."""


class UnitNotFoundError(NotFoundError):
    """Không tìm thấy đơn vị."""


class SectorNotFoundError(NotFoundError):
    """Không tìm thấy lĩnh vực."""


class UnitExistsError(OrgError):
    """Mã đơn vị đã được sử dụng."""


class UnitNotInForceError(OrgError):
    """Đơn vị không tồn tại tại ngày thay đổi."""


class UnitHasChildrenError(OrgError):
    """Đơn vị còn đơn vị trực thuộc, chưa thể giải thể."""


class CircularTreeError(OrgError):
    """Đơn vị không thể trực thuộc chính mình hoặc đơn vị cấp dưới của mình."""
