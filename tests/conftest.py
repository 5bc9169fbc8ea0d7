"""What every test may ask for: a database with empty tables, the portal, the cast, a browser.

A test that builds queries takes `database` and runs twice, on SQLite and on PostgreSQL; every other test gets SQLite.
"""
pytest_plugins = ["tests.databases", "tests.portal", "tests.cast", "tests.browser", "tests.postbox"]
