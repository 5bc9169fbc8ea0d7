"""Setup: the first visit, the organisation, its lists and rates, and the outbox."""
