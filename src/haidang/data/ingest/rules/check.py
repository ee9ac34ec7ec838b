"""The contract, row by row at the speed of columns: accepted, or waiting with every reason."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules import cells, limits
from haidang.data.ingest.rules.cells.column import (
    Column,
    Fault,
    fault,
    mask_of,
    only,
    word_by_word,
)
from haidang.data.ingest.rules.cells.numbers import POINT, style_of
from haidang.data.ingest.rules.chunk import Chunk
from haidang.data.ingest.rules.units import UnitBook, unit_faults, units_of
from haidang.data.ingest.rules.values import Reason, Rejected

if TYPE_CHECKING:
    from haidang.data.catalogue.api import FieldSpec

ARROW: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
    "year": pa.int32(),
    "yearmonth": pa.string(),
    "unit": pa.string(),
}
_SHOWN = 80


@dataclass(frozen=True)
class Facts:
    """What the contract's check must know besides the rows."""

    now: datetime.datetime
    units: UnitBook
    zone: str = "Asia/Ho_Chi_Minh"
    missing: frozenset[str] = frozenset({""})
    decimal: str = ""
    future: bool = False
    max_age_days: int = 0
    """Readings older than that wait; 0: however old."""
    time_field: str | None = None
    unit_field: str | None = None
    devices: Mapping[str, str] | None = None
    """For readings: the registered devices and the codes of their units."""


@dataclass(frozen=True)
class Checked:
    """Typed rows that keep the contract, the lines they came from, and the rows that wait."""

    table: pa.Table
    rows: pa.Array
    rejected: list[Rejected]


@dataclass
class Checker:
    """Checks the chunks of one file in order; remembers how each column writes its decimals."""

    fields: Sequence[FieldSpec]
    facts: Facts
    styles: dict[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(each.name, ARROW[each.type]) for each in self.fields])

    def check(self, chunk: Chunk) -> Checked:
        """Part a chunk into typed rows and rows that wait."""
        text = {name: self._said(column) for name, column in chunk.columns.items()}
        if self.facts.devices is not None:
            self._complete_readings(text, len(chunk))
        columns = {each.name: self._read(each, text, chunk) for each in self.fields}
        faults = {each.name: list(columns[each.name].faults) for each in self.fields}
        if self.facts.devices is None:  # a reading's unit is its device's, not said by the row
            self._check_units(columns, faults)
        bad = _any(faults, len(chunk))
        keep = pa.array(~bad)
        table = pa.table(
            [columns[each.name].values.filter(keep) for each in self.fields], schema=self.schema
        )
        rejected = _rejected(chunk, self.fields, faults, bad, self.styles)
        rejected += [(line, raw, [why.as_json()]) for line, raw, why in chunk.broken]
        return Checked(table, chunk.rows.filter(keep), rejected)

    def _said(self, column: pa.Array) -> pa.Array:
        trimmed = pc.utf8_trim_whitespace(column)
        nothing = pc.is_in(trimmed, value_set=pa.array(sorted(self.facts.missing)))
        return only(trimmed, pc.invert(nothing))

    def _complete_readings(self, text: dict[str, pa.Array], count: int) -> None:
        """A reading without a status is a measurement; its unit is that of its device."""
        measuring = pa.scalar("measuring", pa.string())
        written = text.get("status")
        text["status"] = (
            pa.repeat(measuring, count) if written is None else pc.fill_null(written, measuring)
        )
        if "device" in text:
            text["unit"] = _looked_up(text["device"], self.facts.devices or {})

    def _read(self, each: FieldSpec, text: Mapping[str, pa.Array], chunk: Chunk) -> Column:
        column = text.get(each.name)
        if column is None:
            column = pa.nulls(len(chunk), pa.string())
        typed = self._typed(each, column, chunk.plain.get(each.name))
        faults = list(typed.faults)
        if each.required or each.key:
            empty = mask_of(pc.is_null(column))
            faults += fault("required", "chưa có giá trị. Điền giá trị vào ô này.", empty)
        faults += limits.faults(each, typed.values, column)
        faults += self._timely(each, typed.values)
        if self.facts.devices is not None and each.name == "device":
            faults += self._unregistered(column)
        return Column(typed.values, faults)

    def _typed(self, each: FieldSpec, text: pa.Array, plain: pa.Array | None) -> Column:
        match each.type:
            case "integer":
                style = self._style(each.name, text, plain)
                return _numeric(cells.integers, text, plain, style)
            case "number":
                bare = pc.replace_substring_regex(text, r"\s*%$", "")
                bare = bare if each.unit_of_measure == "%" else text
                style = self._style(each.name, bare, plain)
                return _numeric(cells.numbers, bare, plain, style)
            case "boolean":
                return cells.booleans(text)
            case "date":
                return word_by_word(text, cells.dates)
            case "datetime":
                return word_by_word(text, partial(cells.datetimes, zone=self.facts.zone))
            case "year":
                return word_by_word(text, cells.years)
            case "yearmonth":
                return word_by_word(text, cells.yearmonths)
            case "unit":
                return units_of(text, self.facts.units)
            case _:
                return limits.coded(each, cells.strings(text))

    def _style(self, name: str, text: pa.Array, plain: pa.Array | None) -> str:
        if self.facts.decimal:
            return self.facts.decimal
        if not self.styles.get(name):
            typed_by_hand = text if plain is None else only(text, pc.invert(plain))
            self.styles[name] = style_of(typed_by_hand)
        return self.styles[name]

    def _timely(self, each: FieldSpec, values: pa.Array) -> list[Fault]:
        if each.name != self.facts.time_field:
            return []
        found: list[Fault] = []
        if not self.facts.future:
            found += limits.future(each, values, self.facts.now, self.facts.zone)
        if self.facts.devices is not None and self.facts.max_age_days:
            found += limits.too_late(values, self.facts.now, self.facts.max_age_days)
        return found

    def _unregistered(self, text: pa.Array) -> list[Fault]:
        known = pa.array(sorted(self.facts.devices or {}), pa.string())
        strange = pc.and_(pc.is_valid(text), pc.invert(pc.is_in(text, value_set=known)))
        say = "thiết bị “{value}” chưa đăng ký. Đăng ký thiết bị với nguồn này rồi nạp lại."
        return fault("unknown_device", say, strange)

    def _check_units(self, columns: Mapping[str, Column], faults: dict[str, list[Fault]]) -> None:
        dated = columns.get(self.facts.time_field or "")
        time = dated.values if dated is not None else None
        for each in self.fields:
            if each.type == "unit":
                found = unit_faults(columns[each.name].values, time, self.facts.units)
                faults[each.name] += found


