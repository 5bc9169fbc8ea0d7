"""Search or jump to: the palette behind Ctrl K, and the values offered while a link is typed."""
