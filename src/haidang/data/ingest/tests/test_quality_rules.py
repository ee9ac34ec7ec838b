"""The four words: scores within bounds, worse for every fault, honest where nothing was due."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.ingest.rules import cycles, deliveries, quality
from haidang.data.ingest.rules.quality import Counts
from haidang.data.ingest.rules.reasons import WORDS

DAY = dt.timedelta(days=1)
FIVE = dt.time(17, 0)
moments = st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    """What the store can hold: the parts never make more than the whole."""
    parts = [draw(st.integers(0, 10**6)) for _ in range(5)]
    accepted = draw(st.integers(0, 10**6))
    on_time, late, missing = (draw(st.integers(0, 400)) for _ in range(3))
    wrong, lacking, unclean, duplicate, _ = parts
    return Counts(
        read=wrong + lacking + unclean + duplicate + accepted,
        wrong=wrong,
        lacking=lacking,
        unclean=unclean,
        duplicate=duplicate,
        repeated=draw(st.integers(0, duplicate)),
        revised=draw(st.integers(0, accepted)),
        unapproved=draw(st.integers(0, accepted)),
        expected=on_time + late + missing,
        on_time=on_time,
        late=late,
        age=draw(st.none() | st.timedeltas(dt.timedelta(), 900 * DAY)),
        allowed=draw(st.none() | st.timedeltas(dt.timedelta(minutes=15), 732 * DAY)),
        is_automatic=draw(st.booleans()),
    )


@given(counts())
def test_a_score_lies_between_0_and_100_or_says_that_it_has_no_basis(counted):
    for one in quality.score(counted):
        if one.value is None:
            assert one.sentence.startswith("Không đủ căn cứ")
        else:
            assert 0 <= one.value <= 100
            assert "đủ căn cứ" not in one.sentence
        assert one.sentence.endswith(".")


@given(counts())
def test_a_score_is_100_exactly_when_nothing_was_found(counted):
    dung, du, sach, song = quality.score(counted)
    if dung.value is not None:
        assert (dung.value == 100) == (counted.wrong + counted.unapproved == 0)
    if du.value is not None:
        assert (du.value == 100) == (counted.missing == counted.lacking == 0)
    if sach.value is not None:
        assert (sach.value == 100) == (counted.unclean + counted.duplicate == 0)
    if song.value is not None:
        fresh = counted.age is not None and counted.age <= counted.allowed
        assert (song.value == 100) == (counted.on_time == counted.expected and fresh)


@given(counts(), st.sampled_from(["wrong", "lacking", "unclean", "duplicate"]))
def test_one_more_bad_row_raises_no_score(counted, fault):
    worse = replace(counted, read=counted.read + 1, **{fault: getattr(counted, fault) + 1})
    name = {"wrong": "dung", "lacking": "du"}.get(fault, "sach")
    was, now = (getattr(quality.score(one), name).value for one in (counted, worse))
    assert was is None or now <= was


@given(counts())
def test_a_late_or_missing_delivery_raises_no_score(counted):
    late = replace(counted, expected=counted.expected + 1, late=counted.late + 1)
    missing = replace(counted, expected=counted.expected + 1)
    for word in ("du", "song"):
        was, then, never = (
            getattr(quality.score(one), word).value for one in (counted, late, missing)
        )
        if was is not None:
            assert never <= was
            assert never <= then
    if quality.score(counted).song.value is not None:
        assert quality.score(late).song.value <= quality.score(counted).song.value


@given(st.lists(counts(), min_size=1, max_size=6))
def test_several_together_lie_between_the_best_and_the_worst(several):
    scored = [quality.score(one) for one in several]
    for word, one in zip(quality.WORDS, quality.together(scored), strict=True):
        known = [value for each in scored if (value := getattr(each, word).value) is not None]
        assert (one.value is None) == (not known)
        assert one.value is None or min(known) <= one.value <= max(known)


def test_nothing_counted_is_no_basis_and_never_zero():
    assert [one.value for one in quality.score(Counts())] == [None] * 4
    assert quality.score(Counts()).order > quality.score(Counts(read=1, wrong=1)).order


def test_the_sentences_say_what_was_counted():
    scores = quality.score(
        Counts(
            read=1200, wrong=15, lacking=12, unclean=6, duplicate=18, repeated=3, revised=40,
            unapproved=200, expected=20, on_time=17, late=2, age=DAY / 2, allowed=2 * DAY,
        )
    )  # fmt: skip
    assert [quality.shown(one.value) for one in scores] == ["82", "95", "98", "85"]
    assert scores.dung.sentence == (
        "Đọc 1.200 dòng: 15 dòng sai quy tắc, 200 dòng ở lượt chưa duyệt hoặc bị từ chối, "
        "40 dòng đính chính số đã gửi (không trừ)."
    )
    assert scores.du.sentence == (
        "Có số liệu 19/20 kỳ phải giao, thiếu 1 kỳ; 12/1.200 dòng thiếu giá trị bắt buộc."
    )
    assert "18 dòng trùng (3 dòng lặp ngay trong tệp)" in scores.sach.sentence
    assert scores.song.sentence == (
        "Đúng hạn 17/20 kỳ, muộn 2, thiếu 1; mới nhất 12 giờ trước cuối kỳ tính, "
        "cho phép 2 ngày; duyệt từng lượt."
    )


def test_gaps_of_devices_are_part_of_complete():
    counted = Counts(read=10, expected=4, on_time=4, device_days=200, short_days=9, lost_days=5.0)
    score = quality.score(counted).du
    assert (score.value, score.state) == (97.5, "normal")
    assert score.sentence == (
        "Có số liệu 4/4 kỳ phải giao, thiếu 0 kỳ; 0/10 dòng thiếu giá trị bắt buộc; thiết bị gửi "
        "97,5% số đo phải có, thiếu ở 9/200 lượt ngày thiết bị."
    )
    assert quality.score(Counts(device_days=2, short_days=1, lost_days=1.0)).du.value == 50


def test_almost_all_is_not_written_as_all():
    assert quality.shown(99.99) == "99,9"
    assert quality.shown(100.0) == "100"


def test_every_reason_belongs_to_one_word_and_no_named_reason_is_stale():
    assert set(WORDS) >= quality.LACKING | quality.UNCLEAN
    assert {quality.kind_of(code) for code in WORDS} == {"dung", "du", "sach"}


def slow_deliveries(cycle, after, until, arrivals, now):
    """The obvious way: walk every deadline, look at every arrival."""
    edges, at = [], after - 800 * DAY
    while at <= until + 800 * DAY:
        at = cycles.due_after(cycle, FIVE, at)
        edges.append(at)
    found = []
    for before, due, following in zip(edges, edges[1:], edges[2:], strict=False):
        if after < due <= min(until, now):
            timely = [one for one in sorted(arrivals) if before < one <= due]
            late = [one for one in sorted(arrivals) if due < one <= following]
            found.append((due, (timely + late + [None])[0]))
    return found


@given(
    st.sampled_from(cycles.SLOW),
    moments,
    st.integers(0, 60),
    st.lists(moments, max_size=30),
    st.integers(0, 80),
)
def test_deliveries_are_what_a_walk_over_all_of_them_finds(cycle, after, days, arrivals, known):
    until, now = after + days * DAY, after + known * DAY
    found = deliveries.deliveries(
        cycle, FIVE, after=after, until=until, arrivals=sorted(arrivals), now=now
    )
    assert [(one.due_at, one.came_at) for one in found] == slow_deliveries(
        cycle, after, until, arrivals, now
    )
    assert all((one.by > dt.timedelta()) == (one.state == "late") for one in found)


@given(st.sampled_from([*cycles.SLOW, *cycles.FAST]), moments, st.integers(0, 900))
def test_who_meets_every_deadline_is_never_too_old(cycle, since, days):
    at = since + days * DAY
    allowed = deliveries.allowed_age(cycle, FIVE, since=since, at=at)
    if allowed is None:
        return
    if cycle in cycles.FAST:
        assert allowed == cycles.patience(cycle)
        return
    last = deliveries.deadlines(cycle, FIVE, after=at - 800 * DAY, until=at)[-1]
    assert since < last
    # Just after the deadline before is the earliest that still met the last.
    assert at - (deliveries.before(cycle, FIVE, last) + dt.timedelta(microseconds=1)) < allowed


@pytest.mark.parametrize(
    ("after", "until", "whole"),
    [("10:00", "12:00", 2), ("10:01", "12:00", 1), ("10:01", "11:59", 0), ("10:00", "10:00", 0)],
)
def test_whole_hours(after, until, whole):
    first, last = deliveries.hours(
        *(dt.datetime.fromisoformat(f"2026-11-23T{one}+07:00") for one in (after, until))
    )
    assert (last - first) / dt.timedelta(hours=1) == whole
