"""Time as offices reckon it: periods of reports, working time, public holidays.

Owns: `periods` (free [from, to) with presets), `working_time` (add, between), `holidays` (public
holidays with their substituted days, and what administrators change), office hours of units.
Does not own deadlines: those are obligations.
"""
