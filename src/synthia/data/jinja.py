"""Chat templates in Jinja as transformers sets it up: sandbox, `tojson`, `{% generation %}`, loop controls.

It differs in three ways, all errors where transformers goes on: a variable that nobody defined is not
rendered as nothing, there is no clock, and a template that loops for ever is stopped.

Not covered: what is rendered (`synthia.data.chat_format`).
"""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import FrameType
from typing import TYPE_CHECKING, Any

from synthia.errors import UsageError

if TYPE_CHECKING:
    from jinja2 import Template


SECONDS = 60.0
"""What one chat may take to render. Qwen2.5's template takes a tenth of a millisecond."""


@contextmanager
def in_time() -> Iterator[None]:
    """Raise TimeoutError in the main thread where what is inside takes longer than SECONDS."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it was still running after {SECONDS:g} seconds: it loops for ever")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@lru_cache(maxsize=8)
def compiled(template: str) -> "Template":
    """Compile a chat template. Raises UsageError with the line of a syntax error."""
    import jinja2
    from jinja2.ext import Extension
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """`{% generation %}` marks what the assistant says; it renders as what it encloses."""

        tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return jinja2.nodes.Scope(body).set_lineno(line)

    class Undefined(jinja2.Undefined):
        """A variable that is asked for may be undefined, and one that is written may not.

        A part that a message lacks is written as nothing, as in transformers.
        """

        def __str__(self) -> str:
            self._require_part()
            return super().__str__()

        def __iter__(self) -> Iterator[Any]:
            self._require_part()
            return super().__iter__()

        def _require_part(self) -> None:
            if self._undefined_obj is jinja2.utils.missing:
                self._fail_with_undefined_error()

    def tojson(
        value: Any,
        ensure_ascii: bool = False,
        indent: int | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = False,
    ) -> str:
        # Jinja's own filter sorts keys and escapes HTML; transformers and llama.cpp do neither.
        return json.dumps(
            value,
            ensure_ascii=ensure_ascii,
            indent=indent,
            separators=separators,
            sort_keys=sort_keys,
        )

    def raise_exception(message: str) -> None:
        raise jinja2.TemplateError(message)

    def strftime_now(layout: str) -> None:
        raise jinja2.TemplateError(
            "it writes the day's date (strftime_now), so that texts of training and of serving would "
            "differ from one day to the next; write a fixed date into the template"
        )

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=Undefined,
        extensions=[Generation, "jinja2.ext.loopcontrols"],
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = strftime_now
    try:
        return environment.from_string(template)
    except jinja2.TemplateSyntaxError as error:
        raise UsageError(
            f"the chat template, line {error.lineno}: {error.message}; correct data.chat_template"
        ) from None
