"""Surveys: built from questions and rules, sent to contacts in waves, answered without signing in, and counted."""
