"""Changes to a small Flask app: the files before and after, and requests that show the difference.

Each function draws one variant of a kind of change for a shape.

Not covered: the apps (`synthia.scenarios.flask_routes_apps`) and the conversation about a change
(`synthia.scenarios.flask_routes`).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from synthia.scenarios.flask_routes_apps import (
    Record, Shape, create_view, draw, everything, find, list_view, one_view, remove, render, view,
)  # fmt: skip


OPTIONAL = (
    "The {kind} is optional, with {value} as the default.", "Leaving out {kind} should mean {value}.",
    "By the way, {kind} may be missing; then it is {value}.", "Our docs say: {kind} is optional, default {value}.",
)  # fmt: skip


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


def _test(s: Shape, name: str, *lines: str) -> str:
    body = "\n".join(f"    {line}" for line in ("client = app.test_client()", *lines))
    return f"def test_{name}():\n{body}"


def single(rng: random.Random) -> Change:
    """Add a route for one record."""
    s = draw(rng)
    known = rng.choice(s.records)["id"]
    rest = [create_view(s)]
    test = _test(s, f"gets_one_{s.one}", f'assert client.get("{s.path}/{known}").status_code == 200',
                 f'assert client.get("{s.path}/{s.absent}").status_code == 404')  # fmt: skip
    return Change(
        s, render(s, [list_view(s), *rest]), render(s, [list_view(s), one_view(s), *rest], tests=[test]),
        [Ask("GET", f"{s.path}/{known}", 200), Ask("GET", f"{s.path}/{s.absent}", 404)], {},
    )  # fmt: skip


def deletion(rng: random.Random) -> Change:
    """Add DELETE for one record: 204 without a body, or 200 with the removed record."""
    s = draw(rng)
    known = rng.choice(s.records)["id"]
    empty = rng.random() < 0.65
    body = (
        f"{s.one} = {find(s)}", f"if {s.one} is None:\n    {s.missing}", remove(s),
        'return "", 204' if empty else f"return jsonify({s.one})",
    )  # fmt: skip
    gone = view(s, "DELETE", f"/<int:{s.key}>", f"delete_{s.one} {s.key}", *body)
    views = [list_view(s), one_view(s), create_view(s)]
    if rng.random() < 0.5:
        views.pop()
    status = 204 if empty else 200
    test = _test(s, f"deletes_a_{s.one}", f'assert client.delete("{s.path}/{known}").status_code == {status}',
                 f'assert client.get("{s.path}/{known}").status_code == 404')  # fmt: skip
    return Change(
        s, render(s, views), render(s, [*views, gone], removing=True, tests=[test]),
        [Ask("DELETE", f"{s.path}/{known}", status), Ask("DELETE", f"{s.path}/{s.absent}", 404)],
        {"result": "204 with an empty body" if empty else f"200 and the removed {s.one}"},
    )  # fmt: skip


def status(rng: random.Random) -> Change:
    """Correct a wrong status code."""
    s = draw(rng)
    good = [list_view(s), one_view(s), create_view(s)]
    variant = rng.choice(("created", "missing", "missing", "invalid"))
    new = fresh(s, rng)
    if variant == "created":
        bad = [list_view(s), one_view(s), create_view(s, answer=f"return jsonify({s.one})")]
        symptom = Ask("POST", s.path, 200, new)
    elif variant == "missing":
        wrong = rng.choice((200, 400, 403))
        suffix = "" if wrong == 200 else f", {wrong}"
        line = s.missing.removesuffix(", 404") + suffix
        body = (
            f"{s.one} = {find(s)}",
            f"if {s.one} is None:\n    {line}",
            f"return jsonify({s.one})",
        )
        bad = [list_view(s), one_view(s, *body), create_view(s)]
        symptom = Ask("GET", f"{s.path}/{s.absent}", wrong)
    else:
        wrong = rng.choice((200, 404, 500))
        check = f'if not data.get("{s.name}"):\n    return jsonify(error="{s.name} is required")'
        suffix = "" if wrong == 200 else f", {wrong}"
        bad = [list_view(s), one_view(s), create_view(s, check + suffix)]
        good = [list_view(s), one_view(s), create_view(s, check + ", 400")]
        symptom = Ask("POST", s.path, wrong, {**new, s.name: ""})
    right = {"created": 201, "missing": 404, "invalid": 400}[variant]
    path = symptom.path if variant == "missing" else s.path
    what = {
        "created": f"a successful POST {path}", "missing": f"GET {path}, an id that does not exist,",
        "invalid": f"POST {path} with an empty {s.name}",
    }[variant]  # fmt: skip
    check = Ask(symptom.method, symptom.path, right, symptom.body)
    words = {"wrong": str(symptom.status), "right": str(right), "what": what}
    return Change(s, render(s, bad), render(s, good), [check], words, symptom)


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
        "name": f"{s.name} must not be empty", "number": f"{s.number} must be a whole number, at least 0",
        "kind": f"{s.kind} has to be {', '.join(s.kinds[:-1])} or {s.kinds[-1]}",
    }  # fmt: skip
    wrong: dict[str, dict[str, Any]] = {
        "name": {s.name: rng.choice(("", "   "))}, "number": {s.number: rng.choice((-1, -20, "many", None))},
        "kind": {s.kind: rng.choice(("other", "", "mixed", "unknown"))},
    }  # fmt: skip
    chosen = sorted(rng.sample(sorted(lines), rng.randint(1, 2)), key=list(lines).index)
    new = fresh(s, rng)
    bad = [Ask("POST", s.path, 400, {**new, **wrong[each]}) for each in chosen]
    views = [list_view(s), create_view(s, *(lines[each] for each in chosen))]
    first = {**new, **wrong[chosen[0]]}
    test = _test(s, f"rejects_a_bad_{s.one}", f'response = client.post("{s.path}", json={_py(first)})',
                 "assert response.status_code == 400")  # fmt: skip
    return Change(
        s, render(s, [list_view(s), create_view(s)]), render(s, views, tests=[test]),
        [*bad, Ask("POST", s.path, 201, new)], {"rules": " and ".join(rules[each] for each in chosen)},
    )  # fmt: skip


def _py(value: Any) -> str:
    return repr(value).replace("'", '"')


def filtering(rng: random.Random) -> Change:
    """Add a query filter to the listing."""
    s = draw(rng)
    sort = rng.choice(("kind", "number", "flag", "name"))
    some = rng.choice(s.records)
    parameter = {"kind": s.kind, "number": f"min_{s.number}", "flag": s.flag, "name": "q"}[sort]
    value = {"kind": some[s.kind], "number": str(some[s.number]), "flag": rng.choice(("true", "false")),
             "name": some[s.name][1:4].lower().strip()}[sort]  # fmt: skip
    lines, meaning, wanted = {
        "kind": (
            f'{s.kind} = request.args.get("{s.kind}")\nif {s.kind}:\n'
            f'    found = [each for each in found if each["{s.kind}"] == {s.kind}]',
            f"only {s.many} of that {s.kind}", lambda each: each[s.kind] == value),
        "number": (
            f'least = request.args.get("min_{s.number}", type=int)\nif least is not None:\n'
            f'    found = [each for each in found if each["{s.number}"] >= least]',
            f"only {s.many} with at least that {s.number}", lambda each: each[s.number] >= int(value)),
        "flag": (
            f'{s.flag} = request.args.get("{s.flag}")\nif {s.flag} in ("true", "false"):\n'
            f'    found = [each for each in found if each["{s.flag}"] is ({s.flag} == "true")]',
            f"true or false, matched against the {s.flag} field", lambda each: each[s.flag] is (value == "true")),
        "name": (
            'text = request.args.get("q", "").lower()\n'
            f'found = [each for each in found if text in each["{s.name}"].lower()]',
            f"part of the {s.name}, upper or lower case", lambda each: value in each[s.name].lower()),
    }[sort]  # fmt: skip
    full = list_view(s, f"found = {everything(s)}", lines, "return jsonify(found)")
    names = s.names(wanted)
    rest = [one_view(s)] if rng.random() < 0.5 else [create_view(s)]
    query = f"{s.path}?{parameter}={value.replace(' ', '%20')}"
    test = _test(s, f"filters_by_{parameter}", f'found = client.get("{query}").get_json()',
                 f'assert [each["{s.name}"] for each in found] == {_py(names)}')  # fmt: skip
    return Change(
        s, render(s, [list_view(s), *rest]), render(s, [full, *rest], tests=[test]),
        [Ask("GET", query, 200, names=names), Ask("GET", s.path, 200, names=s.names())],
        {"parameter": parameter, "meaning": meaning, "query": f"?{parameter}={value}"},
    )  # fmt: skip


def paging(rng: random.Random) -> Change:
    """Add pagination to the listing."""
    s = draw(rng)
    size = 2
    if rng.random() < 0.5:
        lines = (f'limit = request.args.get("limit", {rng.choice((10, 20, 25, 50))}, type=int)\n'
                 'offset = request.args.get("offset", 0, type=int)')  # fmt: skip
        part, query, how = (
            "[offset : offset + limit]",
            f"?limit={size}&offset=1",
            "limit and offset",
        )
        names = s.names()[1 : 1 + size]
    else:
        lines = ('page = request.args.get("page", 1, type=int)\n'
                 f'size = request.args.get("per_page", {rng.choice((10, 20, 25, 50))}, type=int)\n'
                 "start = (page - 1) * size")  # fmt: skip
        part, query, how = "[start : start + size]", f"?page=2&per_page={size}", "page and per_page"
        names = s.names()[size : 2 * size]
    total = rng.random() < 0.5
    answer = (
        f"found = {everything(s)}\nreturn jsonify(items=found{part}, total=len(found))" if total
        else f"return jsonify({everything(s)}{part})"
    )  # fmt: skip
    rest = [one_view(s)] if rng.random() < 0.5 else [create_view(s)]
    s_tests = "" if not total else '["items"]'
    test = _test(s, f"pages_{s.many}", f'found = client.get("{s.path}{query}").get_json(){s_tests}',
                 f"assert len(found) == {len(names)}")  # fmt: skip
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
        s, before, after, [Ask("GET", s.path + query, 200, names=names), Ask("GET", s.path, 200, names=s.names())],
        {"how": how, "query": query, "form": shape},
    )  # fmt: skip


def sorting(rng: random.Random) -> Change:
    """Add ?sort= to the listing; an unknown field is answered 400."""
    s = draw(rng)
    fields = (s.name, s.number)
    key = rng.choice(fields)
    down = rng.random() < 0.5
    lines = [
        f'field = request.args.get("sort", "id")\nif field not in {_py(("id", *fields))}:\n'
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
    test = _test(s, f"sorts_by_{key}", f'found = client.get("{s.path}{query}").get_json()',
                 f'assert found[0]["{s.name}"] == {_py(names[0])}')  # fmt: skip
    return Change(
        s, render(s, [list_view(s), *rest]), render(s, [list_view(s, *lines), *rest], tests=[test]),
        [Ask("GET", s.path + query, 200, names=names), Ask("GET", f"{s.path}?sort={unknown}", 400)],
        {"fields": " or ".join(fields), "query": query, "unknown": unknown,
         "order": "; order=desc turns it round" if down else ", ascending only"},
    )  # fmt: skip


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
    test = _test(s, "unknown_paths_answer_in_json", f'response = client.get("{other}")',
                 "assert response.status_code == 404", f'assert response.get_json() == {{"error": "{text}"}}')  # fmt: skip
    return Change(
        s, render(s, views), render(s, views, handlers=[handler], tests=[test]),
        [Ask("GET", other, 404), Ask("GET", f"{s.path}/{s.absent}", 404)],
        {"other": other, "text": text}, Ask("GET", other, 404),
    )  # fmt: skip


def location(rng: random.Random) -> Change:
    """Answer a POST with 201 and a Location header."""
    s = draw(rng)
    prefix = "." if s.blueprint else ""
    place = rng.choice((
        f'url_for("{prefix}get_{s.one}", {s.key}={s.one}["id"])', f"f\"{s.path}/{{{s.one}['id']}}\"",
    ))  # fmt: skip
    answer = f'return jsonify({s.one}), 201, {{"Location": {place}}}'
    old = f"return jsonify({s.one})" if rng.random() < 0.6 else f"return jsonify({s.one}), 201"
    new = fresh(s, rng)
    number = len(s.records) + 1
    test = _test(s, f"location_of_a_new_{s.one}", f'response = client.post("{s.path}", json={_py(new)})',
                 "assert response.status_code == 201",
                 f'assert response.headers["Location"] == "{s.path}/{number}"')  # fmt: skip
    code = (
        f'from app import app\n\nclient = app.test_client()\nresponse = client.post("{s.path}", json={_py(new)})\n'
        'print(response.status_code, response.headers["Location"])\n'
        'print(client.get(response.headers["Location"]).get_json())'
    )
    views = [list_view(s), one_view(s)]
    return Change(
        s, render(s, [*views, create_view(s, answer=old)]),
        render(s, [*views, create_view(s, answer=answer)], tests=[test]),
        [Ask("POST", s.path, 201, new)], {"target": f"{s.path}/<id>"}, code=code,
    )  # fmt: skip


def update(rng: random.Random) -> Change:
    """Add PATCH or PUT for one record."""
    s = draw(rng)
    known = rng.choice(s.records)
    method = rng.choice(("PATCH", "PATCH", "PUT"))
    fields = (s.name, s.number, s.kind)
    change = (
        f"data = request.get_json()\nfor field in {_py(fields)}:\n    if field in data:\n"
        f"        {s.one}[field] = data[field]" if method == "PATCH"
        else "data = request.get_json()\n"
        + "\n".join(f'{s.one}["{each}"] = data["{each}"]' for each in fields)
    )  # fmt: skip
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
    test = _test(s, f"updates_a_{s.one}", f'url = "{s.path}/{known["id"]}"',
                 f"assert client.{method.lower()}(url, json={_py(new)}).status_code == 200")  # fmt: skip
    return Change(
        s, render(s, views), render(s, [*views, edit], tests=[test]),
        [Ask(method, f"{s.path}/{known['id']}", 200, new), Ask(method, f"{s.path}/{s.absent}", 404, new)],
        {"method": method, "fields": ", ".join(fields),
         "scope": "only fields that are sent change" if method == "PATCH" else "all three fields are replaced"},
    )  # fmt: skip


def action(rng: random.Random) -> Change:
    """Add a route that sets the flag of a record once; the second time is answered 409."""
    s = draw(rng)
    while len({each[s.flag] for each in s.records}) < 2:
        s = draw(rng)
    free = next(each["id"] for each in s.records if not each[s.flag])
    done = next(each["id"] for each in s.records if each[s.flag])
    body = (
        f"{s.one} = {find(s)}", f"if {s.one} is None:\n    {s.missing}",
        f'if {s.one}["{s.flag}"]:\n    return jsonify(error="{s.one} is already {s.flag}"), 409',
        f'{s.one}["{s.flag}"] = True\nreturn jsonify({s.one})',
    )  # fmt: skip
    do = view(s, "POST", f"/<int:{s.key}>/{s.verb}", f"{s.verb}_{s.one} {s.key}", *body)
    views = [list_view(s), one_view(s)]
    test = _test(s, f"{s.verb}_works_once", f'url = "{s.path}/{free}/{s.verb}"',
                 "assert client.post(url).status_code == 200", "assert client.post(url).status_code == 409")  # fmt: skip
    return Change(
        s, render(s, views), render(s, [*views, do], tests=[test]),
        [Ask("POST", f"{s.path}/{free}/{s.verb}", 200), Ask("POST", f"{s.path}/{done}/{s.verb}", 409),
         Ask("POST", f"{s.path}/{s.absent}/{s.verb}", 404)], {},
    )  # fmt: skip


def stats(rng: random.Random) -> Change:
    """Add a route with figures about the collection."""
    s = draw(rng)
    tail = rng.choice(("/stats", "/summary", "/overview"))
    per_kind = rng.random() < 0.5
    figures = (
        f'found = {everything(s)}\ncounts: dict[str, int] = {{}}\nfor each in found:\n'
        f'    counts[each["{s.kind}"]] = counts.get(each["{s.kind}"], 0) + 1\n'
        f"return jsonify(count=len(found), by_{s.kind}=counts)" if per_kind
        else f'found = {everything(s)}\ntotal = sum(each["{s.number}"] for each in found)\n'
        f'{s.flag} = sum(each["{s.flag}"] for each in found)\n'
        f"return jsonify(count=len(found), total_{s.number}=total, {s.flag}={s.flag})"
    )  # fmt: skip
    views = [list_view(s), one_view(s)]
    extra = view(s, "GET", tail, f"{tail[1:]}_of_{s.many}", figures)
    test = _test(s, f"{tail[1:]}_counts_{s.many}", f'found = client.get("{s.path}{tail}").get_json()',
                 f'assert found["count"] == {len(s.records)}')  # fmt: skip
    what = f"count and by_{s.kind}" if per_kind else f"count, total_{s.number} and {s.flag}"
    return Change(
        s, render(s, views), render(s, [*views, extra], tests=[test]),
        [Ask("GET", s.path + tail, 200)], {"tail": s.path + tail, "figures": what},
    )  # fmt: skip


def crash(rng: random.Random) -> Change:
    """Find why a request gives 500, and mend it."""
    s = draw(rng)
    new = fresh(s, rng)
    good = [list_view(s), one_view(s), create_view(s)]
    bad = list(good)
    records = s.records
    variant = rng.choice(("average", "lookup", "default", "integer", "field", "silent"))
    if variant == "average":
        kind = rng.choice(("tiny", "other", "rare", "mixed"))
        lines = (f'kind = request.args.get("{s.kind}")\n'
                 f'values = [each["{s.number}"] for each in {everything(s)} if kind in (None, each["{s.kind}"])]')  # fmt: skip
        head = ("GET", "/average", f"average_{s.number}")
        bad.append(view(s, *head, lines, "return jsonify(average=sum(values) / len(values))"))
        check = "if not values:\n    return jsonify(average=None)"
        good.append(
            view(s, *head, lines, check, "return jsonify(average=sum(values) / len(values))")
        )
        symptom = Ask("GET", f"{s.path}/average?{s.kind}={kind}", 200)
        cause, fix = (
            f"no {s.one} matches, and the average divides by zero",
            "the average is null when nothing matches",
        )
    elif variant == "lookup":
        plain = {"list": f'next(each for each in {s.var} if each["id"] == {s.key})', "dict": f"{s.var}[{s.key}]",
                 "store": f'next(each for each in {s.store}.every() if each["id"] == {s.key})'}[s.storage]  # fmt: skip
        bad[1] = one_view(s, f"return jsonify({plain})")
        symptom = Ask("GET", f"{s.path}/{s.absent}", 404)
        cause, fix = (
            "the lookup assumes that the id exists",
            "an unknown id is now answered with 404",
        )
    elif variant == "default":
        kind = rng.choice(s.kinds)
        good[2] = create_view(s, kind=f'data.get("{s.kind}", "{kind}")')
        symptom = Ask(
            "POST", s.path, 201, {key: value for key, value in new.items() if key != s.kind}
        )
        cause, fix = (
            f"the view reads {s.kind} without allowing it to be left out",
            f"`{s.kind}` falls back to {kind} now",
        )
    elif variant == "integer":
        last = f'return jsonify([each for each in {everything(s)} if each["{s.number}"] <= most])'
        bad[0] = list_view(s, f'most = int(request.args.get("max_{s.number}"))', last)
        good[0] = list_view(s, f'most = request.args.get("max_{s.number}", type=int)',
                            f"if most is None:\n    return jsonify({everything(s)})", last)  # fmt: skip
        symptom = Ask("GET", s.path, 200, names=s.names())
        cause, fix = (f"max_{s.number} is converted to a number even when it is not in the query",
                      f"without max_{s.number} all {s.many} are listed")  # fmt: skip
    elif variant == "field":
        short = rng.choice(s.records)["id"]
        records = tuple(
            {k: v for k, v in each.items() if each["id"] != short or k != s.number}
            for each in s.records
        )
        head = ("GET", "/longest" if s.number in ("pages", "length") else "/top", f"top_{s.many}")
        take = "key=lambda each: each"
        bad.append(view(s, *head, f'ranked = sorted({everything(s)}, {take}["{s.number}"], reverse=True)',
                        "return jsonify(ranked[:3])"))  # fmt: skip
        good.append(view(s, *head, f'ranked = sorted({everything(s)}, {take}.get("{s.number}", 0), reverse=True)',
                         "return jsonify(ranked[:3])"))  # fmt: skip
        symptom = Ask("GET", s.path + head[1], 200)
        cause, fix = f"{s.one} {short} has no {s.number}", f"a missing {s.number} counts as 0"
    else:
        body = (f"{s.one} = {find(s)}", f"if {s.one} is None:\n    {s.missing}")
        known = rng.choice(s.records)["id"]
        bad[1] = one_view(s, *body, f"jsonify({s.one})")
        symptom = Ask("GET", f"{s.path}/{known}", 200)
        cause, fix = "the response is built but never returned", "now the view returns it"
    if variant not in ("lookup", "silent") and rng.random() < 0.5:
        for views in (bad, good):
            del views[1]
    if variant in ("lookup", "silent", "average", "field") and rng.random() < 0.5:
        for views in (bad, good):
            views[:] = [each for each in views if "def create_" not in each]
    words = (
        {"extra": rng.choice(OPTIONAL).format(kind=s.kind, value=kind)}
        if variant == "default"
        else {}
    )
    call = symptom.path if symptom.body is None else f"{symptom.path} without {s.kind}"
    code = f'client.{symptom.method.lower()}("{symptom.path}"'
    code += f", json={_py(symptom.body)})" if symptom.body else ")"
    return Change(
        s, render(s, bad, records=records), render(s, good, records=records), [symptom],
        {**words, "request": f"{symptom.method} {call}"},
        Ask(symptom.method, symptom.path, 500, symptom.body),
        code=f"from app import app\n\napp.testing = True\nclient = app.test_client()\n{code}",
        facts={"cause": cause, "fix": fix},
    )  # fmt: skip


def wrong_list(rng: random.Random) -> Change:
    """Mend a listing that answers 200 with the wrong records."""
    s = draw(rng)
    while len({each[s.number] for each in s.records}) < len(s.records):
        s = draw(rng)
    some = sorted(s.records, key=lambda each: each[s.number])[len(s.records) // 2]
    value = some[s.number]
    Wanted = Callable[[Record], bool]  # noqa: N806
    at_least: Wanted = lambda each: each[s.number] >= value  # noqa: E731
    of_kind: Wanted = lambda each: each[s.kind] == some[s.kind]  # noqa: E731
    variant = rng.choice(("bound", "page", "sense"))
    found = f"found = {everything(s)}\n"
    if variant == "bound":
        start = f'{found}least = request.args.get("min_{s.number}", 0, type=int)'
        line = f'return jsonify([each for each in found if each["{s.number}"] OP least])'
        right, wrong, query, names = ">=", ">", f"?min_{s.number}={value}", s.names(at_least)
        cause, says = (
            "it compared with `>`, which drops an exact match",
            f"{some[s.name]} is left out",
        )
    elif variant == "page":
        start = (f'{found}page = request.args.get("page", 1, type=int)\n'
                 'size = request.args.get("size", 10, type=int)\nstart = OP * size')  # fmt: skip
        line = "return jsonify(found[start : start + size])"
        right, wrong, query, names = "(page - 1)", "page", "?page=1&size=2", s.names()[:2]
        cause, says = (
            "pages count from 1, but the start was `page * size`",
            f"{s.records[0][s.name]} is missing",
        )
    else:
        start = f'{found}{s.kind} = request.args.get("{s.kind}")'
        line = f'return jsonify([each for each in found if {s.kind} is None or each["{s.kind}"] OP {s.kind}])'
        right, wrong, query, names = "==", "!=", f"?{s.kind}={some[s.kind]}", s.names(of_kind)
        cause, says = (
            "the comparison was the wrong way round",
            f"{some[s.name]} is not in the answer",
        )
    rest = [one_view(s)] if rng.random() < 0.6 else [create_view(s)]
    bad, good = (
        render(s, [list_view(s, start.replace("OP", op), line.replace("OP", op)), *rest])
        for op in (wrong, right)
    )
    check = Ask("GET", s.path + query, 200, names=names)
    return Change(
        s, bad, good, [check], {"query": s.path + query, "says": says},
        Ask("GET", s.path + query, 200), facts={"cause": cause},
    )  # fmt: skip
