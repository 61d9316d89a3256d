"""Health checks, metrics, and read-only mode while nothing can be saved."""
