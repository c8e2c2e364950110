"""Changes to a small Flask app: the files before and after, and requests that show the difference.

Each function draws one variant of a kind of change for a shape.

Not covered: the apps (`datagen.families.flask_routes.apps`) and the conversation about a change
(`datagen.families.flask_routes`).
"""

import random
from dataclasses import dataclass, field
from typing import Any

from datagen.families.flask_routes.apps import (
    Record,
    Shape,
    create_view,
    draw,
    everything,
    find,
    list_view,
    one_view,
    remove,
    render,
    view,
)


@dataclass(frozen=True)
class Ask:
    """A request, the status it must give, and for a listing the names in order."""

    method: str
    path: str
    status: int
    body: dict[str, Any] | None = None
    names: list[str] | None = None


@dataclass
class Change:
    """What is asked for, and what it takes."""

    shape: Shape
    before: dict[str, str]
    after: dict[str, str]
    checks: list[Ask]
    words: dict[str, str]
    symptom: Ask | None = None
    code: str = ""
    """Python that shows what no response body shows."""
    facts: dict[str, str] = field(default_factory=dict)


def fresh(s: Shape, rng: random.Random) -> Record:
    """The body of a valid new record."""
    words = rng.choice(("Northern", "Second", "Spare", "Little", "Grand", "Plain", "Twin", "Late"))
    number = max(each[s.number] for each in s.records) - rng.randint(0, 3)
    return {
        s.name: f"{words} {s.records[0][s.name]}",
        s.number: number,
        s.kind: rng.choice(s.kinds),
    }


def test_of(s: Shape, name: str, *lines: str) -> str:
    """A test function of the app."""
    body = "\n".join(f"    {line}" for line in ("client = app.test_client()", *lines))
    return f"def test_{name}():\n{body}"


def single(rng: random.Random) -> Change:
    """Add a route for one record."""
    s = draw(rng)
    known = rng.choice(s.records)["id"]
    rest = [create_view(s)]
    test = test_of(
        s,
        f"gets_one_{s.one}",
        f'assert client.get("{s.path}/{known}").status_code == 200',
        f'assert client.get("{s.path}/{s.absent}").status_code == 404',
    )
    return Change(
        s,
        render(s, [list_view(s), *rest]),
        render(s, [list_view(s), one_view(s), *rest], tests=[test]),
        [Ask("GET", f"{s.path}/{known}", 200), Ask("GET", f"{s.path}/{s.absent}", 404)],
        {},
    )


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


def quoted(value: Any) -> str:
    """A value as code with double quotes."""
    return repr(value).replace("'", '"')


def filtering(rng: random.Random) -> Change:
    """Add a query filter to the listing."""
    s = draw(rng)
    sort = rng.choice(("kind", "number", "flag", "name"))
    some = rng.choice(s.records)
    parameter = {"kind": s.kind, "number": f"min_{s.number}", "flag": s.flag, "name": "q"}[sort]
    value = {
        "kind": some[s.kind],
        "number": str(some[s.number]),
        "flag": rng.choice(("true", "false")),
        "name": some[s.name][1:4].lower().strip(),
    }[sort]
    lines, meaning, wanted = {
        "kind": (
            f'{s.kind} = request.args.get("{s.kind}")\nif {s.kind}:\n'
            f'    found = [each for each in found if each["{s.kind}"] == {s.kind}]',
            f"only {s.many} of that {s.kind}",
            lambda each: each[s.kind] == value,
        ),
        "number": (
            f'least = request.args.get("min_{s.number}", type=int)\nif least is not None:\n'
            f'    found = [each for each in found if each["{s.number}"] >= least]',
            f"only {s.many} with at least that {s.number}",
            lambda each: each[s.number] >= int(value),
        ),
        "flag": (
            f'{s.flag} = request.args.get("{s.flag}")\nif {s.flag} in ("true", "false"):\n'
            f'    found = [each for each in found if each["{s.flag}"] is ({s.flag} == "true")]',
            f"true or false, matched against the {s.flag} field",
            lambda each: each[s.flag] is (value == "true"),
        ),
        "name": (
            'text = request.args.get("q", "").lower()\n'
            f'found = [each for each in found if text in each["{s.name}"].lower()]',
            f"part of the {s.name}, upper or lower case",
            lambda each: value in each[s.name].lower(),
        ),
    }[sort]
    full = list_view(s, f"found = {everything(s)}", lines, "return jsonify(found)")
    names = s.names(wanted)
    rest = [one_view(s)] if rng.random() < 0.5 else [create_view(s)]
    query = f"{s.path}?{parameter}={value.replace(' ', '%20')}"
    test = test_of(
        s,
        f"filters_by_{parameter}",
        f'found = client.get("{query}").get_json()',
        f'assert [each["{s.name}"] for each in found] == {quoted(names)}',
    )
    return Change(
        s,
        render(s, [list_view(s), *rest]),
        render(s, [full, *rest], tests=[test]),
        [Ask("GET", query, 200, names=names), Ask("GET", s.path, 200, names=s.names())],
        {"parameter": parameter, "meaning": meaning, "query": f"?{parameter}={value}"},
    )