def _numeric(
    read: Callable[[pa.Array, pa.Array | None, str], Column],
    text: pa.Array,
    plain: pa.Array | None,
    style: str,
) -> Column:
    if plain is None:
        return word_by_word(text, lambda words: read(words, None, style))
    if not pc.all(plain).as_py():
        return read(text, plain, style)
    return word_by_word(text, lambda words: read(words, pa.repeat(True, len(words)), style))


def _looked_up(keys: pa.Array, table: Mapping[str, str]) -> pa.Array:
    coded = keys.dictionary_encode()
    values = pa.array([table.get(key.as_py()) for key in coded.dictionary], pa.string())
    return values.take(coded.indices)


def _any(faults: Mapping[str, list[Fault]], count: int) -> np.ndarray:
    bad = np.zeros(count, dtype=bool)
    for found in faults.values():
        for each in found:
            bad |= each.rows
    return bad


def _rejected(
    chunk: Chunk,
    fields: Sequence[FieldSpec],
    faults: Mapping[str, list[Fault]],
    bad: np.ndarray,
    styles: Mapping[str, str],
) -> list[Rejected]:
    places = np.flatnonzero(bad)
    if not len(places):
        return []
    raws = _raws(chunk, places, styles)
    lines = chunk.rows.take(pa.array(places)).to_pylist()
    position = {int(place): at for at, place in enumerate(places)}
    reasons: defaultdict[int, list[Mapping[str, str]]] = defaultdict(list)
    for each in fields:
        labels = _labels(chunk, each, places)
        for found in faults[each.name]:
            for place in np.flatnonzero(found.rows):
                at = position[int(place)]
                said = raws[at].get(each.name, "")
                reasons[at].append(_reason(each, found, labels[at], lines[at], said).as_json())
    return [(lines[at], raws[at], reasons[at]) for at in range(len(places))]


def _raws(chunk: Chunk, places: np.ndarray, styles: Mapping[str, str]) -> list[dict[str, str]]:
    """The text as it came; a stored number is written with its column's decimal sign."""
    at = pa.array(places)
    columns = {name: column.take(at) for name, column in chunk.columns.items()}
    for name, plain in chunk.plain.items():
        if plain is not None and styles.get(name, POINT) != POINT:
            comma = pc.replace_substring(columns[name], ".", ",")
            columns[name] = pc.if_else(plain.take(at), comma, columns[name])
    rows = pa.table(columns).to_pylist()
    return [{name: shown(text or "") for name, text in row.items()} for row in rows]


def _labels(chunk: Chunk, each: FieldSpec, places: np.ndarray) -> list[str]:
    label = chunk.labels.get(each.name) or each.title
    if isinstance(label, str):
        return [label] * len(places)
    return [str(text) for text in label.take(pa.array(places)).to_pylist()]


def _reason(each: FieldSpec, found: Fault, label: str, line: int, said: str) -> Reason:
    value = said.strip()
    value = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
    sentence = found.message.replace("{value}", value)
    return Reason(each.name, found.code, f"Dòng {line}, cột “{label}”: {sentence}")


def shown(text: str) -> str:
    """Return text that the database and a page can hold: NUL becomes its picture."""
    return text.replace("\x00", "\u2400")
