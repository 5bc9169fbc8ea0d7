"""KPIs: definitions in versions, targets, the results of every partner and period, and the scores made of them."""
