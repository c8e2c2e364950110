"""Small functions on text, parsing and validation, with test cases and seeded bugs.

Not covered: numbers, lists, money and the rest (`functions_b`, `functions_c`, `functions_d`).
"""

from datagen.worlds.function_model import Function as F  # noqa: N817

FUNCTIONS: tuple[F, ...] = (
    F("text", "slugify make_slug to_slug slug_for", "text=title,heading,label,headline",
      "Turn $text into a slug: lower-case letters and digits, words joined by single dashes.",
      r"""
def $fn($text: str) -> str:
    words = re.findall(r"[a-z0-9]+", $text.lower())
    return "-".join(words)
""",
      (("joins_words", "'Hello World'", "'hello-world'"),
       ("drops_punctuation", "'Ready, set: go!'", "'ready-set-go'"),
       ("keeps_digits", "'Top 10 Tips'", "'top-10-tips'"),
       ("empty_text", "''", "''")),
      (("$text.lower()", "$text",
        "upper-case letters do not match `[a-z0-9]+`, so they are dropped",
        "lower the text before matching"),
       ("[a-z0-9]+", "[a-z]+", "the pattern matches letters only, so digits are lost",
        "allow digits in the pattern"))),
    F("text", "truncate shorten clip_text abbreviate",
      "text=text,message,caption,summary; limit=limit,width,max_length",
      "Shorten $text to at most $limit characters, the final '...' included.",
      r"""
def $fn($text: str, $limit: int) -> str:
    if len($text) <= $limit:
        return $text
    return $text[: $limit - 3] + "..."
""",
      (("short_text_is_kept", "'tea', 10", "'tea'"),
       ("exact_fit_is_kept", "'teapot', 6", "'teapot'"),
       ("long_text_is_cut", "'watering can', 8", "'water...'"),
       ("result_fits", "'abcdefghij', 7", "'abcd...'")),
      (("<= $limit", "< $limit", "a text of exactly $limit characters is cut although it fits",
        "compare with `<=`"),
       ("$text[: $limit - 3]", "$text[:$limit]",
        "the three dots are added after a full $limit characters, so the result is too long",
        "leave room for the three dots in the slice"))),
    F("text", "title_case headline_case capitalize_title", "text=title,text,headline; small=small,minor",
      "Capitalise the words of $text, but not 'a', 'of', 'the' and 'and' after the first word.",
      r"""
def $fn($text: str) -> str:
    $small = {"a", "of", "the", "and"}
    words = []
    for index, word in enumerate($text.lower().split()):
        if index > 0 and word in $small:
            words.append(word)
        else:
            words.append(word.capitalize())
    return " ".join(words)
""",
      (("plain_words", "'green apples'", "'Green Apples'"),
       ("small_words_stay_small", "'lord of the rings'", "'Lord of the Rings'"),
       ("first_word_is_capitalised", "'the end'", "'The End'"),
       ("shouting_is_calmed", "'WAR AND PEACE'", "'War and Peace'")),
      (("index > 0 and word in $small", "word in $small",
        "small words are left alone even at the start of the title",
        "exempt the first word from the small-word rule"),
       ("$text.lower().split()", "$text.split()",
        "small words in capitals are not recognised because the text is not lowered",
        "lower the text before splitting it"))),
    F("text", "is_palindrome reads_both_ways is_mirrored",
     "text=text,phrase,word; letters=letters,kept,cleaned",
      "Tell whether $text reads the same backwards, ignoring case and everything but letters.",
      r"""
def $fn($text: str) -> bool:
    $letters = [character.lower() for character in $text if character.isalpha()]
    return $letters == $letters[::-1]
""",
      (("simple_word", "'level'", "True"),
       ("ignores_case", "'Noon'", "True"),
       ("ignores_spaces_and_marks", "'Step on no pets!'", "True"),
       ("other_words", "'house'", "False")),
      (("character.lower() for", "character for",
        "upper and lower case are compared as different letters", "lower each letter first"),
       (" if character.isalpha()]", "]", "spaces and punctuation take part in the comparison",
        "keep only letters"))),
    F("text", "caesar shift_letters rotate_letters encode_shift",
      "text=text,message,plain; shift=shift,offset,key",
      "Move each lower-case letter of $text by $shift places in the alphabet, wrapping around.",
      r"""
def $fn($text: str, $shift: int) -> str:
    result = ""
    for character in $text:
        if "a" <= character <= "z":
            place = (ord(character) - ord("a") + $shift) % 26
            result += chr(ord("a") + place)
        else:
            result += character
    return result
""",
      (("shifts_letters", "'abc', 2", "'cde'"),
       ("wraps_around", "'xyz', 3", "'abc'"),
       ("keeps_other_characters", "'a b!', 1", "'b c!'"),
       ("negative_shift", "'bcd', -2", "'zab'")),
      ((" % 26", "", "the place is not reduced modulo 26, so letters run past 'z'",
        "take the place modulo 26"),
       ("            result += character\n", "            continue\n",
        "characters that are no letters are skipped instead of copied",
        "append other characters unchanged"))),
    F("text", "initials monogram initials_of", "name=name,full_name,person",
      "Return the initials of $name in capitals, each followed by a dot.",
      r"""
def $fn($name: str) -> str:
    return "".join(f"{part[0].upper()}." for part in $name.split())
""",
      (("two_names", "'ada lovelace'", "'A.L.'"),
       ("one_name", "'Plato'", "'P.'"),
       ("extra_spaces", "'  grace   hopper '", "'G.H.'"),
       ("no_name", "''", "''")),
      (("$name.split()", '$name.split(" ")',
        'split(" ") yields empty parts for repeated spaces, and an empty part has no first letter',
        "split on any run of white space with `split()`"),
       ("part[0].upper()", "part[0]", "the first letters are copied as they were typed",
        "turn each initial into a capital"))),
    F("text", "snake_to_camel to_camel camelize", "text=name,identifier,key",
      "Turn a snake_case $text into camelCase.",
      r"""
def $fn($text: str) -> str:
    first, *rest = $text.split("_")
    return first + "".join(part.capitalize() for part in rest)
""",
      (("two_parts", "'user_id'", "'userId'"),
       ("three_parts", "'max_retry_count'", "'maxRetryCount'"),
       ("one_part", "'total'", "'total'")),
      (("return first + ", "return first.capitalize() + ",
        "the first part is capitalised too, which gives PascalCase",
        "leave the first part as it is"),
       ('"".join', '"_".join', "the parts are joined with underscores again",
        "join the parts with nothing between them"))),
    F("text", "camel_to_snake to_snake snake_name", "text=name,identifier,label",
      "Turn a camelCase $text into snake_case.",
      r"""
def $fn($text: str) -> str:
    result = ""
    for index, letter in enumerate($text):
        if letter.isupper() and index > 0:
            result += "_"
        result += letter.lower()
    return result
""",
      (("two_parts", "'userId'", "'user_id'"),
       ("leading_capital", "'OrderLine'", "'order_line'"),
       ("no_capitals", "'total'", "'total'")),
      ((" and index > 0", "", "a capital at the very start gets an underscore before it",
        "add no underscore at index 0"),
       ("letter.lower()", "letter", "capitals are copied without being lowered",
        "lower each letter before appending it"))),
    F("text", "mask_digits mask_number hide_number",
      "number=number,account,card; shown=shown,visible,tail",
      "Replace all but the last $shown characters of $number with '*'.",
      r"""
def $fn($number: str, $shown: int = 4) -> str:
    hidden = max(len($number) - $shown, 0)
    return "*" * hidden + $number[hidden:]
""",
      (("keeps_last_four", "'12345678'", "'****5678'"),
       ("short_number_is_kept", "'123'", "'123'"),
       ("other_tail", "'987654', 2", "'****54'"),
       ("nothing_shown", "'2468', 0", "'****'")),
      (("$number[hidden:]", "$number[-$shown:]",
        "with $shown = 0 the slice `[-0:]` is the whole number, so nothing is hidden",
        "slice from the count of hidden characters"),
       ("$number[hidden:]", "$number[:$shown]",
        "the slice takes characters from the start, not from the end",
        "take the characters after the hidden ones"))),
    F("text", "wrap_words fold_lines wrap_text", "text=text,paragraph,note; width=width,columns,limit",
      "Break $text into lines of at most $width characters, between words.",
      r"""
def $fn($text: str, $width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in $text.split():
        if line and len(line) + 1 + len(word) > $width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        lines.append(line)
    return lines
""",
      (("breaks_between_words", "'one two three', 8", "['one two', 'three']"),
       ("exact_fit", "'ab cd', 5", "['ab cd']"),
       ("space_counts", "'ab cd', 4", "['ab', 'cd']"),
       ("last_line_is_kept", "'aa bb cc', 2", "['aa', 'bb', 'cc']"),
       ("empty_text", "'', 10", "[]")),
      (("len(line) + 1 + len(word)", "len(line) + len(word)",
        "the space between two words is not counted, so lines get one character too long",
        "count the space before the word"),
       ("    if line:\n        lines.append(line)\n    return", "    return",
        "the line that is still being filled when the loop ends is never added",
        "append the last line after the loop"))),
    F("text", "longest_word find_longest_word widest_word", "text=text,sentence,line; best=best,longest",
      "Return the longest word of $text, the first one if several are equally long.",
      r"""
def $fn($text: str) -> str:
    $best = ""
    for word in $text.split():
        if len(word) > len($best):
            $best = word
    return $best
""",
      (("finds_it", "'a quick fox'", "'quick'"),
       ("first_of_equals", "'pear plum fig'", "'pear'"),
       ("no_words", "''", "''")),
      (("> len($best)", ">= len($best)",
        "`>=` replaces the best word by a later one of the same length", "compare with `>`"),)),
    F("text", "common_prefix shared_prefix shared_start", "words=words,names,keys,paths",
      "Return the longest text that all $words start with.",
      r"""
def $fn($words: list[str]) -> str:
    if not $words:
        return ""
    prefix = $words[0]
    for word in $words[1:]:
        while not word.startswith(prefix):
            prefix = prefix[:-1]
    return prefix
""",
      (("several_words", "['flower', 'flow', 'flight']", "'fl'"),
       ("nothing_shared", "['dog', 'car']", "''"),
       ("one_word", "['solo']", "'solo'"),
       ("no_words", "[]", "''")),
      (("while not word", "if not word",
        "`if` shortens the prefix by one character only, which may still not match",
        "shorten the prefix in a `while` loop until the word starts with it"),
       ("    if not $words:\n        return \"\"\n", "",
        "with an empty list there is no first word to start from",
        "return an empty text for an empty list"))),
    F("text", "count_words word_counts tally_words", "text=text,line,lyrics; counts=counts,tally,seen",
      "Count how often each word occurs in $text, without regard to case.",
      r"""
def $fn($text: str) -> dict[str, int]:
    $counts: dict[str, int] = {}
    for word in re.findall(r"[a-z']+", $text.lower()):
        $counts[word] = $counts.get(word, 0) + 1
    return $counts
""",
      (("repeated_words", "'to go or to stay'", "{'to': 2, 'go': 1, 'or': 1, 'stay': 1}"),
       ("ignores_case", "'Row row ROW'", "{'row': 3}"),
       ("ignores_punctuation", "'Yes, yes.'", "{'yes': 2}"),
       ("apostrophes_stay", "\"don't\"", "{\"don't\": 1}")),
      (("$counts.get(word, 0) + 1", "1", "each occurrence sets the count to 1 again",
        "add 1 to the count so far"),
       ("[a-z']+", "[a-z]+", "the pattern splits words at an apostrophe",
        "allow apostrophes inside words"))),
    F("text", "pluralize count_label quantity_text", "count=count,number,amount; noun=noun,thing,unit",
      "Return the count with its noun: '1 box', '2 boxes', '3 cities', '4 cups'.",
      r"""
def $fn($count: int, $noun: str) -> str:
    if $count == 1:
        return f"1 {$noun}"
    if $noun.endswith(("s", "x", "ch", "sh")):
        return f"{$count} {$noun}es"
    if $noun.endswith("y") and $noun[-2] not in "aeiou":
        return f"{$count} {$noun[:-1]}ies"
    return f"{$count} {$noun}s"
""",
      (("one", "1, 'cup'", "'1 cup'"),
       ("many", "4, 'cup'", "'4 cups'"),
       ("none", "0, 'cup'", "'0 cups'"),
       ("hissing_end", "2, 'box'", "'2 boxes'"),
       ("vowel_before_y", "3, 'day'", "'3 days'"),
       ("consonant_before_y", "3, 'city'", "'3 cities'")),
      (("$count == 1", "$count <= 1", "zero is treated like one and gets the singular",
        "use the singular for exactly 1"),
       (' and $noun[-2] not in "aeiou"', "", "every noun in -y becomes -ies, also after a vowel",
        "check that the letter before the y is a consonant"))),
    F("text", "squeeze collapse_repeats squeeze_runs", "text=text,value,raw; mark=mark,character,symbol",
      "Replace each run of $mark in $text by a single one.",
      r"""
def $fn($text: str, $mark: str = " ") -> str:
    result = ""
    for character in $text:
        if character == $mark and result.endswith($mark):
            continue
        result += character
    return result
""",
      (("spaces", "'a   b  c'", "'a b c'"),
       ("other_mark", "'--x--', '-'", "'-x-'"),
       ("other_letters_stay", "'aabb  c'", "'aabb c'")),
      (("character == $mark and ", "",
        "any character after the mark is skipped, not only another mark",
        "skip a character only if it is the mark itself"),)),
    F("parsing", "parse_duration duration_seconds to_seconds", "text=text,duration,value",
      "Return the seconds in a duration such as '1h30m', '45s' or '2h'; ValueError if it is malformed.",
      r"""
def $fn($text: str) -> int:
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", $text)
    if not $text or match is None:
        raise ValueError(f"not a duration: {$text!r}")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds
""",
      (("hours_and_minutes", "'1h30m'", "5400"),
       ("seconds_only", "'45s'", "45"),
       ("all_three", "'2h5m7s'", "7507"),
       ("empty_is_refused", "''", "!ValueError"),
       ("words_are_refused", "'soon'", "!ValueError")),
      (("hours * 3600", "hours * 60", "an hour is counted as 60 seconds",
        "multiply hours by 3600"),
       ("not $text or match is None", "match is None",
        "all parts of the pattern are optional, so an empty text matches and gives 0",
        "refuse an empty text explicitly"))),
    F("parsing", "parse_pairs read_settings parse_options", "text=text,line,options",
      "Parse 'key=value' pairs separated by ';' into a dict; blanks around both are dropped.",
      r"""
def $fn($text: str) -> dict[str, str]:
    pairs = {}
    for part in $text.split(";"):
        if not part.strip():
            continue
        key, _, value = part.partition("=")
        pairs[key.strip()] = value.strip()
    return pairs
""",
      (("two_pairs", "'a=1;b=2'", "{'a': '1', 'b': '2'}"),
       ("blanks_are_dropped", "' host = web ; port = 80 '", "{'host': 'web', 'port': '80'}"),
       ("value_with_equals", "'q=x=y'", "{'q': 'x=y'}"),
       ("trailing_separator", "'a=1;'", "{'a': '1'}")),
      (('part.partition("=")', 'part.rpartition("=")',
        "rpartition splits at the last '=', which belongs to the value",
        "split at the first '=' with partition"),
       ("        if not part.strip():\n            continue\n", "",
        "an empty part after a trailing ';' becomes a pair with an empty key",
        "skip empty parts"))),
    F("parsing", "parse_version version_tuple version_key", "text=text,version,tag",
      "Turn a version such as 'v1.10.2' into a tuple of integers.",
      r"""
def $fn($text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in $text.removeprefix("v").split("."))
""",
      (("three_parts", "'1.10.2'", "(1, 10, 2)"),
       ("leading_v", "'v2.0'", "(2, 0)"),
       ("one_part", "'7'", "(7,)"),
       ("words_are_refused", "'1.x'", "!ValueError")),
      (('.removeprefix("v")', "", "a leading 'v' reaches int(), which cannot read it",
        "remove a leading 'v' first"),
       ("int(part) for", "int(part[0]) for",
        "only the first digit of each part is read, so 10 becomes 1",
        "convert the whole part"))),
    F("parsing", "parse_flag to_bool read_switch", "text=text,value,answer",
      "Read 'yes', 'true', 'on' or '1' as True, 'no', 'false', 'off' or '0' as False, else ValueError.",
      r"""
def $fn($text: str) -> bool:
    word = $text.strip().lower()
    if word in ("yes", "true", "on", "1"):
        return True
    if word in ("no", "false", "off", "0"):
        return False
    raise ValueError(f"neither yes nor no: {$text!r}")
""",
      (("yes", "'yes'", "True"),
       ("off", "'off'", "False"),
       ("case_and_blanks", "' TRUE '", "True"),
       ("anything_else", "'maybe'", "!ValueError")),
      (("$text.strip().lower()", "$text.lower()",
        "blanks around the word are kept, so it matches nothing",
        "strip the text as well"),
       ('    if word in ("no", "false", "off", "0"):\n        return False\n    raise '
        'ValueError(f"neither yes nor no: {$text!r}")',
        "    return False",
        "every word that does not mean yes is taken for False", "raise ValueError for unknown words"))),
    F("parsing", "parse_ranges expand_ranges page_numbers",
     "text=text,spec,selection; numbers=numbers,pages,result",
      "Expand a list such as '1-3,7' into its numbers, both ends of a range included.",
      r"""
def $fn($text: str) -> list[int]:
    $numbers: list[int] = []
    for part in $text.split(","):
        first, dash, last = part.partition("-")
        end = int(last) if dash else int(first)
        $numbers.extend(range(int(first), end + 1))
    return $numbers
""",
      (("range_and_number", "'1-3,7'", "[1, 2, 3, 7]"),
       ("one_number", "'5'", "[5]"),
       ("blanks_are_fine", "'2 - 4, 9'", "[2, 3, 4, 9]"),
       ("two_ranges", "'1-2,8-9'", "[1, 2, 8, 9]")),
      (("end + 1", "end", "range() excludes its end, so the last number of each part is missing",
        "go to `end + 1`"),
       ("int(last) if dash else int(first)", "int(last)",
        "a part without a dash has no last number, and int('') raises ValueError",
        "use the first number as the end when there is no dash"))),
    F("parsing", "parse_query query_params decode_query", "query=query,text,query_string",
      "Parse a query string such as 'a=1&b=2&a=3' into lists of values by name.",
      r"""
def $fn($query: str) -> dict[str, list[str]]:
    params: dict[str, list[str]] = {}
    for part in $query.removeprefix("?").split("&"):
        if part:
            name, _, value = part.partition("=")
            params.setdefault(name, []).append(value.replace("+", " "))
    return params
""",
      (("two_names", "'a=1&b=2'", "{'a': ['1'], 'b': ['2']}"),
       ("repeated_name", "'t=x&t=y'", "{'t': ['x', 'y']}"),
       ("plus_is_a_space", "'q=red+shoes'", "{'q': ['red shoes']}"),
       ("leading_question_mark", "'?p=3'", "{'p': ['3']}"),
       ("empty", "''", "{}")),
      (("params.setdefault(name, []).append(value.replace(\"+\", \" \"))",
        "params[name] = [value.replace(\"+\", \" \")]",
        "a repeated name replaces the values that were collected before",
        "append to the list of the name"),
       ('.replace("+", " ")', "", "the '+' that stands for a space is kept",
        "replace '+' by a space in values"),
       ("        if part:\n            name, _, value = part.partition(\"=\")\n            params.",
        "        name, _, value = part.partition(\"=\")\n        params.",
        "an empty query has one empty part, which is stored under an empty name",
        "skip empty parts"))),
    F("parsing", "parse_size size_in_bytes bytes_from_text", "text=text,size,value; units=units,factors",
      "Return the bytes in a size such as '10 KB', '3MB' or '512'; one KB has 1024 bytes.",
      r"""
def $fn($text: str) -> int:
    $units = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
    match = re.fullmatch(r"(\d+)\s*([A-Z]*)", $text.strip().upper())
    if match is None or match[2] not in $units:
        raise ValueError(f"not a size: {$text!r}")
    return int(match[1]) * $units[match[2]]
""",
      (("kilobytes", "'10 KB'", "10240"),
       ("no_blank", "'3MB'", "3145728"),
       ("plain_number", "'512'", "512"),
       ("lower_case", "'2kb'", "2048"),
       ("unknown_unit", "'5 apples'", "!ValueError")),
      ((".strip().upper()", ".strip()", "units in lower case are not found in the table",
        "turn the text into capitals first"),
       ('"KB": 1024,', '"KB": 1000,', "a KB is counted as 1000 bytes", "use 1024 for KB"),
       (" or match[2] not in $units", "",
        "an unknown unit is looked up without a check and raises KeyError",
        "check the unit before looking it up"))),
    F("parsing", "split_csv_line parse_csv_row split_fields",
     "line=line,row,record; fields=fields,cells,values",
      "Split a line at commas, but not at commas inside double quotes; the quotes are dropped.",
      r"""
def $fn($line: str) -> list[str]:
    $fields = [""]
    quoted = False
    for character in $line:
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            $fields.append("")
        else:
            $fields[-1] += character
    return $fields
""",
      (("plain", "'a,b,c'", "['a', 'b', 'c']"),
       ("comma_in_quotes", "'x,\"1,5\",y'", "['x', '1,5', 'y']"),
       ("empty_field", "'a,,c'", "['a', '', 'c']"),
       ("trailing_comma", "'a,'", "['a', '']")),
      ((' and not quoted', "", "a comma ends the field even between quotes",
        "split only outside quotes"),
       ("quoted = not quoted", "quoted = True",
        "the closing quote does not end the quoted part, so later commas are kept",
        "toggle the flag at each quote"))),
    F("parsing", "parse_log_line split_log_line read_entry", "line=line,entry,record",
      "Split a line such as 'WARN disk: almost full' into level, source and message.",
      r"""
def $fn($line: str) -> tuple[str, str, str]:
    level, _, rest = $line.strip().partition(" ")
    source, _, message = rest.partition(":")
    return level, source.strip(), message.strip()
""",
      (("three_parts", "'WARN disk: almost full'", "('WARN', 'disk', 'almost full')"),
       ("colon_in_message", "'INFO api: GET /a: 200'", "('INFO', 'api', 'GET /a: 200')"),
       ("newline_is_dropped", "'INFO db: ready\\n'", "('INFO', 'db', 'ready')")),
      (('rest.partition(":")', 'rest.rpartition(":")',
        "the text is split at the last colon, which may be part of the message",
        "split at the first colon"),
       ("message.strip()", "message", "the blank after the colon stays in the message",
        "strip the message"))),
    F("parsing", "extract_tags find_tags hashtags", "text=text,post,note; tags=tags,found,result",
      "Return the hashtags of $text in lower case and without '#', each once, in order.",
      r"""
def $fn($text: str) -> list[str]:
    $tags: list[str] = []
    for tag in re.findall(r"#(\w+)", $text.lower()):
        if tag not in $tags:
            $tags.append(tag)
    return $tags
""",
      (("two_tags", "'#tea and #cake'", "['tea', 'cake']"),
       ("each_once", "'#go #Go #GO'", "['go']"),
       ("order_is_kept", "'#z #a'", "['z', 'a']"),
       ("no_tags", "'plain'", "[]")),
      (("$text.lower()", "$text", "the same tag in other letters counts as a new one",
        "lower the text before searching"),
       ("        if tag not in $tags:\n            $tags.append(tag)\n",
        "        $tags.append(tag)\n", "a repeated tag is added again",
        "add a tag only if it is not in the list yet"))),
    F("validation", "valid_password is_strong_password password_ok",
     "password=password,candidate,phrase",
      "Tell whether $password has 8 characters or more, with a digit and an upper-case letter.",
      r"""
def $fn($password: str) -> bool:
    has_digit = any(character.isdigit() for character in $password)
    has_upper = any(character.isupper() for character in $password)
    return len($password) >= 8 and has_digit and has_upper
""",
      (("good", "'Tulips42x'", "True"),
       ("exactly_eight", "'Abcdefg1'", "True"),
       ("too_short", "'Ab1'", "False"),
       ("no_digit", "'Abcdefgh'", "False"),
       ("no_capital", "'abcdefg1'", "False")),
      ((">= 8", "> 8", "exactly eight characters are refused", "compare with `>= 8`"),
       ("has_digit and has_upper", "(has_digit or has_upper)",
        "one of the two conditions is enough because they are joined with `or`",
        "require both conditions with `and`"))),
    F("validation", "luhn_valid passes_luhn checksum_ok",
     "number=number,digits,code; total=total,checksum",
      "Check $number by the Luhn rule: every second digit from the right is doubled.",
      r"""
def $fn($number: str) -> bool:
    $total = 0
    for index, digit in enumerate(reversed($number)):
        value = int(digit)
        if index % 2 == 1:
            value *= 2
            if value > 9:
                value -= 9
        $total += value
    return $total % 10 == 0
""",
      (("known_good", "'79927398713'", "True"),
       ("known_bad", "'79927398710'", "False"),
       ("even_length", "'4539578763621486'", "True"),
       ("zero", "'0'", "True")),
      (("index % 2 == 1", "index % 2 == 0", "the wrong half of the digits is doubled",
        "double the digits at odd positions from the right"),
       ("            if value > 9:\n                value -= 9\n", "",
        "a doubled digit above 9 is not reduced by 9", "subtract 9 from doubled values above 9"))),
    F("validation", "balanced is_balanced brackets_match",
     "text=text,expression,source; stack=stack,opened",
      "Tell whether all round, square and curly brackets in $text are closed in the right order.",
      r"""
def $fn($text: str) -> bool:
    pairs = {")": "(", "]": "[", "}": "{"}
    $stack: list[str] = []
    for character in $text:
        if character in "([{":
            $stack.append(character)
        elif character in pairs:
            if not $stack or $stack.pop() != pairs[character]:
                return False
    return not $stack
""",
      (("nested", "'{[()]}'", "True"),
       ("wrong_order", "'([)]'", "False"),
       ("never_closed", "'((a)'", "False"),
       ("closed_too_often", "'a)'", "False"),
       ("other_text", "'f(x)[0]'", "True")),
      (("    return not $stack", "    return True",
        "brackets that are still open at the end are not noticed",
        "return whether the stack is empty"),
       ("if not $stack or $stack.pop()", "if $stack.pop()",
        "a closing bracket without an opening one pops from an empty list",
        "check that the stack is not empty before popping"))),
    F("validation", "valid_ipv4 is_ipv4 check_address", "text=address,text,host",
      "Tell whether $text is an IPv4 address: four numbers from 0 to 255 separated by dots.",
      r"""
def $fn($text: str) -> bool:
    parts = $text.split(".")
    if len(parts) != 4:
        return False
    return all(part.isdigit() and int(part) <= 255 for part in parts)
""",
      (("good", "'192.0.2.1'", "True"),
       ("largest", "'255.255.255.255'", "True"),
       ("too_large", "'192.0.2.256'", "False"),
       ("three_parts", "'10.0.0'", "False"),
       ("letters", "'a.b.c.d'", "False")),
      (("<= 255", "< 255", "255 itself is refused", "allow 255 with `<=`"),
       ("part.isdigit() and ", "", "letters reach int(), which raises ValueError",
        "check that each part consists of digits"),
       ("    if len(parts) != 4:\n        return False\n", "", "the number of parts is never checked",
        "refuse anything but four parts"))),
    F("validation", "valid_isbn10 isbn_ok check_isbn", "isbn=isbn,code,number",
      "Check an ISBN-10: digits weighted 10 to 1 must add up to a multiple of 11; X means 10.",
      r"""
def $fn($isbn: str) -> bool:
    digits = $isbn.replace("-", "")
    if len(digits) != 10:
        return False
    values = tuple(10 if digit == "X" else int(digit) for digit in digits)
    total = sum(weight * value for weight, value in zip(range(10, 0, -1), values))
    return total % 11 == 0
""",
      (("good", "'0306406152'", "True"),
       ("dashes", "'0-306-40615-2'", "True"),
       ("wrong_digit", "'0306406153'", "False"),
       ("ends_with_x", "'080442957X'", "True"),
       ("too_short", "'12345'", "False")),
      (("10 if digit == \"X\" else int(digit)", "int(digit)",
        "the check digit X reaches int(), which cannot read it", "count X as 10"),
       ("range(10, 0, -1)", "range(9, -1, -1)", "the weights run from 9 to 0 instead of 10 to 1",
        "start the weights at 10"),
       ('$isbn.replace("-", "")', "$isbn", "dashes count as characters, so the length is wrong",
        "remove the dashes first"))),
    F("validation", "valid_username username_ok is_valid_handle", "name=name,username,handle",
      "Tell whether $name has 3 to 12 letters, digits or underscores and starts with a letter.",
      r"""
def $fn($name: str) -> bool:
    return re.fullmatch(r"[A-Za-z]\w{2,11}", $name, re.ASCII) is not None
""",
      (("good", "'mira_7'", "True"),
       ("shortest", "'abc'", "True"),
       ("longest", "'abcdefghijkl'", "True"),
       ("too_long", "'abcdefghijklm'", "False"),
       ("starts_with_digit", "'7mira'", "False"),
       ("trailing_blank", "'mira '", "False")),
      (("re.fullmatch", "re.match", "re.match ignores what follows the part that matches",
        "use re.fullmatch"),
       ("{2,11}", "{3,12}", "the first letter is not counted, so the limits are off by one",
        "allow 2 to 11 characters after the first letter"))),
    F("validation", "valid_color is_hex_color color_ok", "text=text,color,value",
      "Tell whether $text is a hex colour: '#' and three or six hex digits.",
      r"""
def $fn($text: str) -> bool:
    digits = $text.removeprefix("#")
    if not $text.startswith("#") or len(digits) not in (3, 6):
        return False
    return all(digit in "0123456789abcdef" for digit in digits.lower())
""",
      (("six_digits", "'#1e90ff'", "True"),
       ("three_digits", "'#abc'", "True"),
       ("capitals", "'#FFAA00'", "True"),
       ("no_hash", "'abcdef'", "False"),
       ("four_digits", "'#abcd'", "False"),
       ("other_letters", "'#ggg'", "False")),
      (("digits.lower()", "digits", "capital hex digits are refused", "lower the digits first"),
       ("in (3, 6)", "in range(3, 7)", "four and five digits are accepted as well",
        "accept only the lengths 3 and 6"))),
)  # fmt: skip
"""All with `$`-placeholders; see `datagen.worlds.function_model`."""
