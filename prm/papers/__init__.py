"""PDFs of reports and dashboards: made by a job, kept a week for whoever asked."""
