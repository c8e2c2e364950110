"""Calls to the Hub: repeated where that helps, and explained where it does not.

The Hub's client itself repeats most of its requests a few times; what still fails, and the requests that
it never repeats, come here.

Not covered: whether a call may be repeated; who passes it decides that.
"""

import json
import re
import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from hf_xet import XetAuthenticationError
from huggingface_hub import set_client_factory
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils._http import default_client_factory

from synthia import terminal
from synthia.errors import MissingRequirement, PipelineError, UsageError

Found = TypeVar("Found")
TRIES = 5
FIRST_WAIT = 2.0
"""Seconds before the second try; each later wait is twice as long."""
LONGEST_WAIT = 300.0
"""The Hub counts its rate limits over five minutes, so no wait that it asks for need be longer."""
LONGEST_SILENCE = 300.0
"""Seconds without a byte after which a line counts as broken; a large commit may take a minute."""
PASSING = (408, 429, 500, 502, 503, 504)
"""Statuses of a Hub that is overloaded or being repaired."""
XET_FAILED = (ConnectionError, XetAuthenticationError)
"""What the client's part for Xet storage raises, which knows no HTTP errors."""
FAILED = (HfHubHTTPError, httpx.TransportError, *XET_FAILED, RuntimeError, ValueError)
STATUS_IN_TEXT = re.compile(r"\((\d{3}) [A-Z]")
REMEDIES = {
    401: "the Hub does not accept the token: make one with the right to write, and set HF_TOKEN",
    403: "the token may not do this: give it the right to write to that name, or correct hub.repo_id",
    404: "the Hub shows no such repository to this token: correct the name, or the token's rights",
    413: "the Hub takes no file of this size",
}


def bound_silence() -> None:
    """Let the client give up a line on which nothing comes; by itself it waits for an answer for ever."""

    def client() -> httpx.Client:
        made = default_client_factory()
        made.timeout = httpx.Timeout(LONGEST_SILENCE)
        return made

    set_client_factory(client)


def patiently(what: str, call: Callable[[], Found]) -> Found:
    """Return what `call` returns; it must be one that may be made again.

    A Hub that does not answer, or is overloaded, is asked `TRIES` times, waiting longer each time, or as
    long as it says. Raises MissingRequirement or UsageError with the reason.
    """
    wait = FIRST_WAIT
    for attempt in range(1, TRIES + 1):
        try:
            return call()
        except FAILED as error:
            cause = underlying(error)
            if cause is None and isinstance(
                error, ValueError
            ):  # what the client finds wrong itself
                raise UsageError(f"{what}: {error}") from None
            if cause is None:
                raise
            if not passes(cause) or attempt == TRIES:
                raise explained(what, cause, attempt) from None
            seconds = min(asked_to_wait(cause) or wait, LONGEST_WAIT)
            terminal.say(f"{what}: {short(cause)}; again in {seconds:g} s")
            time.sleep(seconds)
            wait *= 2
    raise AssertionError("the last attempt returns or raises")


def over_broken_lines(what: str, call: Callable[[], Found]) -> Found:
    """Return what `call` returns, a download that keeps the files it has; errors of the Hub pass through.

    The client itself goes on at the byte where a line broke, and gives a file up when five tries within
    five seconds brought nothing.
    """
    wait = FIRST_WAIT
    for attempt in range(1, TRIES + 1):
        try:
            return call()
        except httpx.TransportError as error:
            if attempt == TRIES:
                raise
            terminal.say(f"{what}: {short(error)}; goes on in {wait:g} s")
            time.sleep(wait)
            wait *= 2
    raise AssertionError("the last attempt returns or raises")


def underlying(error: BaseException | None) -> Exception | None:
    """The failed request behind an error: the client wraps those of its threads in a RuntimeError.

    It also reads the answer to one request as JSON before it looks whether there was an error.
    """
    while error is not None:
        if isinstance(error, HfHubHTTPError | httpx.TransportError | json.JSONDecodeError):
            return error
        if isinstance(error, XET_FAILED):
            return error
        error = error.__cause__
    return None


def status(error: BaseException) -> int:
    """The HTTP status behind an error, 0 where no answer came."""
    if isinstance(error, HfHubHTTPError):
        return int(error.response.status_code)
    if isinstance(error, XetAuthenticationError):
        return 401
    said = STATUS_IN_TEXT.search(str(error)) if isinstance(error, ConnectionError) else None
    return int(said[1]) if said else 0


def passes(error: BaseException) -> bool:
    """Whether the same request may succeed later."""
    return status(error) in (0, *PASSING)


def asked_to_wait(error: BaseException) -> float:
    """Seconds after which the Hub wants to be asked again; 0 where it does not say."""
    if isinstance(error, HfHubHTTPError):
        said = error.response.headers.get("Retry-After", "")
        return float(said) if said.isdigit() else 0.0
    return 0.0


def short(error: BaseException) -> str:
    """What went wrong, in a few words."""
    number = status(error)
    return f"the Hub answered {number}" if number else f"no answer ({type(error).__name__})"


def explained(what: str, error: BaseException, attempts: int) -> PipelineError:
    """The error to raise for a request that failed for good."""
    number = status(error)
    if passes(error):
        return MissingRequirement(
            f"{what}: {short(error)}, {attempts} times in a row; nothing is half done: run the command "
            "again when the Hub answers"
        )
    said = getattr(error, "server_message", None) or str(error).splitlines()[0]
    remedy = REMEDIES.get(number, "correct what it names and run the command again")
    return UsageError(f"{what}: the Hub answered {number} ({said}): {remedy}")
