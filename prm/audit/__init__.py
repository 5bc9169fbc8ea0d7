"""For whoever has to answer for the portal: what was done, by whom and from where; and who sees what, counted."""
