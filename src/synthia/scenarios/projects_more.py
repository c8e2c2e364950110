"""The second half of the templates of small projects: transport, text, planning, measuring.

How a template is written is told in `synthia.scenarios.projects`.

Not covered: the first half (`synthia.scenarios.projects_texts`), README, settings files and logs
(`synthia.scenarios.projects_documents`).
"""

TEMPLATES = (
    r'''
purpose: a price finder for parcels
package: parcelrate | sendbox | postagekit
m1: classes_by_weight | sizes | weights
m2: quotes | shipping | postage
c1: VOLUME_DIVISOR | VOLUMETRIC | CUBE_DIVISOR
v1: 4000..6000..500
c2: MAX_WEIGHT | HEAVIEST | WEIGHT_LIMIT
v2: 20.0 | 25.0 | 30.0 | 31.5
c3: BASE_PRICE | START_PRICE | FLAT_PRICE
v3: 390..690..50
f1: billed_weight | chargeable_weight | weight_to_bill
f2: quote | price_for | parcel_price
settings: carrier="van"|"rail"|"bike"; insurance=true|false; pickup_hour=8..18; zones=2..6
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(weight: float, volume: float) -> float:
    """Return the weight that is billed: the real one or that of the volume, the larger."""
    if weight > $c2:
        raise ValueError(f"too heavy: {weight} kg")
    return max(weight, volume / $c1)
=== ~$m2.py
from ~$m1 import $f1

$c3 = $v3


def $f2(weight: float, volume: float, *, express: bool = False) -> int:
    """Return the price of a parcel in cents, twice as much if it is in a hurry."""
    price = $c3 + round($f1(weight, volume) * 40)
    if express:
        return price * 2
    return price
=== test $m2
from ~$m1 import $f1
from ~$m2 import $c3, $f2


def test_$f1() -> None:
    assert $f1(3.0, 0) == 3.0


def test_$f2() -> None:
    assert $f2(1.0, 0) == $c3 + 40
''',
    r'''
purpose: a helper that repeats failing calls
package: tryagain | retrylet | backstep
m1: delays | waiting | pauses
m2: attempts | repeating | retries
c1: BASE_DELAY | FIRST_DELAY | START_DELAY
v1: 0.1 | 0.2 | 0.25 | 0.5
c2: MAX_ATTEMPTS | TRIES | ATTEMPT_LIMIT
v2: 3..8
c3: LONGEST_DELAY | DELAY_CAP | MAX_DELAY
v3: 5.0 | 8.0 | 10.0 | 30.0
f1: delay_before | pause_for | wait_before
f2: call_again | keep_trying | attempt
settings: timeout=2..20; jitter=true|false; log_failures=true|false; host="localhost"
=== ~$m1.py
$c1 = $v1
$c3 = $v3


def $f1(attempt: int) -> float:
    """Return the seconds to wait before an attempt: none before the first, then doubling."""
    if attempt <= 1:
        return 0.0
    return min($c1 * 2 ** (attempt - 2), $c3)
=== ~$m2.py
from collections.abc import Callable

from ~$m1 import $f1

$c2 = $v2


def $f2(action: Callable[[], int], wait: Callable[[float], None]) -> int:
    """Call an action until it works; RuntimeError after the last attempt."""
    for attempt in range(1, $c2 + 1):
        wait($f1(attempt))
        try:
            return action()
        except OSError:
            continue
    raise RuntimeError(f"gave up after {$c2} attempts")
=== test $m2
from ~$m1 import $c1, $f1
from ~$m2 import $f2


def test_$f1() -> None:
    assert $f1(2) == $c1


def test_$f2() -> None:
    assert $f2(lambda: 4, lambda seconds: None) == 4
''',
    r'''
purpose: a walker through mazes of characters
package: mazewalk | gridpath | labyrinth
m1: grids | maps | cells
m2: walking | routes_in | paths
c1: WALL | BLOCKED | STONE
v1: X | O | H
c2: MAX_STEPS | STEP_LIMIT | LONGEST_PATH
v2: 100..900..50
f1: neighbours | open_cells | free_around
f2: steps_to | shortest_path | distance_to
settings: start="top-left"|"centre"; diagonal=true|false; seed=10..99; size=9..31..2
=== ~$m1.py
$c1 = "$v1"


def $f1(rows: list[str], row: int, column: int) -> list[tuple[int, int]]:
    """List the cells beside a cell that are inside the grid and not a wall."""
    around = [(row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)]
    return [
        (down, right)
        for down, right in around
        if 0 <= down < len(rows) and 0 <= right < len(rows[down]) and rows[down][right] != $c1
    ]
=== ~$m2.py
from ~$m1 import $f1

$c2 = $v2


def $f2(rows: list[str], end: tuple[int, int]) -> int | None:
    """Count the steps from the first cell to another, None if there is no way."""
    reached = {(0, 0)}
    for steps in range($c2):
        if end in reached:
            return steps
        reached |= {near for cell in reached for near in $f1(rows, *cell)}
    return None
=== test $m2
from ~$m2 import $f2


def test_$f2() -> None:
    assert $f2(["..", ".."], (1, 1)) == 2


def test_${f2}_closed() -> None:
    assert $f2([".$v1", "$v1."], (1, 1)) is None
''',
    r'''
purpose: a message filter for a chat
package: chatsift | threadly | talkbox
m1: mentions | markup | names_in
m2: messages | filters | inbox
c1: MAX_MENTIONS | MENTION_LIMIT | MOST_MENTIONS
v1: 3..9
c2: MAX_CHARACTERS | LONGEST_MESSAGE | MESSAGE_LIMIT
v2: 200..800..50
f1: find_mentions | mentioned | names_mentioned
f2: is_spam | looks_like_spam | is_unwanted
f3: visible_messages | keep_readable | for_inbox
settings: history_days=7..90; emoji=true|false; default_room="lobby"|"general"|"help"; mute_after=3..9
=== ~$m1.py
import re

$c1 = $v1


def $f1(text: str) -> list[str]:
    """List the names that are mentioned, each once, in order."""
    return list(dict.fromkeys(re.findall(r"(?<!\w)@(\w+)", text)))
=== ~$m2.py
from ~$m1 import $c1, $f1

$c2 = $v2


def $f2(text: str) -> bool:
    """Tell whether a message is too long or calls too many people."""
    return len(text) > $c2 or len($f1(text)) > $c1


def $f3(messages: list[str], name: str = "") -> list[str]:
    """List the messages that are no spam, only those that mention a name if one is given."""
    readable = [text for text in messages if not $f2(text)]
    if not name:
        return readable
    return [text for text in readable if name in $f1(text)]
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1("@ana and @bo, @ana") == ["ana", "bo"]


def test_$f3() -> None:
    assert $f3(["hi", "hi @bo"], "bo") == ["hi @bo"]
''',
    r'''
purpose: a booking sheet for meeting rooms
package: roomplan | slotbook | meetgrid
m1: slots | spans | hours_of
m2: bookings | rooms | reservations
c1: OPENS_AT | FIRST_HOUR | DAY_START
v1: 7..9
c2: CLOSES_AT | LAST_HOUR | DAY_END
v2: 17..21
f1: overlaps | collides | in_conflict
f2: is_open | within_hours | is_bookable
f3: free_hours | gaps | hours_left
settings: rooms=3..9; max_hours=2..6; approve="anyone"|"office"; floor=1..5
=== ~$m1.py
$c1 = $v1
$c2 = $v2

Span = tuple[int, int]


def $f1(one: Span, other: Span) -> bool:
    """Tell whether two bookings share an hour; meeting at an edge is fine."""
    return one[0] < other[1] and other[0] < one[1]


def $f2(span: Span) -> bool:
    """Tell whether a booking lies within the opening hours; ValueError if it ends too early."""
    if span[1] <= span[0]:
        raise ValueError("a booking must end after its start")
    return $c1 <= span[0] and span[1] <= $c2
=== ~$m2.py
from ~$m1 import $c1, $c2, $f1


def $f3(taken: list[tuple[int, int]]) -> list[int]:
    """List the hours at which the room is still free."""
    return [
        hour
        for hour in range($c1, $c2)
        if not any($f1((hour, hour + 1), span) for span in taken)
    ]
=== test $m2
from ~$m1 import $c1, $c2, $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert not $f1((9, 10), (10, 11))


def test_$f3() -> None:
    assert $f3([($c1, $c2)]) == []
''',
    r'''
purpose: a palette maker for designers
package: hueset | swatchkit | tintbox
m1: channels | hexcodes | colours
m2: contrast | readability | luminance
c1: DARK_BELOW | BLACK_LIMIT | DARK_LIMIT
v1: 90..160..10
c2: DARK_TEXT | TEXT_ON_LIGHT | INK
v2: #111111 | #1a1a1a | #222222
f1: parse_hex | channels_of | read_colour
f2: brightness | lightness | perceived_light
f3: text_colour | readable_text | text_on
settings: theme="dawn"|"forest"|"paper"; contrast=3..7; export="css"|"svg"; steps=5..11
=== ~$m1.py
def $f1(code: str) -> tuple[int, int, int]:
    """Read '#rrggbb' as red, green and blue; ValueError for another length."""
    digits = code.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour: {code}")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
=== ~$m2.py
from ~$m1 import $f1

$c1 = $v1
$c2 = "$v2"


def $f2(code: str) -> int:
    """Return how light a colour looks, from 0 to 255."""
    red, green, blue = $f1(code)
    return (red * 299 + green * 587 + blue * 114) // 1000


def $f3(background: str) -> str:
    """Return the colour of a text that is readable on a background."""
    if $f2(background) < $c1:
        return "#ffffff"
    return $c2
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1("#ff0010") == (255, 0, 16)


def test_$f3() -> None:
    assert $f3("#000000") == "#ffffff"
''',
    r'''
purpose: a reader of DNA sequences
package: basepairs | genestrip | seqpeek
m1: bases | strands | nucleotides
m2: scanning | motifs | findings
c1: WINDOW | FRAME | STRETCH
v1: 8..24..2
c2: HIGH_GC | RICH_FROM | GC_LIMIT
v2: 0.5 | 0.55 | 0.6 | 0.65
f1: complement | paired_strand | opposite_strand
f2: gc_share | gc_content | share_of_gc
f3: rich_regions | rich_windows | find_rich
settings: format="fasta"|"plain"; min_length=50..300..50; strand="both"|"forward"; mask=true|false
=== ~$m1.py
PAIRS = str.maketrans("ACGT", "TGCA")


def $f1(sequence: str) -> str:
    """Return the opposite strand, read in its own direction."""
    return sequence.translate(PAIRS)[::-1]


def $f2(sequence: str) -> float:
    """Return the share of G and C, 0 for an empty sequence."""
    if not sequence:
        return 0.0
    return round(sum(sequence.count(base) for base in "GC") / len(sequence), 3)
=== ~$m2.py
from ~$m1 import $f2

$c1 = $v1
$c2 = $v2


def $f3(sequence: str) -> list[int]:
    """List where a window that is rich in G and C begins."""
    last = len(sequence) - $c1
    return [at for at in range(last + 1) if $f2(sequence[at : at + $c1]) >= $c2]
=== test $m1
from ~$m1 import $f1, $f2


def test_$f1() -> None:
    assert $f1("AAC") == "GTT"


def test_$f2() -> None:
    assert $f2("GGAT") == 0.5
''',
    r'''
purpose: a league table for local clubs
package: clubtable | leagueboard | standings
m1: results | match_points | points
m2: table_of | ranking | tables
c1: WIN_POINTS | POINTS_FOR_WIN | VICTORY
v1: 2 | 3 | 4
c2: DRAW_POINTS | POINTS_FOR_DRAW | TIE
v2: 1
f1: points_for | score_match | match_score
f2: league_table | rank_clubs | sorted_table
settings: clubs=8..20..2; season="spring"|"autumn"; promoted=1..3; relegated=1..3
=== ~$m1.py
"""What a match is worth."""

$c1 = $v1
$c2 = $v2


def $f1(own: int, other: int) -> int:
    """Return the points for a match; ValueError for negative goals."""
    if own < 0 or other < 0:
        raise ValueError("goals cannot be negative")
    if own == other:
        return $c2
    return $c1 if own > other else 0
=== ~$m2.py
from collections import defaultdict

from ~$m1 import $f1


def $f2(matches: list[tuple[str, str, int, int]]) -> list[tuple[str, int]]:
    """Rank the clubs by points, then by name."""
    points: dict[str, int] = defaultdict(int)
    for home, away, scored, conceded in matches:
        points[home] += $f1(scored, conceded)
        points[away] += $f1(conceded, scored)
    return sorted(points.items(), key=lambda entry: (-entry[1], entry[0]))
=== test $m2
from ~$m1 import $c1, $f1
from ~$m2 import $f2


def test_$f1() -> None:
    assert $f1(0, 2) == 0


def test_$f2() -> None:
    assert $f2([("Elms", "Oaks", 2, 1)]) == [("Elms", $c1), ("Oaks", 0)]
''',
    r'''
purpose: a guide for brewing coffee
package: brewguide | beanratio | dripnotes
m1: ratios | water_for | doses
m2: brewing | schedule_of | pours
c1: RATIO | WATER_PER_GRAM | BREW_RATIO
v1: 14..18
c2: BLOOM_FACTOR | BLOOM | FIRST_POUR
v2: 2 | 3
c3: POUR_COUNT | POURS | NUMBER_OF_POURS
v3: 3..5
f1: water_needed | water_amount | total_water
f2: bloom_water | first_water | bloom_amount
f3: pour_plan | plan_pours | pouring_steps
settings: grinder="flat"|"conical"; temperature=88..96; method="drip"|"press"; timer=true|false
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(coffee: float) -> float:
    """Return the grams of water for so many grams of coffee."""
    if coffee <= 0:
        raise ValueError("no coffee, no water")
    return coffee * $c1


def $f2(coffee: float) -> float:
    """Return the water that is poured first to wet the coffee."""
    return coffee * $c2
=== ~$m2.py
from ~$m1 import $f1, $f2

$c3 = $v3


def $f3(coffee: float) -> list[float]:
    """List the amounts to pour: the first one, then equal shares of the rest."""
    first = $f2(coffee)
    share = ($f1(coffee) - first) / $c3
    return [first, *[round(share, 1)] * $c3]
=== test $m2
from ~$m1 import $c1, $f1
from ~$m2 import $c3, $f3


def test_$f1() -> None:
    assert $f1(10) == 10 * $c1


def test_$f3() -> None:
    assert len($f3(15)) == $c3 + 1
''',
    r'''
purpose: a planner for watering a garden
package: gardenplan | waterwise | greenrota
m1: needs | thirst | beds
m2: plans | rota | watering
c1: DRY_DAYS | THIRSTY_AFTER | DAYS_WITHOUT_RAIN
v1: 2..5
c2: LITRES_PER_PLANT | LITRES_EACH | DOSE
v2: 0.5 | 1.5 | 2.0 | 3.0
f1: needs_water | is_thirsty | is_dry
f2: litres_for | water_for_bed | bed_litres
f3: watering_plan | plan_for_today | beds_to_water
settings: tank_litres=100..500..50; start_hour=5..7; rain_gauge=true|false; season="summer"|"winter"
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(days: int, rain: float) -> bool:
    """Tell whether a bed must be watered after so many days with so much rain."""
    if rain >= 5:
        return False
    return days >= $c1


def $f2(plants: int) -> float:
    """Return the litres that a bed with so many plants takes."""
    return plants * $c2
=== ~$m2.py
from ~$m1 import $f1, $f2


def $f3(beds: dict[str, tuple[int, int]], rain: float) -> dict[str, float]:
    """Return the litres for each bed that is dry; a bed is its plants and its dry days."""
    return {
        name: $f2(plants)
        for name, (plants, days) in beds.items()
        if $f1(days, rain)
    }
=== test $m2
from ~$m1 import $c2, $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert not $f1(9, 7.5)


def test_$f3() -> None:
    assert $f3({"peas": (2, 9)}, 0) == {"peas": 2 * $c2}
''',
    r'''
purpose: a merger of layered settings
package: layercfg | mergeset | confstack
m1: merging | layers | overlay
m2: loading | lookup | reading_keys
c1: SEPARATOR | KEY_SEPARATOR | DIVIDER
v1: . | / | :
c2: MAX_DEPTH | DEEPEST | DEPTH_LIMIT
v2: 3..8
f1: merge | overlay_with | combine
f2: get_value | lookup_key | value_at
f3: flat_keys | list_keys | all_keys
settings: strict=true|false; layers=2..5; fallback="none"|"defaults"; watch_seconds=5..60..5
=== ~$m1.py
from typing import Any


def $f1(base: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay settings over others; tables are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            value = $f1(merged[key], value)
        merged[key] = value
    return merged
=== ~$m2.py
from typing import Any

$c1 = "$v1"
$c2 = $v2


def $f2(settings: dict[str, Any], key: str, default: Any = None) -> Any:
    """Look up a key with its tables before it; ValueError if it is too deep."""
    parts = key.split($c1)
    if len(parts) > $c2:
        raise ValueError(f"too deep: {key}")
    value: Any = settings
    for part in parts:
        if part not in value:
            return default
        value = value[part]
    return value
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2


def test_$f1() -> None:
    assert $f1({"a": {"b": 1}}, {"a": {"c": 2}}) == {"a": {"b": 1, "c": 2}}


def test_$f2() -> None:
    assert $f2({"a": {"b": 1}}, "a${v1}b") == 1
''',
    r'''
purpose: a small library of feature switches
package: flipflag | switchset | toggles
m1: buckets | shares | rollouts
m2: switches | features | gates_of
c1: BUCKETS | BUCKET_COUNT | SLOTS
v1: 100 | 1000
c2: DEFAULT_SHARE | START_SHARE | INITIAL_SHARE
v2: 5..25..5
f1: bucket_of | user_bucket | assign_bucket
f2: is_enabled | is_on | enabled_for
f3: enabled_features | switched_on | features_for
settings: environment="staging"|"production"; refresh_seconds=30..300..30; audit=true|false
=== ~$m1.py
import zlib

$c1 = $v1


def $f1(user: str, feature: str) -> int:
    """Return the number of a user's bucket, always the same for a feature."""
    return zlib.crc32(f"{feature}:{user}".encode()) % $c1
=== ~$m2.py
from ~$m1 import $c1, $f1

$c2 = $v2


def $f2(user: str, feature: str, share: int = $c2) -> bool:
    """Tell whether a feature is on for a user when it is on for a share of all, in per cent."""
    if share >= 100:
        return True
    return $f1(user, feature) < share * $c1 // 100


def $f3(user: str, shares: dict[str, int]) -> list[str]:
    """List the features that are on for a user."""
    return [name for name, share in shares.items() if $f2(user, name, share)]
=== test $m2
from ~$m2 import $f2, $f3


def test_$f2() -> None:
    assert $f2("ana", "dark", 100)


def test_$f3() -> None:
    assert $f3("ana", {"dark": 0, "beta": 100}) == ["beta"]
''',
    r'''
purpose: a pager for long lists
package: pagewise | listpager | leafer
m1: windows | page_math | offsets
m2: navigation | pagers | links_of
c1: PAGE_SIZE | PER_PAGE | ITEMS_PER_PAGE
v1: 10..50..5
c2: MAX_PAGE_SIZE | SIZE_LIMIT | LARGEST_PAGE
v2: 100 | 200 | 250
f1: page_count | count_pages | number_of_pages
f2: page_items | slice_page | items_on
f3: describe_page | page_label | position_text
settings: default_sort="name"|"date"; show_total=true|false; cache_pages=2..12; style="numbers"|"arrows"
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(total: int, size: int = $c1) -> int:
    """Return how many pages there are, at least one; ValueError for a wrong page size."""
    if not 1 <= size <= $c2:
        raise ValueError(f"page size must be 1 to {$c2}")
    return max(1, -(-total // size))
=== ~$m2.py
from ~$m1 import $c1, $f1


def $f2(items: list[str], page: int) -> list[str]:
    """Return the items of a page, counted from 1; an empty list beyond the last."""
    if page < 1:
        raise ValueError("pages are counted from 1")
    return items[(page - 1) * $c1 : page * $c1]


def $f3(items: list[str], page: int) -> str:
    """Write where the reader is."""
    return f"page {page} of {$f1(len(items))}"
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2, $f3


def test_$f1() -> None:
    assert $f1(0) == 1


def test_$f2() -> None:
    assert $f2(["a"], 2) == []
    assert $f3(["a"], 1) == "page 1 of 1"
''',
    r'''
purpose: a writer of form letters
package: lettermill | mailfold | formpress
m1: fields | placeholders | blanks
m2: letters | writing | pages_of
c1: OPENING_MARK | LEFT_MARK | START_MARK
v1: [ | {
c2: MAX_FIELDS | FIELD_LIMIT | MOST_FIELDS
v2: 10..30..5
f1: field_names | find_fields | fields_in
f2: missing_fields | unfilled | lacking
f3: fill_letter | write_letter | fill_in
settings: paper="A4"|"letter"; sender="office"|"club"|"school"; copies=1..4; draft=true|false
=== ~$m1.py
import re

$c1 = "$v1"
$c2 = $v2


def $f1(text: str) -> list[str]:
    """List the names of the fields in a text; ValueError for too many."""
    found = re.findall(rf"{re.escape($c1)}(\w+)[\]}}]", text)
    if len(found) > $c2:
        raise ValueError(f"more than {$c2} fields")
    return found


def $f2(text: str, values: dict[str, str]) -> list[str]:
    """List the fields that have no value."""
    return [name for name in $f1(text) if not values.get(name)]
=== ~$m2.py
from ~$m1 import $c1, $f2

CLOSING = {"[": "]", "{": "}"}


def $f3(text: str, values: dict[str, str]) -> str:
    """Put the values into a text; KeyError names a field that has none."""
    if missing := $f2(text, values):
        raise KeyError(missing[0])
    for name, value in values.items():
        text = text.replace(f"{$c1}{name}{CLOSING[$c1]}", value)
    return text
=== test $m1
from ~$m1 import $c1, $f2
from ~$m2 import CLOSING, $f3


def test_$f3() -> None:
    assert $f3(f"Dear {$c1}who{CLOSING[$c1]}", {"who": "Bo"}) == "Dear Bo"


def test_$f2() -> None:
    assert $f2("Dear all", {}) == []
''',
    r'''
purpose: a finder of places within reach
package: nearhere | mapreach | placefind
m1: distances | geometry_of | spheres
m2: places | reach | surroundings
c1: EARTH_RADIUS | RADIUS_KM | GLOBE_RADIUS
v1: 6371.0
c2: WALKING_KM | ON_FOOT | FOOT_LIMIT
v2: 1.5 | 2.0 | 2.5 | 3.0
c3: CYCLING_KM | BY_BIKE | BIKE_LIMIT
v3: 8.0 | 10.0 | 12.0
f1: distance_km | great_circle | km_between
f2: travel_mode | how_to_get_there | way_to_travel
f3: nearest | closest | nearest_place
settings: units="km"|"miles"; results=5..25..5; region="coast"|"valley"|"north"; cache_minutes=10..60..10
=== ~$m1.py
import math

$c1 = $v1

Point = tuple[float, float]


def $f1(one: Point, other: Point) -> float:
    """Return the distance of two points, given as latitude and longitude, in kilometres."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    part = math.sin((lat2 - lat1) / 2) ** 2
    part += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * $c1 * math.asin(math.sqrt(part)), 1)
=== ~$m2.py
from ~$m1 import $f1

$c2 = $v2
$c3 = $v3


def $f2(km: float) -> str:
    """Tell how to cover a distance."""
    if km <= $c2:
        return "walk"
    if km <= $c3:
        return "cycle"
    return "bus"


def $f3(here: tuple[float, float], places: dict[str, tuple[float, float]]) -> str | None:
    """Return the name of the place that is nearest, None if there is no place."""
    if not places:
        return None
    return min(places, key=lambda name: $f1(here, places[name]))
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2


def test_$f1() -> None:
    assert $f1((0, 0), (0, 0)) == 0


def test_$f2() -> None:
    assert $f2(0.3) == "walk"
''',
    r'''
purpose: a till that gives change
package: cashdrawer | changebox | tillkit
m1: coins | money_in | denominations
m2: till | change | payments
c1: COINS | DENOMINATIONS | PIECES
v1: 100, 50, 20, 10, 5 | 200, 100, 50, 20, 10, 5 | 50, 20, 10, 5, 2, 1
c2: ROUND_TO | SMALLEST_COIN | CASH_STEP
v2: 5 | 10
f1: round_cash | cash_amount | rounded_cash
f2: make_change | count_out | coins_for
f3: payment_text | say_change | describe_change
settings: drawer=1..6; float_cents=5000..20000..2500; beep=true|false; receipt="always"|"on_demand"
=== ~$m1.py
$c1 = ($v1)
$c2 = $v2


def $f1(cents: int) -> int:
    """Round an amount to what can be paid in coins."""
    return (cents + $c2 // 2) // $c2 * $c2
=== ~$m2.py
from ~$m1 import $c1, $f1


def $f2(cents: int) -> dict[int, int]:
    """Return how many of each coin make an amount; ValueError for a negative one."""
    if cents < 0:
        raise ValueError("not enough money given")
    left, counts = $f1(cents), {}
    for coin in $c1:
        count, left = divmod(left, coin)
        if count:
            counts[coin] = count
    return counts


def $f3(price: int, given: int) -> str:
    """Describe the change for a payment."""
    parts = [f"{count} x {coin}" for coin, count in $f2(given - price).items()]
    return ", ".join(parts) or "no change"
=== test $m2
from ~$m2 import $f2, $f3


def test_$f2() -> None:
    assert $f2(50) == {50: 1}


def test_$f3() -> None:
    assert $f3(80, 80) == "no change"
''',
    r'''
purpose: a quiz for the end of a lesson
package: quizround | askaway | lessonquiz
m1: answers_to | judging | checking
m2: quizzes | sessions_of | contests
c1: POINTS | RIGHT_ANSWER | POINTS_EACH
v1: 2..10
c2: PENALTY | WRONG_ANSWER | POINTS_OFF
v2: 1
c3: PASS_SHARE | NEEDED_SHARE | PASS_RATIO
v3: 0.4 | 0.5 | 0.6 | 0.75
f1: same_answer | is_right | answers_match
f2: quiz_score | count_points | score_of
f3: verdict | outcome | judge_quiz
settings: questions=5..25..5; seconds_each=15..60..5; topic="rivers"|"history"|"maths"; hints=true|false
=== ~$m1.py
def $f1(given: str, expected: str) -> bool:
    """Compare answers; case and blanks around them do not matter."""
    return given.strip().casefold() == expected.strip().casefold()
=== ~$m2.py
from ~$m1 import $f1

$c1 = $v1
$c2 = $v2
$c3 = $v3


def $f2(pairs: list[tuple[str, str]]) -> int:
    """Add the points for given and expected answers; an empty answer costs nothing."""
    total = 0
    for given, expected in pairs:
        if $f1(given, expected):
            total += $c1
        elif given.strip():
            total -= $c2
    return max(total, 0)


def $f3(pairs: list[tuple[str, str]]) -> str:
    """Return whether a quiz is passed."""
    if not pairs:
        return "not taken"
    share = $f2(pairs) / (len(pairs) * $c1)
    return "passed" if share >= $c3 else "failed"
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1(" Rhine", "rhine")


def test_$f3() -> None:
    assert $f3([]) == "not taken"
    assert $f3([("a", "a")]) == "passed"
''',
    r'''
purpose: a ticket desk for a museum
package: museumdesk | galleryfee | entrydesk
m1: visitors | age_groups | ages_of
m2: admissions | entry | visits
c1: CHILD_BELOW | YOUTH_BELOW | KID_AGE
v1: 6..14
c2: SENIOR_FROM | PENSION_AGE | OLDER_FROM
v2: 60..67
c3: FULL_PRICE | ADULT_PRICE | NORMAL_PRICE
v3: 8 | 10 | 12 | 14 | 16
f1: age_group | group_of | visitor_group
f2: ticket_price | entry_price | price_of_ticket
f3: group_price | party_price | price_for_all
settings: free_day="Monday"|"Wednesday"|"Sunday"; audio_guides=10..60..5; last_entry=15..18; language="en"|"it"
=== ~$m1.py
"""Groups of visitors by age."""

$c1 = $v1
$c2 = $v2


def $f1(age: int) -> str:
    """Return the group a visitor belongs to."""
    if age < $c1:
        return "child"
    if age >= $c2:
        return "senior"
    return "adult"
=== ~$m2.py
from ~$m1 import $f1

$c3 = $v3
SHARES = {"child": 0.0, "senior": 0.5, "adult": 1.0}


def $f2(age: int) -> float:
    """Return what one visitor pays."""
    return $c3 * SHARES[$f1(age)]


def $f3(ages: list[int]) -> float:
    """Return what a party pays: a tenth less for ten people and more."""
    total = sum(map($f2, ages))
    if len(ages) >= 10:
        return total * 0.9
    return total
=== test $m2
from ~$m1 import $f1
from ~$m2 import $c3, $f2, $f3


def test_$f1() -> None:
    assert $f1(2) == "child"


def test_$f2() -> None:
    assert $f2(30) == $c3
    assert $f3([30, 31]) == $c3 * 2
''',
    r'''
purpose: a cache for the results of slow look-ups
package: keepwarm | smallcache | holdfast
m1: ages_in | freshness | lifetimes
m2: storing | caches | entries_of
c1: MAX_ENTRIES | CAPACITY | ENTRY_LIMIT
v1: 50..400..50
c2: LIFETIME | SECONDS_FRESH | TTL_SECONDS
v2: 60..600..60
f1: is_fresh | still_valid | is_current
f2: Cache | Store | Memory
f3: fetch | recall | look_up
settings: name="thumbnails"|"routes"|"prices"; persist=true|false; sweep_seconds=10..90..10
=== ~$m1.py
$c2 = $v2


def $f1(stored: float, now: float) -> bool:
    """Tell whether an entry that was stored at some second may still be used."""
    return 0 <= now - stored < $c2
=== ~$m2.py
from ~$m1 import $f1

$c1 = $v1


class $f2:
    """Values with the second they were stored at; the oldest go first."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[float, str]] = {}

    def keep(self, key: str, value: str, now: float) -> None:
        """Store a value; one goes if there are too many."""
        self.entries.pop(key, None)
        if len(self.entries) >= $c1:
            del self.entries[next(iter(self.entries))]
        self.entries[key] = (now, value)

    def $f3(self, key: str, now: float) -> str | None:
        """Return a value that is fresh, else None."""
        stored, value = self.entries.get(key, (-1e9, ""))
        return value if $f1(stored, now) else None
=== test $m2
from ~$m2 import $f2


def test_$f3() -> None:
    cache = $f2()
    cache.keep("a", "1", 0)
    assert cache.$f3("a", 1) == "1"
    assert cache.$f3("a", 99_999) is None
''',
    r'''
purpose: a controller for a lift in a house
package: liftlogic | upanddown | floorcall
m1: moves_of | travel | motion
m2: calls_for | dispatch | stops
c1: FLOORS | TOP_FLOOR | HIGHEST_FLOOR
v1: 5..30
c2: SECONDS_PER_FLOOR | FLOOR_SECONDS | TRAVEL_SECONDS
v2: 2..5
c3: DOOR_SECONDS | STOP_SECONDS | DOOR_TIME
v3: 4..9
f1: travel_time | ride_time | seconds_between
f2: direction_to | heading | way_to
f3: stop_order | plan_stops | order_calls
settings: capacity=4..13; home_floor=0..3; music=true|false; mode="normal"|"night"|"moving"
=== ~$m1.py
$c1 = $v1
$c2 = $v2
$c3 = $v3


def $f2(floor: int, target: int) -> str:
    """Return up, down or stay; ValueError for a floor that does not exist."""
    if not 0 <= target <= $c1:
        raise ValueError(f"no such floor: {target}")
    if target == floor:
        return "stay"
    return "up" if target > floor else "down"


def $f1(floor: int, target: int) -> int:
    """Return the seconds of a ride, doors included."""
    return abs(target - floor) * $c2 + $c3
=== ~$m2.py
from ~$m1 import $f2


def $f3(floor: int, calls: list[int]) -> list[int]:
    """Order the stops: upwards first, then downwards."""
    upwards = sorted(call for call in calls if $f2(floor, call) == "up")
    downwards = sorted((call for call in calls if $f2(floor, call) == "down"), reverse=True)
    return upwards + downwards
=== test $m2
from ~$m1 import $f2
from ~$m2 import $f3


def test_$f2() -> None:
    assert $f2(2, 2) == "stay"


def test_$f3() -> None:
    assert $f3(2, [1, 4, 3]) == [3, 4, 1]
''',
    r'''
purpose: a summary of survey answers
package: pollsum | surveykit | askgauge
m1: replies | scales_of | ratings
m2: summaries | evaluation | findings_of
c1: SCALE_MAX | TOP_RATING | HIGHEST
v1: 5 | 7 | 10
c2: MIN_ANSWERS | FEWEST_REPLIES | ENOUGH_ANSWERS
v2: 5..30..5
f1: valid_ratings | usable | without_blanks
f2: mean_rating | average_rating | mean_of
f3: is_reliable | enough_answers | is_sound
settings: survey="visitors"|"staff"|"members"; anonymous=true|false; chart="bar"|"dots"; close_day=10..28
=== ~$m1.py
$c1 = $v1


def $f1(answers: list[str]) -> list[int]:
    """Keep the answers that are a rating from 1 to the top of the scale."""
    return [int(text) for text in answers if text.isdigit() and 1 <= int(text) <= $c1]
=== ~$m2.py
from ~$m1 import $f1

$c2 = $v2


def $f2(answers: list[str]) -> float | None:
    """Return the mean with one decimal, None without a usable answer."""
    ratings = $f1(answers)
    if not ratings:
        return None
    return round(sum(ratings) / len(ratings), 1)


def $f3(answers: list[str]) -> bool:
    """Tell whether there are enough usable answers to publish the mean."""
    return len($f1(answers)) >= $c2
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2


def test_$f1() -> None:
    assert $f1(["3", "", "99"]) == [3]


def test_$f2() -> None:
    assert $f2([]) is None
''',
    r'''
purpose: a checker for article numbers
package: checkdigit | artnumber | codeguard
m1: digits | checksums | sums_of
m2: articles | labels | catalogue
c1: WEIGHT | ODD_WEIGHT | FACTOR
v1: 3
c2: CODE_LENGTH | NUMBER_LENGTH | DIGIT_COUNT
v2: 8 | 13
f1: check_digit | last_digit | compute_check
f2: is_valid | is_correct | number_ok
f3: label_text | write_label | label_for
settings: printer="desk"|"hall"; copies=1..5; font_size=8..14; border=true|false
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(digits: str) -> int:
    """Return the digit that belongs behind the others."""
    weights = [$c1 if place % 2 == 0 else 1 for place in range(len(digits))]
    total = sum(
        weight * int(digit) for weight, digit in zip(weights, reversed(digits), strict=True)
    )
    return -total % 10


def $f2(code: str) -> bool:
    """Tell whether a number has the right length and the right last digit."""
    if len(code) != $c2 or not code.isdigit():
        return False
    return $f1(code[:-1]) == int(code[-1])
=== ~$m2.py
from ~$m1 import $f2


def $f3(name: str, code: str) -> str:
    """Write the label of an article; ValueError for a wrong number."""
    if not $f2(code):
        raise ValueError(f"wrong number: {code}")
    return f"{name.upper()} {code}"
=== test $m1
from ~$m1 import $f1, $f2


def test_$f1() -> None:
    assert $f1("400638133393") == 1


def test_$f2() -> None:
    assert not $f2("12")
''',
    r'''
purpose: a limiter for requests
package: slowdown | requestgate | calmdown
m1: windows_of | spans_in | recent
m2: limits_of | limiter | guards
c1: LIMIT | MAX_REQUESTS | CALLS_ALLOWED
v1: 5..40..5
c2: PERIOD | WINDOW_SECONDS | PER_SECONDS
v2: 10 | 30 | 60 | 120
f1: recent_calls | calls_in_window | within_period
f2: is_allowed | may_call | allow
f3: wait_seconds | retry_after | seconds_to_wait
settings: store="memory"|"file"; status=true|false; burst=2..9; exempt="admin"|"nobody"
=== ~$m1.py
$c2 = $v2


def $f1(calls: list[float], now: float) -> list[float]:
    """Keep the calls of the last period."""
    return [moment for moment in calls if now - moment < $c2]
=== ~$m2.py
from ~$m1 import $c2, $f1

$c1 = $v1


def $f2(calls: list[float], now: float) -> bool:
    """Tell whether one more call is allowed now."""
    return len($f1(calls, now)) < $c1


def $f3(calls: list[float], now: float) -> float:
    """Return the seconds until a call is allowed, 0 if it is allowed already."""
    if $f2(calls, now):
        return 0.0
    return min($f1(calls, now)) + $c2 - now
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2, $f3


def test_$f1() -> None:
    assert $f1([0.0, 999.0], 1000) == [999.0]


def test_$f2() -> None:
    assert $f2([], 0)
    assert $f3([], 0) == 0
''',
)
"""Each is one text: what is drawn, then the files."""
