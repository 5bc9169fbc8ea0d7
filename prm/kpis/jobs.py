"""The KPIs' work for later: what registers its jobs."""

from prm.kpis import periods, refreshing

__all__ = ["periods", "refreshing"]
