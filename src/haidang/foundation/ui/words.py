"""The words of a figure's trust line."""

SOURCES = {
    "automatic": "tự động",
    "manual": "nhập tay",
    "estimate": "ước tính",
    "sensor": "cảm biến",
}
STATUSES = {"estimate": "ước tính", "preliminary": "sơ bộ", "official": "chính thức"}
APPROVALS = {"pending": "chưa duyệt", "approved": "đã duyệt"}
