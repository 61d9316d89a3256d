"""The bytes of files, beside the log that says which ones there are: check, sweep, copy."""
