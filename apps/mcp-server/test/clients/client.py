"""Talks to an MCP server with the clients from the Python package index; prints what each saw, as one line of JSON."""

import asyncio
import json
import sys

import fastmcp
import mcp


async def with_mcp(url: str, mode: str) -> dict:
    async with mcp.Client(url, mode=mode) as client:
        listed = await client.list_tools()
        called = await client.call_tool("server_status", {})
        return {"tools": len(listed.tools), "status": called.structured_content["name"]}


async def with_fastmcp(url: str, mode: str) -> dict:
    async with fastmcp.Client(url, mode=mode) as client:
        listed = await client.list_tools()
        called = await client.call_tool("server_status", {})
        return {"tools": len(listed), "status": called.structured_content["name"]}


async def main(url: str) -> None:
    seen = {}
    for mode in ("legacy", "auto"):
        seen[f"mcp {mode}"] = await with_mcp(url, mode)
        seen[f"fastmcp {mode}"] = await with_fastmcp(url, mode)
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1]))
