"""A real registry on loopback, and a line to it that can be made to fail."""

import base64
import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CONFIG = """version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
PASSWORD = "pa55word-of-a-registry"


class Line:
    """What the next answers of the registry become, and what was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.name = "some/where"
        """The repository in question: of others, which a killed client may still have been about,
        nothing is noted."""
        self.fault: Callable[[str, str], str] = lambda method, path: ""
        """Method and path to "429", "500", "half" (of a body), "tamper", "slow", or nothing."""
        self.asked: list[tuple[str, str, str]] = []
        """Method, path and Range of what was asked of that repository."""
        self.authorized = ""
        """What must stand behind `Authorization: Basic`."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serve(folder: Path) -> Iterator[Line]:
    """Debian's docker-registry with its blobs in a folder, behind a line."""
    program = shutil.which("docker-registry")
    assert program
    inside = free_port()
    config = folder / "registry.yml"
    config.write_text(CONFIG.format(folder=folder / "registry", port=inside))
    line = Line()
    handler = type("Handler", (_Handler,), {"line": line, "inside": inside})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    line.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log = (folder / "registry.log").open("wb")
    with subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log) as process:
        try:
            for _ in range(200):
                with suppress(OSError), socket.create_connection(("127.0.0.1", inside), 1):
                    break
                time.sleep(0.1)
            yield line
        finally:
            server.shutdown()
            server.server_close()
            process.kill()
            log.close()


def log_in(folder: Path, line: Line) -> str:
    """Docker's own configuration with the password of the registry, which from now on asks for it."""
    line.authorized = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    folder.mkdir()
    auths = {f"127.0.0.1:{line.port}": {"auth": line.authorized}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return str(folder)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line
    inside: int

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    def handle_one_request(self) -> None:
        """Answer a greeting in TLS in plain HTTP, from which the engine sees that it must speak that."""
        if self.rfile.peek(1)[:1] == b"\x16":  # type: ignore[attr-defined]
            self.wfile.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
            self.close_connection = True
        else:
            super().handle_one_request()

    def _answer(self) -> None:
        line = self.line
        if self.path.startswith(f"/v2/{line.name}/"):
            line.asked.append((self.command, self.path, self.headers.get("Range", "")))
        length = int(self.headers.get("Content-Length") or 0)
        fault = line.fault(self.command, self.path)
        if line.authorized and self.headers.get("Authorization") != f"Basic {line.authorized}":
            fault = "401"
        if fault in ("401", "429", "500"):
            self.rfile.read(length)
            self.send_response(int(fault))
            self.send_header("Content-Length", "0")
            if fault == "401":
                self.send_header("WWW-Authenticate", 'Basic realm="registry"')
            self.end_headers()
            return
        asked = http.client.HTTPConnection("127.0.0.1", self.inside, timeout=60)
        body = self._body(length)
        asked.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for key, value in self.headers.items():  # `Accept` stands there several times
            if key not in ("Transfer-Encoding", "Content-Length"):
                asked.putheader(key, value)
        asked.putheader("Content-Length", str(len(body)))
        asked.endheaders(body)
        answer = asked.getresponse()
        body = b"" if self.command == "HEAD" else answer.read()
        asked.close()
        if fault == "tamper" and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in ("transfer-encoding", "connection", "date", "content-length"):
                self.send_header(key, value)
        size = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", size or "0")
        self.end_headers()
        if fault == "slow":
            time.sleep(3)
        self.wfile.write(body[: len(body) // 2] if fault == "half" else body)
        if fault == "half":
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def _body(self, length: int) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(length)
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815
