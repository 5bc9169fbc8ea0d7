"""Scorecards: what a partner did in a period, by list and page, published, and as PDFs."""
