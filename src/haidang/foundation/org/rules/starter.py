"""Levels and sectors that every new system has; a province may add to them and rename them."""

LEVELS = {"province": "Tỉnh", "district": "Huyện", "commune": "Xã", "room": "Phòng"}
SECTORS = {
    "kinh-te": "Kinh tế",
    "ngan-sach": "Ngân sách",
    "dau-tu-cong": "Đầu tư công",
    "doanh-nghiep": "Doanh nghiệp",
    "lao-dong": "Lao động, xã hội",
    "tthc": "Thủ tục hành chính",
    "phan-anh": "Phản ánh, kiến nghị",
    "moi-truong": "Môi trường",
    "thuy-van": "Thủy văn, triều cường",
    "giao-thong": "Giao thông",
    "an-ninh": "An ninh, trật tự",
    "pccc": "Phòng cháy, chữa cháy",
    "y-te": "Y tế",
    "giao-duc": "Giáo dục",
    "ha-tang": "Hạ tầng đô thị",
    "dat-dai": "Đất đai, xây dựng",
    "attt": "An toàn thông tin",
    "cds": "Chuyển đổi số",
    "ioc": "Trung tâm điều hành",
}
