"""Sample data: a real reseller business to look around in, loaded through the same import as everybody's spreadsheets."""
