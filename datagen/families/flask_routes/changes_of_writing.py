"""Changes to what a small Flask app stores: deletion, validation, updates, actions, locations.

Each function draws one variant of a kind of change for a shape.

Not covered: changes to what it tells (`changes_of_reading`), and the conversation about a change
(`datagen.families.flask_routes.scenarios`).
"""

import random
from typing import Any

from datagen.families.flask_routes.apps import (
    create_view,
    draw,
    find,
    list_view,
    one_view,
    remove,
    render,
    view,
)
from datagen.families.flask_routes.change import Ask, Change, fresh, quoted, test_of


def deletion(rng: random.Random) -> Change:
    """Add DELETE for one record: 204 without a body, or 200 with the removed record."""
    s = draw(rng)
    known = rng.choice(s.records)["id"]
    empty = rng.random() < 0.65
    body = (
        f"{s.one} = {find(s)}",
        f"if {s.one} is None:\n    {s.missing}",
        remove(s),
        'return "", 204' if empty else f"return jsonify({s.one})",
    )
    gone = view(s, "DELETE", f"/<int:{s.key}>", f"delete_{s.one} {s.key}", *body)
    views = [list_view(s), one_view(s), create_view(s)]
    if rng.random() < 0.5:
        views.pop()
    status = 204 if empty else 200
    test = test_of(
        s,
        f"deletes_a_{s.one}",
        f'assert client.delete("{s.path}/{known}").status_code == {status}',
        f'assert client.get("{s.path}/{known}").status_code == 404',
    )
    return Change(
        s,
        render(s, views),
        render(s, [*views, gone], removing=True, tests=[test]),
        [Ask("DELETE", f"{s.path}/{known}", status), Ask("DELETE", f"{s.path}/{s.absent}", 404)],
        {"result": "204 with an empty body" if empty else f"200 and the removed {s.one}"},
    )


def validation(rng: random.Random) -> Change:
    """Add checks of a POST body that answer 400."""
    s = draw(rng)
    lines = {
        "name": f'if not str(data.get("{s.name}", "")).strip():\n'
        f'    return jsonify(error="{s.name} is required"), 400',
        "number": f'if not isinstance(data.get("{s.number}"), int) or data["{s.number}"] < 0:\n'
        f'    return jsonify(error="{s.number} must be a whole number, 0 or more"), 400',
        "kind": f'if data.get("{s.kind}") not in {s.kinds}:\n'.replace("'", '"')
        + f'    return jsonify(error="{s.kind} must be one of {", ".join(s.kinds)}"), 400',
    }
    rules = {
        "name": f"{s.name} must not be empty",
        "number": f"{s.number} must be a whole number, at least 0",
        "kind": f"{s.kind} has to be {', '.join(s.kinds[:-1])} or {s.kinds[-1]}",
    }
    wrong: dict[str, dict[str, Any]] = {
        "name": {s.name: rng.choice(("", "   "))},
        "number": {s.number: rng.choice((-1, -20, "many", None))},
        "kind": {s.kind: rng.choice(("other", "", "mixed", "unknown"))},
    }
    chosen = sorted(rng.sample(sorted(lines), rng.randint(1, 2)), key=list(lines).index)
    new = fresh(s, rng)
    bad = [Ask("POST", s.path, 400, {**new, **wrong[each]}) for each in chosen]
    views = [list_view(s), create_view(s, *(lines[each] for each in chosen))]
    first = {**new, **wrong[chosen[0]]}
    test = test_of(
        s,
        f"rejects_a_bad_{s.one}",
        f'response = client.post("{s.path}", json={quoted(first)})',
        "assert response.status_code == 400",
    )
    return Change(
        s,
        render(s, [list_view(s), create_view(s)]),
        render(s, views, tests=[test]),
        [*bad, Ask("POST", s.path, 201, new)],
        {"rules": " and ".join(rules[each] for each in chosen)},
    )


