"""Small functions on money, geometry, times and games, with test cases and seeded bugs.

Not covered: text (`functions_a`), numbers and lists (`functions_b`), stock, roles, matrices, units
and pages (`functions_d`).
"""

from datagen.worlds.function_model import Function as F  # noqa: N817

FUNCTIONS: tuple[F, ...] = (
    F("money", "add_tax with_tax gross_price", "cents=cents,net,amount; rate=rate,percent,tax_percent",
      "Return $cents plus $rate percent tax, rounded to the nearest cent.",
      r"""
def $fn($cents: int, $rate: int) -> int:
    return ($cents * (100 + $rate) + 50) // 100
""",
      (("even_amount", "1000, 20", "1200"), ("rounds_up", "999, 7", "1069"), ("rounds_down", "101, 19",
        "120"),
       ("no_tax", "450, 0", "450")),
      ((" + 50) // 100", ") // 100", "the division always rounds down",
        "add half a cent before dividing"),
       ("(100 + $rate)", "$rate", "only the tax is returned, without the price",
        "multiply by 100 plus the rate"))),
    F("money", "split_bill share_cents divide_evenly",
     "total=total,cents,amount; people=people,guests,shares",
      "Split $total cents between $people; the first ones pay the cents that remain.",
      r"""
def $fn($total: int, $people: int) -> list[int]:
    share, rest = divmod($total, $people)
    return [share + 1 if index < rest else share for index in range($people)]
""",
      (("even", "900, 3", "[300, 300, 300]"), ("one_cent_left", "100, 3", "[34, 33, 33]"),
       ("two_cents_left", "11, 3", "[4, 4, 3]"), ("one_person", "75, 1", "[75]")),
      (("index < rest", "index <= rest", "one person too many pays an extra cent",
        "let exactly `rest` people pay one more"),
       ("share + 1 if index < rest else share for", "share for",
        "the cents that remain are paid by nobody",
        "add one cent to the first shares"))),
    F("money", "discounted apply_discount sale_price", "price=price,total,amount",
      "Reduce $price (in cents): 10 percent from 5000 on, 20 percent from 10000 on.",
      r"""
def $fn($price: int) -> int:
    if $price >= 10000:
        return $price * 80 // 100
    if $price >= 5000:
        return $price * 90 // 100
    return $price
""",
      (("no_discount", "4999", "4999"), ("first_step", "5000", "4500"), ("second_step", "10000", "8000"),
       ("large", "20000", "16000")),
      (("if $price >= 5000", "if $price > 5000", "a price of exactly 5000 gets no discount",
        "compare with `>= 5000`"),
       ("if $price >= 10000:\n        return $price * 80 // 100\n    if $price >= 5000:\n        "
        "return $price * 90 // 100",
        "if $price >= 5000:\n        return $price * 90 // 100\n    if $price >= 10000:\n        "
        "return $price * 80 // 100",
        "the lower threshold is checked first, so the higher discount is never reached",
        "check the higher threshold first"))),
    F("money", "make_change coins_for change_coins", "amount=amount,cents,due; coins=coins,values",
      "Return the fewest coins of 50, 20, 10, 5, 2 and 1 cents for $amount, largest first.",
      r"""
def $fn($amount: int) -> list[int]:
    result: list[int] = []
    for coin in (50, 20, 10, 5, 2, 1):
        while $amount >= coin:
            result.append(coin)
            $amount -= coin
    return result
""",
      (("mixed", "88", "[50, 20, 10, 5, 2, 1]"), ("same_coin_twice", "40", "[20, 20]"), ("one_coin",
        "10", "[10]"),
       ("nothing", "0", "[]")),
      (("while $amount >= coin", "if $amount >= coin", "each coin is used at most once",
        "repeat a coin while it fits"),
       ("$amount >= coin", "$amount > coin", "a coin that fits exactly is passed over",
        "compare with `>=`"))),
    F("money", "format_cents as_amount price_text", "cents=cents,amount,value",
      "Write $cents with two decimals and commas between thousands: 123456 as '1,234.56'.",
      r"""
def $fn($cents: int) -> str:
    sign = "-" if $cents < 0 else ""
    whole, part = divmod(abs($cents), 100)
    return f"{sign}{whole:,}.{part:02d}"
""",
      (("thousands", "123456", "'1,234.56'"), ("small_part", "705", "'7.05'"), ("negative", "-150",
        "'-1.50'"),
       ("below_one", "9", "'0.09'")),
      (("{part:02d}", "{part}", "a part below ten is written with one digit",
        "pad the part to two digits"),
       ("divmod(abs($cents), 100)", "divmod($cents, 100)",
        "divmod() rounds a negative amount down, so both parts are wrong",
        "divide the absolute amount"))),
    F("money", "invoice_total order_total sum_lines", "lines=lines,items,positions; total=total,result",
      "Add up quantity times price of all $lines; a voucher (in cents) never makes it negative.",
      r"""
def $fn($lines: list[tuple[int, int]], voucher: int = 0) -> int:
    $total = sum(quantity * price for quantity, price in $lines)
    return max($total - voucher, 0)
""",
      (("two_lines", "[(2, 150), (1, 99)]", "399"), ("voucher", "[(1, 500)], 120", "380"),
       ("large_voucher", "[(1, 100)], 300", "0"), ("no_lines", "[]", "0")),
      (("max($total - voucher, 0)", "$total - voucher", "a voucher above the total makes it negative",
        "stop at zero with max()"),
       ("quantity * price for", "price for", "the quantity is ignored",
        "multiply the price by the quantity"))),
    F("money", "savings_after compound grow_balance",
     "balance=balance,cents,deposit; rate=rate,percent; years=years,periods",
      "Return $balance after $years years of $rate percent interest, in whole cents each year.",
      r"""
def $fn($balance: int, $rate: int, $years: int) -> int:
    for _ in range($years):
        $balance += $balance * $rate // 100
    return $balance
""",
      (("one_year", "10000, 5, 1", "10500"), ("two_years", "10000, 5, 2", "11025"), ("no_time",
        "10000, 5, 0", "10000")),
      (("range($years)", "range(1, $years)", "the range starts at 1, so one year is missing",
        "run the loop once for each year"),
       ("$balance += $balance * $rate // 100", "$balance = $balance * $rate // 100",
        "the interest replaces the balance", "add the interest to the balance"))),
    F("geometry", "rectangles_overlap boxes_touch overlap", "first=first,one,a; second=second,other,b",
      "Tell whether two rectangles (left, top, right, bottom) share some area.",
      r"""
def $fn($first: tuple[int, int, int, int], $second: tuple[int, int, int, int]) -> bool:
    return (
        $first[0] < $second[2]
        and $second[0] < $first[2]
        and $first[1] < $second[3]
        and $second[1] < $first[3]
    )
""",
      (("overlapping", "(0, 0, 4, 4), (2, 2, 6, 6)", "True"), ("inside", "(0, 0, 9, 9), (3, 3, 4, 4)",
        "True"),
       ("side_by_side", "(0, 0, 2, 2), (2, 0, 4, 2)", "False"), ("one_below",
        "(0, 0, 2, 2), (0, 5, 2, 7)", "False")),
      (("$first[0] < $second[2]\n        and $second[0] < $first[2]",
        "$first[0] <= $second[2]\n        and $second[0] <= $first[2]",
        "`<=` counts rectangles that only touch at an edge", "compare with `<`"),
       ("\n        and $first[1] < $second[3]\n        and $second[1] < $first[3]", "",
        "only the horizontal extent is compared", "compare the vertical extent as well"))),
    F("geometry", "polygon_area area_of shoelace", "points=points,corners,vertices; total=total,doubled",
      "Return the area of a polygon from its corners in order.",
      r"""
def $fn($points: list[tuple[int, int]]) -> float:
    $total = 0
    for index, (x, y) in enumerate($points):
        next_x, next_y = $points[(index + 1) % len($points)]
        $total += x * next_y - next_x * y
    return abs($total) / 2
""",
      (("square", "[(0, 0), (4, 0), (4, 4), (0, 4)]", "16.0"), ("triangle", "[(1, 1), (5, 1), (1, 4)]",
        "6.0"),
       ("clockwise", "[(0, 4), (4, 4), (4, 0), (0, 0)]", "16.0")),
      (("abs($total) / 2", "$total / 2", "corners in clockwise order give a negative area",
        "take the absolute value"),
       ("abs($total) / 2", "abs($total)", "the sum is twice the area", "halve the sum"))),
    F("geometry", "grid_distance manhattan steps_between", "start=start,origin,here; end=end,goal,there",
      "Return the number of horizontal and vertical steps between two grid points.",
      r"""
def $fn($start: tuple[int, int], $end: tuple[int, int]) -> int:
    return abs($start[0] - $end[0]) + abs($start[1] - $end[1])
""",
      (("both_directions", "(0, 0), (3, 4)", "7"), ("backwards", "(5, 5), (2, 3)", "5"), ("same_point",
        "(1, 1), (1, 1)", "0"),
       ("mixed_signs", "(-2, 3), (2, -3)", "10")),
      (("abs($start[0] - $end[0]) + abs($start[1] - $end[1])",
        "abs($start[0] - $end[0] + $start[1] - $end[1])",
        "the two differences are added before abs(), so opposite signs cancel",
        "take abs() of each difference"),
       ("abs($start[0] - $end[0]) + abs($start[1] - $end[1])",
        "max(abs($start[0] - $end[0]), abs($start[1] - $end[1]))",
        "max() keeps only the longer direction", "add both directions"))),
    F("geometry", "triangle_kind classify_triangle kind_of_triangle", "a=a; b=b; c=c",
      "Return 'equilateral', 'isosceles' or 'scalene', or 'none' if the sides make no triangle.",
      r"""
def $fn($a: int, $b: int, $c: int) -> str:
    shortest, middle, longest = sorted(($a, $b, $c))
    if shortest + middle <= longest:
        return "none"
    different = len({$a, $b, $c})
    return {1: "equilateral", 2: "isosceles", 3: "scalene"}[different]
""",
      (("equilateral", "3, 3, 3", "'equilateral'"), ("isosceles", "5, 8, 5", "'isosceles'"), ("scalene",
        "3, 4, 5", "'scalene'"),
       ("too_long", "1, 2, 8", "'none'"), ("flat", "1, 2, 3", "'none'"), ("long_side_first", "8, 1, 2",
        "'none'")),
      (("shortest + middle <= longest", "shortest + middle < longest", "a flat triangle is accepted",
        "refuse sides that only just add up, with `<=`"),
       ("shortest, middle, longest = sorted(($a, $b, $c))", "shortest, middle, longest = $a, $b, $c",
        "the sides are not sorted, so the last one is taken for the longest", "sort the sides"))),
    F("geometry", "bounding_box extent_of enclosing_box", "points=points,places,markers",
      "Return (left, top, right, bottom) of all $points.",
      r"""
def $fn($points: list[tuple[int, int]]) -> tuple[int, int, int, int]:
    xs = [x for x, _ in $points]
    ys = [y for _, y in $points]
    return min(xs), min(ys), max(xs), max(ys)
""",
      (("three_points", "[(1, 5), (4, 2), (3, 9)]", "(1, 2, 4, 9)"), ("one_point", "[(7, 8)]",
        "(7, 8, 7, 8)"),
       ("negative", "[(-3, 0), (2, -6)]", "(-3, -6, 2, 0)")),
      (("min(xs), min(ys), max(xs), max(ys)", "min(xs), max(xs), min(ys), max(ys)",
        "the four values come in the wrong order", "return left, top, right, bottom"),
       ("[x for x, _ in $points]", "[abs(x) for x, _ in $points]",
        "abs() makes negative x values positive", "take the x values as they are"))),
    F("geometry", "in_circle within_radius is_near",
     "point=point,place,spot; center=center,middle; radius=radius,distance",
      "Tell whether $point lies at most $radius away from $center.",
      r"""
def $fn($point: tuple[int, int], $center: tuple[int, int], $radius: int) -> bool:
    dx = $point[0] - $center[0]
    dy = $point[1] - $center[1]
    return dx * dx + dy * dy <= $radius * $radius
""",
      (("inside", "(1, 1), (0, 0), 2", "True"), ("on_the_edge", "(3, 4), (0, 0), 5", "True"),
       ("outside", "(4, 4), (0, 0), 5", "False"),
       ("moved_center", "(11, 10), (10, 10), 1", "True")),
      (("<= $radius * $radius", "<= $radius", "the squared distance is compared with the plain radius",
        "square the radius"),
       ("<= $radius * $radius", "< $radius * $radius", "a point exactly on the edge is left out",
        "compare with `<=`"))),
    F("scheduling", "to_clock clock_text format_minutes", "minutes=minutes,total,offset",
      "Write $minutes after midnight as HH:MM; a new day starts after 24 hours.",
      r"""
def $fn($minutes: int) -> str:
    hours, rest = divmod($minutes % (24 * 60), 60)
    return f"{hours:02d}:{rest:02d}"
""",
      (("morning", "545", "'09:05'"), ("midnight", "0", "'00:00'"), ("next_day", "1445", "'00:05'"),
       ("last_minute", "1439", "'23:59'")),
      (("$minutes % (24 * 60)", "$minutes", "hours run past 23", "reduce the minutes modulo a day"),
       ("{rest:02d}", "{rest}", "minutes below ten are written with one digit",
        "pad the minutes to two digits"))),
    F("scheduling", "from_clock minutes_after_midnight parse_clock", "text=text,clock,value",
      "Return the minutes after midnight of a time 'HH:MM'; ValueError for an impossible time.",
      r"""
def $fn($text: str) -> int:
    hours, minutes = (int(part) for part in $text.split(":"))
    if not (0 <= hours < 24 and 0 <= minutes < 60):
        raise ValueError(f"no such time: {$text}")
    return hours * 60 + minutes
""",
      (("morning", "'09:05'", "545"), ("midnight", "'00:00'", "0"), ("hour_24", "'24:00'",
        "!ValueError"), ("minute_60", "'10:60'", "!ValueError")),
      (("0 <= hours < 24", "0 <= hours <= 24", "24 is accepted as an hour", "require hours below 24"),
       ("hours * 60 + minutes", "hours * 100 + minutes", "an hour is counted as 100 minutes",
        "multiply hours by 60"),
       (" and 0 <= minutes < 60", "", "the minutes are not checked", "check the minutes as well"))),
    F("scheduling", "shifts_overlap bookings_clash overlaps",
     "first=first,one,shift; second=second,other,booking",
      "Tell whether two (start, end) spans overlap; an end may equal the next start.",
      r"""
def $fn($first: tuple[int, int], $second: tuple[int, int]) -> bool:
    return $first[0] < $second[1] and $second[0] < $first[1]
""",
      (("partly", "(9, 12), (11, 14)", "True"), ("inside", "(8, 18), (10, 11)", "True"),
       ("back_to_back", "(9, 10), (10, 11)", "False"),
       ("apart", "(1, 2), (5, 6)", "False")),
      (("$second[0] < $first[1]", "$second[0] <= $first[1]",
        "spans that follow each other directly are taken for a clash",
        "compare with `<`"),
       ("$first[0] < $second[1] and $second[0] < $first[1]",
        "$first[0] <= $second[0] < $first[1] and $second[1] > $first[1]",
        "a span that lies inside the other one is not noticed",
        "compare each start with the other end"))),
    F("scheduling", "merge_spans merge_intervals join_spans",
     "spans=spans,intervals,shifts; merged=merged,result",
      "Merge (start, end) spans that overlap or touch; the result is sorted.",
      r"""
def $fn($spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    $merged: list[tuple[int, int]] = []
    for start, end in sorted($spans):
        if $merged and start <= $merged[-1][1]:
            $merged[-1] = ($merged[-1][0], max(end, $merged[-1][1]))
        else:
            $merged.append((start, end))
    return $merged
""",
      (("overlapping", "[(1, 4), (3, 6)]", "[(1, 6)]"), ("touching", "[(1, 2), (2, 3)]", "[(1, 3)]"),
       ("inside", "[(1, 9), (2, 4)]", "[(1, 9)]"), ("unsorted", "[(5, 6), (1, 2)]", "[(1, 2), (5, 6)]")),
      (("max(end, $merged[-1][1])", "end", "a span inside the last one makes it shorter",
        "keep the later of the two ends"),
       ("in sorted($spans)", "in $spans",
        "spans are merged in the given order, which may not be sorted", "sort the spans first"),
       ("start <= $merged", "start < $merged", "spans that only touch are kept apart",
        "compare with `<=`"))),
    F("scheduling", "free_slots gaps_between open_times",
     "booked=booked,busy,meetings; start=start,opening; end=end,closing",
      "Return the (from, to) gaps between sorted $booked spans within $start and $end.",
      r"""
def $fn($booked: list[tuple[int, int]], $start: int, $end: int) -> list[tuple[int, int]]:
    gaps = []
    current = $start
    for begin, finish in $booked:
        if begin > current:
            gaps.append((current, begin))
        current = max(current, finish)
    if current < $end:
        gaps.append((current, $end))
    return gaps
""",
      (("one_meeting", "[(10, 11)], 9, 17", "[(9, 10), (11, 17)]"), ("full_day", "[(9, 17)], 9, 17",
        "[]"),
       ("no_meeting", "[], 9, 17", "[(9, 17)]"), ("meeting_inside", "[(9, 12), (10, 11)], 9, 13",
        "[(12, 13)]")),
      (("    if current < $end:\n        gaps.append((current, $end))\n", "",
        "the time after the last booking is not reported",
        "add the gap up to the end"),
       ("max(current, finish)", "finish", "a booking inside another one moves the current time back",
        "never move the current time back"))),
    F("scheduling", "is_leap_year leap_year has_leap_day", "year=year,y",
      "Tell whether $year has 366 days in the Gregorian calendar.",
      r"""
def $fn($year: int) -> bool:
    return $year % 4 == 0 and ($year % 100 != 0 or $year % 400 == 0)
""",
      (("leap", "2024", "True"), ("common", "2023", "False"), ("century", "1900", "False"),
       ("fourth_century", "2000", "True")),
      ((" or $year % 400 == 0", "", "years divisible by 400 are refused like other centuries",
        "add the exception for 400"),
       (" and ($year % 100 != 0 or $year % 400 == 0)", "", "centuries are not treated specially",
        "exclude centuries that 400 does not divide"))),
    F("scheduling", "days_in_month month_length last_day", "year=year,y; month=month,m",
      "Return the number of days of a month (1 to 12).",
      r"""
def $fn($year: int, $month: int) -> int:
    if $month == 2:
        leap = $year % 4 == 0 and ($year % 100 != 0 or $year % 400 == 0)
        return 29 if leap else 28
    return 30 if $month in (4, 6, 9, 11) else 31
""",
      (("january", "2023, 1", "31"), ("april", "2023, 4", "30"), ("leap_february", "2024, 2", "29"),
       ("february", "2023, 2", "28"),
       ("november", "2023, 11", "30")),
      (("(4, 6, 9, 11)", "(4, 6, 9)", "November is missing from the months with 30 days",
        "add 11 to the short months"),
       ("29 if leap else 28", "28", "leap years are not taken into account",
        "return 29 in leap years"))),
    F("games", "winner tic_tac_toe_winner line_winner", "board=board,grid,cells",
      "Return 'X' or 'O' if three equal marks stand in a line of the nine-character $board, else ''.",
      r"""
def $fn($board: str) -> str:
    rows = [(0, 1, 2), (3, 4, 5), (6, 7, 8)]
    columns = [(0, 3, 6), (1, 4, 7), (2, 5, 8)]
    diagonals = [(0, 4, 8), (2, 4, 6)]
    for a, b, c in rows + columns + diagonals:
        if $board[a] != " " and $board[a] == $board[b] == $board[c]:
            return $board[a]
    return ""
""",
      (("row", "'XXXOO    '", "'X'"), ("column", "'OX OX O  '", "'O'"), ("diagonal", "'X O OXO  '",
        "'O'"), ("nobody", "'XO       '", "''")),
      (("$board[a] != \" \" and ", "", "three empty cells count as a line", "skip lines of empty cells"),
       ("rows + columns + diagonals", "rows + columns", "the diagonals are not checked",
        "check the diagonals too"))),
    F("games", "hand_value blackjack_value count_hand", "cards=cards,hand,drawn; total=total,points",
      "Count a blackjack hand: faces are 10, an ace 11, or 1 if the hand would pass 21.",
      r"""
def $fn($cards: list[str]) -> int:
    $total = 0
    for card in $cards:
        if card == "A":
            $total += 11
        else:
            $total += 10 if card in ("J", "Q", "K") else int(card)
    for _ in range($cards.count("A")):
        if $total > 21:
            $total -= 10
    return $total
""",
      (("numbers", "['7', '9']", "16"), ("face_and_ace", "['K', 'A']", "21"), ("soft_ace",
        "['A', '9', '5']", "15"),
       ("two_aces", "['A', 'A', '9']", "21"), ("three_aces", "['A', 'A', 'A']", "13")),
      (("    for _ in range($cards.count(\"A\")):\n        if $total > 21:\n            $total -= 10\n",
        "    if \"A\" in $cards and $total > 21:\n        $total -= 10\n",
        "at most one ace is counted as 1",
        "lower the total once for each ace while it is above 21"),
       ("$total > 21", "$total >= 21", "an ace is lowered although the hand has exactly 21",
        "lower an ace only above 21"))),
    F("games", "word_score letter_score score_word", "word=word,letters,play; score=score,points",
      "Score a word: 10 for q and z, 5 for k, 3 for b, c, m and p, 1 for any other letter.",
      r"""
def $fn($word: str) -> int:
    $score = 0
    for letter in $word.lower():
        if letter in "qz":
            $score += 10
        elif letter == "k":
            $score += 5
        else:
            $score += 3 if letter in "bcmp" else 1
    return $score
""",
      (("plain", "'tea'", "3"), ("rare_letter", "'quiz'", "22"), ("capitals", "'KAYAK'", "13"),
       ("middle", "'map'", "7"), ("empty", "''", "0")),
      (("$word.lower()", "$word", "capitals match none of the letter groups and score 1",
        "lower the word first"),
       ('"bcmp"', '"bcm"', "p is missing from the letters worth 3", "add p to the group"))),
    F("games", "beats round_winner duel", "first=first,mine,left; second=second,theirs,right",
      "Return 'first', 'second' or 'draw' for a round of rock, paper, scissors.",
      r"""
def $fn($first: str, $second: str) -> str:
    beaten_by = {"rock": "paper", "paper": "scissors", "scissors": "rock"}
    if $first == $second:
        return "draw"
    return "second" if beaten_by[$first] == $second else "first"
""",
      (("draw", "'rock', 'rock'", "'draw'"), ("first_wins", "'paper', 'rock'", "'first'"),
       ("second_wins", "'rock', 'paper'", "'second'"),
       ("scissors_lose", "'scissors', 'rock'", "'second'")),
      (("beaten_by[$first] == $second", "beaten_by[$second] == $first",
        "the table is read from the wrong player's side",
        "look up what beats the first choice"),
       ("    if $first == $second:\n        return \"draw\"\n", "",
        "equal choices are not noticed and count as a win",
        "return 'draw' for equal choices"))),
    F("games", "knight_moves knight_can_reach valid_knight_move",
     "start=start,source,here; end=end,target,there",
      "Tell whether a knight can go from $start to $end, both (column, row), in one move.",
      r"""
def $fn($start: tuple[int, int], $end: tuple[int, int]) -> bool:
    dx = abs($start[0] - $end[0])
    dy = abs($start[1] - $end[1])
    return {dx, dy} == {1, 2}
""",
      (("two_up", "(1, 1), (2, 3)", "True"), ("two_left", "(5, 5), (3, 4)", "True"), ("straight",
        "(1, 1), (1, 3)", "False"),
       ("diagonal", "(1, 1), (3, 3)", "False")),
      (("{dx, dy} == {1, 2}", "dx == 1 and dy == 2", "moves of two columns and one row are refused",
        "accept both orders of 1 and 2"),
       ("{dx, dy} == {1, 2}", "dx in (1, 2) and dy in (1, 2)",
        "1 and 1 or 2 and 2 are accepted as well", "require one 1 and one 2"))),
    F("games", "live_neighbours count_neighbours neighbours_alive",
     "cells=cells,alive,living; cell=cell,place,spot",
      "Count which of the eight neighbours of $cell are in the set $cells.",
      r"""
def $fn($cells: set[tuple[int, int]], $cell: tuple[int, int]) -> int:
    x, y = $cell
    return sum(
        (x + dx, y + dy) in $cells
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if (dx, dy) != (0, 0)
    )
""",
      (("two", "{(0, 0), (1, 0)}, (0, 1)", "2"), ("itself_does_not_count", "{(5, 5)}, (5, 5)", "0"),
       ("diagonal", "{(2, 2)}, (1, 1)", "1"),
       ("far_away", "{(9, 9)}, (0, 0)", "0")),
      (("\n        if (dx, dy) != (0, 0)", "", "the cell counts itself", "leave out the cell itself"),
       ("if (dx, dy) != (0, 0)", "if dx == 0 or dy == 0",
        "diagonal neighbours are skipped, and the cell counts itself",
        "skip only the cell itself"))),
    F("games", "full_house is_full_house scores_full_house", "dice=dice,roll,throw",
      "Tell whether five dice show three of one number and two of another.",
      r"""
def $fn($dice: list[int]) -> bool:
    counts = sorted(Counter($dice).values())
    return counts == [2, 3]
""",
      (("yes", "[3, 3, 5, 5, 5]", "True"), ("mixed_order", "[2, 6, 2, 6, 2]", "True"), ("five_equal",
        "[4, 4, 4, 4, 4]", "False"),
       ("three_only", "[1, 1, 1, 2, 3]", "False")),
      (("sorted(Counter($dice).values())", "list(Counter($dice).values())",
        "the counts come in the order of the dice and are not sorted", "sort the counts"),
       ("counts == [2, 3]", "counts[-1] >= 3", "three equal dice are enough, whatever the other two are",
        "require exactly the counts 2 and 3"))),
)  # fmt: skip
"""All with `$`-placeholders; see `datagen.worlds.function_model`."""
