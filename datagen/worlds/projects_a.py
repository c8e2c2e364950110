"""Templates of small projects, part a: games, data, shops.

How a template is written is told in `datagen.worlds.projects`.

Not covered: README, settings files and logs (`datagen.worlds.documents`).
"""

TEMPLATES = (
    r'''
purpose: a word-guessing game for the terminal
package: letterbox | hangword | guessroom
m1: rules | turns | limits
m2: play | wordgame | rounds
c1: MAX_MISSES | MISS_LIMIT | ALLOWED_MISSES
v1: 5..11
f1: is_over | is_lost | out_of_turns
f2: mask_word | veil_word | hidden_form
f3: play_letters | run_round | try_letters
settings: words_file="words.txt"|"animals.txt"|"rivers.txt"; rounds=3..9; show_score=true|false
=== ~$m1.py
"""Rules of the game."""

$c1 = $v1


def $f1(misses: int) -> bool:
    """Tell whether the player has no guess left."""
    return misses >= $c1


def $f2(word: str, known: set[str]) -> str:
    """Show the known letters of a word and a dot for each other one."""
    return "".join(letter if letter in known else "." for letter in word)
=== ~$m2.py
from ~$m1 import $c1, $f1, $f2


def $f3(word: str, letters: str) -> str:
    """Play the letters one after the other and describe the end."""
    misses = 0
    known: set[str] = set()
    for letter in letters:
        if letter in word:
            known.add(letter)
        else:
            misses += 1
        if $f1(misses):
            return f"lost after {$c1} misses"
    return $f2(word, known)
=== test $m2
from ~$m2 import $f3


def test_$f3() -> None:
    assert $f3("tree", "te") == "t.ee"
''',
    r'''
purpose: a script that cleans address lists
package: addressbook | cleanlist | postlist
m1: phones | numbers_in | dialing
m2: people | contacts | entries
c1: COUNTRY_CODE | DIAL_PREFIX | HOME_PREFIX
v1: 31 | 32 | 43 | 45 | 46 | 47 | 48 | 49
c2: MIN_DIGITS | SHORTEST_NUMBER | FEWEST_DIGITS
v2: 6..9
f1: only_digits | strip_marks | digits_of
f2: normalise_phone | full_number | with_prefix
f3: clean_contact | tidy_person | clean_entry
settings: delimiter=";"|","|"tab"; drop_empty=true|false; max_errors=10..90..10; encoding="utf-8"|"latin-1"
=== ~$m1.py
$c1 = "$v1"
$c2 = $v2


def $f1(text: str) -> str:
    """Keep the digits of a text and drop everything else."""
    return "".join(char for char in text if char.isdigit())


def $f2(text: str) -> str:
    """Write a phone number with the country's prefix; ValueError if it is too short."""
    digits = $f1(text).lstrip("0")
    if len(digits) < $c2:
        raise ValueError(f"too short: {text!r}")
    if digits.startswith($c1):
        return f"+{digits}"
    return f"+{$c1}{digits}"
=== ~$m2.py
from ~$m1 import $f2


def $f3(row: dict[str, str]) -> dict[str, str]:
    """Return the row with a tidy name and a normalised phone number."""
    name = " ".join(row["name"].split()).title()
    return {"name": name, "phone": $f2(row["phone"])}
=== test $m1
from ~$m1 import $f1, $f2


def test_$f1() -> None:
    assert $f1("06 12-34") == "061234"


def test_$f2() -> None:
    assert $f2("0655 512 345") == "+${v1}655512345"
''',
    r'''
purpose: a tool for a lending library
package: loandesk | shelfmate | bookloan
m1: fines | fees | charges
m2: loans | lending | desk
c1: DAILY_FINE | FINE_PER_DAY | CENTS_PER_DAY
v1: 10..40..5
c2: MAX_FINE | FINE_CAP | HIGHEST_FINE
v2: 500..1500..100
c3: GRACE_DAYS | FREE_DAYS | DAYS_WITHOUT_FINE
v3: 1..5
f1: fine_for | late_fee | overdue_charge
f2: is_late | is_overdue | past_due
f3: describe_loan | loan_line | loan_summary
settings: loan_days=14..35..7; max_loans=5..20; reminders=true|false; currency="EUR"|"CHF"|"DKK"
=== ~$m1.py
"""What a late book costs, in cents."""

$c1 = $v1
$c2 = $v2
$c3 = $v3


def $f2(days: int) -> bool:
    """Tell whether a loan is so late that it costs something."""
    return days > $c3


def $f1(days: int) -> int:
    """Return the fine for a book that is some days late, never above the cap."""
    if not $f2(days):
        return 0
    return min((days - $c3) * $c1, $c2)
=== ~$m2.py
from ~$m1 import $f1, $f2


def $f3(title: str, days: int) -> str:
    """Describe a loan in one line."""
    if $f2(days):
        return f"{title}: late, {$f1(days) / 100:.2f} due"
    return f"{title}: in time"
=== test $m2
from ~$m1 import $c2, $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1(0) == 0
    assert $f1(10_000) == $c2


def test_$f3() -> None:
    assert $f3("Emma", 0) == "Emma: in time"
''',
    r'''
purpose: a recipe book that scales amounts
package: panbook | potluck | mealscale
m1: amounts | portions | measures
m2: recipes | cooking | dishes
c1: DEFAULT_SERVINGS | STANDARD_SERVINGS | BASE_SERVINGS
v1: 2 | 4 | 6
c2: DECIMALS | ROUND_TO | PRECISION
v2: 1..2
f1: scale_amount | scaled | amount_for
f2: format_amount | written_amount | amount_text
f3: shopping_list | ingredients_for | list_ingredients
settings: units="metric"|"imperial"; servings=2..8; language="en"|"de"|"fr"
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(amount: float, servings: int) -> float:
    """Scale an amount from the usual servings to others; ValueError below one serving."""
    if servings < 1:
        raise ValueError("at least one serving")
    return round(amount * servings / $c1, $c2)


def $f2(amount: float, unit: str) -> str:
    """Write an amount without needless zeros."""
    return f"{amount:g} {unit}".strip()
=== ~$m2.py
from ~$m1 import $c1, $f1, $f2

BREAD = {"flour": (500.0, "g"), "water": (340.0, "g"), "salt": (10.0, "g")}


def $f3(servings: int = $c1) -> list[str]:
    """List what a loaf for so many people needs."""
    return [
        f"{$f2($f1(amount, servings), unit)} {name}"
        for name, (amount, unit) in BREAD.items()
    ]
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f3


def test_$f3() -> None:
    assert $f3()[0] == "500 g flour"


def test_$f1() -> None:
    assert $f1(10.0, $v1) == 10.0
''',
    r'''
purpose: a converter for weather readings
package: skyread | barometer | weatherkit
m1: scales | degrees | conversions
m2: readings | stations | observations
c1: FREEZING_POINT | ICE_POINT | ZERO_CELSIUS
v1: 273.15
c2: HOT_FROM | HEAT_LIMIT | HOT_DAY
v2: 27..33
c3: WINDY_FROM | STORM_LIMIT | WIND_LIMIT
v3: 60..90..5
f1: to_kelvin | kelvin | celsius_to_kelvin
f2: to_fahrenheit | fahrenheit | celsius_to_fahrenheit
f3: warnings_for | alerts | warn_about
settings: station="harbour"|"hilltop"|"airfield"; interval_minutes=5..30..5; units="celsius"|"kelvin"
=== ~$m1.py
"""Conversions between temperature scales."""

$c1 = $v1


def $f1(celsius: float) -> float:
    """Convert degrees Celsius to kelvin; ValueError below absolute zero."""
    if celsius < -$c1:
        raise ValueError(f"below absolute zero: {celsius}")
    return round(celsius + $c1, 2)


def $f2(celsius: float) -> float:
    """Convert degrees Celsius to degrees Fahrenheit."""
    return round(celsius * 9 / 5 + 32, 1)
=== ~$m2.py
from ~$m1 import $f2

$c2 = $v2
$c3 = $v3


def $f3(celsius: float, wind: float) -> list[str]:
    """List the warnings for a reading: heat, wind, both or none."""
    found = []
    if celsius >= $c2:
        found.append(f"heat: {$f2(celsius)} F")
    if wind >= $c3:
        found.append(f"wind: {wind} km/h")
    return found
=== test $m1
from ~$m1 import $f1, $f2


def test_$f1() -> None:
    assert $f1(0) == 273.15


def test_$f2() -> None:
    assert $f2(100) == 212.0
''',
    r'''
purpose: a summariser for server logs
package: logbrief | tailsum | loglens
m1: lines | parsing | records
m2: summary_of | digest | counts
c1: LEVELS | KNOWN_LEVELS | SEVERITIES
c2: NOISY_FROM | ALARM_COUNT | TOO_MANY
v2: 3..12
f1: level_of | read_level | line_level
f2: count_levels | tally_levels | by_level
f3: is_noisy | needs_attention | alarming
settings: path="logs/app.log"|"logs/web.log"; max_lines=200..900..100; ignore="DEBUG"|"INFO"
=== ~$m1.py
$c1 = ("DEBUG", "INFO", "WARNING", "ERROR")


def $f1(line: str) -> str | None:
    """Return the level that a line of the log names, None if it names none."""
    for word in line.split():
        if word.rstrip(":") in $c1:
            return word.rstrip(":")
    return None
=== ~$m2.py
from ~$m1 import $c1, $f1

$c2 = $v2


def $f2(lines: list[str]) -> dict[str, int]:
    """Count the lines of each level, levels without a line included."""
    found = [$f1(line) for line in lines]
    return {level: found.count(level) for level in $c1}


def $f3(lines: list[str]) -> bool:
    """Tell whether there are so many errors that somebody should look."""
    return $f2(lines)["ERROR"] >= $c2
=== test $m2
from ~$m2 import $f2, $f3


def test_$f2() -> None:
    assert $f2(["INFO start", "ERROR: disk full"])["ERROR"] == 1


def test_$f3() -> None:
    assert not $f3(["INFO start"])
''',
    r'''
purpose: helpers for web addresses
package: linkcraft | webpaths | urlbits
m1: slugs | titles | permalinks
m2: links | addresses | routes_to
c1: MAX_SLUG | SLUG_LENGTH | LONGEST_SLUG
v1: 30..80..10
c2: BASE_PATH | ROOT_PATH | PREFIX
v2: /articles | /posts | /pages | /notes
f1: slugify | make_slug | slug_for
f2: article_path | page_path | path_for
f3: breadcrumbs | trail | crumbs_of
settings: lowercase=true|false; separator="-"|"_"; max_depth=2..6; trailing_slash=true|false
=== ~$m1.py
import re

$c1 = $v1


def $f1(title: str) -> str:
    """Turn a title into lower-case words with hyphens, cut at the longest allowed length."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    if not words:
        return "untitled"
    return "-".join(words)[:$c1].rstrip("-")
=== ~$m2.py
from ~$m1 import $f1

$c2 = "$v2"


def $f2(title: str, number: int) -> str:
    """Return the path of a page: prefix, number, slug."""
    return f"{$c2}/{number}-{$f1(title)}"


def $f3(path: str) -> list[str]:
    """Return the paths of all folders above a page, the shortest first."""
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]
=== test $m2
from ~$m1 import $f1
from ~$m2 import $f3


def test_$f1() -> None:
    assert $f1("Hello, World!") == "hello-world"


def test_$f3() -> None:
    assert $f3("/a/b/c") == ["/a", "/a/b"]
''',
    r'''
purpose: a calculator for invoices
package: billbook | invoicer | ledgerlet
m1: taxes | vat | rates
m2: totals | invoices | billing
c1: TAX_RATE | VAT_RATE | STANDARD_RATE
v1: 0.17 | 0.19 | 0.2 | 0.21 | 0.25
c2: REDUCED_RATE | LOW_RATE | BOOK_RATE
v2: 0.05 | 0.06 | 0.07 | 0.09
c3: DISCOUNT_FROM | REBATE_FROM | BULK_FROM
v3: 200..900..100
f1: tax_on | vat_for | tax_amount
f2: net_total | sum_net | net_sum
f3: gross_total | amount_due | total_due
settings: currency="EUR"|"GBP"|"SEK"; payment_days=10..30..5; rounding="up"|"even"; prefix="R"|"X"
=== ~$m1.py
"""Taxes on goods."""

$c1 = $v1
$c2 = $v2


def $f1(amount: float, *, reduced: bool = False) -> float:
    """Return the tax on a net amount, rounded to cents."""
    rate = $c2 if reduced else $c1
    return round(amount * rate, 2)
=== ~$m2.py
from ~$m1 import $f1

$c3 = $v3


def $f2(prices: list[float]) -> float:
    """Add net prices; 3 per cent off for large orders."""
    total = sum(prices)
    if total >= $c3:
        return round(total * 0.97, 2)
    return round(total, 2)


def $f3(prices: list[float]) -> float:
    """Return what the customer pays, tax included."""
    net = $f2(prices)
    return round(net + $f1(net), 2)
=== test $m2
from ~$m2 import $f2, $f3


def test_$f2() -> None:
    assert $f2([20.0, 30.0]) == 50.0


def test_$f3() -> None:
    assert $f3([]) == 0
''',
    r'''
purpose: a fee calculator for a car park
package: parkgate | carpark | barrier
m1: tariff | pricing | tariffs
m2: tickets | gate | exits
c1: FREE_MINUTES | GRACE_MINUTES | MINUTES_FREE
v1: 10..30..5
c2: HOURLY_FEE | FEE_PER_HOUR | HOUR_PRICE
v2: 150..350..25
c3: DAY_MAXIMUM | DAILY_CAP | DAY_PRICE
v3: 1200..2000..100
f1: parking_fee | fee_for | price_of_stay
f2: started_hours | hours_begun | billed_hours
f3: print_ticket | ticket_text | receipt
settings: spaces=40..240..20; open_from=5..8; barrier_seconds=8..20; lost_ticket_fee=15..40..5
=== ~$m1.py
$c1 = $v1
$c2 = $v2
$c3 = $v3


def $f2(minutes: int) -> int:
    """Count the hours that a stay has begun."""
    return -(-minutes // 60)


def $f1(minutes: int) -> int:
    """Return the fee for a stay in cents: the first minutes are free, a day has a maximum."""
    if minutes < 0:
        raise ValueError("a stay cannot be negative")
    if minutes <= $c1:
        return 0
    return min($f2(minutes) * $c2, $c3)
=== ~$m2.py
from ~$m1 import $f1


def $f3(plate: str, minutes: int) -> str:
    """Write the text of a ticket for the exit."""
    return f"{plate.upper()} {minutes} min: {$f1(minutes) / 100:.2f}"
=== test $m1
from ~$m1 import $c3, $f1, $f2


def test_$f2() -> None:
    assert $f2(61) == 2


def test_$f1() -> None:
    assert $f1(1) == 0
    assert $f1(100_000) == $c3
''',
    r'''
purpose: a dice game with a score sheet
package: diceden | fivedice | rollbox
m1: scoring | combos | points
m2: sheet | scorecard | players
c1: BONUS_FROM | BONUS_LIMIT | BONUS_NEEDS
v1: 55..70
c2: BONUS | BONUS_POINTS | EXTRA_POINTS
v2: 25..50..5
f1: face_score | upper_score | count_face
f2: is_full_house | full_house | has_full_house
f3: sheet_total | final_score | add_up
settings: players=2..6; dice=5; rerolls=1..3; colour=true|false
=== ~$m1.py
from collections import Counter


def $f1(dice: list[int], face: int) -> int:
    """Add the dice that show one face."""
    return sum(value for value in dice if value == face)


def $f2(dice: list[int]) -> bool:
    """Tell whether three dice are alike and the other two as well."""
    return sorted(Counter(dice).values()) == [2, 3]
=== ~$m2.py
from ~$m1 import $f1

$c1 = $v1
$c2 = $v2


def $f3(throws: dict[int, list[int]]) -> int:
    """Add a score sheet: one throw a face, and a bonus for many points."""
    total = sum($f1(dice, face) for face, dice in throws.items())
    if total >= $c1:
        return total + $c2
    return total
=== test $m2
from ~$m1 import $f2
from ~$m2 import $f3


def test_$f2() -> None:
    assert $f2([2, 2, 3, 3, 3])
    assert not $f2([2, 2, 2, 2, 3])


def test_$f3() -> None:
    assert $f3({1: [1, 1, 4], 6: [6, 2, 3]}) == 8
''',
    r'''
purpose: a clock for chess players
package: chessclock | tickpair | blitzclock
m1: clocks | timers | countdown
m2: matches | games | boards
c1: START_SECONDS | BASE_TIME | INITIAL_SECONDS
v1: 180 | 300 | 600 | 900
c2: INCREMENT | BONUS_SECONDS | SECONDS_PER_MOVE
v2: 2..8
f1: after_move | time_left | remaining_after
f2: show_clock | clock_text | as_minutes
f3: flag_fallen | lost_on_time | out_of_time
settings: sound=true|false; warn_at_seconds=10..30..5; theme="wood"|"slate"|"plain"
=== ~$m1.py
$c1 = $v1
$c2 = $v2


def $f1(left: float, used: float) -> float:
    """Return the time left after a move: the thinking time goes off, the increment comes on."""
    if used >= left:
        return 0.0
    return left - used + $c2


def $f2(seconds: float) -> str:
    """Write seconds as minutes:seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
=== ~$m2.py
from ~$m1 import $c1, $f1


def $f3(used: list[float]) -> bool:
    """Tell whether a player who thought so long for each move has lost on time."""
    left = float($c1)
    for seconds in used:
        left = $f1(left, seconds)
        if not left:
            return True
    return False
=== test $m2
from ~$m1 import $f2
from ~$m2 import $f3


def test_$f2() -> None:
    assert $f2(75) == "1:15"


def test_$f3() -> None:
    assert $f3([5000.0])
    assert not $f3([3.0, 4.0])
''',
)
"""Each is one text: what is drawn, then the files."""
