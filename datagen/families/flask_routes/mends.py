"""Mistakes in a small Flask app, and the files without them: status codes, crashes, wrong lists.

Not covered: routes that are added (`datagen.families.flask_routes.changes`).
"""

import random
from collections.abc import Callable

from datagen.families.flask_routes.apps import (
    Record,
    create_view,
    draw,
    everything,
    find,
    list_view,
    one_view,
    render,
    view,
)
from datagen.families.flask_routes.change import Ask, Change, fresh, quoted

OPTIONAL = (
    "The {kind} is optional, with {value} as the default.",
    "Leaving out {kind} should mean {value}.",
    "By the way, {kind} may be missing; then it is {value}.",
    "Our docs say: {kind} is optional, default {value}.",
)


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
        guard = f'if not data.get("{s.name}"):\n    return jsonify(error="{s.name} is required")'
        suffix = "" if wrong == 200 else f", {wrong}"
        bad = [list_view(s), one_view(s), create_view(s, guard + suffix)]
        good = [list_view(s), one_view(s), create_view(s, guard + ", 400")]
        symptom = Ask("POST", s.path, wrong, {**new, s.name: ""})
    right = {"created": 201, "missing": 404, "invalid": 400}[variant]
    path = symptom.path if variant == "missing" else s.path
    what = {
        "created": f"a successful POST {path}",
        "missing": f"GET {path} (an id that does not exist)",
        "invalid": f"POST {path} with an empty {s.name}",
    }[variant]
    check = Ask(symptom.method, symptom.path, right, symptom.body)
    words = {"wrong": str(symptom.status), "right": str(right), "what": what}
    return Change(s, render(s, bad), render(s, good), [check], words, symptom)


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
        lines = (
            f'kind = request.args.get("{s.kind}")\n'
            f'values = [each["{s.number}"] for each in {everything(s)} if kind in (None, each["{s.kind}"])]'
        )
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
        plain = {
            "list": f'next(each for each in {s.var} if each["id"] == {s.key})',
            "dict": f"{s.var}[{s.key}]",
            "store": f'next(each for each in {s.store}.every() if each["id"] == {s.key})',
        }[s.storage]
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
        good[0] = list_view(
            s,
            f'most = request.args.get("max_{s.number}", type=int)',
            f"if most is None:\n    return jsonify({everything(s)})",
            last,
        )
        symptom = Ask("GET", s.path, 200, names=s.names())
        cause, fix = (
            f"max_{s.number} is converted to a number even when it is not in the query",
            f"without max_{s.number} all {s.many} are listed",
        )
    elif variant == "field":
        short = rng.choice(s.records)["id"]
        records = tuple(
            {k: v for k, v in each.items() if each["id"] != short or k != s.number}
            for each in s.records
        )
        head = ("GET", "/longest" if s.number in ("pages", "length") else "/top", f"top_{s.many}")
        take = "key=lambda each: each"
        bad.append(
            view(
                s,
                *head,
                f'ranked = sorted({everything(s)}, {take}["{s.number}"], reverse=True)',
                "return jsonify(ranked[:3])",
            )
        )
        good.append(
            view(
                s,
                *head,
                f'ranked = sorted({everything(s)}, {take}.get("{s.number}", 0), reverse=True)',
                "return jsonify(ranked[:3])",
            )
        )
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
    code += f", json={quoted(symptom.body)})" if symptom.body else ")"
    return Change(
        s,
        render(s, bad, records=records),
        render(s, good, records=records),
        [symptom],
        {**words, "request": f"{symptom.method} {call}"},
        Ask(symptom.method, symptom.path, 500, symptom.body),
        code=f"from app import app\n\napp.testing = True\nclient = app.test_client()\n{code}",
        facts={"cause": cause, "fix": fix},
    )


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
        start = (
            f'{found}page = request.args.get("page", 1, type=int)\n'
            'size = request.args.get("size", 10, type=int)\nstart = OP * size'
        )
        line = "return jsonify(found[start : start + size])"
        right, wrong, query, names = "(page - 1)", "page", "?page=1&size=2", s.names()[:2]
        cause, says = (
            "pages count from 1, but the start was `page * size`",
            f"{s.records[0][s.name]} is missing",
        )
    else:
        start = f'{found}{s.kind} = request.args.get("{s.kind}")'
        test = f'{s.kind} is None or each["{s.kind}"] OP {s.kind}'
        line = f"return jsonify([each for each in found if {test}])"
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
        s,
        bad,
        good,
        [check],
        {"query": s.path + query, "says": says},
        Ask("GET", s.path + query, 200),
        facts={"cause": cause},
    )
