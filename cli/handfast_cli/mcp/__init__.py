"""A server of the Model Context Protocol: twelve tools that read, count and try, and change nothing (docs/mcp.md)."""
