"""Who owes what to whom by when; and the timers of the whole system.

An *obligation* counts running time or working time, as its kind says. It reminds the debtor's
people ahead of the deadline and after it, tells their head, and counts what it sent after the
deadline per unit and year: *reminders* with proof (which message, to whom, when, read when).

A *wake-up* (kind, ref, due) runs the kind's job at a moment. One table serves every domain; it is
fired every few seconds by the live worker, each row once however many workers there are, and
survives a restart. What was missed while the platform stood still is made good once, not in bursts.

    obligations.register_kind("ingest.delivery", "Cung cấp số liệu")      # in apps.ready
    obligations.owe(kind=…, debtor_unit_id=…, creditor_unit_id=…, due_at=…, ref=…, title=…)
    obligations.fulfil(ref=…, at=…, by=…)
    obligations.on_wake("alerts.hold", "alerts.wake")                     # in apps.ready
    obligations.wake_up(kind="alerts.hold", ref="17", due_at=…)

Not here: what is owed (its domain), how people are told (`notifications`), holidays (`calendar`).
"""
