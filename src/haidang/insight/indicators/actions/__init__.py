"""What may be done with indicators: define, compute, report, approve, propose, decide."""
