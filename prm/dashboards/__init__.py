"""Dashboards: several answers at a glance, narrowed together."""
