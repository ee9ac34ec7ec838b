"""The simulated sensors: one function for history and for live."""

import numpy as np

from haidang.project.demo import devices, signals

START = 1_760_000_000.0


def test_history_and_live_agree_at_every_moment() -> None:
    times = START + np.arange(500) * 3600.0
    for metric in signals.METRICS:
        whole = signals.measure(metric, 7, times)
        single = [signals.measure(metric, 7, times[i : i + 1])[0] for i in range(0, 500, 97)]
        assert np.array_equal(whole[::97], np.array(single)), metric


def test_every_network_measures_what_can_be_simulated() -> None:
    for network in devices.NETWORKS:
        assert set(network.metrics) <= signals.METRICS


def test_there_are_two_hundred_stations_with_lasting_places() -> None:
    communes = [str(25000 + i) for i in range(91)]
    fleet = list(devices.stations(communes))
    assert len(fleet) == 200
    assert len({station.code for station in fleet}) == 200
    assert fleet == list(devices.stations(list(reversed(communes))))


def test_the_tide_crosses_its_third_alarm_now_and_then() -> None:
    times = START + np.arange(3 * 365 * 24) * 3600.0
    level = signals.measure("water_level", devices.seed_of("TV-001", "water_level"), times)
    assert 0.0005 < np.mean(level >= 1.60) < 0.05


def test_the_gauge_of_the_tour_is_alone_in_its_ward() -> None:
    tour = devices.TOUR_GAUGE
    communes = [tour.unit, *(str(25000 + i) for i in range(90))]
    near = [one for one in devices.stations(communes) if one.unit == tour.unit]
    assert tour.source not in {station.source for station in near}
    assert tour.code not in {station.code for station in devices.stations(communes)}
