"""The lake's part in a removal that the law requires."""

from haidang.data.protection import api as protection
from haidang.data.warehouse import errors
from haidang.data.warehouse.engine import erasing


class LakeRows:
    """Rows of the lake; the last to go, for other stores ask it whose files are concerned."""

    title = "Kho dữ liệu"

    def preview(self, target: protection.Target) -> protection.Found:
        counts, remarks = {}, []
        for dataset in _datasets(target):
            try:
                found = erasing.count(dataset, doomed(target, dataset))
            except errors.UnknownTableError:
                continue
            counts[f"dòng của {dataset}"] = found.rows
            counts[f"tệp Parquet của {dataset} ghi lại"] = found.files
            if found.kept_for_others:
                remarks.append(
                    f"{found.kept_for_others} dòng của {dataset} cũng do lô khác nạp: ở lại dưới "
                    "số của lô đó. Nếu cũng phải xóa, chọn thêm lượt nạp ấy."
                )
        return protection.Found(
            {word: count for word, count in counts.items() if count}, tuple(remarks)
        )

    def erase(self, target: protection.Target, note_file: protection.NoteFile) -> protection.Found:
        counts = {}
        for dataset in _datasets(target):
            try:
                gone = erasing.erase(dataset, doomed(target, dataset), target.removal)
            except errors.UnknownTableError:
                continue
            counts[f"dòng của {dataset}"] = gone
        return protection.Found(counts)


def _datasets(target: protection.Target) -> list[str]:
    return sorted({*target.datasets, *target.expired})


def doomed(target: protection.Target, dataset: str) -> erasing.Doomed:
    """Return which rows of a dataset a removal names."""
    return erasing.Doomed(
        groups=target.groups.get(dataset, ()),
        batches=target.batches.get(dataset, frozenset()),
        matches=target.matches,
        before=target.expired.get(dataset, protection.Limits()).rows,
    )
