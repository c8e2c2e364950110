"""What may go wrong between publish and the Hub, ordered from the stand-in: passing, final, later.

Tests assert what becomes of each; `benchmarks/publishing.py` prints it.
"""

from hub_stand_in import Fault

REPO = "me/model"
DEFAULT = "Model-Q4_K_M.gguf"
"""The file that is downloaded afresh."""
COMMIT, UPLOAD = f"POST /api/models/{REPO}/commit", "PUT /objects"
DOWNLOAD, SHOW = f"GET /{REPO}/resolve/.*/{DEFAULT}", f"PUT /api/models/{REPO}/settings"

RECOVERED = [
    Fault(match=f"GET /api/models/{REPO}/commits", kind="503", times=3),
    Fault(match=f"GET /api/models/{REPO}$", kind="500", times=2),
    Fault(match="POST /api/repos/create", kind="502"),
    Fault(match="POST /api/repos/create", kind="drop after"),
    Fault(match="POST /api/validate-yaml", kind="drop before"),
    Fault(match="preupload", kind="500", times=3),
    Fault(match="objects/batch", kind="503", times=3),
    Fault(match=UPLOAD, kind="500", times=3),
    Fault(match=UPLOAD, kind="503", times=8),  # more often than the client itself tries
    Fault(match=UPLOAD, kind="drop before", times=2),
    Fault(match=UPLOAD, kind="drop after", times=2),
    Fault(match=UPLOAD, kind="slow"),
    Fault(match=UPLOAD, kind="silent before"),
    Fault(match=COMMIT, kind="500", times=2),
    Fault(match=COMMIT, kind="429", times=2, headers={"Retry-After": "0"}),
    Fault(match=COMMIT, kind="drop before", times=2),
    Fault(match=COMMIT, kind="drop after"),
    Fault(match=COMMIT, kind="silent before"),
]
"""The call waits, and ends in its one commit."""

REFUSED = [
    (Fault(match=COMMIT, kind="503", times=99), "the Hub answered 503, 5 times in a row"),
    (Fault(match=UPLOAD, kind="500", times=99), "the Hub answered 500, 5 times in a row"),
    (Fault(match=COMMIT, kind="drop before", times=99), "no answer (RemoteProtocolError), 5 times"),
    (
        Fault(match=COMMIT, kind="silent before", times=99),
        "no answer (ReadTimeout), 5 times in a row",
    ),
    (Fault(match=COMMIT, kind="401", times=1), "the Hub does not accept the token"),
    (Fault(match=COMMIT, kind="403", times=1), "give it the right to write to that name"),
    (Fault(match="POST /api/repos/create", kind="403", times=1), "give it the right to write"),
    (Fault(match="preupload", kind="404", times=1), "shows no such repository to this token"),
    (Fault(match=COMMIT, kind="413", times=1), "the Hub takes no file of this size"),
    (Fault(match=COMMIT, kind="412", times=1), "the Hub refused the commit (412)"),
]
"""The call ends with these words and no commit; the next one makes it."""

ARRIVED = [
    Fault(match=DOWNLOAD, kind="503", times=3),
    Fault(match=DOWNLOAD, kind="drop before", times=2),
    Fault(match=DOWNLOAD, kind="cut", times=2),
    Fault(match=DOWNLOAD, kind="slow"),
]
"""What was published is downloaded afresh nevertheless."""


SHOWN = [
    Fault(match=SHOW, kind="503", times=3),
    Fault(match=SHOW, kind="drop after"),
    Fault(match=SHOW, kind="silent before"),
]
"""The repository is made public nevertheless."""


def name(fault: Fault) -> str:
    """A fault in a few words."""
    return f"{fault.kind} {fault.match}"
