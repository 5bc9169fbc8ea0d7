"""Cards: what one scorecard says, as plain data, built from results or read as frozen. Shown by pages, files and commands."""
