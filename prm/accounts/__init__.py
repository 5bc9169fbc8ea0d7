"""Accounts: signing in and out, links from mails, one's own profile."""