def location(rng: random.Random) -> Change:
    """Answer a POST with 201 and a Location header."""
    s = draw(rng)
    prefix = "." if s.blueprint else ""
    place = rng.choice(
        (
            f'url_for("{prefix}get_{s.one}", {s.key}={s.one}["id"])',
            f"f\"{s.path}/{{{s.one}['id']}}\"",
        )
    )
    answer = f'return jsonify({s.one}), 201, {{"Location": {place}}}'
    old = f"return jsonify({s.one})" if rng.random() < 0.6 else f"return jsonify({s.one}), 201"
    new = fresh(s, rng)
    number = len(s.records) + 1
    test = test_of(
        s,
        f"location_of_a_new_{s.one}",
        f'response = client.post("{s.path}", json={quoted(new)})',
        "assert response.status_code == 201",
        f'assert response.headers["Location"] == "{s.path}/{number}"',
    )
    code = (
        "from app import app\n\nclient = app.test_client()\n"
        f'response = client.post("{s.path}", json={quoted(new)})\n'
        'print(response.status_code, response.headers["Location"])\n'
        'print(client.get(response.headers["Location"]).get_json())'
    )
    views = [list_view(s), one_view(s)]
    return Change(
        s,
        render(s, [*views, create_view(s, answer=old)]),
        render(s, [*views, create_view(s, answer=answer)], tests=[test]),
        [Ask("POST", s.path, 201, new)],
        {"target": f"{s.path}/<id>"},
        code=code,
    )


def update(rng: random.Random) -> Change:
    """Add PATCH or PUT for one record."""
    s = draw(rng)
    known = rng.choice(s.records)
    method = rng.choice(("PATCH", "PATCH", "PUT"))
    fields = (s.name, s.number, s.kind)
    change = (
        f"data = request.get_json()\nfor field in {quoted(fields)}:\n    if field in data:\n"
        f"        {s.one}[field] = data[field]"
        if method == "PATCH"
        else "data = request.get_json()\n"
        + "\n".join(f'{s.one}["{each}"] = data["{each}"]' for each in fields)
    )
    body = (
        f"{s.one} = {find(s)}",
        f"if {s.one} is None:\n    {s.missing}",
        change,
        f"return jsonify({s.one})",
    )
    edit = view(s, method, f"/<int:{s.key}>", f"update_{s.one} {s.key}", *body)
    new = fresh(s, rng)
    if method == "PATCH":
        key = rng.choice(fields)
        new = {key: new[key]}
    views = [list_view(s), one_view(s)]
    test = test_of(
        s,
        f"updates_a_{s.one}",
        f'url = "{s.path}/{known["id"]}"',
        f"assert client.{method.lower()}(url, json={quoted(new)}).status_code == 200",
    )
    return Change(
        s,
        render(s, views),
        render(s, [*views, edit], tests=[test]),
        [
            Ask(method, f"{s.path}/{known['id']}", 200, new),
            Ask(method, f"{s.path}/{s.absent}", 404, new),
        ],
        {
            "method": method,
            "fields": ", ".join(fields),
            "scope": "only fields that are sent change"
            if method == "PATCH"
            else "all three fields are replaced",
        },
    )


def action(rng: random.Random) -> Change:
    """Add a route that sets the flag of a record once; the second time is answered 409."""
    s = draw(rng)
    while len({each[s.flag] for each in s.records}) < 2:
        s = draw(rng)
    free = next(each["id"] for each in s.records if not each[s.flag])
    done = next(each["id"] for each in s.records if each[s.flag])
    body = (
        f"{s.one} = {find(s)}",
        f"if {s.one} is None:\n    {s.missing}",
        f'if {s.one}["{s.flag}"]:\n    return jsonify(error="{s.one} is already {s.flag}"), 409',
        f'{s.one}["{s.flag}"] = True\nreturn jsonify({s.one})',
    )
    do = view(s, "POST", f"/<int:{s.key}>/{s.verb}", f"{s.verb}_{s.one} {s.key}", *body)
    views = [list_view(s), one_view(s)]
    test = test_of(
        s,
        f"{s.verb}_works_once",
        f'url = "{s.path}/{free}/{s.verb}"',
        "assert client.post(url).status_code == 200",
        "assert client.post(url).status_code == 409",
    )
    return Change(
        s,
        render(s, views),
        render(s, [*views, do], tests=[test]),
        [
            Ask("POST", f"{s.path}/{free}/{s.verb}", 200),
            Ask("POST", f"{s.path}/{done}/{s.verb}", 409),
            Ask("POST", f"{s.path}/{s.absent}/{s.verb}", 404),
        ],
        {},
    )
