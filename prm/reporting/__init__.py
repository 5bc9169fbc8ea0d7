"""What a report says, before it is drawn or filed: its content, its answers, and them as one table."""
