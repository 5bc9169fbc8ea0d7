"""Portals: what partners enter. Made from a template, branded, previewed, published as one, paused, rolled back."""
