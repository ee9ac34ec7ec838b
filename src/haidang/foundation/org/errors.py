"""What can go wrong with units."""

from haidang.foundation.core.errors import HaidangError, NotFoundError


class OrgError(HaidangError):
    """Không thực hiện được thay đổi về tổ chức."""


class UnitNotFoundError(NotFoundError):
    """Không tìm thấy đơn vị."""


class SectorNotFoundError(NotFoundError):
    """Không tìm thấy lĩnh vực."""


class LegalBasisNotFoundError(NotFoundError):
    """Không tìm thấy văn bản này trong các căn cứ pháp lý."""


class UnitExistsError(OrgError):
    """Mã đơn vị đã được sử dụng."""


class UnitNotInForceError(OrgError):
    """Đơn vị không tồn tại tại ngày thay đổi."""


class UnitHasChildrenError(OrgError):
    """Đơn vị còn đơn vị trực thuộc, chưa thể giải thể."""


class CircularTreeError(OrgError):
    """Đơn vị không thể trực thuộc chính mình hoặc đơn vị cấp dưới của mình."""


class ChangeSetNotFoundError(NotFoundError):
    """Không tìm thấy đợt sắp xếp."""


class ImpossiblePlanError(OrgError):
    """Đợt sắp xếp còn chỗ chưa đúng."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join([(self.__doc__ or "").strip(), *problems[:3]]), problems=problems)
        self.problems = problems


class WrongStateError(OrgError):
    """Đợt sắp xếp không ở bước này nữa; hãy tải lại trang."""


class OwnDraftError(OrgError):
    """Người soạn không được tự duyệt đợt sắp xếp của mình."""


class TooEarlyError(OrgError):
    """Chưa đến ngày có hiệu lực."""


class LaterChangeError(OrgError):
    """Sau ngày này đã có thay đổi khác về đơn vị; không thể chen vào trước."""


class DependedUponError(OrgError):
    """Đã có việc dựa vào đợt sắp xếp này, không hoàn tác được; hãy lập đợt trở lại."""

    def __init__(self, blockers: list[str]) -> None:
        super().__init__(" ".join([(self.__doc__ or "").strip(), *blockers[:5]]), blockers=blockers)
        self.blockers = blockers


class OwnSheetError(OrgError):
    """Người nhập không tự duyệt được bản ranh giới; cần một người khác có quyền duyệt."""


class ReversedTooEarlyError(OrgError):
    """Đợt trở lại phải có hiệu lực sau ngày có hiệu lực của đợt sắp xếp này."""


class NoWayBackError(OrgError):
    """Chưa ghi dân số hoặc diện tích của từng đơn vị đã nhập, nên không quy đổi ngược được."""


class UnreadableFileError(OrgError):
    """Không đọc được tệp. Hãy lưu lại thành .xlsx, hoặc .csv mã UTF-8, không quá 5 MB."""


class UnreadableOutlinesError(OrgError):
    """Không đọc được tệp ranh giới."""


class SheetNotFoundError(NotFoundError):
    """Không có bản ranh giới này."""


class SheetHasProblemsError(OrgError):
    """Bản ranh giới còn chỗ chưa đúng, chưa dùng được."""
