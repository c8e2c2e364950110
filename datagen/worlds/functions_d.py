"""Small functions on stock, roles, matrices, units and pages, with test cases and seeded bugs.

Not covered: text (`functions_a`), numbers and lists (`functions_b`), money and games
(`functions_c`).
"""

from datagen.worlds.function_model import Function as F  # noqa: N817

FUNCTIONS: tuple[F, ...] = (
    F("inventory", "low_stock items_to_order running_out",
     "stock=stock,shelf,levels; minimum=minimum,threshold,reserve",
      "Return the sorted names of items with fewer than $minimum pieces.",
      r"""
def $fn($stock: dict[str, int], $minimum: int) -> list[str]:
    return sorted(name for name, count in $stock.items() if count < $minimum)
""",
      (("one_low", "{'nut': 2, 'bolt': 9}, 5", "['nut']"), ("exactly_minimum", "{'nut': 5}, 5", "[]"),
       ("sorted", "{'zip': 0, 'cap': 1}, 3", "['cap', 'zip']"), ("empty", "{}, 4", "[]")),
      (("count < $minimum", "count <= $minimum", "items with exactly the minimum are listed too",
        "compare with `<`"),
       ("sorted(name for name, count in $stock.items() if count < $minimum)",
        "[name for name, count in $stock.items() if count < $minimum]", "the names are not sorted",
        "sort the names"))),
    F("inventory", "reserve take_from_stock withdraw",
     "stock=stock,shelf,levels; item=item,name,part; count=count,amount,pieces",
      "Return a copy of $stock with $count pieces of $item fewer; ValueError if there are not enough.",
      r"""
def $fn($stock: dict[str, int], $item: str, $count: int) -> dict[str, int]:
    if $stock.get($item, 0) < $count:
        raise ValueError(f"not enough of {$item}")
    return {**$stock, $item: $stock[$item] - $count}
""",
      (("some", "{'pen': 5}, 'pen', 2", "{'pen': 3}"), ("all_of_them", "{'pen': 5}, 'pen', 5",
        "{'pen': 0}"),
       ("too_many", "{'pen': 1}, 'pen', 2", "!ValueError"), ("unknown_item", "{}, 'ink', 1",
        "!ValueError")),
      (("$stock.get($item, 0) < $count", "$stock.get($item, 0) <= $count",
        "the last pieces cannot be taken",
        "refuse only if there are fewer than asked for"),
       ("$stock.get($item, 0)", "$stock[$item]", "an unknown item raises KeyError",
        "count unknown items as 0"))),
    F("inventory", "stock_value total_value worth_of_stock",
     "stock=stock,counts,shelf; prices=prices,costs,rates",
      "Add up count times price of all items; an item without a price counts nothing.",
      r"""
def $fn($stock: dict[str, int], $prices: dict[str, int]) -> int:
    return sum(count * $prices.get(name, 0) for name, count in $stock.items())
""",
      (("two_items", "{'cup': 3, 'jar': 2}, {'cup': 4, 'jar': 10}", "32"), ("no_price",
        "{'cup': 3, 'lid': 8}, {'cup': 4}", "12"),
       ("empty", "{}, {'cup': 4}", "0")),
      (("$prices.get(name, 0)", "$prices[name]", "an item without a price raises KeyError",
        "use 0 for a missing price"),
       ("count * $prices.get(name, 0)", "$prices.get(name, 0)", "the count is left out",
        "multiply by the count"))),
    F("inventory", "restock fill_up top_up",
     "stock=stock,levels,shelf; delivery=delivery,arrived,shipment",
      "Return a new dict with the pieces of $delivery added to $stock, new items included.",
      r"""
def $fn($stock: dict[str, int], $delivery: dict[str, int]) -> dict[str, int]:
    result = dict($stock)
    for name, count in $delivery.items():
        result[name] = result.get(name, 0) + count
    return result
""",
      (("known_item", "{'nail': 3}, {'nail': 4}", "{'nail': 7}"), ("new_item",
        "{'nail': 3}, {'hook': 2}", "{'nail': 3, 'hook': 2}"),
       ("no_delivery", "{'nail': 3}, {}", "{'nail': 3}")),
      (("for name, count in $delivery.items():\n        result[name]",
        "for name, count in $delivery.items():\n        if name not in result:\n            continue\n"
        "        result[name]",
        "items that are not in stock yet are skipped", "add new items as well"),
       ("result.get(name, 0) + count", "count", "the delivered count replaces the pieces in stock",
        "add the delivered count"))),
    F("inventory", "pick_list allocate serve_orders",
     "orders=orders,requests,wanted; available=available,pieces,supply",
      "Serve $orders (name, count) in turn from $available pieces; skip those that do not fit.",
      r"""
def $fn($orders: list[tuple[str, int]], $available: int) -> list[str]:
    served = []
    for name, count in $orders:
        if count <= $available:
            served.append(name)
            $available -= count
    return served
""",
      (("all_fit", "[('ann', 2), ('bob', 3)], 5", "['ann', 'bob']"), ("skips_large",
        "[('ann', 9), ('bob', 3)], 5", "['bob']"),
       ("supply_shrinks", "[('ann', 4), ('bob', 3)], 5", "['ann']"), ("none", "[('ann', 1)], 0", "[]")),
      (("            $available -= count\n", "",
        "the supply never shrinks, so too many orders are served",
        "subtract the count of each served order"),
       ("count <= $available", "count < $available", "an order for exactly the rest is skipped",
        "compare with `<=`"))),
    F("permissions", "can_edit may_edit edit_allowed",
     "role=role,rank; owner=owner,author; user=user,actor",
      "Tell who may edit: admins everything, editors what they own, others nothing.",
      r"""
def $fn($role: str, $user: str, $owner: str) -> bool:
    if $role == "admin":
        return True
    return $role == "editor" and $user == $owner
""",
      (("admin", "'admin', 'ann', 'bob'", "True"), ("editor_own", "'editor', 'ann', 'ann'", "True"),
       ("editor_other", "'editor', 'ann', 'bob'", "False"),
       ("viewer_own", "'viewer', 'ann', 'ann'", "False")),
      (('$role == "editor" and $user == $owner', '$role == "editor" or $user == $owner',
        "`or` lets any editor edit everything, and viewers their own",
        "require both conditions with `and`"),
       ("    if $role == \"admin\":\n        return True\n", "",
        "admins are treated like any other role", "allow admins first"))),
    F("permissions", "has_permission is_allowed grants",
     "granted=granted,rules,scopes; wanted=wanted,action,scope",
      "Tell whether $wanted ('doc:read') is in $granted, which may hold wildcards such as 'doc:*'.",
      r"""
def $fn($granted: set[str], $wanted: str) -> bool:
    area, _, _ = $wanted.partition(":")
    return $wanted in $granted or f"{area}:*" in $granted or "*" in $granted
""",
      (("exact", "{'doc:read'}, 'doc:read'", "True"), ("wildcard", "{'doc:*'}, 'doc:write'", "True"),
       ("everything", "{'*'}, 'user:ban'", "True"),
       ("other_area", "{'doc:*'}, 'user:read'", "False"), ("other_action", "{'doc:read'}, 'doc:write'",
        "False")),
      ((' or f"{area}:*" in $granted', "", "the wildcard of an area is never looked up",
        "look for 'area:*' as well"),
       ("$wanted in $granted or f", "any(rule.startswith(area) for rule in $granted) or f",
        "any rule of the same area is enough, whatever its action", "look for the exact permission"))),
    F("permissions", "effective_roles all_roles expand_roles",
     "role=role,name,start; parents=parents,inherits,tree",
      "Return $role and all roles it inherits, directly or not, sorted.",
      r"""
def $fn($role: str, $parents: dict[str, list[str]]) -> list[str]:
    found: set[str] = set()
    waiting = [$role]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend($parents.get(current, []))
    return sorted(found)
""",
      (("chain", "'a', {'a': ['b'], 'b': ['c']}", "['a', 'b', 'c']"), ("no_parents", "'x', {}", "['x']"),
       ("two_parents", "'m', {'m': ['q', 'p']}", "['m', 'p', 'q']"), ("circle",
        "'a', {'a': ['b'], 'b': ['a']}", "['a', 'b']")),
      (("    found: set[str] = set()\n    waiting = [$role]\n    while waiting:\n        current = "
        "waiting.pop()\n        if current not in found:\n            found.add(current)\n            "
        "waiting.extend($parents.get(current, []))\n    return sorted(found)",
        "    return sorted([$role, *$parents.get($role, [])])",
        "only direct parents are added, not what these inherit",
        "follow the parents of each role that is found"),
       ("$parents.get(current, [])", "$parents[current]", "a role without parents raises KeyError",
        "use an empty list for roles without parents"))),
    F("permissions", "mode_text permission_letters rwx", "mode=mode,bits,digit",
      "Write a permission digit from 0 to 7 as three letters: 5 is 'r-x'.",
      r"""
def $fn($mode: int) -> str:
    letters = zip((4, 2, 1), "rwx")
    return "".join(letter if $mode & bit else "-" for bit, letter in letters)
""",
      (("read_execute", "5", "'r-x'"), ("read", "4", "'r--'"), ("all", "7", "'rwx'"), ("none", "0",
        "'---'"), ("write", "2", "'-w-'")),
      (("(4, 2, 1)", "(1, 2, 4)", "the bits are paired with the letters in reverse order",
        "pair 4 with r, 2 with w and 1 with x"),
       ("$mode & bit", "$mode >= bit", "`>=` compares sizes instead of testing the bit",
        "test the bit with `&`"))),
    F("matrices", "transpose flip_rows swap_axes", "matrix=matrix,table,grid",
      "Exchange rows and columns.",
      r"""
def $fn($matrix: list[list[int]]) -> list[list[int]]:
    if not $matrix:
        return []
    return [[row[column] for row in $matrix] for column in range(len($matrix[0]))]
""",
      (("square", "[[1, 2], [3, 4]]", "[[1, 3], [2, 4]]"), ("wide", "[[1, 2, 3]]", "[[1], [2], [3]]"),
       ("empty", "[]", "[]")),
      (("range(len($matrix[0]))", "range(len($matrix))",
        "the number of rows is used for the number of columns",
        "count the columns in the first row"),
       ("    if not $matrix:\n        return []\n", "", "an empty matrix has no first row",
        "return an empty list for an empty matrix"))),
    F("matrices", "multiply matrix_product matmul", "left=left,first,a; right=right,second,b",
      "Multiply two matrices; ValueError if their sizes do not fit.",
      r"""
def $fn($left: list[list[int]], $right: list[list[int]]) -> list[list[int]]:
    if len($left[0]) != len($right):
        raise ValueError("the sizes do not fit")
    columns = list(zip(*$right))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in $left]
""",
      (("two_by_two", "[[1, 2], [3, 4]], [[5, 6], [7, 8]]", "[[19, 22], [43, 50]]"),
       ("row_times_column", "[[1, 2]], [[3], [4]]", "[[11]]"),
       ("wrong_sizes", "[[1, 2]], [[1, 2]]", "!ValueError")),
      (("columns = list(zip(*$right))", "columns = $right",
        "rows are multiplied with rows instead of columns",
        "take the columns of the second matrix"),
       ("    if len($left[0]) != len($right):\n        raise ValueError(\"the sizes do not fit\")\n", "",
        "zip() cuts sizes that do not fit without a word", "compare the sizes and raise ValueError"))),
    F("matrices", "rotate_clockwise turn_right rotate_grid", "grid=grid,matrix,tiles",
      "Turn a grid by 90 degrees clockwise.",
      r"""
def $fn($grid: list[list[int]]) -> list[list[int]]:
    return [list(row) for row in zip(*$grid[::-1])]
""",
      (("square", "[[1, 2], [3, 4]]", "[[3, 1], [4, 2]]"), ("wide", "[[1, 2, 3]]", "[[1], [2], [3]]"),
       ("tall", "[[1], [2]]", "[[2, 1]]")),
      (("zip(*$grid[::-1])", "zip(*$grid)",
        "without reversing the rows the grid is mirrored, not turned", "reverse the rows first"),
       ("[list(row) for row in zip(*$grid[::-1])]", "[list(row) for row in zip(*$grid)][::-1]",
        "reversing after zip() turns the grid the other way",
        "reverse the rows before zip()"))),
    F("matrices", "diagonal_sums sum_diagonals both_diagonals", "matrix=matrix,square,grid",
      "Return the sums of both diagonals of a square matrix.",
      r"""
def $fn($matrix: list[list[int]]) -> tuple[int, int]:
    last = len($matrix) - 1
    falling = sum($matrix[i][i] for i in range(last + 1))
    rising = sum($matrix[i][last - i] for i in range(last + 1))
    return falling, rising
""",
      (("two_by_two", "[[1, 2], [3, 4]]", "(5, 5)"), ("three_by_three",
        "[[1, 0, 2], [0, 5, 0], [3, 0, 9]]", "(15, 10)"), ("one", "[[7]]", "(7, 7)")),
      (("$matrix[i][last - i] for", "$matrix[last - i][last - i] for",
        "the second sum runs over the first diagonal again",
        "combine row i with column `last - i`"),
       ("len($matrix) - 1", "len($matrix) - 2", "the last row is left out",
        "use `len() - 1` as the last index"))),
    F("matrices", "spiral_order read_spiral spiral", "grid=grid,matrix,rows",
      "List the cells of a grid in a clockwise spiral from the top left.",
      r"""
def $fn($grid: list[list[int]]) -> list[int]:
    result: list[int] = []
    rest = [list(row) for row in $grid]
    while rest:
        result += rest.pop(0)
        rest = [list(row) for row in zip(*rest)][::-1]
    return result
""",
      (("square", "[[1, 2], [4, 3]]", "[1, 2, 3, 4]"), ("three", "[[1, 2, 3], [8, 9, 4], [7, 6, 5]]",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9]"),
       ("one_row", "[[5, 6]]", "[5, 6]")),
      (("zip(*rest)][::-1]", "zip(*rest)]",
        "the rest is mirrored instead of turned, so the direction is wrong",
        "reverse the rows after zip()"),)),
    F("units", "to_fahrenheit celsius_to_fahrenheit as_fahrenheit", "celsius=celsius,degrees,reading",
      "Convert degrees Celsius to Fahrenheit, rounded to one place.",
      r"""
def $fn($celsius: float) -> float:
    return round($celsius * 9 / 5 + 32, 1)
""",
      (("freezing", "0", "32.0"), ("boiling", "100", "212.0"), ("body", "36.6", "97.9"), ("crossing",
        "-40", "-40.0")),
      (("$celsius * 9 / 5 + 32", "($celsius + 32) * 9 / 5", "32 is added before the multiplication",
        "multiply first, then add 32"),
       ("9 / 5", "9 // 5", "`9 // 5` is 1, so the factor is lost", "divide with `/`"))),
    F("units", "human_size readable_size size_text", "size=size,count,amount",
      "Write a number of bytes with one decimal and a unit: 1536 as '1.5 KB'.",
      r"""
def $fn($size: float) -> str:
    for unit in ("B", "KB", "MB"):
        if $size < 1024:
            return f"{$size:.1f} {unit}"
        $size /= 1024
    return f"{$size:.1f} GB"
""",
      (("bytes", "512", "'512.0 B'"), ("kilobytes", "1536", "'1.5 KB'"), ("exact_step", "1024",
        "'1.0 KB'"), ("gigabytes", "3221225472", "'3.0 GB'")),
      (("$size < 1024", "$size <= 1024", "1024 bytes are not turned into 1 KB", "compare with `<`"),
       ("$size /= 1024", "$size /= 1000", "the steps are 1000 although the limit is 1024",
        "divide by 1024"))),
    F("units", "pace pace_per_km running_pace",
     "seconds=seconds,time,duration; meters=meters,distance,length",
      "Return the time per kilometre as 'M:SS' for $seconds over $meters.",
      r"""
def $fn($seconds: int, $meters: int) -> str:
    minutes, rest = divmod(round($seconds * 1000 / $meters), 60)
    return f"{minutes}:{rest:02d}"
""",
      (("five_km", "1500, 5000", "'5:00'"), ("padded", "3045, 10000", "'5:04'"), ("short_run",
        "90, 500", "'3:00'"), ("slow", "2000, 3000", "'11:07'")),
      (("{rest:02d}", "{rest}", "seconds below ten lose their zero", "pad the seconds to two digits"),
       ("$seconds * 1000 / $meters", "$seconds / ($meters // 1000)",
        "the distance is cut to whole kilometres first",
        "multiply by 1000 before dividing"))),
    F("units", "feet_and_inches to_feet height_in_feet", "cm=cm,centimeters,height",
      "Convert centimetres to whole feet and inches (2.54 cm to the inch, 12 inches to the foot).",
      r"""
def $fn($cm: float) -> tuple[int, int]:
    return divmod(round($cm / 2.54), 12)
""",
      (("one_foot", "30.48", "(1, 0)"), ("tall", "180", "(5, 11)"), ("full_foot_after_rounding",
        "182.5", "(6, 0)"), ("small", "10", "(0, 4)")),
      (("divmod(round($cm / 2.54), 12)", "divmod(int($cm / 2.54), 12)",
        "int() cuts the inches off instead of rounding", "round the inches"),
       (", 12)", ", 10)", "the inches are divided by 10", "divide by 12"))),
    F("pagination", "page_of get_page page_items",
     "items=items,rows,entries; page=page,number; size=size,per_page",
      "Return the items of page number $page, counted from 1.",
      r"""
def $fn($items: list[int], $page: int, $size: int) -> list[int]:
    start = ($page - 1) * $size
    return $items[start : start + $size]
""",
      (("first", "[1, 2, 3, 4, 5], 1, 2", "[1, 2]"), ("last", "[1, 2, 3, 4, 5], 3, 2", "[5]"),
       ("past_the_end", "[1, 2], 4, 2", "[]")),
      (("($page - 1) * $size", "$page * $size",
        "pages are counted from 0, so the first page is skipped", "subtract 1 from the page number"),
       ("start + $size]", "start + $size - 1]",
        "the end of a slice is excluded already, so one item is lost",
        "end the slice at `start + $size`"))),
    F("pagination", "page_count number_of_pages pages_needed",
     "total=total,count,rows; size=size,per_page",
      "Return how many pages of $size are needed for $total items; at least 1.",
      r"""
def $fn($total: int, $size: int) -> int:
    return max(1, -(-$total // $size))
""",
      (("full_pages", "20, 10", "2"), ("rest", "21, 10", "3"), ("nothing", "0, 10", "1"),
       ("less_than_one", "3, 10", "1")),
      (("-(-$total // $size)", "$total // $size", "the division drops an incomplete last page",
        "round the division up"),
       ("-(-$total // $size)", "$total // $size + 1", "a full last page is followed by an empty one",
        "round up instead of adding 1"),
       ("max(1, -(-$total // $size))", "-(-$total // $size)", "no items give 0 pages",
        "return at least 1"))),
    F("pagination", "page_window visible_pages page_links",
     "page=page,current; last=last,total; width=width,around",
      "Return the page numbers from $width before to $width after $page, within 1 and $last.",
      r"""
def $fn($page: int, $last: int, $width: int = 2) -> list[int]:
    first = max(1, $page - $width)
    end = min($last, $page + $width)
    return list(range(first, end + 1))
""",
      (("middle", "5, 9", "[3, 4, 5, 6, 7]"), ("at_the_start", "1, 9", "[1, 2, 3]"), ("at_the_end",
        "9, 9", "[7, 8, 9]"), ("narrow", "4, 9, 1", "[3, 4, 5]")),
      (("max(1, $page - $width)", "$page - $width", "near the start the numbers fall below 1",
        "begin at 1 at the lowest"),
       ("range(first, end + 1)", "range(first, end)", "range() leaves out the last page number",
        "go to `end + 1`"))),
    F("pagination", "next_offset following_offset offset_after",
     "offset=offset,start,position; limit=limit,size,step; total=total,count",
      "Return the offset of the next page, None if there is none.",
      r"""
def $fn($offset: int, $limit: int, $total: int) -> int | None:
    following = $offset + $limit
    return following if following < $total else None
""",
      (("more_to_come", "0, 10, 25", "10"), ("exact_end", "10, 10, 20", "None"), ("last_page",
        "20, 10, 25", "None")),
      (("following < $total", "following <= $total",
        "an offset equal to the total leads to an empty page", "compare with `<`"),
       ("following < $total", "$offset < $total",
        "the current offset is compared instead of the next one",
        "compare the next offset with the total"))),
)  # fmt: skip
"""All with `$`-placeholders; see `datagen.worlds.function_model`."""
