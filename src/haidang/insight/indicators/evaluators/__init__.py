"""Live indicators on the fast path: readings in, last values and states out, in milliseconds.

Built inside the intake process. Device status is honoured (only "measuring" counts), minimum
duration and hysteresis hold per device, and a unit stands as its worst device that still reports.
Everything is judged by the readings' own time: to see readings twice changes nothing.
"""

from haidang.insight.indicators.evaluators.live import LiveEvaluator

__all__ = ["LiveEvaluator"]
