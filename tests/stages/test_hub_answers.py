"""What the Hub refuses is told apart from an outage, by its real client against a server that stands in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

# The stand-in answers with the status and headers that the Hub documents, and with nothing else.
SCRIPT = """
import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

answer = {"status": 404, "code": ""}
class Hub(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(answer["status"])
        if answer["code"]:
            self.send_header("X-Error-Code", answer["code"])
            self.send_header("X-Error-Message", "the Hub's words")
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"{}")
    do_HEAD = do_GET
    def log_message(self, *words): pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ |= {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HUB_OFFLINE": "0",
               "HF_HUB_DISABLE_XET": "1", "HF_HOME": sys.argv[2], "NO_PROXY": "127.0.0.1"}
for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "HF_TOKEN"):
    os.environ.pop(name, None)
import huggingface_hub.utils._http as client
client.HTTP_RETRY = 0
import time
time.sleep = lambda seconds: None  # the client waits between its tries
from synthia import recipe
from synthia.errors import PipelineError
from synthia.stages import fetch

model = recipe.load(Path(sys.argv[1]) / "recipes", "synthia-7b", []).model
found = {}
for name, status, code in (("gated", 403, "GatedRepo"), ("private", 401, "RepoNotFound"),
                           ("missing", 404, "RepoNotFound"), ("revision", 404, "RevisionNotFound"),
                           ("forbidden", 403, ""), ("outage", 503, "")):
    answer.update(status=status, code=code)
    out = Path(sys.argv[2]) / name
    out.mkdir()
    try:
        fetch.download(model, out)
    except PipelineError as error:
        found[name] = [error.exit_code, str(error)]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def said(run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root: Path = tmp_path_factory.mktemp("hub")
    answers: dict[str, Any] = json.loads(run_in("train", SCRIPT, str(PROJECT), str(root)))
    return answers


@pytest.mark.parametrize(
    ("answer", "code", "advice"),
    [
        (
            "gated",
            3,
            "gives access on request alone. Ask for it on the model's page, then set HF_TOKEN",
        ),
        (
            "private",
            2,
            "knows no such model, or it is private. Correct model.repo_id, or set HF_TOKEN",
        ),
        (
            "missing",
            2,
            "knows no such model, or it is private. Correct model.repo_id, or set HF_TOKEN",
        ),
        ("revision", 2, "it has no such revision. Correct model.revision"),
        ("forbidden", 3, "Set HF_TOKEN to a valid token that may read it"),
    ],
)
def test_a_refusal_says_what_to_do_and_not_to_try_again(
    said: dict[str, Any], answer: str, code: int, advice: str
) -> None:
    exit_code, text = said[answer]
    assert exit_code == code
    assert advice in text
    assert "again" not in text


def test_after_an_outage_the_same_command_is_run_again(said: dict[str, Any]) -> None:
    exit_code, text = said["outage"]
    assert exit_code == 3
    assert "Run the command again when the Hub answers" in text
