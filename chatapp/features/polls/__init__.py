"""Polls: voting in them, who has voted, and closing them, by hand or when their time has come."""
