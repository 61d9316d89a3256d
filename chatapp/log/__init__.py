"""The source of truth: records, segments, group commit, recovery."""
