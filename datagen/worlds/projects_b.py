"""Templates of small projects, part b: time, music, teaching, sensors.

How a template is written is told in `datagen.worlds.projects`.

Not covered: README, settings files and logs (`datagen.worlds.documents`).
"""

TEMPLATES = (
    r'''
purpose: a command line tool that formats notes
package: notefmt | plainnotes | jotter
m1: wrapping | layout | columns
m2: outline | headings | contents
c1: LINE_WIDTH | TEXT_WIDTH | WRAP_AT
v1: 60..100..4
c2: INDENT | STEP | INDENT_BY
v2: 2..4
f1: wrap_paragraph | fold_text | wrap_lines
f2: heading_level | depth_of | level_of_heading
f3: make_outline | table_of_contents | outline_of
settings: bullet="-"|"*"; keep_blank_lines=true|false; numbering=true|false; width=60..100..10
=== ~$m1.py
import textwrap

$c1 = $v1


def $f1(text: str, width: int = $c1) -> list[str]:
    """Break a paragraph into lines that are at most so wide."""
    return textwrap.wrap(" ".join(text.split()), width)
=== ~$m2.py
$c2 = $v2


def $f2(line: str) -> int:
    """Return how deep a heading is, 0 for a line that is no heading."""
    marks = len(line) - len(line.lstrip("#"))
    if line[marks : marks + 1] != " ":
        return 0
    return marks


def $f3(text: str) -> list[str]:
    """List the headings of a text, the deeper the more indented."""
    found = []
    for line in text.splitlines():
        if depth := $f2(line):
            found.append(" " * $c2 * (depth - 1) + line.lstrip("# "))
    return found
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2, $f3


def test_$f1() -> None:
    assert $f1("one  two", 3) == ["one", "two"]


def test_$f3() -> None:
    assert $f2("#no") == 0
    assert $f3("# A\ntext") == ["A"]
''',
    r'''
purpose: a stock keeper for a small shop
package: stockroom | shelfcount | storekeep
m1: levels | thresholds | stock
m2: orders | reorders | purchasing
c1: REORDER_BELOW | MIN_STOCK | LOW_STOCK
v1: 5..25
c2: PACK_SIZE | BOX_SIZE | UNITS_PER_BOX
v2: 6 | 8 | 10 | 12 | 24
f1: is_low | runs_short | below_minimum
f2: boxes_for | packs_needed | boxes_needed
f3: order_list | order_plan | plan_orders
settings: supplier="north"|"central"; lead_days=2..14; auto_order=true|false; budget=500..2500..250
=== ~$m1.py
"""When the stock of an article is low."""

$c1 = $v1


def $f1(count: int, *, reserved: int = 0) -> bool:
    """Tell whether an article must be ordered; reserved units do not count."""
    return count - reserved < $c1
=== ~$m2.py
from ~$m1 import $c1, $f1

$c2 = $v2


def $f2(missing: int) -> int:
    """Return how many boxes hold so many units."""
    if missing <= 0:
        return 0
    return -(-missing // $c2)


def $f3(stock: dict[str, int]) -> dict[str, int]:
    """Return the boxes to order for each article that is low."""
    return {
        name: $f2(2 * $c1 - count)
        for name, count in sorted(stock.items())
        if $f1(count)
    }
=== test $m2
from ~$m2 import $f2, $f3


def test_$f2() -> None:
    assert $f2(0) == 0
    assert $f2(1) == 1


def test_$f3() -> None:
    assert $f3({"tea": 900}) == {}
''',
    r'''
purpose: a checker for passphrases
package: passcheck | phrasegate | strongword
m1: demands | policy | requirements
m2: checker | verdicts | feedback
c1: MIN_LENGTH | SHORTEST_PHRASE | MINIMUM_LENGTH
v1: 8..16
c2: MIN_KINDS | NEEDED_KINDS | KINDS_REQUIRED
v2: 2..4
f1: kinds_in | character_kinds | count_kinds
f2: complaints | find_faults | what_is_missing
f3: accept | is_acceptable | good_enough
settings: history=3..10; expire_days=60..180..30; allow_spaces=true|false; lock_after=3..8
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(text: str) -> int:
    """Count the kinds of characters: lower case, upper case, digits, others."""
    tests = (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
    return sum(any(test(char) for char in text) for test in tests)
=== ~$m2.py
from ~$m1 import $c1, $c2, $f1


def $f2(text: str) -> list[str]:
    """List what is wrong with a passphrase."""
    found = []
    if len(text) < $c1:
        found.append(f"shorter than {$c1} characters")
    if $f1(text) < $c2:
        found.append(f"fewer than {$c2} kinds of characters")
    return found


def $f3(text: str) -> bool:
    """Tell whether a passphrase may be used."""
    return not $f2(text)
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1("aB3 ") == 4


def test_$f3() -> None:
    assert not $f3("abc")
''',
    r'''
purpose: a player's helper for music collections
package: tunebox | playmix | songshelf
m1: lengths | durations | tracks
m2: playlists | mixes | queues
c1: GAP_SECONDS | PAUSE_BETWEEN | SILENCE_SECONDS
v1: 1..5
c2: MAX_MINUTES | SIDE_MINUTES | LONGEST_MIX
v2: 45 | 60 | 74 | 80 | 90
f1: parse_length | seconds_of | read_length
f2: total_length | playing_time | mix_length
f3: fits | fits_on_disc | within_limit
settings: shuffle=true|false; crossfade_seconds=0..12; volume=40..90..5; format="flac"|"ogg"
=== ~$m1.py
def $f1(text: str) -> int:
    """Read 'minutes:seconds' as seconds; ValueError for 60 seconds and more."""
    minutes, _, seconds = text.partition(":")
    if int(seconds or 0) > 59:
        raise ValueError(f"no such length: {text}")
    return int(minutes) * 60 + int(seconds or 0)
=== ~$m2.py
from ~$m1 import $f1

$c1 = $v1
$c2 = $v2


def $f2(lengths: list[str]) -> int:
    """Return the playing time in seconds, pauses between tracks included."""
    if not lengths:
        return 0
    return sum(map($f1, lengths)) + $c1 * (len(lengths) - 1)


def $f3(lengths: list[str]) -> bool:
    """Tell whether all tracks fit on one disc."""
    return $f2(lengths) <= $c2 * 60
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2, $f3


def test_$f1() -> None:
    assert $f1("3:20") == 200


def test_$f2() -> None:
    assert $f2([]) == 0
    assert $f3(["1:00"])
''',
    r'''
purpose: a trainer with flash cards
package: cardbox | recallit | flashdeck
m1: intervals | spacing | steps_of
m2: decks | training | reviews
c1: FIRST_INTERVAL | START_DAYS | FIRST_GAP
v1: 1..3
c2: EASE | GROWTH | STRETCH
v2: 1.8 | 2.0 | 2.2 | 2.5
c3: LONGEST_INTERVAL | MAX_DAYS | INTERVAL_CAP
v3: 90..360..30
f1: next_interval | days_until_next | next_gap
f2: is_known | is_learned | has_settled
f3: due_cards | cards_for_today | pick_due
settings: new_per_day=5..30..5; direction="both"|"forward"; sounds=true|false; deck="verbs"|"capitals"
=== ~$m1.py
$c1 = $v1
$c2 = $v2
$c3 = $v3


def $f1(days: int, correct: bool) -> int:
    """Return the days until a card comes again; a wrong answer starts over."""
    if not correct:
        return $c1
    return min(max(round(days * $c2), $c1), $c3)


def $f2(days: int) -> bool:
    """Tell whether a card has reached the longest interval."""
    return days >= $c3
=== ~$m2.py
from ~$m1 import $f2


def $f3(cards: dict[str, int], today: int) -> list[str]:
    """List the cards that are due and not yet known, in order of their day."""
    due = [name for name, day in cards.items() if day <= today and not $f2(today - day)]
    return sorted(due, key=cards.__getitem__)
=== test $m1
from ~$m1 import $c1, $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1(10, False) == $c1


def test_$f3() -> None:
    assert $f3({"oak": 4, "elm": 2}, 5) == ["elm", "oak"]
''',
    r'''
purpose: a timetable for a bus line
package: busline | nextbus | stopboard
m1: times | minutes_of | clock_times
m2: departures | timetable | board
c1: HEADWAY | BUS_EVERY | INTERVAL_MINUTES
v1: 10 | 12 | 15 | 20 | 30
c2: FIRST_BUS | SERVICE_START | DAY_STARTS
v2: 300..390..15
c3: LAST_BUS | SERVICE_END | DAY_ENDS
v3: 1320..1425..15
f1: as_clock | clock_time | to_clock
f2: next_departure | next_bus | following_bus
f3: board_line | board_text | display_line
settings: line="7"|"12"|"31"; walking_minutes=2..9; show_delay=true|false; stops=8..24
=== ~$m1.py
def $f1(minutes: int) -> str:
    """Write minutes after midnight as hours:minutes."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
=== ~$m2.py
from ~$m1 import $f1

$c1 = $v1
$c2 = $v2
$c3 = $v3


def $f2(now: int) -> int | None:
    """Return the minute of the next bus, None after the last one."""
    if now <= $c2:
        return $c2
    following = $c2 + -(-(now - $c2) // $c1) * $c1
    return following if following <= $c3 else None


def $f3(now: int, stop: str) -> str:
    """Write a line for the board at a stop."""
    minute = $f2(now)
    if minute is None:
        return f"{stop}: no more buses today"
    return f"{stop}: {$f1(minute)}"
=== test $m2
from ~$m1 import $f1
from ~$m2 import $c2, $f2, $f3


def test_$f1() -> None:
    assert $f1(605) == "10:05"


def test_$f2() -> None:
    assert $f2(0) == $c2
    assert $f3(1439, "Mill") == "Mill: no more buses today"
''',
    r'''
purpose: a grade book for teachers
package: gradebook | markbook | classmarks
m1: grades | marks | grading
m2: reports_of | courses | classes_of
c1: PASS_MARK | PASSING_SCORE | PASS_FROM
v1: 40..60..5
c2: TOP_MARK | BEST_FROM | EXCELLENT_FROM
v2: 85..95
f1: has_passed | passes | is_pass
f2: letter_grade | letter_for | as_letter
f3: class_report | report_lines | summarise_class
settings: school_year="2024/25"|"2025/26"; show_names=true|false; weights="equal"|"exam"; terms=2..4
=== ~$m1.py
"""Scores and what they mean."""

$c1 = $v1
$c2 = $v2


def $f1(score: float) -> bool:
    """Tell whether a score is enough to pass."""
    return score >= $c1


def $f2(score: float) -> str:
    """Return A for an excellent score, B for a pass, F otherwise; ValueError outside 0 to 100."""
    if not 0 <= score <= 100:
        raise ValueError(f"no score: {score}")
    if score >= $c2:
        return "A"
    return "B" if $f1(score) else "F"
=== ~$m2.py
from ~$m1 import $f1, $f2


def $f3(scores: dict[str, float]) -> list[str]:
    """List names with their grades, then how many have passed."""
    lines = [f"{name}: {$f2(score)}" for name, score in sorted(scores.items())]
    passed = sum(map($f1, scores.values()))
    return [*lines, f"passed: {passed} of {len(scores)}"]
=== test $m2
from ~$m1 import $f2
from ~$m2 import $f3


def test_$f2() -> None:
    assert $f2(100) == "A"
    assert $f2(3) == "F"


def test_$f3() -> None:
    assert $f3({"Ida": 99})[-1] == "passed: 1 of 1"
''',
    r'''
purpose: a filter for sensor values
package: sensefilter | probekit | signalbox
m1: smoothing | filters | averaging
m2: outliers | plausibility | screening
c1: WINDOW | SPAN | AVERAGE_OVER
v1: 3..9
c2: MAX_JUMP | LARGEST_STEP | JUMP_LIMIT
v2: 2.5 | 4.0 | 5.0 | 7.5 | 12.0
f1: moving_average | smooth | rolling_mean
f2: drop_outliers | without_jumps | remove_spikes
f3: clean_series | prepare_series | cleaned
settings: sensor="boiler"|"cellar"|"roof"; sample_seconds=5..60..5; unit="C"|"hPa"; keep_raw=true|false
=== ~$m1.py
$c1 = $v1


def $f1(values: list[float], size: int = $c1) -> list[float]:
    """Average each value with those before it; ValueError for a window below one."""
    if size < 1:
        raise ValueError("the window needs at least one value")
    found = []
    for end in range(1, len(values) + 1):
        part = values[max(end - size, 0) : end]
        found.append(round(sum(part) / len(part), 3))
    return found
=== ~$m2.py
from ~$m1 import $f1

$c2 = $v2


def $f2(values: list[float]) -> list[float]:
    """Drop each value that is too far from the last one kept."""
    kept: list[float] = []
    for value in values:
        if not kept or abs(value - kept[-1]) <= $c2:
            kept.append(value)
    return kept


def $f3(values: list[float]) -> list[float]:
    """Remove spikes, then smooth."""
    return $f1($f2(values))
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f2


def test_$f1() -> None:
    assert $f1([1.0, 3.0], 2) == [1.0, 2.0]


def test_$f2() -> None:
    assert $f2([1.0, 99.0, 1.5]) == [1.0, 1.5]
''',
    r'''
purpose: a layout helper for photo pages
package: photogrid | pagegrid | albumkit
m1: geometry | boxes | tiles
m2: pages | sheets | albums
c1: MARGIN | BORDER | EDGE
v1: 4..24..2
c2: COLUMNS | PER_ROW | TILES_PER_ROW
v2: 2..6
f1: tile_width | column_width | width_of_tile
f2: tile_origin | place_tile | corner_of
f3: rows_needed | count_rows | rows_for
settings: page="A4"|"A5"|"letter"; dpi=150..600..150; captions=true|false; quality=70..95..5
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(page: int) -> int:
    """Return how wide a tile is on a page of that width, margins taken off."""
    free = page - $c1 * ($c2 + 1)
    if free < $c2:
        raise ValueError(f"page too narrow: {page}")
    return free // $c2


def $f2(number: int, page: int) -> tuple[int, int]:
    """Return the left edge and the row of a tile, counted from 0."""
    row, column = divmod(number, $c2)
    return $c1 + column * ($f1(page) + $c1), row
=== ~$m2.py
from ~$m1 import $c2, $f2


def $f3(count: int) -> int:
    """Return how many rows so many photos take."""
    return -(-count // $c2)


def describe_page(count: int, page: int) -> str:
    """Describe where the last photo of a page lies."""
    left, row = $f2(count - 1, page)
    return f"{count} photos, {$f3(count)} rows, the last at {left} in row {row}"
=== test $m2
from ~$m1 import $c1, $f2
from ~$m2 import $f3


def test_$f2() -> None:
    assert $f2(0, 800) == ($c1, 0)


def test_$f3() -> None:
    assert $f3(1) == 1
''',
    r'''
purpose: a rotation of backups
package: keepsafe | backrotate | vaultkeep
m1: retention | keeping | ages
m2: rotation | pruning | cleanup
c1: KEEP_DAILY | DAILY_COPIES | DAYS_KEPT
v1: 5..14
c2: KEEP_WEEKLY | WEEKLY_COPIES | WEEKS_KEPT
v2: 3..12
f1: is_weekly | weekly_copy | counts_as_weekly
f2: should_keep | is_kept | worth_keeping
f3: to_delete | copies_to_delete | expired
settings: target="mirror"|"tape"|"disk2"; compress=true|false; hour=1..5; verify=true|false
=== ~$m1.py
"""Which copies are kept, by their age in days."""

$c1 = $v1
$c2 = $v2


def $f1(age: int) -> bool:
    """Tell whether a copy is the one of its week."""
    return age % 7 == 0


def $f2(age: int) -> bool:
    """Tell whether a copy of that age stays: young ones all, older ones one a week."""
    if age < $c1:
        return True
    return $f1(age) and age <= $c2 * 7
=== ~$m2.py
from ~$m1 import $f2


def $f3(ages: list[int]) -> list[int]:
    """List the ages of the copies that may go, the oldest first."""
    return sorted((age for age in ages if not $f2(age)), reverse=True)
=== test $m2
from ~$m1 import $f2
from ~$m2 import $f3


def test_$f2() -> None:
    assert $f2(0)
    assert not $f2(1001)


def test_$f3() -> None:
    assert $f3([1, 400, 500]) == [500, 400]
''',
    r'''
purpose: a tracker of daily habits
package: dailydot | habitlog | streakbook
m1: streaks | runs_of | series_of
m2: badges | rewards | medals
c1: BADGE_EVERY | MEDAL_DAYS | REWARD_EVERY
v1: 5..14
c2: FREE_SKIPS | ALLOWED_GAPS | JOKERS
v2: 0..2
f1: longest_streak | best_run | longest_run
f2: badge_count | medals_for | rewards_for
f3: status_line | describe_habit | habit_line
settings: reminder_hour=6..21; week_starts="monday"|"sunday"; share=true|false; goal_days=30..120..30
=== ~$m1.py
$c2 = $v2


def $f1(days: list[int], skips: int = $c2) -> int:
    """Return the longest run of days; so many missing days in a row do not end it."""
    best = run = 0
    before: int | None = None
    for day in sorted(set(days)):
        run = run + 1 if before is not None and day - before <= skips + 1 else 1
        best, before = max(best, run), day
    return best
=== ~$m2.py
from ~$m1 import $f1

$c1 = $v1


def $f2(days: list[int]) -> int:
    """Return how many badges the longest run has earned."""
    return $f1(days) // $c1


def $f3(name: str, days: list[int]) -> str:
    """Describe a habit in one line."""
    if not days:
        return f"{name}: not started"
    return f"{name}: best run {$f1(days)}, badges {$f2(days)}"
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1([1, 2, 3]) == 3


def test_$f3() -> None:
    assert $f3("yoga", []) == "yoga: not started"
''',
)
"""Each is one text: what is drawn, then the files."""
