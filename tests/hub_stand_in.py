"""A stand-in for the Hugging Face Hub, spoken to by the real client over HTTP, with faults to order.

It keeps commits, trees and large files, answers the requests that publish and fetch make, checks tokens,
refuses a commit on another parent than the newest (412), takes an uploaded file only with the SHA-256
that was announced, and sends files whole or from an offset. What goes wrong is ordered by `Fault`.

Data sets are served as models are, and share their names. Not imitated: branches other than main, pull
requests, spaces, organizations and their rules, quotas, large files in parts, gated models, redirects to
another host, HTML pages, Ollama's layers, the indexing of Xet files; the Hub's check of model cards is a
short one here. Xet storage is a local folder that the real hf_xet client writes to and reads from by itself
(`xet_folder`): its server is not imitated.
"""

import base64
import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_" + "standin" * 5
LARGE_SUFFIXES = (".gguf", ".safetensors", ".bin", ".parquet")
LARGE = 10 * 2**20
"""Bytes from which the Hub stores any file outside of git."""
ATTRIBUTES = b"*.gguf filter=lfs diff=lfs merge=lfs -text\n"
BLOCK = 2**16


@dataclass(kw_only=True)
class Fault:
    """One thing that goes wrong, `times` times, with requests whose `METHOD path` matches."""

    match: str
    kind: str
    """A status such as "503"; "drop before" or "drop after" the work is done; "silent before" or "silent
    after" it, which keeps the line and never answers; "slow"; "cut", which sends half of a body;
    "damage", one bit of it; "foreign", another writer's commit just before; "wrong hash", in a listing.
    """
    times: int = 1
    skip: int = 0
    """So many requests are answered rightly before."""
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    """For "wrong hash": the file."""


@dataclass(kw_only=True)
class Commit:
    id: str
    title: str
    description: str
    author: str
    files: dict[str, tuple[str, str, int]]
    """By path: "git" or "lfs", the SHA-256 of the content, its size."""


@dataclass(kw_only=True)
class Repo:
    private: bool
    commits: list[Commit] = field(default_factory=list)


