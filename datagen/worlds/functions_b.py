"""Small functions on numbers, lists and dicts, with test cases and seeded bugs.

Not covered: text and parsing (`functions_a`), money, games and the rest (`functions_c`,
`functions_d`).
"""

from datagen.worlds.function_model import Function as F  # noqa: N817

FUNCTIONS: tuple[F, ...] = (
    F("numbers", "clamp limit_to keep_within",
     "value=value,number,reading; low=low,minimum; high=high,maximum",
      "Return $value, but at least $low and at most $high.",
      r"""
def $fn($value: int, $low: int, $high: int) -> int:
    return max($low, min($value, $high))
""",
      (("inside", "5, 0, 10", "5"), ("below", "-3, 0, 10", "0"), ("above", "42, 0, 10", "10")),
      (("max($low, min($value, $high))", "min($low, max($value, $high))",
        "min and max are exchanged, so the result is never above $low", "exchange min and max"),
       ("max($low, min($value, $high))", "min($value, $high)", "only the upper limit is applied",
        "apply the lower limit with max"))),
    F("numbers", "digit_sum sum_digits cross_sum", "number=number,value,n",
      "Add up the decimal digits of $number; the sign does not count.",
      r"""
def $fn($number: int) -> int:
    return sum(int(digit) for digit in str(abs($number)))
""",
      (("several_digits", "1234", "10"), ("zero", "0", "0"), ("negative", "-507", "12")),
      (("str(abs($number))", "str($number)", "the minus sign reaches int()",
        "take the absolute value first"),
       ("sum(int(digit) for digit in str(abs($number)))", "abs($number) % 10 + abs($number) // 10",
        "only the last digit is split off; the rest is added as one number",
        "go through all digits"))),
    F("numbers", "is_prime check_prime prime", "number=number,candidate,n; divisor=divisor,factor",
      "Tell whether $number is a prime number.",
      r"""
def $fn($number: int) -> bool:
    if $number < 2:
        return False
    $divisor = 2
    while $divisor * $divisor <= $number:
        if $number % $divisor == 0:
            return False
        $divisor += 1
    return True
""",
      (("small_prime", "7", "True"), ("composite", "15", "False"), ("square", "25", "False"),
       ("one", "1", "False"), ("two", "2", "True")),
      (("$divisor * $divisor <= $number", "$divisor * $divisor < $number",
        "the loop ends before the square root itself is tried, so squares of primes pass",
        "try divisors up to and including the square root"),
       ("$number < 2", "$number < 1", "1 gets past the first check and is called a prime",
        "return False for everything below 2"))),
    F("numbers", "primes_up_to sieve list_primes", "limit=limit,maximum,top",
      "Return all primes up to and including $limit.",
      r"""
def $fn($limit: int) -> list[int]:
    is_prime = [True] * ($limit + 1)
    primes = []
    for number in range(2, $limit + 1):
        if is_prime[number]:
            primes.append(number)
            for multiple in range(number * number, $limit + 1, number):
                is_prime[multiple] = False
    return primes
""",
      (("up_to_ten", "10", "[2, 3, 5, 7]"), ("limit_is_prime", "13", "[2, 3, 5, 7, 11, 13]"),
       ("nothing_below_two", "1", "[]")),
      (("for number in range(2, $limit + 1)", "for number in range(2, $limit)",
        "range() stops before $limit, so a prime limit is missed", "go to `$limit + 1`"),
       ("range(number * number, $limit + 1, number)", "range(number * number, $limit + 1, 2)",
        "the step is 2 and not the prime, so the wrong numbers are struck out",
        "step by the prime itself"))),
    F("numbers", "fibonacci fib_numbers fibonacci_list", "count=count,length,n",
      "Return the first $count Fibonacci numbers, starting with 0 and 1.",
      r"""
def $fn($count: int) -> list[int]:
    numbers = [0, 1]
    while len(numbers) < $count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:$count]
""",
      (("first_seven", "7", "[0, 1, 1, 2, 3, 5, 8]"), ("one", "1", "[0]"), ("none", "0", "[]")),
      (("numbers[:$count]", "numbers", "for a count below 2 the two starting numbers are returned",
        "cut the list to $count numbers"),
       ("numbers[-1] + numbers[-2]", "numbers[-1] + numbers[0]",
        "the last number is added to the first one, which is 0, so nothing grows",
        "add the last two numbers"))),
    F("numbers", "to_roman roman_numeral as_roman", "number=number,year,value",
      "Write $number in Roman numerals.",
      r"""
def $fn($number: int) -> str:
    steps = [
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
        (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
    result = ""
    for value, letters in steps:
        while $number >= value:
            result += letters
            $number -= value
    return result
""",
      (("small", "3", "'III'"), ("subtractive", "44", "'XLIV'"), ("year", "1994", "'MCMXCIV'"),
       ("exact_step", "50", "'L'")),
      (("$number >= value", "$number > value", "a number that equals a step does not take it",
        "compare with `>=`"),
       ('(50, "L"), (40, "XL"), ', '(50, "L"), ', "the step for 40 (XL) is missing from the table",
        "add (40, \"XL\") to the table"))),
    F("numbers", "from_roman roman_value read_roman", "text=text,numeral,letters; total=total,result",
      "Read Roman numerals; a letter before a larger one is subtracted.",
      r"""
def $fn($text: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    $total = 0
    for index, letter in enumerate($text):
        value = values[letter]
        if index + 1 < len($text) and value < values[$text[index + 1]]:
            $total -= value
        else:
            $total += value
    return $total
""",
      (("additive", "'XVI'", "16"), ("repeated", "'XXIII'", "23"), ("subtractive", "'XLIV'", "44"),
       ("year", "'MCMXCIV'", "1994")),
      (("value < values[", "value <= values[",
        "`<=` also subtracts a letter that stands before an equal one",
        "subtract only before a strictly larger letter"),
       ("index + 1 < len($text) and ", "index < len($text) and ",
        "at the last letter there is no next one to look at", "check that a next letter exists"))),
    F("numbers", "mean average mean_of", "values=values,numbers,samples,readings",
      "Return the arithmetic mean of $values, 0.0 if there are none.",
      r"""
def $fn($values: list[float]) -> float:
    if not $values:
        return 0.0
    return sum($values) / len($values)
""",
      (("several", "[1.0, 2.0, 6.0]", "3.0"), ("fraction", "[1.0, 2.0]", "1.5"), ("none", "[]", "0.0")),
      (("sum($values) / len($values)", "sum($values) // len($values)",
        "`//` cuts the fraction off", "divide with `/`"),
       ("    if not $values:\n        return 0.0\n", "", "an empty list divides by zero",
        "return 0.0 for an empty list"))),
    F("numbers", "median middle_value median_of", "values=values,numbers,scores; ordered=ordered,ranked",
      "Return the middle of the sorted $values, or the mean of the two in the middle.",
      r"""
def $fn($values: list[float]) -> float:
    $ordered = sorted($values)
    middle = len($ordered) // 2
    if len($ordered) % 2 == 1:
        return $ordered[middle]
    return ($ordered[middle - 1] + $ordered[middle]) / 2
""",
      (("odd_count", "[3, 1, 2]", "2"), ("even_count", "[4, 1, 3, 2]", "2.5"), ("one", "[9]", "9"),
       ("unsorted", "[10, 2, 38, 23, 38]", "23")),
      (("sorted($values)", "$values", "the values are not sorted before the middle is taken",
        "sort the values first"),
       ("($ordered[middle - 1] + $ordered[middle])", "($ordered[middle] + $ordered[middle + 1])",
        "for an even count the two middle places are one too far right",
        "use the places `middle - 1` and `middle`"))),
    F("numbers", "modes most_common_values modes_of", "values=values,numbers,votes; counts=counts,tally",
      "Return the values that occur most often, sorted.",
      r"""
def $fn($values: list[int]) -> list[int]:
    $counts = Counter($values)
    most = max($counts.values(), default=0)
    return sorted(value for value, count in $counts.items() if count == most)
""",
      (("one_mode", "[1, 2, 2, 3]", "[2]"), ("two_modes", "[5, 1, 5, 1, 7]", "[1, 5]"),
       ("pair_and_triple", "[4, 4, 6, 6, 6]", "[6]"), ("none", "[]",
        "[]")),
      (("if count == most)", "if count > 1)",
        "every repeated value is returned, not only the most common",
        "compare each count with the highest one"),
       ("sorted(value for value, count in $counts.items() if count == most)",
        "[$counts.most_common(1)[0][0]] if most else []",
        "most_common(1) returns a single value even if several share the highest count",
        "return every value whose count is the highest"))),
    F("numbers", "percent_change change_in_percent growth",
     "old=old,before,previous; new=new,after,current",
      "Return the change from $old to $new in percent of $old, rounded to one place.",
      r"""
def $fn($old: float, $new: float) -> float:
    if $old == 0:
        raise ValueError("no change in percent can be given from zero")
    return round(($new - $old) / $old * 100, 1)
""",
      (("rise", "50, 60", "20.0"), ("fall", "80, 60", "-25.0"), ("rounding", "3, 4", "33.3"),
       ("from_zero", "0, 5", "!ValueError")),
      (("($new - $old) / $old", "($new - $old) / $new", "the change is divided by the new value",
        "divide by the old value"),
       ("($new - $old)", "abs($new - $old)", "abs() hides whether the value rose or fell",
        "keep the sign of the difference"))),
    F("numbers", "moving_average rolling_mean smooth",
     "values=values,samples,series; size=size,window,span",
      "Return the means of all runs of $size neighbouring $values.",
      r"""
def $fn($values: list[float], $size: int) -> list[float]:
    return [
        sum($values[start : start + $size]) / $size
        for start in range(len($values) - $size + 1)
    ]
""",
      (("pairs", "[1, 3, 5], 2", "[2.0, 4.0]"), ("whole_list", "[2, 4, 6], 3", "[4.0]"),
       ("too_short", "[1], 2", "[]"), ("size_one", "[7, 8], 1", "[7.0, 8.0]")),
      (("- $size + 1)", "- $size)", "the last full window is left out",
        "add 1 to the number of windows"),
       ("- $size + 1)", ")", "windows that reach past the end are averaged as if they were full",
        "stop at the last full window"))),
    F("numbers", "round_half_up round_up_half to_nearest", "value=value,number,amount",
      "Round $value to a whole number; halves are rounded up.",
      r"""
def $fn($value: float) -> int:
    return math.floor($value + 0.5)
""",
      (("half_goes_up", "2.5", "3"), ("below_half", "2.4", "2"), ("odd_half", "3.5", "4"),
       ("negative_half", "-1.5", "-1"), ("negative", "-1.7", "-2")),
      (("math.floor($value + 0.5)", "round($value)",
        "round() takes halves to the nearest even number, so 2.5 becomes 2",
        "add 0.5 and take the floor"),
       ("math.floor($value + 0.5)", "int($value + 0.5)",
        "int() cuts towards zero, which is wrong for negative values",
        "use math.floor"))),
    F("numbers", "collatz_steps steps_to_one hailstone_length",
     "number=number,start,n; steps=steps,count",
      "Count the steps to 1: halve even numbers, turn odd ones into 3n + 1.",
      r"""
def $fn($number: int) -> int:
    $steps = 0
    while $number != 1:
        $number = $number // 2 if $number % 2 == 0 else 3 * $number + 1
        $steps += 1
    return $steps
""",
      (("already_one", "1", "0"), ("power_of_two", "8", "3"), ("odd_start", "6", "8")),
      (("$steps = 0\n", "$steps = 1\n", "the counter starts at 1, so one step too many is counted",
        "start counting at 0"),)),
    F("lists", "chunked batches split_in_chunks",
     "items=items,values,rows,records; size=size,length,batch_size",
      "Split $items into lists of $size; the last one may be shorter.",
      r"""
def $fn($items: list[int], $size: int) -> list[list[int]]:
    if $size < 1:
        raise ValueError("the size must be at least 1")
    return [$items[start : start + $size] for start in range(0, len($items), $size)]
""",
      (("even_split", "[1, 2, 3, 4], 2", "[[1, 2], [3, 4]]"),
       ("rest", "[1, 2, 3, 4, 5], 2", "[[1, 2], [3, 4], [5]]"),
       ("empty", "[], 3", "[]"), ("bad_size", "[1], -1", "!ValueError")),
      (("range(0, len($items), $size)", "range(0, len($items) - $size + 1, $size)",
        "the range ends before an incomplete last chunk, so the rest is lost",
        "let the range run to the end of the list"),
       ("    if $size < 1:\n        raise ValueError(\"the size must be at least 1\")\n", "",
        "a negative size is not refused; range() is simply empty",
        "raise ValueError for sizes below 1"))),
    F("lists", "dedupe unique_in_order without_repeats", "items=items,values,names; seen=seen,known",
      "Return $items without repetitions, in the order of first appearance.",
      r"""
def $fn($items: list[str]) -> list[str]:
    $seen: set[str] = set()
    result = []
    for item in $items:
        if item not in $seen:
            $seen.add(item)
            result.append(item)
    return result
""",
      (("repeats", "['b', 'a', 'b', 'c', 'a']", "['b', 'a', 'c']"),
       ("no_repeats", "['x', 'y']", "['x', 'y']"), ("empty", "[]", "[]")),
      (("            $seen.add(item)\n", "",
        "nothing is ever added to the set, so no repetition is found",
        "remember each item in the set"),
       ("    return result", "    return sorted(result)", "the result is sorted, which loses the order",
        "return the result as it was collected"))),
    F("lists", "flatten flatten_lists unnest", "items=items,nested,values; flat=flat,result",
      "Return the numbers of a nested list in one flat list, at any depth.",
      r"""
def $fn($items: list) -> list[int]:
    $flat: list[int] = []
    for item in $items:
        if isinstance(item, list):
            $flat.extend($fn(item))
        else:
            $flat.append(item)
    return $flat
""",
      (("one_level", "[[1, 2], [3]]", "[1, 2, 3]"), ("deep", "[1, [2, [3, [4]]]]", "[1, 2, 3, 4]"),
       ("empty_parts", "[[], [5], []]", "[5]")),
      (("$flat.extend($fn(item))", "$flat.extend(item)", "only one level of nesting is opened",
        "call the function on inner lists"),
       ("$flat.extend($fn(item))", "$flat.append($fn(item))",
        "the flattened inner list is appended as one item", "extend the result by the inner items"))),
    F("lists", "rotate rotate_left shift_list", "items=items,values,queue; steps=steps,places,offset",
      "Move the first $steps items to the end; more steps than items go round again.",
      r"""
def $fn($items: list[int], $steps: int) -> list[int]:
    if not $items:
        return []
    start = $steps % len($items)
    return $items[start:] + $items[:start]
""",
      (("one_step", "[1, 2, 3], 1", "[2, 3, 1]"), ("goes_round", "[1, 2, 3], 4", "[2, 3, 1]"),
       ("backwards", "[1, 2, 3], -1", "[3, 1, 2]"), ("empty", "[], 2", "[]")),
      (("$steps % len($items)", "$steps", "more steps than items slice past the end of the list",
        "reduce the steps modulo the length"),
       ("$items[start:] + $items[:start]", "$items[-start:] + $items[:-start]",
        "the list is turned to the right", "cut the list at `start` from the left"))),
    F("lists", "running_total cumulative_sums prefix_sums",
     "values=values,amounts,numbers; total=total,current",
      "Return the sums of the first 1, 2, 3, ... of $values.",
      r"""
def $fn($values: list[int]) -> list[int]:
    totals = []
    $total = 0
    for value in $values:
        $total += value
        totals.append($total)
    return totals
""",
      (("several", "[1, 2, 3]", "[1, 3, 6]"), ("negative", "[5, -2]", "[5, 3]"), ("empty", "[]", "[]")),
      (("        $total += value\n        totals.append($total)",
        "        totals.append($total)\n        $total += value",
        "the total is stored before the value is added", "add the value first"),
       ("$total += value", "$total = value", "the total is replaced by the value",
        "add the value to the total"))),
    F("lists", "second_largest runner_up second_highest", "values=values,scores,numbers",
      "Return the second largest of the different $values, None if there is none.",
      r"""
def $fn($values: list[int]) -> int | None:
    ordered = sorted(set($values), reverse=True)
    return ordered[1] if len(ordered) > 1 else None
""",
      (("several", "[4, 9, 7]", "7"), ("largest_twice", "[9, 9, 3]", "3"), ("all_equal", "[5, 5]",
        "None"),
       ("one", "[5]", "None")),
      (("sorted(set($values), reverse=True)", "sorted($values, reverse=True)",
        "a repeated largest value counts as the second one", "drop repetitions with set()"),
       ("len(ordered) > 1", "ordered", "one value alone has no second place, which raises IndexError",
        "check that there are two values"))),
    F("lists", "run_lengths encode_runs run_length_encode", "text=text,letters,row; runs=runs,groups",
      "Return each run of equal characters in $text with its length.",
      r"""
def $fn($text: str) -> list[tuple[str, int]]:
    $runs: list[tuple[str, int]] = []
    for character in $text:
        if $runs and $runs[-1][0] == character:
            $runs[-1] = (character, $runs[-1][1] + 1)
        else:
            $runs.append((character, 1))
    return $runs
""",
      (("runs", "'aaab'", "[('a', 3), ('b', 1)]"), ("comes_back", "'aba'",
        "[('a', 1), ('b', 1), ('a', 1)]"),
       ("empty", "''", "[]")),
      (("$runs[-1][0] == character", "$runs[0][0] == character",
        "the character is compared with the first run instead of the last one",
        "compare with the last run"),
       ("$runs.append((character, 1))", "$runs.append((character, 0))",
        "a new run starts at 0, so all counts are one too small", "start a run at 1"))),
    F("lists", "binary_search find_sorted index_in_sorted",
     "items=items,values,numbers; target=target,wanted,key",
      "Return the index of $target in the sorted $items, -1 if it is not there.",
      r"""
def $fn($items: list[int], $target: int) -> int:
    low, high = 0, len($items) - 1
    while low <= high:
        middle = (low + high) // 2
        if $items[middle] == $target:
            return middle
        if $items[middle] < $target:
            low = middle + 1
        else:
            high = middle - 1
    return -1
""",
      (("first", "[1, 4, 8], 1", "0"), ("last", "[1, 4, 8], 8", "2"), ("missing", "[1, 4, 8], 5", "-1"),
       ("single_item", "[3], 3", "0"), ("empty", "[], 3", "-1")),
      (("low <= high", "low < high", "the loop ends while one candidate is still unchecked",
        "continue while `low <= high`"),
       ("len($items) - 1", "len($items)", "the upper end lies one past the last index",
        "start with the last index"))),
    F("lists", "merge_sorted merge_ordered combine_sorted", "left=left,first; right=right,second",
      "Merge two sorted lists into one sorted list.",
      r"""
def $fn($left: list[int], $right: list[int]) -> list[int]:
    merged: list[int] = []
    i = j = 0
    while i < len($left) and j < len($right):
        if $left[i] <= $right[j]:
            merged.append($left[i])
            i += 1
        else:
            merged.append($right[j])
            j += 1
    return merged + $left[i:] + $right[j:]
""",
      (("alternating", "[1, 4], [2, 3]", "[1, 2, 3, 4]"), ("rest_left", "[1, 9], [2]", "[1, 2, 9]"),
       ("rest_right", "[1], [2, 3]", "[1, 2, 3]"), ("one_empty", "[], [5]", "[5]")),
      (("merged + $left[i:] + $right[j:]", "merged + $left[i:]",
        "what is left of the second list is dropped", "append the rest of both lists"),
       ("$left[i] <= $right[j]", "$left[i] >= $right[j]", "the larger item is taken first",
        "take the smaller of the two items"))),
    F("lists", "find_duplicates repeated_items duplicates", "items=items,codes,ids; counts=counts,seen",
      "Return the items that occur more than once, sorted, each one time.",
      r"""
def $fn($items: list[str]) -> list[str]:
    $counts = Counter($items)
    return sorted(item for item, count in $counts.items() if count > 1)
""",
      (("two_pairs", "['b', 'a', 'b', 'a', 'c']", "['a', 'b']"), ("three_times", "['x', 'x', 'x']",
        "['x']"),
       ("none", "['a', 'b']", "[]")),
      (("count > 1", "count == 2", "items that occur three times or more are missed",
        "look for counts above 1"),
       ("count > 1", "count >= 1", "every item is returned, also those that occur once",
        "require a count above 1"))),
    F("lists", "top_scores best_n highest", "scores=scores,points,results; count=count,n,limit",
      "Return the names of the $count best $scores, best first; equal ones by name.",
      r"""
def $fn($scores: dict[str, int], $count: int) -> list[str]:
    ranked = sorted($scores, key=lambda name: (-$scores[name], name))
    return ranked[:$count]
""",
      (("two_best", "{'ann': 3, 'bo': 9, 'cy': 5}, 2", "['bo', 'cy']"),
       ("equal_by_name", "{'zoe': 4, 'abe': 4}, 2", "['abe', 'zoe']"),
       ("more_than_there_are", "{'ann': 1}, 5", "['ann']")),
      (("(-$scores[name], name)", "($scores[name], name)", "the lowest score is sorted to the front",
        "negate the score in the sort key"),
       ("sorted($scores, key=lambda name: (-$scores[name], name))",
        "sorted($scores, key=lambda name: ($scores[name], name), reverse=True)",
        "reverse=True also reverses the names of equal scores",
        "negate the score instead of reversing"))),
    F("lists", "interleave zip_lists alternate", "first=first,left,odd; second=second,right,even",
      "Take items from both lists in turn; the rest of the longer one follows.",
      r"""
def $fn($first: list[int], $second: list[int]) -> list[int]:
    result: list[int] = []
    for one, other in zip($first, $second):
        result += [one, other]
    shorter = min(len($first), len($second))
    return result + $first[shorter:] + $second[shorter:]
""",
      (("same_length", "[1, 3], [2, 4]", "[1, 2, 3, 4]"), ("first_longer", "[1, 3, 5], [2]",
        "[1, 2, 3, 5]"),
       ("second_longer", "[1], [2, 4, 6]", "[1, 2, 4, 6]")),
      (("    shorter = min(len($first), len($second))\n    return result + $first[shorter:] + "
        "$second[shorter:]",
        "    return result", "zip() stops at the shorter list, and the rest is never added",
        "append what is left of the longer list"),
       ("min(len($first), len($second))", "max(len($first), len($second))",
        "the rest is cut at the longer length, where nothing is left", "cut at the shorter length"))),
    F("dicts", "invert swap_keys flip_mapping", "mapping=mapping,table,codes",
      "Return a dict from each value of $mapping to the sorted list of its keys.",
      r"""
def $fn($mapping: dict[str, str]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for key in sorted($mapping):
        result.setdefault($mapping[key], []).append(key)
    return result
""",
      (("plain", "{'a': 'x', 'b': 'y'}", "{'x': ['a'], 'y': ['b']}"),
       ("shared_value", "{'b': 'x', 'a': 'x'}", "{'x': ['a', 'b']}"), ("empty", "{}", "{}")),
      (("result.setdefault($mapping[key], []).append(key)", "result[$mapping[key]] = [key]",
        "a later key with the same value replaces the earlier one", "collect the keys in a list"),
       ("sorted($mapping)", "$mapping", "the keys come in the order of the dict and are not sorted",
        "go through the keys in sorted order"))),
    F("dicts", "merge_counts add_counts combine_tallies",
     "first=first,left,base; second=second,right,extra",
      "Add up two dicts of counts into a new dict; both stay as they are.",
      r"""
def $fn($first: dict[str, int], $second: dict[str, int]) -> dict[str, int]:
    result = dict($first)
    for key, count in $second.items():
        result[key] = result.get(key, 0) + count
    return result
""",
      (("shared_key", "{'a': 1}, {'a': 2, 'b': 3}", "{'a': 3, 'b': 3}"), ("one_empty", "{}, {'x': 1}",
        "{'x': 1}"),
       ("nothing_shared", "{'a': 1}, {'b': 1}", "{'a': 1, 'b': 1}")),
      (("result.get(key, 0) + count", "count", "the count of the first dict is overwritten",
        "add to the count that is there"),
       ("result.get(key, 0) + count", "result[key] + count",
        "a key that only the second dict has raises KeyError", "start missing keys at 0"))),
    F("dicts", "deep_get lookup_path get_nested", "data=data,config,document; path=path,route,keys",
      "Follow a dotted $path through nested dicts; return None if a part is missing.",
      r"""
def $fn($data: dict, $path: str) -> object:
    current: object = $data
    for key in $path.split("."):
        if not isinstance(current, dict) or key not in current:
            return None
        current = current[key]
    return current
""",
      (("nested", "{'a': {'b': 7}}, 'a.b'", "7"), ("missing", "{'a': {}}, 'a.b'", "None"),
       ("through_a_value", "{'a': 1}, 'a.b'", "None"), ("falsy_value", "{'a': {'b': 0}}, 'a.b'", "0")),
      (("not isinstance(current, dict) or key not in current", "key not in current",
        "a part that is no dict is searched like one", "check that the current value is a dict"),
       ("    return current", "    return current or None",
        "a value such as 0 is falsy and turned into None",
        "return the value as it is"))),
    F("dicts", "changed_keys diff_keys settings_diff", "old=old,before,first; new=new,after,second",
      "Return the sorted keys whose values differ between two dicts, missing keys included.",
      r"""
def $fn($old: dict[str, int], $new: dict[str, int]) -> list[str]:
    keys = $old.keys() | $new.keys()
    missing = object()
    return sorted(key for key in keys if $old.get(key, missing) != $new.get(key, missing))
""",
      (("changed", "{'a': 1, 'b': 2}, {'a': 1, 'b': 3}", "['b']"), ("added", "{}, {'n': 0}", "['n']"),
       ("removed", "{'z': 1}, {}", "['z']"), ("equal", "{'a': 1}, {'a': 1}", "[]")),
      (("$old.keys() | $new.keys()", "$old.keys() & $new.keys()",
        "only keys that both dicts have are compared", "take the keys of both dicts with `|`"),
       ("$old.keys() | $new.keys()", "$old.keys()", "keys that were added are never looked at",
        "include the keys of the second dict"))),
    F("dicts", "group_by_length by_length words_by_size",
     "words=words,names,terms; groups=groups,buckets",
      "Group $words by their length, each group in the given order.",
      r"""
def $fn($words: list[str]) -> dict[int, list[str]]:
    $groups: dict[int, list[str]] = {}
    for word in $words:
        $groups.setdefault(len(word), []).append(word)
    return $groups
""",
      (("two_lengths", "['at', 'be', 'cat']", "{2: ['at', 'be'], 3: ['cat']}"), ("empty", "[]", "{}"),
       ("order_is_kept", "['zz', 'aa']", "{2: ['zz', 'aa']}")),
      (("$groups.setdefault(len(word), []).append(word)", "$groups[len(word)] = [word]",
        "each word replaces the group instead of joining it", "append to the group"),
       (".append(word)", ".insert(0, word)", "words are put in front, which reverses the order",
        "append words at the end"))),
    F("dicts", "flatten_dict dotted_keys flat_settings", "data=data,tree,settings; prefix=prefix,path",
      "Turn nested dicts into one dict with dotted keys.",
      r"""
def $fn($data: dict, $prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in $data.items():
        if isinstance(value, dict):
            flat.update($fn(value, f"{$prefix}{key}."))
        else:
            flat[f"{$prefix}{key}"] = value
    return flat
""",
      (("nested", "{'a': {'b': 1}, 'c': 2}", "{'a.b': 1, 'c': 2}"),
       ("three_levels", "{'a': {'b': {'c': 3}}}", "{'a.b.c': 3}"), ("flat_already", "{'x': 1}",
        "{'x': 1}")),
      (('f"{$prefix}{key}."', 'f"{key}."',
        "the prefix of the outer levels is lost below the second level",
        "put the prefix before the key"),
       ("flat.update($fn(value, f\"{$prefix}{key}.\"))", "flat.update($fn(value))",
        "inner keys are added without the key they stand under", "hand the dotted prefix on"))),
    F("dicts", "drop_empty without_blanks remove_missing", "record=record,row,payload",
      "Return $record without the keys whose value is None or an empty text; zeros stay.",
      r"""
def $fn($record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in $record.items() if value is not None and value != ""}
""",
      (("drops_none", "{'a': None, 'b': 1}", "{'b': 1}"), ("drops_empty_text", "{'a': '', 'b': 'x'}",
        "{'b': 'x'}"),
       ("keeps_zero", "{'n': 0}", "{'n': 0}"), ("keeps_false", "{'on': False}", "{'on': False}")),
      (("value is not None and value != \"\"", "value", "0 and False are falsy, so they are dropped too",
        "compare with None and the empty text"),
       (" and value != \"\"", "", "empty texts are kept", "drop empty texts as well"))),
)  # fmt: skip
"""All with `$`-placeholders; see `datagen.worlds.function_model`."""
