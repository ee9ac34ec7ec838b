"""What can go wrong with datasets and their contracts."""

from haidang.foundation.core import errors


class UnknownDatasetError(errors.NotFoundError):
    """Không có bộ dữ liệu này trong danh mục."""


class ContractError(errors.HaidangError):
    """Cấu trúc bộ dữ liệu chưa hợp lệ."""
