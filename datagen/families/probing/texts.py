"""The words of the held-out probes: trades, requests, questions, answers.

They share no trade, request or set phrase with the training rows.

Not covered: what is called, and what is right (`datagen.families.probing`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class World:
    """The words of a craft."""

    place: str
    folders: tuple[str, ...]
    stems: tuple[str, ...]
    """Of file names; also the names in tables."""
    keys: tuple[str, ...]
    """Of JSON files and columns."""
    functions: tuple[str, ...]
    nouns: tuple[str, ...]
    """Of routes, plural."""


def _world(place: str, *words: str) -> World:
    return World(place, *(tuple(each.split()) for each in words))


WORLDS = (
    _world(
        "observatory",
        "nightlog domes",
        "eclipse comet meridian aperture perihelion parallax",
        "exposure azimuth declination magnitude",
        "rotate_dome stack_frames point_mirror",
        "nebulae asteroids",
    ),
    _world(
        "apiary",
        "hives combs",
        "swarm brood nectar propolis smoker drone",
        "mites honey_yield queen_age frames",
        "split_colony requeen_hive weigh_super",
        "colonies queens",
    ),
    _world(
        "glassworks",
        "furnace annealing",
        "crucible cullet lehr murrine punty blowpipe",
        "melt_point colour_code gather_mass soak_hours",
        "cool_lehr charge_furnace mix_batch",
        "goblets vases",
    ),
    _world(
        "railway yard",
        "sidings signalbox",
        "shunter ballast sleeper catenary turntable bogie",
        "axle_load gauge headway gradient",
        "set_points couple_wagons clear_block",
        "wagons locomotives",
    ),
    _world(
        "choir",
        "rehearsals scores",
        "descant motet madrigal plainsong cadence tenor",
        "tempo voice_count pitch_shift verse_count",
        "tune_voices cue_altos turn_page",
        "motets hymns",
    ),
    _world(
        "mycology club",
        "forays herbarium",
        "chanterelle bolete morel truffle puffball inkcap",
        "spore_width cap_size gill_count edibility",
        "print_spores key_out dry_specimen",
        "fungi specimens",
    ),
    _world(
        "map room",
        "atlas sheets",
        "contour graticule hachure isobar legend hillshade",
        "sheet_scale datum_height easting northing",
        "project_sheet trim_neatline hatch_slope",
        "sheets plates",
    ),
    _world(
        "fencing hall",
        "salle bouts",
        "parry riposte sabre epee lunge feint",
        "touches priority pool_size seed_rank",
        "score_touch draw_pools call_halt",
        "fencers assaults",
    ),
    _world(
        "tea house",
        "estates blends",
        "oolong sencha assam gyokuro keemun lapsang",
        "steep_time leaf_grade tannin_level flush_number",
        "wither_leaves roll_leaf taste_cup",
        "infusions teas",
    ),
    _world(
        "belfry",
        "peals ropes",
        "treble bob_minor grandsire clapper sally rounds",
        "changes handstroke bell_count strike_gap",
        "raise_bell call_bob stand_rope",
        "bells ringers",
    ),
    _world(
        "falconry",
        "mews flights",
        "peregrine lanner jesses lure hood bate",
        "flying_mass wingspan molt_days perch_height",
        "weigh_falcon cast_off swing_lure",
        "falcons quarries",
    ),
    _world(
        "bindery",
        "quires covers",
        "vellum endpaper headband gusset spine deckle",
        "sewn_stations board_gap grain_angle leaf_count",
        "fold_quire sew_section press_block",
        "folios bindings",
    ),
    _world(
        "clock workshop",
        "movements dials",
        "escapement fusee mainspring verge balance_cock pallet_fork",
        "beat_rate amplitude jewels going_days",
        "set_beat wind_fusee oil_pivot",
        "clocks watches",
    ),
    _world(
        "perfumery",
        "accords organ",
        "bergamot vetiver labdanum neroli orris tonka",
        "dilution top_note drydown maceration",
        "blend_accord age_tincture smell_blotter",
        "accords absolutes",
    ),
    _world(
        "puppet stage",
        "marionettes wings",
        "pantaloon columbine scaramouche gantry paddle footlight",
        "strings joint_count act_length cue_number",
        "drop_curtain swap_head cue_thunder",
        "puppets scenes",
    ),
    _world(
        "saddlery",
        "hides lasts",
        "pommel cantle girth stirrup surcingle halter",
        "stitch_pitch hide_gauge tree_width buckles",
        "skive_edge stuff_seat punch_holes",
        "saddles bridles",
    ),
    _world(
        "lighthouse",
        "lamps fogsignal",
        "fresnel occulting beacon gallery lantern_room keeper_log",
        "flash_period range_miles bearing lumens",
        "trim_wick wind_weights sound_horn",
        "beacons buoys",
    ),
    _world(
        "canal trust",
        "locks towpath",
        "windlass paddle_gear narrowboat weir culvert pound",
        "rise_feet gate_width draught passages",
        "fill_lock lower_paddle dredge_pound",
        "boats locks",
    ),
    _world(
        "volcano station",
        "vents tremors",
        "caldera fumarole tephra lahar basalt pumice",
        "so2_flux tilt vent_temp plume_height",
        "pick_onset level_tilt sample_gas",
        "eruptions craters",
    ),
    _world(
        "archery ground",
        "butts quivers",
        "fletching nock bodkin longbow brace tiller",
        "draw_weight brace_height spine_class arrows",
        "score_end string_bow tune_nock",
        "archers targets",
    ),
)

SYSTEMS = (
    "You keep the digital shelf of the {place} in order and have tools for it.",
    "Clerk of the {place}: act through the tools, speak plainly.",
    "You look after files for volunteers of the {place} who do not program themselves.",
    "You are the night-shift helper at the {place}; one step at a time.",
    "Archivist for the {place}. Use a tool where one is needed, and none where it is not.",
    "The {place} shares this folder with you. Do what is asked, no more.",
    "You answer the {place}'s volunteers. If a detail is lacking, ask for it.",
    "Secretary of the {place} with access to its project folder.",
    "You tend code and papers of the {place}. Stay factual.",
    "In this folder the {place} keeps everything. You are its caretaker.",
)
BEFORE = (
    "Greetings from the {place}.",
    "The kettle is on at the {place}, so briefly:",
    "Our treasurer is breathing down my neck.",
    "Rain has stopped play, time for paperwork.",
    "Doors of the {place} open in ten minutes.",
    "An odd wish from the committee:",
    "Grandfather's old {place} goes digital, bit by bit.",
    "Ahead of Saturday's gathering:",
    "I have flour on my hands, so you type.",
    "Ferry leaves shortly, hence the haste.",
    "Chairwoman speaking.",
    "Our apprentice left a muddle behind.",
    "Dusk falls at the {place}.",
    "Minutes of last night say I must do this:",
)
AFTER = (
    "Much obliged.",
    "The {place} will be grateful.",
    "Take no other liberties.",
    "Then we can lock up the {place}.",
    "Nothing beyond that.",
    "A single go will do.",
    "Ta!",
    "With regards from all at the {place}.",
)

ASK = {
    "count_lines": (
        "By how many lines does {path} stretch?",
        "Line tally for {path}, if you would.",
        "{path} feels endless. Just how many lines are we talking about?",
        "Give me the figure for lines in {path}.",
        "I bet {path} exceeds a hundred lines. Does it? Count.",
        "Number of lines, {path}.",
        "Our printer charges by the line; what would {path} amount to in lines?",
    ),
    "word_count": (
        "The essay in {path} must stay below a word limit. Tally its words.",
        "Word tally of {path}?",
        "How wordy is {path}, as a plain figure?",
        "For the brochure I must know the number of words {path} runs to.",
        "Words in {path}: how many?",
        "Measure {path} in words.",
        "An editor pays us per word, so reckon up the words of {path}.",
    ),
    "file_hash": (
        "Produce the {algorithm} fingerprint of {path}.",
        "Which {algorithm} digest belongs to {path}?",
        "To prove that {path} was not tampered with, take its {algorithm} hash.",
        "{algorithm} of {path}, please.",
        "Hash {path} by means of {algorithm}.",
        "The mirror lists a {algorithm} sum; derive ours for {path}.",
    ),
    "rename_file": (
        "{old} deserves a better name: {new}.",
        "From now on {old} shall be known as {new}.",
        "Move {old} over to {new}.",
        "Relabel {old}; the fresh path reads {new}.",
        "Whoever named {old} meant {new}. Put that right.",
        "Let {old} become {new}.",
        "Rechristen {old} as {new}.",
    ),
    "copy_file": (
        "Duplicate {old}, calling the twin {new}.",
        "Keep {old}, yet have a second specimen at {new}.",
        "I'd like a clone of {old} under {new}.",
        "Make {new} out of {old}, leaving the original where it lies.",
        "Copy {old} across to {new}.",
        "Before I scribble in {old}, park a copy at {new}.",
    ),
    "delete_file": (
        "Get rid of {path}.",
        "{path} has outlived its purpose; bin it.",
        "Away with {path}!",
        "Kindly erase {path} from the folder.",
        "We voted to scrap {path}. Do the deed.",
        "Wipe {path} off the disk.",
        "{path} was a draft and may go for good.",
    ),
    "make_directory": (
        "I want an empty folder at {path}.",
        "Prepare {path} as a new directory.",
        "Clear a spot named {path} for next season's papers; it's a directory we lack.",
        "Set up the directory {path}.",
        "A folder by the name of {path} has to exist by tonight.",
        "Could a directory {path} be laid out?",
        "mkdir for {path}, so to speak.",
    ),
    "merge_files": (
        "Stitch {one} and {two}, in this order, into {target}.",
        "First {one}, then {two}: pour both into {target}.",
        "Bind {one} together with {two} (that sequence) as {target}.",
        "{target} shall hold {one} followed by {two}. Concatenate them.",
        "Join up {one}, {two}; output goes to {target}.",
        "Make one file {target}, beginning with {one} and closing with {two}.",
    ),
    "json_get": (
        "Inside {path}, what sits at {key}?",
        "Pluck {key} from {path}.",
        "Consult {path} for the entry {key}.",
        "{path} knows {key}. Ask it.",
        "The gauge reading is stored under {key} of {path}; fetch it.",
        "Quote me {key} as {path} has it.",
        "I forgot what {key} was. {path} remembers.",
    ),
    "json_set": (
        "Inside {path}, put {value} at {key}.",
        "{key} of {path} ought to be {value} henceforth.",
        "Record {value} under {key} within {path}.",
        "Overwrite {key} with {value}; the file is {path}.",
        "The committee settled on {value} for {key}. Enter that in {path}.",
        "Store the number {value} as {key}, file {path}.",
    ),
    "csv_column": (
        "From the table {path} I'm after the column {column} alone.",
        "Read me the {column} column of {path}.",
        "{path}, column {column}, nothing else of it.",
        "Strip {path} down to its {column} values.",
        "All entries below the heading {column} in {path}, if you please.",
        "What stands in the {column} column of {path}, row by row?",
    ),
    "head": (
        "The opening {count} lines of {path}, please.",
        "How does {path} begin? {count} lines suffice.",
        "Print the top {count} lines of {path}.",
        "Let me peek at {path}: {count} lines from its beginning.",
        "First {count} lines of {path} and stop there.",
        "A taste of {path}: its initial {count} lines.",
    ),
    "tail": (
        "The closing {count} lines of {path}, please.",
        "How does {path} end? {count} lines suffice.",
        "Print the bottom {count} lines of {path}.",
        "The newest entries are lowest in {path}; give me {count} lines.",
        "Last {count} lines of {path} and no more.",
        "Whatever was jotted down latest in {path}: final {count} lines.",
    ),
    "find_definition": (
        "Whereabouts is {name} defined?",
        "In which spot does our code introduce {name}?",
        "I'm hunting the birthplace of {name}.",
        "Locate the definition of {name}.",
        "Someone wrote {name} years ago. Find where its def stands.",
        "{name}: which file and line define it?",
        "Trace {name} back to its definition.",
    ),
    "list_routes": (
        "Which routes does {path} offer the public?",
        "Enumerate the endpoints of {path}.",
        "Our web page talks to {path}. Lay out its routes.",
        "A roll-call of all routes in {path}.",
        "What addresses will {path} respond to? I mean its routes.",
        "Routes of {path}, the full list.",
    ),
    "replace_text": (
        'Swap "{old}" for "{new}" throughout {path}.',
        'Wherever {path} says "{old}", it should say "{new}".',
        'Spelling reform in {path}: "{old}" turns into "{new}".',
        'Substitute "{new}" for every "{old}" you meet in {path}.',
        'Exchange all "{old}" in {path} with "{new}".',
        '{path} misnames things: "{old}" is properly "{new}". Amend throughout.',
    ),
    "sort_down": (
        "Arrange the lines of {path} from Z to A, that is in descending order.",
        "Sort {path} line by line, descending.",
        "Descending order for the lines in {path}, please.",
        "Turn {path} into a list sorted backwards (descending).",
    ),
    "format_json": (
        "Tidy {path} so that it is indented by {count}.",
        "Re-indent {path}, {count} blanks a level.",
        "{path} is one ugly clump. Lay it out with an indent of {count}.",
        "Pretty-print {path} in place, indent {count}.",
        "I read {path} best at an indentation of {count}; reformat it.",
    ),
    "compare_files": (
        "What sets {one} apart from {two}?",
        "Hold {one} against {two} and show what differs.",
        "Are {one} and {two} twins? Compare them.",
        "Contrast {one} with {two}.",
        "Put {one} beside {two}: differences?",
        "I fear {one} and {two} have drifted apart. Check, in that order.",
    ),
    "git_log": (
        "Recite the latest {count} commits.",
        "What were our most recent {count} commits?",
        "History, {count} commits deep, please.",
        "Show how the repository evolved over its last {count} commits.",
        "Git chronicle, limited to {count} entries.",
        "The newest {count} commits in one list.",
    ),
    "read_whole": (
        "Recite {path} from start to finish.",
        "Let me have the full wording of {path}.",
        "I can't recall a word of {path}; put all of it on the screen.",
        "Entire contents of {path}, please.",
        "Unroll the scroll {path} for me.",
        "Print {path} as it stands.",
        "Would you hold up {path} so that I can read all of it?",
    ),
    "read_part": (
        "Just the stretch of {path} that runs from line {start} up to line {end}.",
        "{path}: begin at line {start}, finish at line {end}.",
        "Cut lines {start} to {end} out of {path} for me to see.",
        "My finger is on line {start} of {path}; read on until line {end}.",
        "Line {start} through line {end} of {path} would do nicely.",
        "An excerpt, please: {path}, line {start} till line {end}.",
    ),
    "list_directory": (
        "What lies about in {path}?",
        "Take stock of the folder {path}.",
        "Inventory of {path}, one level.",
        "Name whatever {path} contains.",
        "Peer into the folder {path}.",
        "Which things dwell in {path}?",
        "I lost track of {path}; what is kept in that folder?",
    ),
    "search": (
        "Comb everything for the regular expression `{pattern}`.",
        "Who mentions `{pattern}`? Use exactly this as pattern.",
        "Sift the whole folder for `{pattern}`.",
        "Pattern `{pattern}`: run it over all files.",
        "Scour the project with the expression `{pattern}`.",
    ),
    "search_path": (
        "Restrict yourself to {path} and seek `{pattern}` there.",
        "Does anything below {path} match `{pattern}`?",
        "Within {path}, hunt for the regular expression `{pattern}`.",
        "Pattern `{pattern}`, folder {path}: matches?",
    ),
    "search_glob": (
        "Among files of the form {glob}, look out for `{pattern}`.",
        "Pattern `{pattern}`, names limited to {glob}.",
        "Only {glob} files matter: which of them hold `{pattern}`?",
        "Seek `{pattern}`, with the glob {glob}.",
    ),
    "write_bare": (
        "Found a file {path} whose sole content is `{text}`, with no newline behind it.",
        "Into {path} goes `{text}`, and not even a line break after it.",
        "Produce {path}. Content: `{text}`. It must not end in a newline.",
        "Jot `{text}` down in {path}, unterminated, i.e. without a final newline.",
        "{path} should consist of `{text}` to the letter, lacking any newline.",
        "Save `{text}` as {path}, byte for byte, nothing appended.",
    ),
    "test_path": (
        "Put {path} through pytest.",
        "Let the checks gathered in {path} run.",
        "Has {path} turned sour? Test that file.",
        "Exercise {path}, that test file only.",
        "Trial run for {path}, please.",
    ),
    "test_keyword": (
        "Of all tests, run those matching the keyword {keyword}.",
        "Filter the tests by {keyword} and launch them.",
        "Keyword {keyword}: set the matching tests going.",
        "Tests with {keyword} in their names, off you go.",
    ),
    "test_all": (
        "Give the complete test suite a whirl.",
        "Every test there is, please, from first to last.",
        "Sound the general alarm: all tests.",
        "Run through the tests, sparing none.",
    ),
    "commit": (
        'Seal the present state under the heading "{message}".',
        'Enter my alterations into history: "{message}".',
        'A commit, titled "{message}", would be timely.',
        'Book it in git as "{message}".',
        'Everything I altered goes into one commit reading "{message}".',
        'Log my work: commit message "{message}", verbatim.',
    ),
    "git_diff": (
        "What have I altered in {path} since the last commit?",
        "Unsaved history, so to speak: the diff for {path}.",
        "Reveal the uncommitted edits of {path}.",
        "Lay my pending edits to {path} before me.",
    ),
    "git_status": (
        "Which files have I touched or added since committing at the {place}?",
        "Git's view of my unfinished business at the {place}?",
        "Is the working tree of the {place} clean?",
        "Any loose ends that git of the {place} knows of? Just the short overview.",
    ),
    "get": (
        "Knock at {route} of our web app.",
        "Fetch {route} from the app, will you.",
        "What greets a visitor who opens {route}?",
        "Call up {route} the way a browser would.",
        "GET, address {route}, and show the reply.",
        "Does the app say anything sensible at {route}?",
    ),
    "post": (
        "Submit {body} by POST to {route}.",
        "Deliver the JSON {body} to {route}, method POST.",
        "POST at {route}, payload {body}.",
        "Register {body} with the app: a POST to {route}.",
        "Let {route} receive {body} in a POST.",
    ),
    "delete": (
        "Issue a DELETE on {route}.",
        "Strike {route} from the app by the method DELETE.",
        "The entry at {route} is obsolete; send DELETE there.",
        "DELETE, address {route}, please.",
    ),
    "run": (
        "Feed the interpreter this very line: `{code}`",
        "Let Python chew on `{code}` just as it is.",
        "What would `{code}` print? Don't reason, run it.",
        "Execute `{code}` word for word.",
        "Here is a one-liner, `{code}`, to be run unchanged.",
        "Be so kind as to put `{code}` through Python.",
        "One line of code, try it verbatim: `{code}`",
    ),
    "run_timeout": (
        "Run `{code}` verbatim, granting it {count} seconds at most (set that as its timeout).",
        "With a timeout of {count}, execute the one-liner `{code}` unchanged.",
        "`{code}` as it stands, please, timeout {count}.",
    ),
    "list_then": (
        "In {folder} there is exactly one {ext} file, whose name escapes me. {then}",
        "I don't recall what the lone {ext} file of {folder} is called. {then}",
        "{folder} holds a solitary {ext} file; look it up. {then}",
        "Browse {folder} for its only {ext} file. {then}",
    ),
    "define_then": (
        "Track down which file defines {name}, and then recite that file in full.",
        "{name} hides in one of our modules. Find the module, then print the whole of it.",
        "Somewhere stands `def {name}`. I want the complete file around it.",
        "Which module is home to {name}? Once you know, show me every line of that file.",
    ),
    "concept": (
        "A dispute at the {place}: {question}",
        "For my evening class: {question}",
        "My nephew wonders: {question}",
        "Plainly put, {question}",
        "I nodded along in a talk, but {question}",
        "Short refresher, please: {question}",
        "Between us: {question}",
        "No files needed for this one: {question}",
        "Curiosity of the day: {question}",
        "While we wait at the {place}: {question}",
    ),
    "cannot": (
        "{task}",
        "Would you {task_low}?",
        "One more favour: {task_low}.",
        "The {place} needs you to {task_low}.",
        "Time presses, so {task_low}.",
        "If it isn't too bold a wish, {task_low}.",
    ),
}
"""Requests by tool, or by what is wanted."""

THEN = {
    "count_lines": (
        "State the number of its lines.",
        "How many lines is it made of?",
        "I need its line count.",
    ),
    "word_count": ("Reckon its words.", "How many words fill it?"),
    "delete_file": ("It can be thrown out.", "Remove that one."),
    "read_file": ("Read me all of it.", "Print it in full."),
    "tail": ("I want its last 3 lines.", "Its final 3 lines, please."),
    "head": ("I want its first 2 lines.", "The initial 2 lines of it, please."),
}

CONCEPTS = (
    (
        "what is a Python generator good for?",
        "It yields values one at a time instead of building a whole list, so large or endless "
        "sequences need little memory.",
    ),
    (
        "how does a tuple differ from a list?",
        "A tuple cannot be changed after it is made, and so it can be a dictionary key; a "
        "list can grow and shrink.",
    ),
    (
        "why would anyone use `git stash`?",
        "It sets uncommitted changes aside so that the working tree is clean, and brings them "
        "back later.",
    ),
    (
        "what does HTTP status 418 stand for?",
        "418 is the joke status \"I'm a teapot\" from an April Fools' RFC of 1998; no real "
        "service needs it.",
    ),
    (
        "what is the point of a virtual environment?",
        "It gives a project its own set of installed packages, so that projects do not "
        "disturb one another.",
    ),
    (
        "what does idempotent mean for a web request?",
        "Sending it twice has the same effect as sending it once; PUT and DELETE are meant to "
        "be so, POST is not.",
    ),
    (
        "is Python's `sorted` stable?",
        "Yes. Elements that compare equal keep the order they had before.",
    ),
    (
        "what does the `yield from` statement do?",
        "It passes on all values of another iterable or generator as if the outer generator "
        "yielded them itself.",
    ),
    (
        "why is a mutable default argument a trap?",
        "The default is made once, when the function is defined, so every call that relies on "
        "it shares the same object.",
    ),
    (
        "what separates `is` from `==`?",
        "`==` asks whether two values are equal, `is` whether they are the very same object.",
    ),
    (
        "what is a merge conflict in git?",
        "Two branches changed the same lines differently, so git cannot decide and asks a "
        "person to choose.",
    ),
    (
        "what is a race condition?",
        "The outcome depends on which of several concurrent steps happens to come first.",
    ),
    (
        "what does JSON lack compared with a Python dict?",
        "Its keys must be strings, and it knows no tuples, sets, dates or comments.",
    ),
    (
        "what does the `with` statement guarantee?",
        "That the clean-up of its context manager runs when the block is left, even by an exception.",
    ),
    (
        "how do unit tests differ from integration tests?",
        "A unit test checks one small piece alone; an integration test checks that several "
        "pieces work together.",
    ),
    (
        "what is a hash collision?",
        "Two different inputs have the same hash value; hash tables must be able to cope with it.",
    ),
    (
        "what does big O notation describe?",
        "How the effort of an algorithm grows with the size of its input, constants left aside.",
    ),
    (
        "what is the use of a docstring?",
        "It describes a module, class or function at its beginning, and tools such as help() "
        "can show it.",
    ),
    (
        "why do floats make 0.1 + 0.2 differ from 0.3?",
        "They are binary fractions, and none of the three numbers can be written exactly as one.",
    ),
    (
        "what is a fast-forward in git?",
        "The branch simply moves ahead to a later commit, because nothing else happened on it "
        "meanwhile.",
    ),
)

CANNOT = (
    (
        "Ring our caretaker and tell him the {noun} are ready",
        "phone anybody",
        "write a note for the caretaker into a file",
    ),
    (
        "Mail the {stem} report to the whole committee",
        "send mail",
        "prepare the text of the mail as a file",
    ),
    (
        "Print forty copies of {stem} on the office printer",
        "reach a printer",
        "put the file into a form that prints well",
    ),
    (
        "Book a train seat for our visit to the {place}",
        "book anything",
        "note the journey in a file",
    ),
    ("Take a photograph of the {noun}", "take pictures", "work with files that describe them"),
    (
        "Switch off the lamps in the {place} at midnight",
        "control lamps",
        "write a checklist for whoever does",
    ),
    (
        "Translate the {place}'s guided tour aloud for tomorrow's guests",
        "speak aloud",
        "put a translation into a text file",
    ),
    ("Order two crates of {stem} from the wholesaler", "place orders", "draft the order as a file"),
    (
        "Check tonight's weather above the {place}",
        "look up the weather",
        "read weather notes that are already in the folder",
    ),
    (
        "Post a picture of the {noun} on our social page",
        "post anything online",
        "draft the caption as a file",
    ),
    (
        "Restart the router in the {place}'s attic",
        "touch the router",
        "write down the steps for someone on site",
    ),
    ("Pay the {stem} supplier's bill", "make payments", "list the open bill in a file"),
    (
        "Invite the neighbours to see our {noun}",
        "send invitations",
        "write the invitation into a file",
    ),
    (
        "Watch the {stem} video and summarise it",
        "watch videos",
        "summarise a written transcript if you have one",
    ),
)
CANNOT_ANSWERS = (
    "I cannot {deed} from here: my tools only work on files of the project. I could {offer}.",
    "That is beyond me, since I have no way to {deed}. What I can do is {offer}.",
    "None of my tools can {deed}. If it helps, I {offer}.",
    "Sorry, I am not able to {deed}. I can {offer} instead.",
)

LACKING = (
    (
        "rename_file",
        ("{path} needs a new name.", "Please rename {path}, I can't stand its name."),
        "What should {path} be called?",
    ),
    (
        "copy_file",
        ("I'd like {path} copied.", "Make a duplicate of {path}, somewhere sensible to be agreed."),
        "Where should the copy of {path} go?",
    ),
    (
        "replace_text",
        (
            'Replace the word "{word}" in {path}.',
            'The term "{word}" has to vanish from {path} in favour of a better one.',
        ),
        'What should "{word}" in {path} be replaced with?',
    ),
    (
        "json_set",
        ("Alter {key} in {path}.", "{path} has an outdated {key}; put the new figure in."),
        "Which value should {key} in {path} get?",
    ),
    (
        "csv_column",
        ("Show me one column of {path}.", "A single column out of {path}, that's my wish."),
        "Which column of {path} do you mean?",
    ),
    (
        "delete_file",
        (
            "Throw one of the files in {folder} away.",
            "Thin out {folder} by a file, you know which.",
        ),
        "I do not know which. Which file in {folder} should be deleted?",
    ),
    (
        "compare_files",
        ("Set {path} against the other version.", "How does {path} differ from its rival?"),
        "Which file should {path} be compared with?",
    ),
    (
        "merge_files",
        (
            "Merge {path} with the rest of the {word} papers.",
            "Glue {path} to its companion about the {word}.",
        ),
        "Which other file should {path} be merged with, and what should the result be called?",
    ),
    (
        "git_commit",
        (
            "Commit {path}; I'll leave you in the dark about the message until you ask.",
            "A commit for {path}, please. I insist on choosing the message myself.",
        ),
        "What should the message of the commit of {path} be?",
    ),
    (
        "file_hash",
        (
            "Hash {path} with the procedure I prefer.",
            "I need the fingerprint of {path}, in my usual algorithm.",
        ),
        "Which algorithm should it be for {path}: md5, sha1 or sha256?",
    ),
    (
        "make_directory",
        ("Open a new folder for the {word} things.", "We want another directory, about {word}."),
        "What should the folder for {word} be called, and where should it be?",
    ),
    (
        "http_request",
        ("Send the app something about the {word}.", "Try our app with that {word} request."),
        "Which method and path should the request about {word} have?",
    ),
)

PROSE = (
    "The {a} was checked before dawn.",
    "Nobody has seen the {a} since {n}.",
    "{n} of the {b} are worn.",
    "Ask the warden about {a} and {b}.",
    "New {b} arrive in week {n}.",
    "Keep {a} dry at all times.",
    "The {b} ledger was closed at {n}.",
    "{a}: fine, {b}: doubtful.",
    "Spare {a} in box {n}.",
)
"""Lines of the files."""

PASTED = {
    "greatest": (
        "{data}\nWhich of these is the greatest?",
        "Here are readings from the {place}: {data}. Name the highest.",
        "Of {data}, pick the largest.",
        "The maximum among {data}, please.",
    ),
    "row": (
        "Our slate says:\n{data}\nWhat {column} goes with {name}?",
        "{data}\nLooking at these rows, how much {column} has {name}?",
        "Chalked up at the {place}:\n{data}\nTell me the {column} beside {name}.",
    ),
    "key": (
        "Given {data}, what is {key}?",
        "The {place} prints this label: {data}. Read off {key}.",
        "In {data}, which value has {key}?",
        "{data} - I only want {key} of it.",
    ),
    "function": (
        "```python\n{data}\n```\nWithout running anything: what is {call}?",
        "Desk check, no computer: what would {call} return, given\n```python\n{data}\n```",
        "An exam at the {place} shows\n```python\n{data}\n```\nand asks for {call}. Well?",
    ),
    "order": (
        "Which comes first in the alphabet: {data}?",
        "Put {data} in alphabetical order, here in the chat.",
        "Sort these words for me by letter, no file involved: {data}.",
    ),
}
"""Questions whose answer is in the question."""

FOLLOW_UPS = {
    "greatest": (
        "And who leads in {column}?",
        "Of those, whose {column} is the highest?",
        "Which row tops the {column} ranking, then?",
        "So the peak {column} belongs to whom?",
    ),
    "least": (
        "Who brings up the rear in {column}?",
        "The lowest {column}, whose is it?",
        "Now the other end: least {column}?",
        "And where is {column} at its smallest?",
    ),
    "value": (
        "Remind me of {name}'s {column}.",
        "And {name}, what {column} was that?",
        "{column} for {name} in particular?",
        "I missed {name}; {column} please.",
    ),
    "rows": (
        "That makes how many rows, heading aside?",
        "How many entries was that in {path}, not counting the heading?",
        "Count the entries of {path} you just listed for me.",
        "So {path} has how many entries?",
    ),
}
SHOWN = (
    "There it is, {count} rows under the heading.",
    "Those are all {count} rows of {path}.",
    "{path} has these {count} rows.",
    "That is the whole table.",
    "Here you are: the table of {path}.",
)
LISTS = (
    "Through the app, please obtain all {noun}.",
    "Our app has a list of {noun}. Let me see it by a GET.",
    "The {place}'s app should reel off its {noun}; have it do so.",
    "Ask the web app which {noun} it keeps.",
    "Get the roll of {noun} from the running app.",
    "What {noun} does the app hold? Request them.",
)