def paging(rng: random.Random) -> Change:
    """Add pagination to the listing."""
    s = draw(rng)
    size = 2
    if rng.random() < 0.5:
        lines = (
            f'limit = request.args.get("limit", {rng.choice((10, 20, 25, 50))}, type=int)\n'
            'offset = request.args.get("offset", 0, type=int)'
        )
        part, query, how = (
            "[offset : offset + limit]",
            f"?limit={size}&offset=1",
            "limit and offset",
        )
        names = s.names()[1 : 1 + size]
    else:
        lines = (
            'page = request.args.get("page", 1, type=int)\n'
            f'size = request.args.get("per_page", {rng.choice((10, 20, 25, 50))}, type=int)\n'
            "start = (page - 1) * size"
        )
        part, query, how = "[start : start + size]", f"?page=2&per_page={size}", "page and per_page"
        names = s.names()[size : 2 * size]
    total = rng.random() < 0.5
    answer = (
        f"found = {everything(s)}\nreturn jsonify(items=found{part}, total=len(found))"
        if total
        else f"return jsonify({everything(s)}{part})"
    )
    rest = [one_view(s)] if rng.random() < 0.5 else [create_view(s)]
    s_tests = "" if not total else '["items"]'
    test = test_of(
        s,
        f"pages_{s.many}",
        f'found = client.get("{s.path}{query}").get_json(){s_tests}',
        f"assert len(found) == {len(names)}",
    )
    before, after = (
        render(s, [list_view(s), *rest]),
        render(s, [list_view(s, lines, answer), *rest], tests=[test]),
    )
    if total and s.tests:  # the listing is an object now, so its first test changes as well
        after["test_app.py"] = after["test_app.py"].replace(
            f"len(response.get_json()) >= {len(s.records)}",
            f'response.get_json()["total"] >= {len(s.records)}',
        )
    shape = "an object with items and total" if total else "a plain list as before"
    return Change(
        s,
        before,
        after,
        [Ask("GET", s.path + query, 200, names=names), Ask("GET", s.path, 200, names=s.names())],
        {"how": how, "query": query, "form": shape},
    )


