"""What this process remembers of one dataset's table, brought up to each new snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import store
from haidang.data.warehouse.engine.blocks import rows
from haidang.data.warehouse.engine.blocks.listing import (
    ALL,
    NOTHING,
    File,
    Listing,
    window,
)
from haidang.data.warehouse.engine.blocks.names import Names
from haidang.data.warehouse.engine.blocks.rows import Block

_LARGE = 32_768  # rows; a smaller file is joined with its neighbours
_GROUP_ROWS, _GROUP_FILES = 131_072, 64
_BLOCK_ROWS = 262_144
_REVISIONS = 500_000  # revised rows at most; beyond, the lake is asked

Key = tuple[Any, ...]


@dataclass(frozen=True)
class State:
    """The newest value of every key from `since` on, as the lake would answer at a snapshot."""

    info: rules.TableInfo
    names: Names
    snapshot: int
    since: int
    withheld: frozenset[int]
    blocks: tuple[Block, ...]

    @property
    def rows(self) -> int:
        return sum(map(len, self.blocks))


class Memory:
    """Blocks by the files they came from. Owned by one thread; states may be read by all."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._names = Names()
        self._since = ALL
        self._blocks: dict[Key, Block] = {}
        self._shown: dict[Key, Block] = {}
        self._revised_key: Key = ()
        self._revisions = rows.empty()

    def state(
        self, info: rules.TableInfo, listing: Listing, withheld: frozenset[int]
    ) -> State | None:
        """Return the state at a listing; None where blocks cannot answer as the lake does."""
        if listing.has_deletes or (withheld and info.repeated):
            return None  # a hidden row may count as brought by a repeat of it
        if sum(one.rows for one in listing.revisions) > _REVISIONS:
            return None
        self._since = window(listing.base, self._room, self._since)
        if self._since == NOTHING:
            return None
        try:
            return self._state(info, listing, withheld)
        except rows.NotPlainError:
            return None

    def _state(self, info: rules.TableInfo, listing: Listing, withheld: frozenset[int]) -> State:
        made: dict[Key, Block] = {}
        for group in grouped(listing.base):
            made |= self._made(group)
        revised = self._revised(listing.revisions)
        mark = (tuple(one.id for one in listing.revisions), withheld)
        shown = {(key, mark): self._less(key, mark, made[key], revised, withheld) for key in made}
        self._blocks, self._shown = made, shown
        blocks = [*shown.values(), newest(revised, withheld)]
        return State(
            info, self._names, listing.snapshot, self._since, withheld,
            tuple(block for block in blocks if len(block)),
        )  # fmt: skip

    def _made(self, group: Sequence[File]) -> dict[Key, Block]:
        """Return the blocks of a group of files, from what is remembered where it can be."""
        ids = tuple(one.id for one in group)
        if len(group) == 1 and group[0].rows >= _LARGE:
            kept = {
                key: block for key, block in self._blocks.items() if key[:2] == (self._since, ids)
            }
            return kept or {
                (self._since, ids, place): block for place, block in enumerate(self._read(group[0]))
            }
        key = (self._since, ids)
        if key in self._blocks:
            return {key: self._blocks[key]}
        known = self._blocks.get((self._since, ids[:-1]))
        fresh = group[-1:] if known is not None else group
        parts = [block for one in fresh for block in self._read(one)]
        return {key: rows.joined([*([known] if known is not None else []), *parts])}

    def _read(self, file: File) -> list[Block]:
        if file.last < self._since:
            return [rows.empty()]
        return [rows.decoded(part, self._names, self._since) for part in parts(file.name)]

    def _revised(self, files: Sequence[File]) -> Block:
        """Return every assertion of revised keys, by key and age."""
        key = (self._since, tuple(one.id for one in files))
        if key != self._revised_key:
            read = [block for one in files for block in self._read(one)]
            self._revised_key, self._revisions = key, _by_age(rows.joined([rows.empty(), *read]))
        return self._revisions

    def _less(
        self, key: Key, mark: Key, block: Block, revised: Block, withheld: frozenset[int]
    ) -> Block:
        """Return a block less the rows of revised keys and of batches left out."""
        if (key, mark) in self._shown:
            return self._shown[key, mark]
        gone = np.zeros(len(block), np.bool_)
        if withheld:
            gone |= np.isin(block.rows.batch, list(withheld))
        gone[places(block, revised)] = True
        return rows.without(block, gone)


def grouped(files: Sequence[File]) -> list[list[File]]:
    """Return files as groups: large ones alone, neighbouring small ones together."""
    found: list[list[File]] = []
    small: list[File] = []
    for one in files:
        if one.rows >= _LARGE:
            found.append([one])
            continue
        small.append(one)
        if len(small) >= _GROUP_FILES or sum(each.rows for each in small) >= _GROUP_ROWS:
            found.append(small)
            small = []
    return [*found, small] if small else found


def parts(name: str) -> Any:
    """Yield a file's rows as Arrow tables of some 262,144 rows, so that memory stays level."""
    import pyarrow.parquet as pq

    source = store.here().opened(name)
    named = ["device", "metric", "status", "unit"]
    is_far = not isinstance(source, str)  # then fewer, larger requests
    with pq.ParquetFile(source, read_dictionary=named, pre_buffer=is_far) as opened:
        groups: list[int] = []
        count = 0
        for number in range(opened.num_row_groups):
            groups.append(number)
            count += opened.metadata.row_group(number).num_rows
            if count >= _BLOCK_ROWS or number + 1 == opened.num_row_groups:
                yield opened.read_row_groups(groups, columns=list(rows.NAMES), use_threads=False)
                groups, count = [], 0


def places(block: Block, others: Block) -> Any:
    """Return where a block holds keys of another block."""
    if not len(others) or not len(block):
        return np.empty(0, np.int64)
    series, time = others.series_of_rows(), others.rows.time
    slots = np.searchsorted(block.series, series)
    slots[slots == len(block.series)] = 0
    same = block.series[slots] == series
    slots, time = slots[same], time[same]
    ends = block.starts[slots + 1]
    found = rows.bisect(block.rows.time, block.starts[slots], ends, time)
    inside = found < ends
    found, time = found[inside], time[inside]
    return found[block.rows.time[found] == time]


def newest(revised: Block, withheld: frozenset[int]) -> Block:
    """Return the newest assertion of every revised key, of those not left out."""
    if withheld:
        revised = rows.without(revised, np.isin(revised.rows.batch, list(withheld)))
    if not len(revised):
        return revised
    series, time = revised.series_of_rows(), revised.rows.time
    is_last = np.append((np.diff(series) != 0) | (np.diff(time) != 0), True)
    return rows.without(revised, ~is_last)


def _by_age(block: Block) -> Block:
    """Return rows by series, time, batch and row."""
    series, own = block.series_of_rows(), block.rows
    order = np.lexsort((own.row, own.batch, own.time, series))
    return rows.blocked(series[order], own.take(order))
