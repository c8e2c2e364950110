"""Templates of small projects, part d: pages, letters, money, requests.

How a template is written is told in `datagen.worlds.projects`.

Not covered: README, settings files and logs (`datagen.worlds.documents`).
"""

TEMPLATES = (
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
settings: free_day="Monday"|"Sunday"; audio_guides=10..60..5; last_entry=15..18; language="en"|"it"
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
