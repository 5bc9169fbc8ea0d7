"""Home: the score overview of a period for staff, and the partner's own side for partners."""
