"""Data sets, and what is said about them, in the family `running`.

Slots: {file}, {key} and {value} columns, {name} one of the keys, {limit} a number, {project}.

Not covered: the code that answers (`datagen.families.running.tasks`).
"""

DOMAINS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("sales", "region", "amount", ("north", "south", "east", "west", "centre")),
    ("hours", "employee", "hours", ("Mara", "Jonas", "Priya", "Tom", "Lucia")),
    ("rainfall", "station", "mm", ("Hilltop", "Valley", "Coast", "Airport", "Mill")),
    ("orders", "product", "pieces", ("lamp", "chair", "desk", "shelf", "stool")),
    ("expenses", "category", "cents", ("travel", "office", "food", "rent", "postage")),
    ("visits", "page", "views", ("home", "about", "shop", "blog", "contact")),
    ("harvest", "field", "kg", ("A1", "A2", "B1", "B2", "C1")),
    ("deliveries", "driver", "parcels", ("Okoro", "Weber", "Silva", "Novak", "Tanaka")),
    ("laps", "runner", "seconds", ("Ines", "Omar", "Pia", "Sven", "Yuki")),
    ("energy", "device", "watts", ("fridge", "heater", "router", "oven", "washer")),
    ("loans", "branch", "books", ("Central", "Park", "Station", "School", "Harbour")),
    ("repairs", "workshop", "minutes", ("bikes", "radios", "clocks", "shoes", "tools")),
    ("donations", "group", "euros", ("choir", "sports", "theatre", "garden", "youth")),
    ("downloads", "package", "count", ("parser", "client", "server", "docs", "fonts")),
    ("scores", "player", "points", ("ada", "bob", "cyd", "dee", "eli")),
    ("waiting", "counter", "persons", ("one", "two", "three", "four", "five")),
    ("tides", "gauge", "cm", ("pier", "lock", "island", "bridge", "inlet")),
    ("catches", "boat", "fish", ("Petrel", "Heron", "Tern", "Gannet", "Puffin")),
)

PROBLEM = {
    "totals": (
        "What is the total of {value} for each {key}?",
        "Sum up {value} by {key}, please.",
        "I need the sum of {value} per {key}.",
        "Group by {key} and add up {value}.",
        "How much {value} does each {key} have in total?",
        "Give me one total of {value} for every {key}.",
    ),
    "top": (
        "Which {key} has the highest total of {value}?",
        "Who or what leads in {value}, by {key} and in total?",
        "Find the {key} with the largest sum of {value}.",
        "Tell me the top {key} by summed {value}.",
        "For which {key} is the sum of {value} largest, and how large is it?",
        "I'm looking for the {key} that comes first when {value} is added up.",
    ),
    "mean": (
        "What is the average {value} over all entries?",
        "Compute the mean of {value}, to two decimals.",
        "How large is {value} on average?",
        "Average of {value}, please, all entries together.",
        "I'd like the arithmetic mean of {value}.",
        "Please work out the mean {value} per entry.",
    ),
    "above": (
        "How many entries have {value} above {limit}?",
        "Count the entries whose {value} is greater than {limit}.",
        "In how many cases does {value} exceed {limit}?",
        "How often is {value} more than {limit}?",
        "Number of entries with {value} > {limit}?",
        "Please count where {value} is over {limit}.",
    ),
    "one_sum": (
        "What does {value} add up to for {name}?",
        "Only for {name}: what is the sum of {value}?",
        "How much {value} belongs to {name} altogether?",
        "Total {value} where {key} is {name}?",
        "Please add up {value} for the {key} {name}.",
        "I need the {value} of {name}, summed.",
    ),
    "median": (
        "What is the median of {value}?",
        "Give me the median {value}.",
        "Half of the entries have {value} below which number? The median, I mean.",
        "Please determine the median for {value} over all entries.",
        "Median of {value}, please.",
        "The mean is misleading here, so: what's the median {value}?",
    ),
    "largest": (
        "Which single entry has the largest {value}?",
        "Find the entry with the maximum of {value}.",
        "What is the highest {value}, and to which {key} does it belong?",
        "Show me the record entry by {value}.",
        "Who holds the single highest {value}?",
        "Please pick out the row with the most {value}.",
    ),
    "counts": (
        "How many entries are there for each {key}?",
        "Count the entries by {key}.",
        "How often does each {key} occur?",
        "Number of entries per {key}, please.",
        "I want to know how many rows every {key} has.",
        "Please tally the {key} column.",
    ),
    "spread": (
        "What are the smallest and largest {value}, and how far are they apart?",
        "Minimum, maximum and range of {value}, please.",
        "In which range does {value} lie?",
        "How much does {value} vary between its lowest and highest entry?",
        "Give me min, max and their difference for {value}.",
        "From where to where does {value} go, and what is the span?",
    ),
}
WHERE = (
    "The data is in {file}.",
    "It's all in {file}.",
    "See {file}.",
    "You find the entries in {file}.",
    "Use {file} in the project folder.",
    "Source: {file}.",
    "I saved the data as {file}.",
    "Please take {file} for that.",
    "{file} has the numbers.",
    "Input file: {file}.",
)
BEFORE = (
    "A question about {file}:",
    "Look at {file}, please.",
    "I have {file} from a colleague.",
    "We exported {file} this week.",
    "For the report on {project} I need a figure from {file}.",
    "There is a file {file} here.",
    "{file} holds one entry per line of our list.",
    "Please evaluate {file}.",
    "Can you work with {file}?",
    "Data question, {file}.",
    "Regarding {file} of {project}:",
    "I don't want to open a spreadsheet for {file}.",
    "In {file} there are columns {key} and {value}.",
    "From {file}:",
)
AFTER = (
    "A plain answer is enough.",
    "Please compute it, don't estimate.",
    "Thanks!",
    "It's for {project}.",
    "No need to keep the script.",
    "I only need the result.",
    "Please calculate with the actual file.",
    "I'll put it into the notes of {project}.",
    "Short answer, please.",
    "Don't change the file.",
)