def sorting(rng: random.Random) -> Change:
    """Add ?sort= to the listing; an unknown field is answered 400."""
    s = draw(rng)
    fields = (s.name, s.number)
    key = rng.choice(fields)
    down = rng.random() < 0.5
    lines = [
        f'field = request.args.get("sort", "id")\nif field not in {quoted(("id", *fields))}:\n'
        '    return jsonify(error=f"cannot sort by {field}"), 400'
    ]
    reverse = ""
    if down:
        lines.append('down = request.args.get("order") == "desc"')
        reverse = ", reverse=down"
    lines.append(f"return jsonify(sorted({everything(s)}, key=lambda each: each[field]{reverse}))")
    query = f"?sort={key}" + ("&order=desc" if down else "")
    names = [each[s.name] for each in sorted(s.records, key=lambda each: each[key], reverse=down)]
    unknown = rng.choice((s.flag, "colour_code", "rank", "weight", "owner"))
    rest = [one_view(s)] if rng.random() < 0.5 else [create_view(s)]
    test = test_of(
        s,
        f"sorts_by_{key}",
        f'found = client.get("{s.path}{query}").get_json()',
        f'assert found[0]["{s.name}"] == {quoted(names[0])}',
    )
    return Change(
        s,
        render(s, [list_view(s), *rest]),
        render(s, [list_view(s, *lines), *rest], tests=[test]),
        [Ask("GET", s.path + query, 200, names=names), Ask("GET", f"{s.path}?sort={unknown}", 400)],
        {
            "fields": " or ".join(fields),
            "query": query,
            "unknown": unknown,
            "order": "; order=desc turns it round" if down else ", ascending only",
        },
    )


def not_found(rng: random.Random) -> Change:
    """Answer every 404 in JSON by an error handler."""
    s = draw(rng, json_missing=False)
    text = rng.choice(
        ("not found", "no such resource", "nothing here", "unknown path", "resource not found")
    )
    form = f'jsonify(error="{text}"), 404'
    if rng.random() < 0.3:
        text, form = "404 Not Found", 'jsonify(error=f"{error.code} {error.name}"), 404'
    handler = f"@app.errorhandler(404)\ndef handle_not_found(error):\n    return {form}"
    views = [list_view(s), one_view(s)]
    other = rng.choice(
        ("/nowhere", f"/{s.one}", f"{s.path}/archive", "/admin", f"{s.path}/1/history")
    )
    test = test_of(
        s,
        "unknown_paths_answer_in_json",
        f'response = client.get("{other}")',
        "assert response.status_code == 404",
        f'assert response.get_json() == {{"error": "{text}"}}',
    )
    return Change(
        s,
        render(s, views),
        render(s, views, handlers=[handler], tests=[test]),
        [Ask("GET", other, 404), Ask("GET", f"{s.path}/{s.absent}", 404)],
        {"other": other, "text": text},
        Ask("GET", other, 404),
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


def stats(rng: random.Random) -> Change:
    """Add a route with figures about the collection."""
    s = draw(rng)
    tail = rng.choice(("/stats", "/summary", "/overview"))
    per_kind = rng.random() < 0.5
    figures = (
        f"found = {everything(s)}\ncounts: dict[str, int] = {{}}\nfor each in found:\n"
        f'    counts[each["{s.kind}"]] = counts.get(each["{s.kind}"], 0) + 1\n'
        f"return jsonify(count=len(found), by_{s.kind}=counts)"
        if per_kind
        else f'found = {everything(s)}\ntotal = sum(each["{s.number}"] for each in found)\n'
        f'{s.flag} = sum(each["{s.flag}"] for each in found)\n'
        f"return jsonify(count=len(found), total_{s.number}=total, {s.flag}={s.flag})"
    )
    views = [list_view(s), one_view(s)]
    extra = view(s, "GET", tail, f"{tail[1:]}_of_{s.many}", figures)
    test = test_of(
        s,
        f"{tail[1:]}_counts_{s.many}",
        f'found = client.get("{s.path}{tail}").get_json()',
        f'assert found["count"] == {len(s.records)}',
    )
    what = f"count and by_{s.kind}" if per_kind else f"count, total_{s.number} and {s.flag}"
    return Change(
        s,
        render(s, views),
        render(s, [*views, extra], tests=[test]),
        [Ask("GET", s.path + tail, 200)],
        {"tail": s.path + tail, "figures": what},
    )
