"""People: who can sign in, staff and portal users, and what they may."""
