"""Operations: tickets (phiếu điều hành), worked step by step by a procedure until they are closed.

What this domain owns
    Ticket      number, place, sector, authority (giao, đề nghị phối hợp, chuyển thẩm quyền), the
                lead unit and those who cooperate, a state, and an outcome at the end.
    TicketEvent everything that happened to a ticket, in order: one page tells the whole story.
    Procedure   a standard procedure (SOP) as BPMN, with numbered versions and checksums.
    Run         one procedure at work on one ticket; pins definition and serializer version.
    Activity    one step of a run: who, by when (running or working clock), with which result.
    Evidence    a photo, a document, a figure back to normal, or the reason why there is none.

Where things are
    ``rules/states``      the state machine as one table; ``rules/authority`` who may be ordered
    ``rules/evidence``    what each kind of ticket needs before it may be finished
    ``rules/pictures``    a copy of a picture without its metadata
    ``procedures``        the BPMN engine (SpiffWorkflow) with restricted expressions; shipped SOPs

Promises kept here
    * Two people at once: state changes are conditional updates, the second gets a clear message.
    * Vertical bodies and others that the Centre only coordinates are never "giao".
    * A run goes on with the definition that it was started with, whatever is published later.
    * A ticket that came from an alert closes that alert with the outcome that was found.
"""
