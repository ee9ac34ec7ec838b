"""What a set of changes says, and what would be wrong with it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from haidang.foundation.org.rules.values import UnitRef, UnitRow

CHANGES = {
    "rename": "Đổi tên",
    "merge": "Nhập",
    "split": "Chia",
    "abolish": "Bãi bỏ",
    "move": "Chuyển cấp trên",
    "level": "Đổi cấp, loại hình",
}
MEASURES = {"population": "dân số", "area": "diện tích", "places": "danh sách khu phố, ấp"}
_STAYS = {"rename", "move", "level"}


@dataclass(frozen=True)
class PartRow:
    """What of a unit goes to the unit of code `target`; whole where no amount is said."""

    target: str
    amount: Decimal | None = None
    places: tuple[str, ...] = ()

    @property
    def size(self) -> Decimal | None:
        """The amount, or the number of places where only they are listed."""
        if self.amount is None and self.places:
            return Decimal(len(self.places))
        return self.amount


@dataclass(frozen=True)
class Change:
    """What happens to the unit of a code."""

    unit: str
    kind: str
    parts: tuple[PartRow, ...]
    measure: str = "population"

    @property
    def ends(self) -> bool:
        """Whether the unit is no more afterwards."""
        return all(part.target != self.unit for part in self.parts)

    @property
    def heir(self) -> str:
        """The unit that got most of it: its open matters go there."""
        return max(self.parts, key=lambda part: part.size or Decimal(0)).target


@dataclass(frozen=True)
class Plan:
    """The changes of one day, and the units as they will be, by code."""

    on: date
    changes: tuple[Change, ...]
    after: tuple[UnitRow, ...] = ()
    returning: frozenset[str] = frozenset()
    """The codes of abolished units that stand again without ground of their own, as districts."""

    @property
    def ended(self) -> frozenset[str]:
        """The codes of the units that end."""
        return frozenset(change.unit for change in self.changes if change.ends)

    @property
    def abolished(self) -> frozenset[str]:
        """The codes of the units that end without a successor of their own kind."""
        return frozenset(one.unit for one in self.changes if one.ends and one.kind == "abolish")

    @property
    def heirs(self) -> dict[str, str]:
        """Who takes over the open matters of each unit that ends, by code."""
        return {change.unit: change.heir for change in self.changes if change.ends}


def problems(plan: Plan, standing: Mapping[str, UnitRef]) -> list[str]:
    """Return what is wrong with a plan, in words; `standing` are the units in force by code."""
    if not plan.changes:
        return ["Đợt sắp xếp chưa có thay đổi nào."]
    after = {row.code for row in plan.after}
    remaining = (standing.keys() - plan.ended) | after
    found = said_twice(plan)
    for change in plan.changes:
        found += _of_change(change, standing, remaining, after)
    for row in plan.after:
        found += _of_unit(row, plan, standing, remaining)
    return found + list(_orphans(plan, standing))


def said_twice(plan: Plan) -> list[str]:
    """Return of which units more than one thing is said."""
    changed = Counter(change.unit for change in plan.changes)
    after = Counter(row.code for row in plan.after)
    parts = [
        (change.unit, part)
        for change in plan.changes
        for part, times in Counter(part.target for part in change.parts).items()
        if times > 1
    ]
    return [
        *(f"{code}: đơn vị được khai {times} lần." for code, times in changed.items() if times > 1),
        *(f"{code}: thông tin mới được khai {n} lần." for code, n in after.items() if n > 1),
        *(f"{code}: phần chuyển về {part} được khai hai lần." for code, part in parts),
    ]


def tree(plan: Plan, standing: Mapping[str, UnitRef]) -> dict[str, str | None]:
    """Return the parent of every unit afterwards, by code."""
    codes = {ref.id: ref.code for ref in standing.values()}
    found = {
        code: codes.get(ref.parent_id) if ref.parent_id else None
        for code, ref in standing.items()
        if code not in plan.ended
    }
    return found | {row.code: row.parent for row in plan.after}


def as_it_will_be(ref: UnitRef, row: UnitRow, parent: int | None) -> UnitRef:
    """Return a standing unit with what the plan says of it."""
    return replace(
        ref,
        name=row.name,
        short_name=row.short_name,
        designation=row.designation,
        level=row.level,
        kind=row.kind,
        relation=row.relation,
        parent_id=parent,
    )


def _of_change(
    change: Change, standing: Mapping[str, UnitRef], remaining: set[str], after: set[str]
) -> Iterator[str]:
    if change.unit not in standing:
        yield f"{change.unit}: không có đơn vị này ngay trước ngày có hiệu lực."
        return
    name = f"{standing[change.unit].name} ({change.unit})"
    if not change.parts:
        yield f"{name}: chưa nói đơn vị trở thành đơn vị nào."
        return
    for part in change.parts:
        if part.target not in remaining:
            yield f"{name}: không có đơn vị {part.target} sau ngày có hiệu lực."
    if change.kind in _STAYS:
        if [part.target for part in change.parts] != [change.unit] or change.unit not in after:
            yield f"{name}: đổi tên, chuyển cấp trên, đổi cấp phải giữ mã và nêu thông tin mới."
    elif change.kind == "split":
        yield from _of_split(name, change)
    elif len(change.parts) != 1:
        yield f"{name}: nhập, bãi bỏ thì toàn bộ về một đơn vị; về nhiều đơn vị là chia."
    if change.kind == "abolish" and not change.ends:
        yield f"{name}: đơn vị bãi bỏ không thể tiếp tục tồn tại."


def _of_split(name: str, change: Change) -> Iterator[str]:
    if len(change.parts) < 2:
        yield f"{name}: chia phải có ít nhất hai phần."
    if any(part.size is None or part.size <= 0 for part in change.parts):
        yield f"{name}: mỗi phần của đơn vị bị chia cần trọng số lớn hơn 0 hoặc danh sách khu phố."


def _of_unit(
    row: UnitRow, plan: Plan, standing: Mapping[str, UnitRef], remaining: set[str]
) -> Iterator[str]:
    name = f"{row.name} ({row.code})"
    targets = {part.target for change in plan.changes for part in change.parts}
    if row.code not in targets | plan.returning:
        yield f"{name}: không nhận phần nào của đơn vị cũ."
    if row.code in plan.ended:
        yield f"{name}: vừa kết thúc, vừa tiếp tục tồn tại."
    if row.parent is None and not (row.code in standing and standing[row.code].parent_id is None):
        yield f"{name}: chưa có đơn vị cấp trên."
    if row.parent is not None and row.parent not in remaining:
        yield f"{name}: đơn vị cấp trên {row.parent} không có sau ngày có hiệu lực."


def _orphans(plan: Plan, standing: Mapping[str, UnitRef]) -> Iterator[str]:
    named = {row.code for row in plan.after}
    below = Counter(
        parent
        for code, parent in tree(plan, standing).items()
        if parent in plan.ended and code not in named
    )
    for code, count in below.items():
        if code is not None:
            yield (
                f"{standing[code].name} ({code}): còn {count} đơn vị trực thuộc chưa được sắp xếp."
            )
