"""Reads. What the whole system asks all the time is answered from the register in memory."""
