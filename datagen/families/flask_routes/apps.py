"""Small Flask apps in many domains and layouts, as text: what stands there before a change.

A domain names the things that an app keeps and their fields; a `Shape` draws one domain, sample
records, and how the code is written. `render` puts views together into files.

Not covered: the changes that users ask for (`datagen.families.flask_routes.changes`).
"""

import json
import random
import re
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]

DOMAINS = (
    "book;books;title;Dune,Emma,Ulysses,Beloved,Persuasion,Solaris;"
    "pages;120-900;genre;novel,essay,poetry,crime;lent;lend;A lending shelf",
    "plant;plants;name;Monstera,Aloe,Calathea,Yucca,Ficus,Begonia;"
    "height;10-220;light;shade,half,full;watered;water;House plants and their needs",
    "boat;boats;name;Gannet,Curlew,Petrel,Osprey,Tern,Plover;"
    "length;5-30;dock;north,south,east;rented;rent;Boats of a harbour",
    "recipe;recipes;title;Goulash,Ramen,Paella,Pierogi,Laksa,Shakshuka;"
    "minutes;10-120;course;starter,main,dessert;cooked;cook;A family cookbook",
    "ticket;tickets;subject;Login loop,Broken link,Slow export,Lost avatar,Wrong total,Typo on start page;"
    "points;1-13;priority;low,normal,high;closed;close;A support desk",
    "song;songs;title;Harbour Lights,Paper Moon,Slow Train,Blue Kite,Night Bus,Tin Roof;"
    "seconds;90-400;mood;calm,happy,dark;liked;like;A playlist",
    "trail;trails;name;Fox Loop,Ridge Path,Mill Walk,Gorge Way,Pine Round,Lake Circuit;"
    "meters;800-15000;grade;easy,moderate,hard;closed;close;Hiking trails of a park",
    "sensor;sensors;label;attic,cellar,porch,garage,kitchen,hallway;"
    "reading;1-95;quantity;heat,humidity,noise;muted;mute;Sensors in a house",
    "course;courses;title;Pottery,Welding,Calligraphy,First Aid,Beekeeping,Weaving;"
    "seats;4-30;level;beginner,middle,expert;cancelled;cancel;Evening classes",
    "employee;employees;name;Amara,Bogdan,Chiyo,Dmitri,Esperanza,Farid;"
    "hours;10-40;team;sales,support,design;onboarded;onboard;Staff of a small firm",
    "parcel;parcels;label;P-201,P-317,P-442,P-508,P-613,P-790;"
    "grams;80-9000;zone;city,country,abroad;shipped;ship;A parcel counter",
    "room;rooms;name;Atrium,Bistro,Cabin,Den,Erker,Foyer;"
    "seats;2-60;floor;ground,first,attic;locked;lock;Meeting rooms",
    "player;players;nick;rook,bishop,zugzwang,gambit,castle,tempo;"
    "score;0-2400;league;bronze,silver,gold;banned;ban;A chess ladder",
    "film;films;title;Stalker,Brazil,Amadeus,Gattaca,Rashomon,Metropolis;"
    "minutes;80-200;format;digital,reel,tape;watched;watch;A film club",
    "task;tasks;title;Paint fence,Call plumber,Sort receipts,Fix bike,Renew pass,Bake bread;"
    "effort;1-8;area;home,garden,office;done;finish;A chore list",
    "animal;animals;name;Biscuit,Pepper,Nala,Otto,Juno,Pixel;"
    "age;1-17;species;dog,cat,rabbit;adopted;adopt;An animal shelter",
    "tool;tools;name;drill,lathe,router,sander,jigsaw,planer;"
    "watts;200-2500;bench;wood,metal,plastic;borrowed;borrow;A tool library",
    "wine;wines;name;Amber Hill,Old Cellar,Riverstone,Red Gate,Silver Oak Lane,Chalk Ridge;"
    "bottles;1-96;colour;red,white,rose;reserved;reserve;A wine cellar",
    "lamp;lamps;room;bedroom,study,stairs,bathroom,balcony,pantry;"
    "brightness;5-100;scene;work,relax,night;dimmed;dim;Lamps of a flat",
    "bike;bikes;code;B12,B27,B35,B48,B51,B66;"
    "kilometers;3-800;station;market,campus,river;serviced;service;Bike sharing",
    "letter;letters;topic;heating costs,new lease,parking,garden party,bin days,roof repair;"
    "words;40-900;folder;inbox,sent,archive;starred;star;A letter archive",
    "seed;seeds;name;Tomato,Squash,Basil,Leek,Radish,Chard;"
    "grams;5-500;season;spring,summer,autumn;sown;sow;A seed bank",
    "machine;machines;name;press,mill,oven,kiln,loom,extruder;"
    "load;0-100;hall;A,B,C;stopped;stop;A machine park",
    "photo;photos;caption;Sunset pier,Foggy bridge,Old tram,Market day,First snow,Red barn;"
    "width;640-6000;album;travel,family,city;hidden;hide;A photo album",
    "quote;quotes;text;Less is more,Measure twice,Ship it,Stay curious,Know thyself,Keep going;"
    "votes;0-300;theme;work,life,craft;pinned;pin;A wall of quotes",
    "table;tables;name;window,corner,terrace,booth,bar,stage;"
    "places;2-12;section;inside,outside,gallery;booked;book;Tables of a restaurant",
    "badge;badges;name;Early Bird,Bug Hunter,Night Owl,Mentor,Explorer,Finisher;"
    "points;5-500;tier;bronze,silver,gold;awarded;award;Badges of a learning site",
    "invoice;invoices;number;A-100,A-117,B-204,B-230,C-301,C-355;"
    "amount;15-4000;currency;EUR,GBP,CHF;paid;pay;A book of invoices",
    "coin;coins;name;Penny Black,Half Crown,Old Ducat,Gold Thaler,Silver Groat,Tin Token;"
    "year;1650-1950;metal;copper,silver,gold;graded;grade;A coin collection",
    "lesson;lessons;topic;fractions,angles,vowels,magnets,rivers,verbs;"
    "minutes;15-90;subject;maths,science,language;taught;teach;A lesson plan",
    "vehicle;vehicles;plate;KR-12,LM-48,NT-77,PW-05,QS-31,RV-64;"
    "mileage;900-180000;fuel;petrol,diesel,electric;inspected;inspect;A motor pool",
    "snack;snacks;name;pretzel,popcorn,granola,nachos,raisins,wafer;"
    "kcal;80-600;shelf;top,middle,bottom;discontinued;discontinue;A vending machine",
)  # fmt: skip
PROJECTS = (
    "alder", "basalt", "cinder", "dapple", "ember", "fathom", "gable", "heron", "inlet", "jetty", "knoll",
    "ledger-lite", "minnow", "nettle", "oriel", "pewter", "quoin", "rivet", "spindle", "tundra", "upland",
    "vesper", "wicket", "yonder", "zinnia", "birchbox", "copperleaf", "driftwood", "eastgate", "flintlock",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """One domain with its records, and how the app's code is written."""

    one: str
    many: str
    name: str
    number: str
    kind: str
    kinds: tuple[str, ...]
    flag: str
    verb: str
    about: str
    project: str
    records: tuple[Record, ...]
    base: str
    storage: str  # "list", "dict" or "store": a module of its own
    blueprint: bool
    tests: bool
    short: bool  # @app.get(...) rather than @app.route(...)
    typed: bool
    missing: str  # the line that answers for an unknown id
    said: str  # the message of that answer, "" for an HTML page

    @property
    def path(self) -> str:
        """The path of the collection."""
        return f"{self.base}/{self.many}"

    @property
    def var(self) -> str:
        """The constant that holds the records."""
        return self.many.upper()

    @property
    def key(self) -> str:
        """The variable of an id."""
        return f"{self.one}_id"

    @property
    def views(self) -> str:
        """The file with the views."""
        return "routes.py" if self.blueprint else "app.py"

    @property
    def store(self) -> str:
        """The module that holds the records, where there is one."""
        return f"{self.one}_store"

    @property
    def absent(self) -> int:
        """An id that no record has."""
        return len(self.records) + 37

    def names(self, wanted: Any = None) -> list[str]:
        """Names of the records that `wanted` accepts."""
        return [each[self.name] for each in self.records if wanted is None or wanted(each)]


def draw(rng: random.Random, *, json_missing: bool = True) -> Shape:
    """Draw a shape; with `json_missing`, an unknown id is answered in JSON."""
    fields = rng.choice(DOMAINS).split(";")
    one, many, name, samples, number, span, kind, kinds, flag, verb, about = fields
    low, high = map(int, span.split("-"))
    groups = kinds.split(",")
    names = rng.sample(samples.split(","), rng.randint(3, 4))
    records = tuple(
        {"id": index, name: text, number: value, kind: rng.choice(groups), flag: rng.random() < 0.4}
        for index, (text, value) in enumerate(
            zip(names, rng.sample(range(low, high + 1), len(names)), strict=True)
            if high - low > len(names)
            else ((text, rng.randint(low, high)) for text in names),
            start=1,
        )
    )
    text = rng.choice(
        (f"{one} not found", f"no such {one}", f"unknown {one}", f"no {one} with this id")
    )
    lines = (f'return jsonify(error="{text}"), 404', f'return {{"error": "{text}"}}, 404')
    return Shape(
        one, many, name, number, kind, tuple(groups), flag, verb, about, rng.choice(PROJECTS), records,
        base=rng.choice(("", "", "/api", "/v1")),
        storage=rng.choice(("list", "list", "dict", "dict", "store")),
        blueprint=rng.random() < 0.2,
        tests=rng.random() < 0.35,
        short=rng.random() < 0.6,
        typed=rng.random() < 0.4,
        missing=rng.choice(lines) if json_missing else "abort(404)",
        said=text if json_missing else "",
    )  # fmt: skip


def everything(s: Shape) -> str:
    """The expression of all records as a list."""
    return {"list": s.var, "dict": f"list({s.var}.values())", "store": f"{s.store}.every()"}[
        s.storage
    ]


def find(s: Shape) -> str:
    """The expression of one record or None."""
    return {
        "list": f'next((each for each in {s.var} if each["id"] == {s.key}), None)',
        "dict": f"{s.var}.get({s.key})",
        "store": f"{s.store}.find({s.key})",
    }[s.storage]


def remove(s: Shape) -> str:
    """The statement that removes a record."""
    return {
        "list": f"{s.var}.remove({s.one})",
        "dict": f"del {s.var}[{s.key}]",
        "store": f"{s.store}.remove({s.one})",
    }[s.storage]


def view(s: Shape, method: str, tail: str, head: str, *body: str) -> str:
    """A view: `tail` is what follows the collection's path, `head` its name and arguments."""
    target = "bp" if s.blueprint else "app"
    path = s.path + tail
    if s.short:
        route = f'@{target}.{method.lower()}("{path}")'
    else:
        methods = "" if method == "GET" else f', methods=["{method}"]'
        route = f'@{target}.route("{path}"{methods})'
    name, _, arguments = head.partition(" ")
    types = (f"{arguments}: int" if arguments else "", " -> ResponseReturnValue")
    said = types if s.typed else (arguments, "")
    lines = "\n".join(f"    {line}".rstrip() for part in body for line in part.split("\n"))
    return f"{route}\ndef {name}({said[0]}){said[1]}:\n{lines}"


def list_view(s: Shape, *body: str) -> str:
    """The view of the collection; without a body it returns all records."""
    return view(s, "GET", "", f"list_{s.many}", *(body or (f"return jsonify({everything(s)})",)))


def one_view(s: Shape, *body: str) -> str:
    """The view of one record."""
    usual = (
        f"{s.one} = {find(s)}",
        f"if {s.one} is None:\n    {s.missing}",
        f"return jsonify({s.one})",
    )
    return view(s, "GET", f"/<int:{s.key}>", f"get_{s.one} {s.key}", *(body or usual))


def create_view(s: Shape, *checks: str, answer: str = "", kind: str = "") -> str:
    """The view that adds a record; `checks` stand between reading the body and the record."""
    number = {
        "list": f'max((each["id"] for each in {s.var}), default=0) + 1',
        "dict": f"max({s.var}, default=0) + 1",
        "store": f"{s.store}.next_id()",
    }[s.storage]  # fmt: skip
    add = {
        "list": f"{s.var}.append({s.one})",
        "dict": f'{s.var}[{s.one}["id"]] = {s.one}',
        "store": f"{s.store}.add({s.one})",
    }[s.storage]
    kind = kind or f'data["{s.kind}"]'
    body = (
        "data = request.get_json()", *checks, f"{s.one} = {{",
        f'    "id": {number},', f'    "{s.name}": data["{s.name}"],',
        f'    "{s.number}": data["{s.number}"],', f'    "{s.kind}": {kind},',
        f'    "{s.flag}": False,', "}", add, answer or f"return jsonify({s.one}), 201",
    )  # fmt: skip
    return view(s, "POST", "", f"create_{s.one}", *body)


def _literal(record: Record) -> str:
    pairs = (f'"{key}": {json.dumps(value) if isinstance(value, str) else value}'
             for key, value in record.items())  # fmt: skip
    return f"{{{', '.join(pairs)}}}"


def _data(s: Shape, records: tuple[Record, ...]) -> str:
    if s.storage == "dict":
        rows = [f"    {each['id']}: {_literal(each)}," for each in records]
        kind = ": dict[int, dict[str, Any]]" if s.typed else ""
        return "\n".join((f"{s.var}{kind} = {{", *rows, "}"))
    rows = [f"    {_literal(each)}," for each in records]
    kind = ": list[dict[str, Any]]" if s.typed else ""
    return "\n".join((f"{s.var}{kind} = [", *rows, "]"))


def _module(
    s: Shape, doc: str, flask: tuple[str, ...], own: str, start: str, parts: list[str]
) -> str:
    body = "\n\n\n".join((start, *parts)) if start else "\n\n\n".join(parts)
    names = {*flask, *re.findall(r"\b(abort|jsonify|url_for)\(|\b(request)\.", body)}
    used = sorted(
        {name for each in names for name in (each if isinstance(each, tuple) else (each,)) if name}
    )
    needs = ["from typing import Any"] if "Any]" in body else []
    blocks = ["\n".join(needs)] if needs else []
    third = [f"from flask import {', '.join(used)}"] if used else []
    third += (
        ["from flask.typing import ResponseReturnValue"] if "ResponseReturnValue" in body else []
    )
    blocks += ["\n".join(third)] if third else []
    blocks += [own] if own else []
    top = f'"""{doc}."""\n\n' + "".join(f"{block}\n\n" for block in blocks)
    return f"{top}{body}\n"


def render(
    s: Shape,
    views: list[str],
    *,
    handlers: list[str] | None = None,
    constants: str = "",
    removing: bool = False,
    tests: list[str] | None = None,
    records: tuple[Record, ...] | None = None,
) -> dict[str, str]:
    """The files of the app. `removing` gives a store the function that removes a record."""
    data = _data(s, records or s.records)
    target = (
        'bp = Blueprint("' + s.many + '", __name__)' if s.blueprint else "app = Flask(__name__)"
    )
    own = f"import {s.store}" if s.storage == "store" else ""
    start = "\n\n".join(part for part in (target, "" if own else data, constants) if part)
    files = {}
    if s.blueprint:
        lines = "app = Flask(__name__)\napp.register_blueprint(routes.bp)"
        files["app.py"] = _module(s, s.about, ("Flask",), "import routes", lines, handlers or [])
        files["routes.py"] = _module(s, f"Routes of {s.many}", ("Blueprint",), own, start, views)
    else:
        files["app.py"] = _module(s, s.about, ("Flask",), own, start, [*views, *(handlers or [])])
    if own:
        files[f"{s.store}.py"] = _store(s, data, removing)
    if s.tests:
        files["test_app.py"] = _tests(s, tests or [])
    return files


def _store(s: Shape, data: str, removing: bool) -> str:
    item = "dict[str, Any]" if s.typed else "dict"
    parts = [
        f"def every() -> list[{item}]:\n    return {s.var}",
        f"def find({s.key}: int) -> {item} | None:\n"
        f'    return next((each for each in {s.var} if each["id"] == {s.key}), None)',
        f'def next_id() -> int:\n    return max((each["id"] for each in {s.var}), default=0) + 1',
        f"def add({s.one}: {item}) -> None:\n    {s.var}.append({s.one})",
    ]
    if removing:
        parts.append(f"def remove({s.one}: {item}) -> None:\n    {s.var}.remove({s.one})")
    return _module(s, f"The {s.many}, in memory", (), "", data, parts)


def _tests(s: Shape, added: list[str]) -> str:
    first = (
        f'def test_lists_all_{s.many}():\n    response = app.test_client().get("{s.path}")\n'
        f"    assert response.status_code == 200\n    assert len(response.get_json()) >= {len(s.records)}"
    )
    return "\n\n\n".join(("from app import app", first, *added)) + "\n"
