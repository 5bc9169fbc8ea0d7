"""The API: the same objects, rows, fields and checks as on the screens, as JSON, for programs with a token."""
