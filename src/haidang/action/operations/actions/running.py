"""Run a procedure on a ticket: start it, work its steps, let its timers fire."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from haidang.action.operations import procedures, queries
from haidang.action.operations.actions import telling
from haidang.action.operations.errors import (
    ActivityNotFoundError,
    AnswerNeededError,
    ProcedureNotFoundError,
    StepNotReadyError,
)
from haidang.action.operations.models import Activity, ProcedureVersion, Run, Ticket
from haidang.foundation.access import api as access
from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org

WAKE_KIND = "operations.timer"
OWED_KIND = "operations.step"
_JUST_AFTER = timedelta(seconds=1)  # the engine's timers fire strictly after their moment


@transaction.atomic
def start_run(*, ticket: Ticket, procedure: str, by: Actor, now: datetime) -> Run:
    """Start the newest version of a procedure; the run keeps that version for good."""
    version = ProcedureVersion.objects.filter(procedure__code=procedure).order_by("-number").first()
    if version is None:
        raise ProcedureNotFoundError(code=procedure)
    progress = procedures.start(procedures.read(version.bpmn), {})
    run = Run.objects.create(
        ticket=ticket,
        version=version,
        serializer_version=procedures.SERIALIZER_VERSION,
        state=progress.state,
        started_at=now,
    )
    told = {"title": version.procedure.title, "number": version.number}
    text = _("Bắt đầu quy trình “%(title)s”, bản %(number)s.") % told
    telling.note(ticket, verb="start_procedure", by=by, at=now, text=text)
    _take_over(run, progress, now)
    return run


@transaction.atomic
def complete_step(
    *, activity: int, by: access.Scope, now: datetime, answer: str = "", note: str = ""
) -> None:
    """Finish a step with its result and go on to the next ones.

    Raises ActivityNotFoundError, NotAllowedError, StepNotReadyError, AnswerNeededError.
    """
    step = Activity.objects.filter(pk=activity, run__ticket__in=queries.visible(by)).first()
    if step is None:
        raise ActivityNotFoundError
    # The run's row is the lock: two people at two steps of one run go one after the other.
    run = Run.objects.select_for_update().get(pk=step.run_id)
    step.refresh_from_db()
    ticket = Ticket.objects.get(pk=run.ticket_id)
    by.require("operations.handle", step.unit_id, ticket.sector_id)
    if step.state != Activity.State.READY:
        raise _not_ready(step)
    answers = procedures.read(run.version.bpmn).steps[step.step].answers
    if answers and answer not in dict(answers):
        raise AnswerNeededError
    progress = procedures.complete(run.state, step.task, {step.step: answer} if answers else {})
    _end(step, Activity.State.DONE, by=by.label, now=now, answer=answer, note=note)
    obligations.fulfil(ref=_ref(step), at=now, by=by.actor)
    said = ". ".join(part for part in (dict(answers).get(answer, ""), note.strip()) if part)
    text = f"{step.title}: {said}" if said else step.title
    telling.note(ticket, verb="step", by=by.actor, at=now, text=text)
    _take_over(run, progress, now)


@transaction.atomic
def wake_run(*, run_id: int, now: datetime) -> None:
    """Let the timers that are due fire. Safe to repeat."""
    run = Run.objects.select_for_update().filter(pk=run_id, completed_at__isnull=True).first()
    if run is not None:
        _take_over(run, procedures.refresh(run.state), now)


@transaction.atomic
def hand_over(*, ticket: Ticket, by: Actor, now: datetime) -> None:
    """Give the lead's open steps to the lead unit of now; their deadlines stay."""
    steps = Activity.objects.filter(run__ticket=ticket, state=Activity.State.READY, role="lead")
    for step in steps.exclude(unit=ticket.lead_id):
        obligations.cancel(ref=_ref(step), by=by, reason=_("Đổi đơn vị chủ trì"))
        step.unit_id = ticket.lead_id
        step.save(update_fields=["unit"])
        _owe(step, ticket)