SYSTEM = (
    "You are an assistant with access to the folder of {project}. Compute, do not guess.",
    "You help analysts of {project} with small evaluations in Python.",
    "Use run_python for calculations.",
    "You are a data assistant. State results with their meaning in one or two sentences.",
    "Tools run in the folder of the project {project}. Never change data files.",
    "Answer from the data, not from memory.",
    "You are a careful assistant for numbers and files.",
    "Short answers. Calculations are done with Python.",
)

PEEK = (
    "First a look at {file}.",
    "I'll check the format of {file}.",
    "Let me see how {file} is built.",
    "What does {file} look like?",
    "I'll read {file} first.",
    "Let me look at the columns.",
    "A look at the first lines will do.",
    "Reading the file.",
)
COMPUTE = (
    "Now the calculation.",
    "I'll compute it.",
    "Let me calculate that.",
    "I'll run that in Python.",
    "A few lines of Python will do.",
    "That can be computed directly.",
    "Now I can evaluate it.",
    "I'll let Python do the counting.",
    "Computing.",
    "Here is the evaluation:",
)

NUMBERS_ASK = (
    "What are mean, median and standard deviation of {numbers}?",
    "Please compute the mean, the median and the sample standard deviation: {numbers}",
    "{numbers} - mean, median, standard deviation?",
    "My measurements are {numbers}. I need average, median and standard deviation (sample).",
    "Statistics for {numbers}, please: mean, median, sample standard deviation.",
    "Here are the timings in ms: {numbers}. How do mean, median and standard deviation look?",
    "Could you describe the sample {numbers} by mean, median and standard deviation?",
    "For these lab values, mean, median, stdev: {numbers}",
    "I noted {numbers} last week. Give me mean, median and the spread as standard deviation.",
    "Heights in cm: {numbers}. Mean, median and sample standard deviation?",
    "Work out mean, median and standard deviation of the series {numbers}.",
    "We counted {numbers} visitors per day. Average, median, standard deviation, please.",
)
NUMBERS_SAY = (
    "The mean is {mean}, the median {median}, and the sample standard deviation {stdev}.",
    "Mean: {mean}. Median: {median}. Sample standard deviation: {stdev}.",
    "On average {mean}, in the middle {median}, with a standard deviation of {stdev}.",
    "For the {count} values: mean {mean}, median {median}, standard deviation {stdev}.",
    "mean = {mean}, median = {median}, standard deviation = {stdev}",
)

