"""The family `flask_templates`: the user asks for a small Flask app, and gets one that was tried.

Each row writes complete files, starts the app for a few requests, one of which is an error, runs the
tests where there are some, and reports what came back. Each app is a scenario.

Not covered: the apps and the sentences (`datagen.families.flask_templates.apps`).
"""

import re
from collections.abc import Callable

from datagen.families.flask_routes.replies import Reply, read
from datagen.families.flask_templates.apps import APPS, Check, source
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


def _try_out(session: Session, checks: tuple[Check, ...]) -> list[Reply]:
    replies = []
    for check in checks:
        asked = {"method": check.method, "path": check.path}
        arguments = asked if check.json_body is None else {**asked, "json": check.json_body}
        reply = read(session.call("http_request", arguments, saying=check.saying))
        if reply.status != check.status:
            raise AssertionError(f"{check.method} {check.path}: {reply}")
        replies.append(reply)
    return replies


def _build(session: Session, name: str) -> None:
    """Write an app, with modules beside it, try it, and report."""
    app, tests = APPS[name], source(name, "test_app.py")
    if app.system:
        session.system(app.system)
    session.user(app.ask)
    for module in app.modules:
        _write(session, f"{module}.py", source(name, f"{module}.py"))
    _write(session, "app.py", source(name, "app.py"), app.write)
    if tests:
        _write(session, "test_app.py", tests)
    passed = _test(session, app.test) if tests and app.tests_first else ""
    replies = _try_out(session, app.checks)
    if tests and not passed:
        passed = _test(session, app.test)
    session.say(app.report.format(r=replies, passed=passed))
    session.offer(others=app.others)


def _scenario(name: str) -> Callable[[Session], None]:
    def scenario(session: Session) -> None:
        _build(session, name)

    scenario.__name__ = name
    scenario.__doc__ = APPS[name].about
    return scenario


SCENARIOS = tuple(_scenario(name) for name in APPS)
