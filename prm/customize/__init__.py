"""Shape the portal in the browser: fields, objects of one's own, and what pages show to whom."""
