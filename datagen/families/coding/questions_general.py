"""Questions on the web, data and algorithms that need no tool, each with its answer.

Not covered: Python, git and tests (`datagen.families.coding.questions`).
"""

WEB_AND_DATA: tuple[tuple[str, str], ...] = (
    (
        "What is the difference between GET and POST?",
        "GET asks for a resource, should change nothing on the server, and can be cached, "
        "bookmarked and repeated; its parameters are in the URL. POST sends data in the body to be "
        "processed, usually with an effect, so browsers warn before they repeat it.",
    ),
    (
        "Which HTTP methods are idempotent?",
        "GET, HEAD, PUT, DELETE, OPTIONS and TRACE: sending the same request several times has the "
        "same intended effect on the server as sending it once. POST and PATCH are not idempotent "
        "in general.",
    ),
    (
        "401 or 403, which one do I return?",
        "401 Unauthorized means the request is not authenticated: log in or send valid credentials "
        "and try again. 403 Forbidden means the server knows who is asking, and the answer is no. "
        "Some services use 404 instead of 403, so as not to reveal that something exists.",
    ),
    (
        "When is 404 right and when 410?",
        "404 Not Found says there is nothing at this address, now or maybe ever. 410 Gone says "
        "there was something and it was removed for good, so clients and search engines can forget "
        "the link. If you don't know, use 404.",
    ),
    (
        "What does the status code 422 mean for an API?",
        "The request is well-formed, for example valid JSON, but its content breaks a rule, such as "
        "a negative quantity. 400 is for requests the server cannot parse or understand. Many APIs "
        "use 400 for both; what matters is to be consistent.",
    ),
    (
        "What do 301 and 302 redirects have in common, and how do they differ?",
        "Both send the client to the address in the Location header. 301 is permanent, so caches "
        "and search engines may replace the old address; 302 is temporary. If the method must be "
        "kept, use 308 and 307, since clients may turn a POST into a GET with 301 and 302.",
    ),
    (
        "What is a REST API, in short?",
        "An HTTP interface organised around resources with addresses, such as /orders/17, and a "
        "uniform set of methods: GET to read, POST to create, PUT or PATCH to change, DELETE to "
        "remove. Requests carry everything needed, the server keeps no session state between them.",
    ),
    (
        "PUT versus PATCH?",
        "PUT replaces the whole resource by the body, so fields left out are gone or reset. PATCH "
        "changes only what the body names. PUT is idempotent; PATCH need not be, for example if it "
        'says "append this item".',
    ),
    (
        "What are cookies used for and which flags matter?",
        "A cookie is a small value the server sets and the browser sends back with each request to "
        "that site, mostly to recognise a session. `HttpOnly` hides it from scripts, `Secure` "
        "limits it to HTTPS, and `SameSite` restricts sending it with requests from other sites.",
    ),
    (
        "What problem does CORS solve?",
        "Browsers keep scripts of one origin from reading responses of another. CORS headers, such "
        "as Access-Control-Allow-Origin, let a server permit certain origins. It protects users in "
        "browsers; it is no access control for the API itself, since other clients ignore it.",
    ),
    (
        "How does SQL injection happen and how do I prevent it?",
        "It happens when input is pasted into the text of a query, so that it can change the "
        "query's meaning. Use placeholders and pass the values separately, for example "
        '`cursor.execute("SELECT * FROM users WHERE name = ?", (name,))`. Escaping by hand is '
        "easy to get wrong.",
    ),
    (
        "What is cross-site scripting?",
        "An attacker gets script code into a page that others view, for instance through a comment "
        "that is shown unescaped; it then runs with their session. Escape data for the place where "
        "it is inserted, which template engines do by default, and add a Content-Security-Policy as "
        "a second line.",
    ),
    (
        "How should passwords be stored?",
        "As a salted hash made by a slow algorithm meant for passwords, such as Argon2, scrypt or "
        "bcrypt. Never as plain text, and not as plain SHA-256, which can be tried billions of "
        "times a second. Use a library, which takes care of the salt and of comparing.",
    ),
    (
        "What's the difference between authentication and authorisation?",
        "Authentication establishes who somebody is, for example by password or token. "
        "Authorisation decides what this person may do. They are separate steps: a valid login does "
        "not by itself allow editing somebody else's order.",
    ),
    (
        "What does an INNER JOIN return compared with a LEFT JOIN?",
        "An inner join returns only pairs of rows that match. A left join returns every row of the "
        "left table; where nothing matches, the columns of the right one are NULL. To find rows "
        "without a partner: LEFT JOIN and `WHERE right_table.id IS NULL`.",
    ),
    (
        "WHERE or HAVING?",
        "WHERE filters rows before they are grouped, HAVING filters groups after. So conditions on "
        "aggregates go into HAVING, `HAVING COUNT(*) > 5`, and all others into WHERE, where they "
        "are cheaper because fewer rows are grouped.",
    ),
    (
        "What does an index do for a database table, and what does it cost?",
        "It is a sorted structure, usually a B-tree, that finds rows by the indexed columns without "
        "reading the whole table. It needs space and makes inserts, updates and deletes slower, "
        "since it has to be kept up to date. Index what you search, join and sort by.",
    ),
    (
        "What is a database transaction?",
        "A group of statements that takes effect as a whole or not at all. COMMIT makes it "
        "permanent, ROLLBACK undoes it. The ACID properties: atomic, consistent, isolated from "
        "transactions at the same time, durable after commit.",
    ),
    (
        "What is the N+1 query problem?",
        "Code loads N rows with one query and then runs one more query for each row, for example "
        "for its author: N+1 in all. Load the related rows in one go, by a join or by `WHERE id IN "
        "(...)`; object-relational mappers have eager loading for that.",
    ),
    (
        "How do NULLs behave in SQL comparisons?",
        "A comparison with NULL gives neither true nor false but unknown, so `x = NULL` never "
        "matches; use `IS NULL`. `x <> 5` skips rows where x is NULL. COUNT(column) ignores NULLs, "
        "COUNT(*) does not. `NOT IN` with a NULL in the list matches nothing.",
    ),
    (
        "What does normalisation of a database mean?",
        "Each fact is stored once: customers in one table, orders in another that refers to them by "
        "key. This avoids contradictions when something changes. For reading speed people sometimes "
        "store copies on purpose, and then have to keep them in step.",
    ),
    (
        "Primary key and foreign key, what are they?",
        "A primary key identifies a row: unique and never NULL. A foreign key is a column whose "
        "values must exist as keys in another table, so the database itself refuses an order for a "
        "customer that does not exist.",
    ),
    (
        "What's the difference between UNION and UNION ALL?",
        "Both put the rows of two queries below each other. UNION removes duplicate rows, which "
        "needs extra work; UNION ALL keeps them. If duplicates cannot occur or do not matter, UNION "
        "ALL is the faster choice.",
    ),
    (
        "What data types does JSON have?",
        "Object, array, string, number, true, false and null. There is no date, no comment, no "
        "trailing comma, and keys must be strings in double quotes. Dates are usually sent as "
        "strings in ISO 8601 form.",
    ),
    (
        "CSV or JSON for exchanging data?",
        "CSV is compact and opens in any spreadsheet, but is flat, has no types, and dialects "
        "differ in separators and quoting. JSON has nesting and basic types and one clear syntax, "
        "but is bulkier. Tables of plain values suit CSV; anything nested suits JSON.",
    ),
    (
        "What's the difference between UTF-8 and Unicode?",
        "Unicode assigns a number, the code point, to each character. UTF-8 is one way to write "
        "these numbers as bytes: one byte for ASCII, two to four for the rest. UTF-16 is another. "
        'In Python, `str` holds code points and `.encode("utf-8")` gives the bytes.',
    ),
    (
        "What does caching with an ETag look like?",
        "The server sends an ETag, a label for this version of the resource. Next time the client "
        "sends it in If-None-Match; if nothing changed, the server answers 304 Not Modified without "
        "a body, and the client uses its copy.",
    ),
    (
        "How do WebSockets differ from ordinary HTTP requests?",
        "With HTTP the client asks and the server answers once. A WebSocket starts as an HTTP "
        "request that is upgraded, and then stays open so that both sides can send messages at any "
        "time. It fits chats and live updates; for rare updates polling is simpler.",
    ),
    (
        "What is rate limiting, and which status code goes with it?",
        "The server allows only so many requests per client and period, to protect itself and be "
        "fair. Beyond that it answers 429 Too Many Requests, ideally with a Retry-After header. "
        "Clients should wait that long, or back off exponentially.",
    ),
    (
        "What should pagination of an API look like: offset or cursor?",
        "Offset and limit are simple and allow jumping to a page, but get slow for large offsets, "
        'and items shift when rows are added meanwhile. A cursor says "after this item", stays '
        "fast and stable, but only goes forward or back. For large or changing lists use cursors.",
    ),
    (
        "What happens when I type a URL into the browser, very roughly?",
        "The browser resolves the host name to an address by DNS, opens a TCP connection, and for "
        "HTTPS agrees on encryption by TLS. It sends a GET request, receives HTML, and then fetches "
        "the style sheets, scripts and images named there while it builds the page.",
    ),
    (
        "What is the difference between a process and a thread?",
        "A process has memory of its own; a thread runs inside a process and shares its memory with "
        "the other threads. Threads are cheaper and exchange data easily, but need locks around "
        "shared state. A crashed process does not take others with it.",
    ),
)
"""On HTTP, SQL and data formats."""