@transaction.atomic
def end_run(*, ticket: Ticket, by: Actor, now: datetime, reason: str) -> None:
    """Stop what still runs on a ticket that has ended."""
    run = Run.objects.select_for_update().filter(ticket=ticket).first()
    if run is None:
        return
    for step in run.activities.filter(state=Activity.State.READY):
        _end(step, Activity.State.SKIPPED, by=by.label, now=now, note=reason)
        obligations.cancel(ref=_ref(step), by=by, reason=reason)
    obligations.cancel_wake_up(kind=WAKE_KIND, ref=str(run.pk))
    if run.completed_at is None:
        run.completed_at = now
        run.save(update_fields=["completed_at"])
    _set_due(ticket)


def _take_over(run: Run, progress: procedures.Progress, now: datetime) -> None:
    """Write what the engine said: its state, new steps, steps that fell away, the next timer."""
    run.state = progress.state
    run.completed_at = now if progress.is_completed else None
    run.save(update_fields=["state", "completed_at"])
    ticket = Ticket.objects.get(pk=run.ticket_id)
    known = {step.task: step for step in run.activities.all()}
    ready = {one.task: one for one in progress.ready}
    for task, step in known.items():
        if step.state == Activity.State.READY and task not in ready:
            _end(step, Activity.State.SKIPPED, by=audit.SYSTEM.label, now=now)
            obligations.cancel(ref=_ref(step), by=audit.SYSTEM)
    specs = procedures.read(run.version.bpmn).steps
    for task in ready.keys() - known.keys():
        _begin(run, ticket, task_of=ready[task], spec=specs[ready[task].step], now=now)
    if progress.next_timer_at is None:
        obligations.cancel_wake_up(kind=WAKE_KIND, ref=str(run.pk))
    else:
        due = progress.next_timer_at + _JUST_AFTER
        obligations.wake_up(kind=WAKE_KIND, ref=str(run.pk), due_at=due)
    _set_due(ticket)


def _begin(
    run: Run,
    ticket: Ticket,
    *,
    task_of: procedures.Ready,
    spec: procedures.StepSpec,
    now: datetime,
) -> None:
    step = Activity.objects.create(
        run=run,
        task=task_of.task,
        step=spec.id,
        title=spec.title,
        role=spec.role,
        unit_id=_unit_of(spec.role, ticket),
        clock=spec.clock,
        started_at=now,
        due_at=queries.due_at(now, minutes=spec.minutes, clock=spec.clock),
    )
    _owe(step, ticket)
    telling.tell_unit(ticket, step.unit_id, title=step.title, body=spec.guide)


def _end(
    step: Activity, state: str, *, by: str, now: datetime, answer: str = "", note: str = ""
) -> None:
    step.state, step.ended_at, step.ended_by = state, now, by
    step.answer, step.note = answer, note.strip()
    step.save(update_fields=["state", "ended_at", "ended_by", "answer", "note"])


def _unit_of(role: str, ticket: Ticket) -> int:
    """Return the unit that plays a role on a ticket."""
    if role == "centre":
        centres = org.all_units(kind="centre")
        return centres[0].id if centres else ticket.lead_id
    return ticket.unit_id if role == "place" else ticket.lead_id


def _owe(step: Activity, ticket: Ticket) -> None:
    if step.due_at is None:
        return
    obligations.owe(
        kind=OWED_KIND,
        debtor_unit_id=step.unit_id,
        creditor_unit_id=_unit_of("centre", ticket),
        due_at=step.due_at,
        clock=step.clock,
        ref=_ref(step),
        title=f"{ticket.number} · {step.title}",
        url=ticket.get_absolute_url(),
        sector=ticket.sector_id,
        owed_since=step.started_at,
    )


def _ref(step: Activity) -> str:
    return f"operations.step:{step.pk}"


def _set_due(ticket: Ticket) -> None:
    """Keep the ticket's deadline that of its most urgent open step."""
    nearest = (
        Activity.objects.filter(
            run__ticket=ticket, state=Activity.State.READY, due_at__isnull=False
        )
        .order_by("due_at")
        .first()
    )
    ticket.due_at = nearest.due_at if nearest else None
    ticket.due_clock = nearest.clock if nearest else ""
    ticket.save(update_fields=["due_at", "due_clock"])


def _not_ready(step: Activity) -> StepNotReadyError:
    if not step.ended_by:
        return StepNotReadyError()
    told = {"title": step.title, "who": step.ended_by}
    return StepNotReadyError(_("Bước “%(title)s” đã được %(who)s kết thúc.") % told)
