"""FastMCP of PyPI without sessions and with JSON answers: uvicorn, uvloop, one worker, no access log."""

import json
import socket
import sys

import uvicorn
from fastmcp import FastMCP
from pydantic import BaseModel


class Echo(BaseModel):
    text: str


server = FastMCP("fastmcp-python")


def echo(text: str) -> Echo:
    return Echo(text=text)


for name in ["echo", *(f"other_{index}" for index in range(1, 20))]:
    server.tool(echo, name=name, description="Gives its text back. " * 5)

app = server.http_app(path="/mcp", stateless_http=True, json_response=True)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)
print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"}), flush=True)
config = uvicorn.Config(app, loop="uvloop", log_level="critical", access_log=False)
sys.exit(uvicorn.Server(config).run(sockets=[listener]))
