"""Partners: the companies one works with: list, page with tabs, new and edit."""
