"""The family `flask_templates`: the user asks for a small Flask app, and gets one that was tried.

Each row writes complete files, starts the app for a few requests, one of which is an error, runs the
tests where there are some, and reports what came back.

Not covered: the apps and the sentences (`apps`, `more`).
"""

import re

from datagen.families.flask_routes.replies import Reply, read
from datagen.families.flask_templates import apps, more
from datagen.families.flask_templates.apps import Template
from datagen.session import Session


def _write(session: Session, path: str, content: str, saying: str = "") -> None:
    result = session.call("write_file", {"path": path, "content": content}, saying=saying)
    if not result.startswith(f"Created {path}"):
        raise AssertionError(result)


def _test(session: Session, saying: str) -> str:
    result = session.call("run_tests", {}, saying=saying)
    found = re.search(r"^(\d+) passed$", result, re.MULTILINE)
    if not found:
        raise AssertionError(result)
    return found[1]


def _try_out(session: Session, template: Template) -> list[Reply]:
    replies = []
    for method, path, body, status, saying in template.checks:
        arguments = {"method": method, "path": path, **({} if body is None else {"json": body})}
        reply = read(session.call("http_request", arguments, saying=saying))
        if reply.status != status:
            raise AssertionError(f"{method} {path}: {reply}")
        replies.append(reply)
    return replies


def _build(session: Session, template: Template, **modules: str) -> None:
    """Write an app, with modules beside it, try it, and report."""
    if template.system:
        session.system(template.system)
    session.user(template.ask)
    for name, text in modules.items():
        _write(session, f"{name}.py", text)
    _write(session, "app.py", template.app, template.write)
    if template.tests:
        _write(session, "test_app.py", template.tests)
    passed = _test(session, template.test) if template.tests and template.tests_first else ""
    replies = _try_out(session, template)
    if template.tests and not passed:
        passed = _test(session, template.test)
    session.say(template.report.format(r=replies, passed=passed))
    session.offer(others=template.others)


def todo_list(session: Session) -> None:
    """A to-do list."""
    _build(session, apps.TODO)


def notes(session: Session) -> None:
    """Notes with tags."""
    _build(session, apps.NOTES)


def url_shortener(session: Session) -> None:
    """Short links that redirect."""
    _build(session, apps.SHORTENER)


def poll(session: Session) -> None:
    """A poll with percentages."""
    _build(session, apps.POLL)


def inventory(session: Session) -> None:
    """Stock that orders cannot overdraw."""
    _build(session, apps.INVENTORY)


def booking(session: Session) -> None:
    """Bookings that must not overlap."""
    _build(session, apps.BOOKING)


def quiz(session: Session) -> None:
    """Questions whose answers stay on the server."""
    _build(session, apps.QUIZ)


def key_value_store(session: Session) -> None:
    """JSON values by key, kept in a file."""
    _build(session, more.STORE)


def unit_converter(session: Session) -> None:
    """Lengths and weights."""
    _build(session, more.CONVERTER)


def library_loans(session: Session) -> None:
    """Loans with rules in a module of their own."""
    _build(session, more.LOANS, lending=more.LENDING)


def expense_splitter(session: Session) -> None:
    """Shared expenses in whole cents."""
    _build(session, more.EXPENSES)


def operations(session: Session) -> None:
    """Health, metrics, error handlers and a blueprint."""
    _build(session, more.OPERATIONS, api=more.API)


def catalogue(session: Session) -> None:
    """Filter, sort and page a list."""
    _build(session, more.CATALOGUE)


def session_counter(session: Session) -> None:
    """A counter in the session cookie."""
    _build(session, more.COUNTER)


SCENARIOS = (
    todo_list, notes, url_shortener, poll, inventory, booking, quiz, key_value_store, unit_converter,
    library_loans, expense_splitter, operations, catalogue, session_counter,
)  # fmt: skip
