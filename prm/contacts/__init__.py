"""Contacts: the people at partners, and the invitation that lets them in."""
