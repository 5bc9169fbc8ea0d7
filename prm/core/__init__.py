"""Plumbing: database, clock, money, mail, links, PDFs, jobs, errors. It has never heard of a partner."""
