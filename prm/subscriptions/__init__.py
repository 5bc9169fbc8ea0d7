"""Reports and dashboards sent by mail at their times, to each with the rows that they may see."""