class Hub:
    """The state of the stand-in, and the address at which it is reached."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repos: dict[str, Repo] = {}
        self.faults: list[Fault] = []
        self.log: list[str] = []
        self.continued: list[str] = []
        """Files of which only the rest was asked for."""
        self.tokens = {TOKEN}
        self.xet_folder: Path | None = None
        """Xet storage; without one, clients upload by the older protocol or fail."""
        self.xet_hashes: dict[str, str] = {}
        """By SHA-256: what the Hub reads from the storage's index, and a test has to say."""
        self.lock = threading.RLock()
        self.url = ""
        (folder / "objects").mkdir(parents=True)

    def store(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        (self.folder / "objects" / digest).write_bytes(content)
        return digest

    def blob(self, digest: str) -> Path:
        return self.folder / "objects" / digest

    def create(self, repo_id: str, *, private: bool = True) -> Repo:
        attributes = ("git", self.store(ATTRIBUTES), len(ATTRIBUTES))
        repo = Repo(private=private)
        self.repos[repo_id] = repo
        self.add(repo, "initial commit", "", "system", {".gitattributes": attributes})
        return repo

    def add(
        self, repo: Repo, title: str, description: str, author: str, files: dict[str, Any]
    ) -> Commit:
        parent = repo.commits[0].id if repo.commits else ""
        seed = json.dumps([parent, title, description, author, sorted(files.items())])
        identifier = hashlib.sha1(seed.encode()).hexdigest()
        commit = Commit(
            id=identifier, title=title, description=description, author=author, files=files
        )
        repo.commits.insert(0, commit)
        return commit

    def write(self, repo_id: str, path: str, content: bytes, title: str = "Edit on the web") -> str:
        """Another writer's commit."""
        repo = self.repos[repo_id]
        kind = "lfs" if is_large(path, len(content)) else "git"
        files = {**repo.commits[0].files, path: (kind, self.store(content), len(content))}
        return self.add(repo, title, "", "someone-else", files).id

    def upload(self, repo_id: str, files: dict[str, bytes]) -> str:
        """A repository as its owner made it; returns the commit."""
        self.create(repo_id, private=False)
        for path, content in files.items():
            self.write(repo_id, path, content)
        return self.repos[repo_id].commits[0].id

    def take(self, request: str, *kinds: str) -> Fault | None:
        """The next fault ordered for a request, of these kinds or of any."""
        with self.lock:
            for fault in self.faults:
                fits = (
                    not kinds or fault.kind in kinds or ("status" in kinds and fault.kind.isdigit())
                )
                if fault.times and fits and re.search(fault.match, request):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None


def is_large(path: str, size: int) -> bool:
    return path.endswith(LARGE_SUFFIXES) or size >= LARGE


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@contextmanager
def serving(folder: Path) -> Iterator[Hub]:
    """A running stand-in that keeps its files in `folder`."""
    hub = Hub(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Dropped(Exception):
    """The connection is closed without an answer."""


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # 40 ms a request

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, Dropped):  # a killed client, or a fault to order
                self.close_connection = True

        def do_GET(self) -> None:
            self._answer()

        def do_HEAD(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def _answer(self) -> None:
            split = urlsplit(self.path)
            path, query = unquote(split.path), parse_qs(split.query)
            request = f"{self.command} {path}"
            hub.log.append(request)
            fault = hub.take(request, "status", "drop before", "silent before", "foreign")
            if fault and fault.kind == "foreign":
                repo_id = next(name for name in sorted(hub.repos, key=len)[::-1] if name in path)
                hub.write(repo_id, "notes.md", b"mine\n")
                fault = None
            if fault:
                self._swallow()
                if fault.kind == "silent before":
                    self._keep_silent()
                if fault.kind == "drop before":
                    self._hang_up()
                self._send(int(fault.kind), {"error": f"ordered {fault.kind}"}, fault.headers)
                return
            for method, pattern, answer in ROUTES:
                if self.command in method and (match := re.fullmatch(pattern, path)):
                    self._request, self._query = request, query
                    answer(self, hub, *match.groups())
                    return
            self._swallow()
            self._send(404, {"error": f"the stand-in has no {request}"})

        def _keep_silent(self) -> None:
            self.rfile.read(1)  # until the client gives up
            raise Dropped

        def _hang_up(self) -> None:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise Dropped

        def _swallow(self) -> None:
            left = int(self.headers.get("Content-Length", 0))
            while left > 0:
                left -= len(self.rfile.read(min(BLOCK, left)))

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _send(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
            request = f"{self.command} {unquote(self.path)}"
            if hub.take(request, "drop after"):
                self._hang_up()
            if hub.take(request, "silent after"):
                self._keep_silent()
            data = json.dumps(content).encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def refuse(self, status: int, code: str, message: str) -> None:
            self._send(
                status, {"error": message}, {"X-Error-Code": code, "X-Error-Message": message}
            )

        def may(self, repo_id: str, *, write: bool = False) -> Repo | None:
            """The repository, if this token may; else it is refused as the Hub does."""
            given = self.headers.get("Authorization", "").removeprefix("Bearer ")
            repo = hub.repos.get(repo_id)
            if given and given not in hub.tokens:
                self.refuse(401, "", "Invalid credentials in Authorization header")
            elif repo is None or ((repo.private or write) and not given):
                self.refuse(404 if given else 401, "RepoNotFound", "Repository not found")
            else:
                return repo
            return None

    return Handler


def _info(web: Any, hub: Hub, repo_id: str, revision: str | None = None) -> None:
    if (repo := web.may(repo_id)) and (commit := _at(web, repo, revision)):
        siblings = [{"rfilename": path} for path in commit.files]
        found = {"_id": "0", "id": repo_id, "modelId": repo_id, "sha": commit.id}
        web._send(200, {**found, "private": repo.private, "tags": [], "siblings": siblings})


def _at(web: Any, repo: Repo, revision: str | None) -> Commit | None:
    for commit in repo.commits:
        if revision in (None, "main", commit.id):
            return commit
    web.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    return None


def _create(web: Any, hub: Hub) -> None:
    asked = json.loads(web.body())
    repo_id = f"{asked['organization']}/{asked['name']}"
    given = web.headers.get("Authorization", "").removeprefix("Bearer ")
    if given not in hub.tokens:
        web.refuse(401, "", "Invalid credentials in Authorization header")
    elif repo_id in hub.repos:
        web._send(409, {"error": "You already created this model repo", "url": repo_id})
    else:
        hub.create(repo_id, private=asked.get("visibility") == "private")
        web._send(200, {"url": f"{hub.url}/{repo_id}", "name": repo_id, "id": "0"})


def _settings(web: Any, hub: Hub, repo_id: str) -> None:
    asked = json.loads(web.body())
    if repo := web.may(repo_id, write=True):
        repo.private = asked["visibility"] == "private"
        web._send(200, {"private": repo.private})


def _commits(web: Any, hub: Hub, repo_id: str, revision: str) -> None:
    if repo := web.may(repo_id):
        date = "2026-01-01T00:00:00.000Z"
        web._send(200, [{"id": commit.id, "title": commit.title, "message": commit.description,
                         "date": date, "authors": [{"user": commit.author}]}
                        for commit in repo.commits])  # fmt: skip


def _refs(web: Any, hub: Hub, repo_id: str) -> None:
    if repo := web.may(repo_id):
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.commits[0].id}
        web._send(200, {"branches": [main], "converts": [], "tags": []})


def _manifest(web: Any, hub: Hub, repo_id: str, tag: str) -> None:
    """The GGUF file of a type, as clients ask that say hf:owner/name:type; Ollama's layers are left out."""
    if repo := web.may(repo_id):
        names = [path for path in repo.commits[0].files if path.endswith(f"-{tag}.gguf")]
        if names:
            web._send(200, {"ggufFile": {"rfilename": names[0]}})
        else:
            web.refuse(404, "EntryNotFound", f"no GGUF file of type {tag}")


def _tree(web: Any, hub: Hub, repo_id: str, revision: str) -> None:
    revision, _, folder = revision.partition("/")
    if not ((repo := web.may(repo_id)) and (commit := _at(web, repo, revision))):
        return
    files = {path: file for path, file in commit.files.items()
             if not folder or path.startswith(f"{folder}/")}  # fmt: skip
    if not files:
        web.refuse(404, "EntryNotFound", f"{folder} does not exist on {revision}")
        return
    fault = hub.take(web._request, "wrong hash")
    found = []
    for path, (kind, digest, size) in files.items():
        listed = "0" * 64 if fault and fault.path == path else digest
        entry: dict[str, Any] = {"type": "file", "path": path, "size": size}
        if kind == "lfs":
            pointer = f"version 1\noid sha256:{listed}\nsize {size}\n".encode()
            entry |= {"oid": git_sha1(pointer)}
            entry |= {"lfs": {"oid": listed, "size": size, "pointerSize": len(pointer)}}
        else:
            blob = git_sha1(hub.blob(digest).read_bytes())
            entry |= {"oid": "0" * 40 if listed != digest else blob}
        found.append(entry)
    web._send(200, found)


def _preupload(web: Any, hub: Hub, repo_id: str, revision: str) -> None:
    asked = json.loads(web.body())
    if repo := web.may(repo_id, write=True):
        held = repo.commits[0].files
        answer = []
        for file in asked["files"]:
            mode = "lfs" if is_large(file["path"], file["size"]) else "regular"
            entry = {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}
            if held.get(file["path"], ("", "", 0))[0] == "git":
                content = hub.blob(held[file["path"]][1]).read_bytes()
                entry["oid"] = git_sha1(content)
            answer.append(entry)
        web._send(200, {"files": answer})


def _batch(web: Any, hub: Hub, repo_id: str) -> None:
    asked = json.loads(web.body())
    if web.may(repo_id, write=True):
        objects = []
        for item in asked["objects"]:
            entry: dict[str, Any] = {"oid": item["oid"], "size": item["size"]}
            if not hub.blob(item["oid"]).exists():
                upload = {"href": f"{hub.url}/objects/{item['oid']}"}
                check = {"href": f"{hub.url}/check/{item['oid']}"}
                entry["actions"] = {"upload": upload, "verify": check}
            objects.append(entry)
        web._send(200, {"transfer": "basic", "objects": objects})


def _put(web: Any, hub: Hub, oid: str) -> None:
    left = int(web.headers["Content-Length"])
    slow = hub.take(web._request, "slow")
    found = hashlib.sha256()
    partial = hub.folder / f"partial-{threading.get_ident()}"
    with partial.open("wb") as file:
        while left > 0:
            block = web.rfile.read(min(BLOCK, left))
            if not block:  # the client is gone
                raise Dropped
            if slow:
                time.sleep(0.02)
            file.write(block)
            found.update(block)
            left -= len(block)
    if found.hexdigest() != oid:
        web._send(400, {"error": "the content has another SHA-256 than was announced"})
        return
    partial.rename(hub.blob(oid))
    web._send(200, {})


def _check(web: Any, hub: Hub, oid: str) -> None:
    web.body()
    web._send(200 if hub.blob(oid).exists() else 404, {})


def _commit(web: Any, hub: Hub, repo_id: str, revision: str) -> None:
    lines = [json.loads(line) for line in web.body().splitlines()]
    if not (repo := web.may(repo_id, write=True)):
        return
    header = lines[0]["value"]
    with hub.lock:
        if header.get("parentCommit", repo.commits[0].id) != repo.commits[0].id:
            web.refuse(412, "", "A commit has happened since. Please refresh and try again.")
            return
        files = dict(repo.commits[0].files)
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                content = base64.b64decode(value["content"])
                files[value["path"]] = ("git", hub.store(content), len(content))
            elif line["key"] == "lfsFile":
                if not hub.blob(value["oid"]).exists() and hub.xet_folder is None:
                    web.refuse(400, "", f"LFS pointer to a file that was not uploaded: {value}")
                    return
                files[value["path"]] = ("lfs", value["oid"], value["size"])
            else:
                del files[value["path"]]
        made = hub.add(repo, header["summary"], header["description"], "publisher", files)
    web._send(200, {"commitUrl": f"{hub.url}/{repo_id}/commit/{made.id}", "commitOid": made.id})


def _validate(web: Any, hub: Hub) -> None:
    text = json.loads(web.body())["content"]
    wanted = [key for key in ("license:", "base_model:") if f"\n{key}" not in text]
    errors = [{"message": f'"{key}" is required'} for key in wanted]
    web._send(400 if errors else 200, {"errors": errors, "warnings": []})


def _xet_token(web: Any, hub: Hub, repo_id: str, revision: str) -> None:
    if hub.xet_folder is None:
        web._send(404, {"error": "no Xet storage here"})
    else:
        place, expires = f"local://{hub.xet_folder}", int(time.time()) + 3600
        headers = {"X-Xet-Cas-Url": place, "X-Xet-Token-Expiration": str(expires),
                   "X-Xet-Access-Token": "xet"}  # fmt: skip
        web._send(200, {"casUrl": place, "exp": expires, "accessToken": "xet"}, headers)


def _resolve(web: Any, hub: Hub, repo_id: str, revision: str, path: str) -> None:
    if not ((repo := web.may(repo_id)) and (commit := _at(web, repo, revision))):
        return
    if path not in commit.files:
        web.refuse(404, "EntryNotFound", "Entry not found")
        return
    kind, digest, size = commit.files[path]
    content = hub.blob(digest)
    etag = digest if kind == "lfs" else git_sha1(content.read_bytes())
    if kind == "lfs" and digest in hub.xet_hashes:
        token = f"{hub.url}/api/models/{repo_id}/xet-read-token/{commit.id}"
        web._send(200, {}, {
            "ETag": f'"{etag}"', "X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(size),
            "X-Repo-Commit": commit.id, "X-Xet-Hash": hub.xet_hashes[digest],
            "X-Xet-Refresh-Route": token,
        })  # fmt: skip
        return
    first, last = 0, size - 1
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", web.headers.get("Range", ""))
    if wanted:
        first = int(wanted[1])
        hub.continued += [path] * (first > 0)
        last = int(wanted[2]) if wanted[2] else last
    if hub.take(web._request, "drop after"):
        web._hang_up()
    if hub.take(web._request, "silent after"):
        web._keep_silent()
    web.send_response(206 if wanted else 200)
    web.send_header("ETag", f'"{etag}"')
    web.send_header("X-Repo-Commit", commit.id)
    web.send_header("Accept-Ranges", "bytes")
    if kind == "lfs":
        web.send_header("X-Linked-Etag", f'"{etag}"')
        web.send_header("X-Linked-Size", str(size))
    if wanted:
        web.send_header("Content-Range", f"bytes {first}-{last}/{size}")
    web.send_header("Content-Length", str(last - first + 1))
    web.end_headers()
    if web.command == "HEAD":
        return
    cut, slow = hub.take(web._request, "cut"), hub.take(web._request, "slow")
    damaged = hub.take(web._request, "damage")
    left = (last - first + 1) // (2 if cut else 1)
    with content.open("rb") as file:
        file.seek(first)
        while left > 0:
            block = file.read(min(BLOCK, left))
            left -= len(block)
            if damaged:
                block = bytes([block[0] ^ 1]) + block[1:]
                damaged = None
            if slow:
                time.sleep(0.02)
            web.wfile.write(block)
    if cut:
        web._hang_up()


NAME = r"([\w.-]+/[\w.-]+)"
ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    ("POST", "/api/repos/create", _create),
    ("POST", "/api/validate-yaml", _validate),
    ("PUT", f"/api/models/{NAME}/settings", _settings),
    ("GET", f"/api/(?:models|datasets)/{NAME}", _info),
    ("GET", f"/api/(?:models|datasets)/{NAME}/revision/(.+)", _info),
    ("GET", f"/api/models/{NAME}/commits/(.+)", _commits),
    ("GET", f"/api/(?:models|datasets)/{NAME}/refs", _refs),
    ("GET", f"/api/(?:models|datasets)/{NAME}/tree/(.+)", _tree),
    ("GET", f"/api/models/{NAME}/xet-(?:read|write)-token/(.+)", _xet_token),
    ("GET", f"/v2/{NAME}/manifests/(.+)", _manifest),
    ("POST", f"/api/models/{NAME}/preupload/(.+)", _preupload),
    ("POST", f"/api/models/{NAME}/commit/(.+)", _commit),
    ("POST", f"/{NAME}[.]git/info/lfs/objects/batch", _batch),
    ("PUT", "/objects/([0-9a-f]{64})", _put),
    ("POST", "/check/([0-9a-f]{64})", _check),
    ("HEAD GET", f"/(?:datasets/)?{NAME}/resolve/([^/]+)/(.+)", _resolve),
]
