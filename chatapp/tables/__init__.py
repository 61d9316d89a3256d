"""Small durable tables, kept in memory."""