ALGORITHMS: tuple[tuple[str, str], ...] = (
    (
        "What does O(n log n) mean?",
        "The running time grows like n times the logarithm of n: doubling the input slightly more "
        "than doubles the time. Good general sorting algorithms, merge sort for one, are of this "
        "order, and comparison sorts cannot be faster in the worst case.",
    ),
    (
        "Why is binary search so much faster than looking through a list?",
        "Each comparison halves what is left, so a million sorted items need about 20 steps instead "
        "of half a million on average. The list must be sorted and allow access by index. In Python "
        "the module `bisect` does it.",
    ),
    (
        "What is the difference between a stack and a queue?",
        "A stack gives back the newest item first (last in, first out), a queue the oldest (first "
        "in, first out). In Python a list serves as a stack with `append` and `pop`; for a queue "
        "use `collections.deque` with `append` and `popleft`.",
    ),
    (
        "Why is `list.pop(0)` slow, and what should I use?",
        "All remaining items have to move one place, so it takes time proportional to the length. "
        "`collections.deque` removes from both ends in constant time: `popleft()`.",
    ),
    (
        "How does a hash table handle two keys with the same hash?",
        "Either each place holds a small list of entries (chaining), or the table looks for another "
        "free place by a fixed rule (open addressing, as in Python's dict). In both cases the keys "
        "themselves are compared to find the right one. Many collisions make it slow, so the table "
        "grows in time.",
    ),
    (
        "What is recursion, and what must a recursive function have?",
        "A function that solves a problem by calling itself on a smaller one. It needs a base case "
        "that ends the calls, and each call must get closer to it. Python limits the depth to about "
        "1000 calls by default, so deep structures are better handled with a loop and a stack.",
    ),
    (
        "When is breadth-first search better than depth-first search?",
        "When you want the shortest path in number of steps: breadth-first visits everything at "
        "distance 1, then 2, and so on. It uses a queue and may hold a whole level in memory. "
        "Depth-first uses a stack, needs memory only for the current path plus its siblings, and "
        "suits exhaustive search and topological sorting.",
    ),
    (
        "What does Dijkstra's algorithm do?",
        "It finds the cheapest paths from one node to all others in a graph whose edges have no "
        "negative weights. It always settles the unsettled node with the smallest known distance, "
        "usually taken from a priority queue, and relaxes its edges. With negative weights use "
        "Bellman-Ford.",
    ),
    (
        "What is dynamic programming?",
        "Solving a problem from the solutions of overlapping smaller ones, each computed once and "
        "stored. Either top-down with memoisation or bottom-up with a table. It needs optimal "
        "substructure: the best solution consists of best solutions of its parts. Edit distance is "
        "a classic example.",
    ),
    (
        "What's the difference between a greedy algorithm and dynamic programming?",
        "A greedy algorithm takes the locally best step and never reconsiders it; it is fast but "
        "right only for some problems. Dynamic programming compares all combinations of "
        "sub-solutions. With coins 1, 3, 4 and the amount 6, greedy gives 4+1+1, while 3+3 is "
        "better.",
    ),
    (
        "What is a heap good for?",
        "It gives the smallest item at any time and adds or removes in O(log n). That makes it a "
        "priority queue: schedulers, Dijkstra's algorithm, the k largest of many. In Python, "
        "`heapq` works on a plain list, with the smallest item at index 0.",
    ),
    (
        "How does quicksort work, and what is its worst case?",
        "It picks a pivot, puts smaller items before and larger ones after it, and sorts both parts "
        "the same way. On average that is O(n log n). If the pivot is always the smallest or "
        "largest item, for instance the first of a sorted list, it becomes O(n squared); random "
        "pivots make that unlikely.",
    ),
    (
        "How does merge sort work?",
        "Split the list in halves, sort each half the same way, and merge the two sorted halves by "
        "always taking the smaller front item. It takes O(n log n) in every case and is stable, but "
        "needs extra memory for merging.",
    ),
    (
        "What is a linked list's advantage over an array?",
        "Inserting or removing next to a known node takes constant time, since only links change. "
        "The price: no access by index, more memory per item, and poor use of CPU caches. In "
        "practice arrays win more often than the theory suggests.",
    ),
    (
        "What is a binary search tree, and why should it be balanced?",
        "In each node, smaller keys are in the left subtree and larger ones in the right. A search "
        "follows one path, so it takes as many steps as the tree is high. Balanced, the height is "
        "about log2(n); if sorted keys are inserted naively, it degenerates to a list of height n.",
    ),
    (
        "What does amortised constant time mean?",
        "A single operation may be expensive, but averaged over a long sequence each takes constant "
        "time. Appending to a Python list is the usual example: now and then the whole list is "
        "copied to a larger block, but so rarely that n appends take O(n) in all.",
    ),
    (
        "What is memoisation?",
        "Storing the result of a call under its arguments, and returning the stored one if the same "
        "call comes again. It turns the naive recursive Fibonacci from exponential to linear time. "
        "In Python, put `@functools.cache` above the function.",
    ),
    (
        "What is a race condition?",
        "The result depends on the timing of two activities. Two threads read a counter as 5, both "
        "add 1 and both store 6: one update is lost. Make the read-modify-write step atomic, with a "
        "lock or a database transaction, or avoid sharing the state.",
    ),
    (
        "How does a deadlock come about?",
        "Two activities each hold a lock and wait for the other's. The usual prevention is to "
        "acquire locks in one fixed order everywhere. Other ways are timeouts, one lock instead of "
        "two, or handing data over by queues.",
    ),
    (
        "Explain pass-by-value and pass-by-reference, and tell me what Python does.",
        "By value, the function gets a copy; by reference, it can rebind the caller's variable. "
        "Python does neither: it passes references to objects by assignment. A function can change "
        "a mutable argument in place, which the caller sees, but assigning to the parameter only "
        "rebinds the local name.",
    ),
    (
        "What is a pure function and why would I want one?",
        "Its result depends only on its arguments, and it has no side effects. Such functions are "
        "easy to test, to cache, to run in parallel and to understand on their own. A common design "
        "keeps the core pure and does input and output at the edges.",
    ),
    (
        "What does immutability buy me?",
        "An object that cannot change can be shared without copies or locks, used as a dict key, "
        "and trusted to stay as you saw it. Changes make new objects, which costs some copying. In "
        "Python, tuples, frozensets, strings and frozen dataclasses are immutable.",
    ),
    (
        "What does the D in SOLID stand for, in plain words?",
        "Dependency inversion: the important logic should not depend on details such as a certain "
        "database; both depend on an interface that the logic defines. In practice, pass the "
        "dependency in from outside. That also makes it easy to replace in tests.",
    ),
    (
        "What is the single responsibility principle?",
        "A module or class should have one reason to change. If a class computes invoices and also "
        "formats PDFs, changes in layout may break the computation. Splitting it makes both parts "
        "easier to test and reuse.",
    ),
    (
        "Composition or inheritance?",
        'Inheritance says "is a" and ties a class to the internals of its base; composition says '
        '"has a" and uses another object through its interface. Composition is looser and can be '
        "changed at run time. Inherit when subclasses can really stand in for the base everywhere.",
    ),
    (
        "What is technical debt?",
        "The extra work that quick solutions cause later: each further change takes longer until "
        "they are cleaned up. Taking some on can be a sensible decision, for a deadline say, if it "
        "is known and paid back. Unnoticed, it slows everything down.",
    ),
    (
        "What does YAGNI mean?",
        '"You aren\'t gonna need it": do not build a feature before it is needed. Guesses about '
        "the future are often wrong, and the code has to be maintained meanwhile. Simple code is "
        "easier to extend when the need really comes.",
    ),
    (
        "Why are global variables frowned upon?",
        "Any code may change them, so a function's behaviour depends on things its signature does "
        "not show. Tests influence each other, and parallel use becomes risky. Constants are fine; "
        "pass state as arguments or keep it in objects.",
    ),
    (
        "What is the difference between an interpreter and a compiler?",
        "A compiler translates the whole program beforehand into another form, often machine code; "
        "an interpreter executes it directly. Many languages do both: CPython compiles source to "
        "bytecode and interprets that, and just-in-time compilers produce machine code while the "
        "program runs.",
    ),
    (
        "What is an off-by-one error and how do I avoid it?",
        "A count or limit that is one too high or too low, such as `range(1, n)` where n should be "
        "included. Use half-open ranges consistently, iterate over items instead of indices, and "
        "test the edges: no item, one item, the last item.",
    ),
    (
        "Bits: how do I test and set a single bit of an integer?",
        "With `1 << n` as a mask for bit n: `value & (1 << n)` is non-zero if it is set, `value | "
        "(1 << n)` sets it, `value & ~(1 << n)` clears it, and `value ^ (1 << n)` toggles it.",
    ),
    (
        "What is the difference between concurrency and parallelism?",
        "Concurrency means several tasks are in progress at once and take turns, possibly on one "
        "core. Parallelism means that they really run at the same moment on several cores. An event "
        "loop is concurrent without being parallel.",
    ),
)
"""On algorithms and the design of programs."""
