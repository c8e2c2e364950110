"""Changes to what a small Flask app tells: single records, filters, pages, order, figures.

Each function draws one variant of a kind of change for a shape.

Not covered: changes to what it stores (`changes_of_writing`), and the conversation about a change
(`datagen.families.flask_routes.scenarios`).
"""

import random

from datagen.families.flask_routes.apps import (
    create_view,
    draw,
    everything,
    list_view,
    one_view,
    render,
    view,
)
from datagen.families.flask_routes.change import Ask, Change, quoted, test_of


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
