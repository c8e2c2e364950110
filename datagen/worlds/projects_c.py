"""Templates of small projects, part c: transport, rooms, sport, gardens.

How a template is written is told in `datagen.worlds.projects`.

Not covered: README, settings files and logs (`datagen.worlds.documents`).
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
)
"""Each is one text: what is drawn, then the files."""
