"""The client of an agent: the tools of docs/mcp.md, from Python and for MCP."""
