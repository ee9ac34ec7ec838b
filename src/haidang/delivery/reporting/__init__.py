"""Reporting regimes: what units owe each period, filled in, approved, received.

Owns: regimes, forms and their lines (data), assignments, every version sent, the steps of each.
A report goes from the typist to the unit's approver (another person) and to the receiver; either
may return it with a reason. Approved values go to `indicators`; reception makes them official and
locks the report. Deadlines and reminders are obligations. The regime of a new system is plain data
in `rules.starter`.
"""
