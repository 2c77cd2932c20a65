"""What is found by what and stands where: held for the pure functions and for both databases."""

from __future__ import annotations

# Names in the order of the dictionary; each row stands for itself.
ORDERED = [
    ["a", "à", "ả", "ã", "á", "ạ", "ă", "ằ", "ẳ", "ẵ", "ắ", "ặ", "â", "ầ", "ẩ", "ẫ", "ấ", "ậ", "b"],
    ["c", "d", "đ", "e", "è", "ê", "ề", "g", "h", "i", "o", "ô", "ơ", "p", "u", "ư", "v", "y"],
    ["An", "An Bình", "Ân", "Bà Rịa", "Đà Nẵng", "Đắk Lắk", "Đồng Nai", "Hà Nội", "Hải Phòng"],
    ["Da", "Dạ", "Đa", "Ea"],
    ["Phường 1", "Phường 2", "phường 10", "Phường Bến Nghé", "Xã 3"],
    ["ma", "mà", "mả", "mã", "má", "mạ", "mạ a", "man"],
    ["Cần Thơ 2", "Cần Thơ 02 b", "Cần Thơ 3"],
    ["Đặc khu Phú Quốc", "Phường Hoà An", "Phường Hòa Bình", "Phường Hoà Cường", "Xã Hòa"],
    ["Trung úy", "Trung Ương", "Ủy ban", "Uỷ ban B", "Ủy ban C"],
]
# People by given name, then family name, then what stands between.
PEOPLE = [
    "Trần Thị An",
    "Lê Văn Ân",
    "Nguyễn Văn Bình",
    "Đặng Thu Hà",
    "Hoàng Thu Hà",
    "Lê Hoàng Hải",
    "Nguyễn An Nam",
    "Nguyễn Ân Nam",
    "Y Moan Niê",
    "Thúy",
    "Võ Thị Thuý",
]
UNITS = [
    "Phường Hoa Lư", "Phường Hòa Bình", "Phường Hoà Cường", "Xã Hóa Bình", "Xã Hoạ Mi",
    "Thành phố Đà Nẵng", "Xã Ðạ Huoai", "Xã Thúy Sơn", "Xã Thụy Sơn", "Đặc khu Phú Quốc",
    "Văn phòng Tỉnh ủy", "Ủy ban nhân dân xã Khoẻ", "Phường 2", "Phường 10",
]  # fmt: skip
# What is typed, and what it finds in this order: the very marks, then fewer typed, then others.
SEARCHES = {
    "hòa": ["Phường Hòa Bình", "Phường Hoà Cường", "Phường Hoa Lư", "Xã Hóa Bình", "Xã Hoạ Mi"],
    "hoà": ["Phường Hòa Bình", "Phường Hoà Cường", "Phường Hoa Lư", "Xã Hóa Bình", "Xã Hoạ Mi"],
    "hoa": ["Phường Hoa Lư", "Phường Hòa Bình", "Phường Hoà Cường", "Xã Hóa Bình", "Xã Hoạ Mi"],
    "HOA BINH": ["Phường Hòa Bình", "Xã Hóa Bình"],
    "hóa binh": ["Xã Hóa Bình", "Phường Hòa Bình"],
    "bình hoà": ["Phường Hòa Bình", "Xã Hóa Bình"],
    "thuý": ["Xã Thúy Sơn", "Xã Thụy Sơn"],
    "thụy": ["Xã Thụy Sơn", "Xã Thúy Sơn"],
    "Đạ": ["Xã Ðạ Huoai", "Đặc khu Phú Quốc", "Thành phố Đà Nẵng", "Ủy ban nhân dân xã Khoẻ"],
    "ÐÀ NẴNG": ["Thành phố Đà Nẵng"],
    "da nang": ["Thành phố Đà Nẵng"],
    "đà năng": ["Thành phố Đà Nẵng"],
    "uỷ": ["Ủy ban nhân dân xã Khoẻ", "Văn phòng Tỉnh ủy", "Xã Thúy Sơn", "Xã Thụy Sơn"],
    "khỏe": ["Ủy ban nhân dân xã Khoẻ"],
    "phu quo": ["Đặc khu Phú Quốc"],
    "phường 1": ["Phường 10"],
    "huế": [],
    "%": [],
    "_": [],
}
