"""Large files through a contract: rows per second and the peak memory of the loading process.

A CSV of 1,000,000 and of 10,000,000 rows (so that growth shows), one of 1,000,000 under a quality
rule and an XLSX of 1,000,000 rows, five columns each, written with decimal commas and Vietnamese
days; every row is checked and lands.
"""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from bench.rows import Row
from tests.platform import Platform

MILLION = 1_000_000
CSV_ROWS = int(os.environ.get("BENCH_CSV_ROWS", str(10 * MILLION)))
_HEAD = ("Mã hồ sơ", "Phường, xã", "Ngày", "Số lượng", "Tỷ lệ")
_UNITS = ("25747", "25942", "25741")
_AT_ONCE = 50_000


def run() -> Iterator[Row]:
    """Write each file, load it in a process of its own, and tell."""
    with (
        Platform(HAIDANG_MAX_UPLOAD_MB="2048") as platform,
        tempfile.TemporaryDirectory(prefix="hdf") as name,
    ):
        folder = Path(name)
        yield from _loaded(platform, "csv-nho", _csv(folder / "nho.csv", MILLION), MILLION)
        path = _csv(folder / "nho.csv", MILLION)
        yield from _loaded(platform, "csv-quy-tac", path, MILLION, "rule")
        yield from _loaded(platform, "xlsx-lon", _xlsx(folder / "lon.xlsx", MILLION), MILLION)
        yield from _loaded(platform, "csv-lon", _csv(folder / "lon.csv", CSV_ROWS), CSV_ROWS)


def _loaded(platform: Platform, dataset: str, path: Path, rows: int, *more: str) -> Iterator[Row]:
    found = platform.call(dataset, str(path), *more, module="bench.loading")
    if found["accepted"] != rows:
        raise RuntimeError(f"{path.name}: of {rows} rows {found['accepted']} were accepted")
    kind = " with a ".join([f"{rows:,} rows of {path.suffix[1:].upper()}", *more])
    size = path.stat().st_size / 1e6
    path.unlink()
    rate, cpu = rows / found["seconds"], rows / found["cpu"]
    note = f"{size:.0f} MB, {cpu:,.0f} rows per CPU-second"
    yield Row(f"{kind} through a contract", rate, None, None, "rows/s", note)
    note = f"{found['before']:.0f} MB before the file"
    yield Row(f"{kind}, peak memory", found["peak"], None, None, "MB", note)


def _rows(count: int) -> Iterator[tuple[str, str, str, int, str]]:
    for n in range(count):
        day = f"{n % 28 + 1:02}/{n % 12 + 1:02}/2025"
        yield f"HS{n:09}", _UNITS[n % 3], day, n % 5000, f"{n % 100},{n % 10}"


def _csv(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as out:
        out.write(";".join(_HEAD) + "\n")
        out.writelines(f"{a};{b};{c};{d};{e}\n" for a, b, c, d, e in _rows(count))
    return path


def _xlsx(path: Path, count: int) -> Path:
    """Write a workbook: texts in their cells, numbers as numbers."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _PARTS.items():
            book.writestr(name, text)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f"{_XML}<worksheet {_MAIN}><sheetData>".encode())
            cells = "".join(f'<c t="inlineStr"><is><t>{one}</t></is></c>' for one in _HEAD)
            sheet.write(f"<row>{cells}</row>".encode())
            pieces: list[str] = []
            for a, b, c, d, e in _rows(count):
                texts = "".join(f'<c t="inlineStr"><is><t>{x}</t></is></c>' for x in (a, b, c))
                number = e.replace(",", ".")
                pieces.append(f"<row>{texts}<c><v>{d}</v></c><c><v>{number}</v></c></row>")
                if len(pieces) >= _AT_ONCE:
                    sheet.write("".join(pieces).encode())
                    pieces.clear()
            sheet.write("".join(pieces).encode())
            sheet.write(b"</sheetData></worksheet>")
    return path


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OPEN = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_OPEN}/spreadsheetml/2006/main"'
_REL = f"{_OPEN}/officeDocument/2006/relationships"
_LINKS = f'xmlns="{_OPEN}/package/2006/relationships"'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_OPEN}/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f"{_XML}<Relationships {_LINKS}>"
    f'<Relationship Id="r1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'{_XML}<workbook {_MAIN} xmlns:r="{_REL}">'
    '<sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f"{_XML}<Relationships {_LINKS}>"
    f'<Relationship Id="r1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}