PROSE = (
    "the", "old", "ferry", "left", "harbor", "before", "dawn", "and", "crossed", "bay", "with",
    "nine", "crates", "of", "apples", "captain", "sang", "while", "rain", "fell", "on", "deck",
    "gulls", "followed", "boat", "until", "island", "came", "into", "view", "market", "opened",
    "late", "that", "morning", "a", "child", "counted", "waves", "from", "pier",
)  # fmt: skip

WORDS_ASK = (
    "Which word is most frequent in {file}, and how many words are there?",
    "Count the words in {file} and tell me the most common one.",
    "How many words does {file} have? And which occurs most often?",
    "Please analyse {file}: total number of words, and the top word with its count.",
    "{file}: number of words and most frequent word, please. Case doesn't matter.",
    "For {project} I need the word count of {file} and its most common word.",
    "What's the commonest word in {file}, ignoring case, and out of how many?",
    "I wonder which word I use most in {file}. Total count as well, please.",
    "Word statistics of {file}? Total and the winner are enough.",
    "Can you tell how long {file} is in words, and which word leads?",
)
WORDS_SAY = (
    '{file} has {total} words; the most frequent is "{word}" with {count} occurrences.',
    'The most common word is "{word}" ({count} times out of {total}).',
    '"{word}" leads with {count} occurrences. In all there are {total} words.',
    '{total} words in all. Most frequent: "{word}", {count} times.',
)

GAPS_ASK = (
    "{file} should list every number from {first} to {last}. Which are missing, and which occur "
    "twice?",
    "Please check the ids in {file}: expected {first} to {last}, each once. Any gaps or "
    "duplicates?",
    "The invoice numbers in {file} go from {first} to {last}. Find missing and repeated ones.",
    "Are all numbers {first}..{last} in {file}? I suspect some are missing and some doubled.",
    "Ticket numbers {first} to {last} are in {file}, one per line. What's missing, what's "
    "repeated?",
    "Look for gaps and repeats in {file} (range {first} to {last}).",
    "Verify {file} for me: every number between {first} and {last} exactly once?",
    "Something is wrong with the numbering in {file}. It should be {first} through {last} "
    "without repeats.",
    "Seat numbers in {file}: {first} to {last}. Which seats are missing or booked twice?",
    "Inventory tags {first} to {last} were scanned into {file}. Which tags are missing, which "
    "were scanned twice?",
)
JOIN_ASK = (
    "{orders} has the orders and {prices} the price of each product in cents. What is the total?",
    "What's the value of all orders in {orders}, using the prices (cents) from {prices}?",
    "Please combine {orders} and {prices}: how much is everything together, in cents?",
    "Multiply the pieces in {orders} by the prices in {prices} and add it up.",
    "Total revenue, please. Pieces are in {orders}, prices in cents in {prices}.",
    "I need the order total. {prices} gives cents per piece, {orders} the pieces.",
    "How much do the orders of {project} cost altogether? Files: {orders}, {prices}.",
    "Join {orders} with {prices} and tell me the sum and the most expensive order line.",
    "What do our {project} orders come to? Quantities in {orders}, unit prices (cents) in "
    "{prices}.",
    "Using {prices}, value the lines of {orders} and give me the grand total.",
)
JOIN_SAY = (
    "The {count} order lines come to {total} cents ({whole}). The largest is {product} with "
    "{largest} cents.",
    "Total: {total} cents, that is {whole}. The most expensive line is {product} ({largest} cents).",
    "{total} cents in {count} lines; {product} has the largest with {largest} cents.",
    "Together the orders are worth {total} cents, or {whole}. {product} is the most expensive line: "
    "{largest} cents.",
)
