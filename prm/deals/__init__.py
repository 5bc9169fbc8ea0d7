"""Deals: what partners sell: list, page, new and edit."""
