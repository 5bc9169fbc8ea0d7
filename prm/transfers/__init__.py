"""Import: spreadsheets into partners, contacts and deals, and back out again."""
