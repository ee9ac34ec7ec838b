"""What may be done: define rules, take signals into account, handle alerts."""

from haidang.action.alerts.actions.definitions import define_rule, retire_rule
from haidang.action.alerts.actions.handling import acknowledge, close, settle
from haidang.action.alerts.actions.settling import settle_quarantine
from haidang.action.alerts.actions.signals import Observation, finish, observe, wake
from haidang.action.alerts.actions.survey import look_over

__all__ = [
    "Observation",
    "acknowledge",
    "close",
    "define_rule",
    "finish",
    "look_over",
    "observe",
    "retire_rule",
    "settle",
    "settle_quarantine",
    "wake",
]
