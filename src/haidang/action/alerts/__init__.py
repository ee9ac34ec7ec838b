"""Alerts: from a change of state to a person who owns it, and to an outcome.

What this domain owns
    Rule        a dated, versioned sentence: *when* an indicator enters these states (or a source
                falls silent) for this long, *within* this unit and sector, raise this severity.
    Signal      where one series stands under its rule: quiet, pending (not long enough), raised.
    Alert       what people see: number, owner, explanation with figures, and at the end an outcome.
    AlertEvent  everything that happened to an alert, in order.

How a datum becomes an alert
    ``indicators.state_changed`` / ``ingest.source_late`` / ``ingest.rows_quarantined``
      → ``jobs``            one idempotent job per event
      → ``rules.choose``    the rule that governs this series today
      → ``rules.step``      pure: (criteria, memory, state, moment) → (memory, effect)
      → ``actions.signals`` carries out the effect: raise, update, clear, wait
    ``rules.replay`` folds the same ``step`` over history, so a rule can be tried before it is on
    (``queries.backtest``); ``actions.look_over`` takes in what stood before a rule was on.

Promises kept here
    * One open alert per kind and series (a partial unique index, not a hope).
    * Restated and closed periods never raise: ``step(may_raise=False)``.
    * Hysteresis: an alert is raised by ``raises`` and cleared only by ``clears``.
    * An alert that bad or late data caused belongs to the supplier; the duty shift is told at once
      that it is blind. A rule alone never notifies a leader, only those who handle alerts.
    * Nothing closes without an outcome, a name and a note (CHECK constraints). The platform itself
      closes one kind: of refused rows, once people have mended or discarded every one of them.

What this domain does not do: work (``operations``), decide states (``indicators``), send mail
(``notifications``), keep time (``obligations.wake_up``).

To copy this domain, read ``rules`` first, then ``models``, ``actions``, ``jobs``, ``views``.
"""
