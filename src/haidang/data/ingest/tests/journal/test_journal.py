"""The journal against a slow model: a list of records, and every torn byte."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from haidang.data.ingest import journal as journals
from haidang.data.ingest.journal import (
    Checkpoint,
    Intent,
    Journal,
    JournalBusyError,
    LargeFile,
    Reader,
)
from haidang.data.ingest.journal.segments import HEADER_BYTES


def contents(journal: Reader, position: int, limit: int = 64) -> list[tuple[bytes, bytes, int]]:
    found = []
    while taken := journal.read(position, limit):
        found += [(r.note, journal.body(r), r.received) for r in taken]
        position = taken[-1].end
    return found


def test_what_was_synced_is_read_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.append(b"src", b"one", 1)
    journal.append(b"src", b"", 2)
    assert contents(journal, 0) == []
    journal.sync()
    journal.append(b"", b"three", -3)
    journal.sync()
    assert contents(journal, 0) == [(b"src", b"one", 1), (b"src", b"", 2), (b"", b"three", -3)]


def test_a_tail_torn_at_any_byte_loses_only_the_torn_record(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    ends = []
    for number in range(5):
        journal.append(b"note", bytes([number]) * (number * 7), number)
        ends.append(journal.sync())
    journal.close()
    (segment,) = (tmp_path / "j").glob("*.segment")
    whole = segment.read_bytes()
    for cut in range(len(whole)):
        copy = tmp_path / f"c{cut}"
        copy.mkdir()
        (copy / segment.name).write_bytes(whole[:cut])
        reopened = Journal(copy)
        left = sum(end <= cut - HEADER_BYTES for end in ends)
        assert [moment for _, _, moment in contents(reopened, 0)] == list(range(left))
        reopened.append(b"after", b"x", 99)
        reopened.sync()
        assert contents(reopened, 0)[-1] == (b"after", b"x", 99)
        reopened.close()
        shutil.rmtree(copy)


@given(place=st.integers(HEADER_BYTES, 10_000), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_a_flipped_bit_is_never_read_as_data(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    journal = Journal(folder)
    for number in range(6):
        journal.append(b"n", b"body%d" % number, number)
    journal.sync()
    journal.close()
    (segment,) = folder.glob("*.segment")
    data = bytearray(segment.read_bytes())
    place = HEADER_BYTES + (place - HEADER_BYTES) % (len(data) - HEADER_BYTES)
    data[place] ^= 1 << bit
    segment.write_bytes(data)
    reopened = Journal(folder)
    left = contents(reopened, 0)
    assert left == [(b"n", b"body%d" % n, n) for n in range(len(left))]
    assert len(left) < 6
    reopened.close()


def test_a_full_disk_takes_the_group_back_and_the_next_group_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "j")
    journal.append(b"n", b"kept", 1)
    journal.sync()
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        real(descriptor, bytes(data)[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    journal.append(b"n", b"refused", 2)
    with pytest.raises(OSError):
        journal.sync()
    monkeypatch.setattr(os, "write", real)
    journal.append(b"n", b"later", 3)
    journal.sync()
    journal.close()
    assert contents(Journal(tmp_path / "j"), 0) == [(b"n", b"kept", 1), (b"n", b"later", 3)]


def test_a_living_owner_keeps_its_folder_and_a_dead_one_leaves_it(tmp_path: Path) -> None:
    owner = Journal(tmp_path / "a")
    with pytest.raises(JournalBusyError):
        Journal(tmp_path / "a")
    assert list(journals.abandoned(tmp_path)) == []
    owner.close()
    assert list(journals.abandoned(tmp_path)) == [tmp_path / "a"]


def test_the_checkpoint_is_replaced_whole(tmp_path: Path) -> None:
    assert Checkpoint.read(tmp_path) == Checkpoint()
    Checkpoint(7, Intent(end=90, batches={"s": 4})).write(tmp_path)
    assert Checkpoint.read(tmp_path) == Checkpoint(7, Intent(end=90, batches={"s": 4}))


def test_damage_in_an_old_segment_does_not_hide_the_next_ones(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", segment_bytes=60)
    for number in range(6):
        journal.append(b"n", b"x" * 30, number)
        journal.sync()
    journal.close()
    first = min((tmp_path / "j").glob("*.segment"))
    data = bytearray(first.read_bytes())
    data[-1] ^= 1
    first.write_bytes(data)
    assert [moment for _, _, moment in contents(Journal(tmp_path / "j"), 0)] == [0, 2, 3, 4, 5]


class JournalMachine(RuleBasedStateMachine):
    """Append, sync, crash, release and read in any order; the model is a list."""

    @initialize(segment_bytes=st.sampled_from([1, 80, 4096]))
    def begin(self, segment_bytes: int) -> None:
        import tempfile

        self.root = Path(tempfile.mkdtemp(prefix="hdj"))
        self.segment_bytes = segment_bytes
        self.journal = Journal(self.root / "j", segment_bytes)
        self.durable: list[tuple[bytes, bytes, int]] = []
        self.waiting: list[tuple[bytes, bytes, int]] = []
        self.released = 0

    @rule(note=st.binary(max_size=9), body=st.binary(max_size=90), at=st.integers(0, 1 << 60))
    def append(self, note: bytes, body: bytes, at: int) -> None:
        self.journal.append(note, body, at)
        self.waiting.append((note, body, at))

    @rule(note=st.binary(max_size=9), body=st.binary(max_size=300), at=st.integers(0, 1 << 60))
    def append_file(self, note: bytes, body: bytes, at: int) -> None:
        from uuid import uuid4
        from zlib import crc32

        path = self.root / uuid4().hex
        path.write_bytes(body)
        self.journal.append_file(note, path, LargeFile(path.name, len(body), crc32(body)), at)
        self.waiting.append((note, body, at))

    @rule()
    def sync(self) -> None:
        self.journal.sync()
        self.durable += self.waiting
        self.waiting = []

    @rule()
    def crash(self) -> None:
        self.journal.close()
        self.waiting = []
        self.journal = Journal(self.root / "j", self.segment_bytes)

    @precondition(lambda self: len(self.durable) > self.released)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        count = data.draw(st.integers(1, len(self.durable) - self.released))
        taken = self.journal.read(self.position(), 1 << 20)[:count]
        self.journal.forget(taken)
        Checkpoint(flushed=taken[-1].end).write(self.journal.folder)
        self.journal.release(taken[-1].end)
        self.released += len(taken)

    @rule(limit=st.integers(1, 500))
    def read(self, limit: int) -> None:
        assert contents(self.journal, self.position(), limit) == self.durable[self.released :]

    def position(self) -> int:
        return Checkpoint.read(self.journal.folder).flushed

    def teardown(self) -> None:
        if hasattr(self, "root"):
            self.journal.close()
            shutil.rmtree(self.root)


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_a_turn_lets_go_of_everything_that_has_landed(tmp_path):
    journal = Journal(tmp_path)
    journal.append(b"note", b"of a person", 1)
    durable = journal.sync()

    journal.turn()
    journal.release(durable)
    journal.turn()

    assert journal.kept == 0
    assert all(b"of a person" not in path.read_bytes() for path in tmp_path.rglob("*.segment"))
    journal.append(b"note", b"of another", 2)
    assert [record.body for record in journal.read(durable, 1 << 20) or []] == []
    journal.sync()
    assert [record.body for record in journal.read(durable, 1 << 20)] == [b"of another"]
    journal.close()


@given(sizes=st.lists(st.integers(0, 90), min_size=1, max_size=25), turn_at=st.integers(0, 25))
@settings(max_examples=40, deadline=None)
def test_a_reader_that_is_told_reads_what_the_owner_reads(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], turn_at: int
) -> None:
    journal = Journal(tmp_path_factory.mktemp("j") / "j", segment_bytes=120)
    reader = journal.reader()
    seen, at = [], 0
    for number, size in enumerate(sizes):
        journal.append(b"note", bytes([number]) * size, number)
        journal.sync()
        if number == turn_at:
            journal.turn()
        if number % 3 == 0:  # it is not told each time
            reader.extend(journal.durable, journal.last)
        while taken := reader.read(at, 64):
            seen += [record.body for record in taken]
            at = taken[-1].end
            reader.release(at)
            journal.release(at)
    reader.extend(journal.durable, journal.last)
    seen += [body for _, body, _ in contents(reader, at)]
    assert seen == [bytes([number]) * size for number, size in enumerate(sizes)]
    journal.close()
