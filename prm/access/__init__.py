"""Who may: at all (policy), which rows (rows), through which door (gate)."""
