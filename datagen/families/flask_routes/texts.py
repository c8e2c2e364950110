"""What users and the assistant say in the family `flask_routes`.

Slots: {one} and {many} things, {path} the collection, {item} one record, {views} the file with the views,
{project}, the fields {name}, {number}, {kind}, {flag}, {absent} an unknown id; others by kind of change.

Not covered: when which of them is said (`datagen.families.flask_routes`).
"""

ASK: dict[str, tuple[str, ...]] = {
    "single": (
        "Add a route that returns one {one}: GET {item}, with 404 if there is none.",
        "I can list {many} but not fetch a single one. Could you add GET {item}? An unknown id "
        "should give a 404.",
        "We need GET {item} in {views}. Unknown ids: 404 with a JSON error.",
        "The detail page calls {item}, which does not exist yet. Please implement it, 404 for "
        "ids that are not there.",
        "Please extend the API so that a {one} can be looked up by its id under {item}.",
        "How about a lookup by id? {item} should return the {one}, or 404.",
        "Missing endpoint: GET {item}. Expected 200 with the {one}, 404 otherwise.",
        "Write the view for one {one} by id ({item}) and show me that both the found and the "
        "not-found case work.",
        "The frontend team asks for {item} (GET). Can you put it next to the other {many} routes?",
        "Give me an endpoint for a single {one}. Same JSON as in the list, 404 when the id is "
        "unknown.",
        "At the moment {item} answers 404 for every id because nobody wrote the view. Please "
        "write it.",
        "Let clients read one {one} by id. Path {item}; an id nobody has must not crash, just 404.",
        "{project} needs a read endpoint per {one}. Add it and try an existing id as well as "
        "{absent}.",
        "I'd like `GET {item}` to work. For id {absent}, which does not exist, I expect a 404.",
        "Add detail view for {many}, integer id in the URL, not-found handled.",
        "Could we get a route for individual {many}? {item} would be the natural place.",
    ),
    "deletion": (
        "Add DELETE {item}. It should answer {result}; 404 for unknown ids.",
        "There is no way to remove a {one} yet. Please add one: DELETE {item}, answering {result}.",
        "{many} can be created but never deleted. Implement DELETE {item} with {result} on "
        "success.",
        "Please write the delete endpoint for {many}. Success: {result}. Unknown id: 404.",
        "I want to get rid of single {many} over the API. DELETE on {item}, please, and {result} "
        "as the answer.",
        "Next on the list for {project}: deleting a {one}. Return {result}, or 404 if the id is "
        "not there.",
        "Could you support DELETE for a {one} in {views}? The client expects {result}.",
        "A user added a {one} by mistake and cannot take it back. We need DELETE {item} "
        "({result}).",
        "Ticket: remove {many}. DELETE {item} -> {result}, DELETE {path}/{absent} -> 404.",
        "Make {item} accept DELETE. The answer should be {result}.",
        "Implement removal of a {one} by id; on success {result}, otherwise a 404 as JSON.",
        "DELETE {item} gives 405 at the moment. It should remove the {one} and answer {result}.",
        "The admin page has a bin icon beside each {one} that does nothing, since DELETE {item} "
        "is missing. Add it; reply {result}.",
        "Delete support for {many}, please: {result} when it worked, 404 when there is nothing "
        "to delete.",
        "Can I have an endpoint to drop a {one}? Use the DELETE method on {item}. It replies "
        "{result}.",
    ),
    "status": (
        "{what} answers {wrong}. It should be {right}.",
        "Wrong status code: {what} gives {wrong} where {right} is right. Please fix.",
        "The API review found that {what} returns {wrong}; we agreed on {right}. Please correct "
        "{project}.",
        "Could you change the code of the response for {what} from {wrong} to {right}?",
        "Our client library treats {wrong} after {what} in the wrong way. Make it {right}.",
        "Expected {right}, got {wrong}. How to reproduce: {what}. Please repair it and check "
        "again.",
        "Look at what the app says to {what}: status {wrong}. That has to be {right}.",
        "I think {what} is answered with {wrong}. Can you confirm that and turn it into {right}?",
        "Status codes in {project}: {what} should result in {right}, not {wrong}.",
        "Bug: {wrong} instead of {right} for {what}.",
        "When I send {what} I get a {wrong}. According to our docs it's {right}. Fix the app, "
        "the docs are fine.",
        "Please make {what} answer {right}; someone wrote {wrong} there.",
        "{views} uses {wrong} in a place where {right} belongs: {what}. Find it and fix it.",
        "Monitoring complains, because {what} comes back as {wrong} rather than {right}. Could "
        "you fix it?",
        "Small correction needed: {right} instead of {wrong} for {what}.",
        "Why does {what} come back with {wrong}? I'd expect {right}. Please change it.",
    ),
    "validation": (
        "POST {path} accepts anything. Reject bad input with 400: {rules}.",
        "Add validation when a {one} is created: {rules}. Otherwise 400 with an error message.",
        "Someone posted nonsense to {path} again. From now on {rules}; answer 400 if not.",
        "Please check the body of POST {path} before storing it. Rules: {rules}.",
        "We need input checks for new {many}: {rules}. Use 400 and say what is wrong.",
        "Could you make creating a {one} stricter? What I want: {rules}. Violations get a 400.",
        "Validate POST {path} ({rules}) and return 400 plus a JSON error for invalid data.",
        "Our list of {many} contains rubbish because nothing is validated. {rules}, please, else "
        "400.",
        "Requirement for {project}: {rules}. Invalid POSTs must be refused with status 400.",
        "Before it is saved, a new {one} should be checked: {rules}. Respond with 400 where that "
        "fails.",
        "Do not let invalid {many} in. A 400 is due unless {rules}.",
        "In {views}, guard the create view. {rules}. Bad requests get 400 and valid ones still "
        "201.",
        "I can create a {one} with broken data. Please prevent that: {rules}. The answer should "
        "be a 400.",
        "Ticket: validate new {many}. Acceptance: {rules}; 400 with a message if violated.",
        "What happens on bad input to {path}? Nothing, it's stored. Change that so {rules} or a "
        "400 comes back.",
    ),
    "filtering": (
        "Add a query parameter `{parameter}` to GET {path}: {meaning}.",
        "I'd like to filter the {many}: {path}{query} should work. Meaning of {parameter}: "
        "{meaning}.",
        "Can GET {path} take `{parameter}`? It means {meaning}. Without it everything is listed.",
        "The list of {many} is too long for the app. Support {path}{query} ({meaning}).",
        "Please implement filtering by {parameter} in {views}; {meaning}.",
        "Filter wanted on {path}. Parameter {parameter}, {meaning}, optional.",
        "Let clients narrow down {many}: `{query}` as an example, i.e. {meaning}.",
        "Our search box sends {path}{query}, and the server ignores it. Make it count: {meaning}.",
        "New optional parameter for listing {many}: {parameter} ({meaning}).",
        "Make {path}{query} return only what matches. To be exact: {meaning}.",
        "The endpoint {path} should understand {parameter}, that is {meaning}. No parameter, no "
        "filtering.",
        "How hard would it be to filter {many} with {parameter}? I mean {meaning}. Please just "
        "add it.",
        "GET {path} ignores {parameter}. Teach it: {meaning}.",
        "For the {project} dashboard I have to query {path}{query}. Add this filter ({meaning}) "
        "and test it.",
        "Ticket: {many} by {parameter}. Expected for {query}: {meaning}.",
        "Please give the {many} list a {parameter} filter. It takes {meaning}.",
    ),
    "paging": (
        "Paginate GET {path} with {how}. The answer should be {form}.",
        "The response of {path} gets too big. Add {how} as query parameters; return {form}.",
        "I need pages of {many}: {path}{query} for instance. Response: {form}.",
        "Please add pagination ({how}) to the list of {many}, answering with {form}.",
        "Could {path} support {how}? I'd want {form}.",
        "Implement {how} for listing {many} and show me what {query} gives. Format: {form}.",
        "{project} needs paging on {path}. Parameters {how}, sensible defaults, result as {form}.",
        "Clients should be able to fetch {many} in portions, using {how}. What comes back is "
        "{form}.",
        "Right now {path} always sends every {one}. Make it page with {how}, {form}.",
        "Endless scrolling in the app wants {path}{query}. Please implement that; {form}.",
        "Add the usual {how} to GET {path}. Keep in mind: {form}.",
        "Ticket: paging for {many}. Query {how}. Body is {form}.",
        "Slice the {many} list by {how}, so {query} works. We settled on {form}.",
        "Let GET {path} take {how}. Body: {form}.",
        "Would you put pagination into {views}? {how} for {many}, with {form}.",
    ),
    "sorting": (
        "Add sorting to GET {path}: ?sort= with {fields}{order}. Unknown fields give 400.",
        "I want {path}{query} to work. Allowed fields: {fields}{order}; anything else is a 400.",
        "Please let clients sort {many} by {fields}{order}. A field like {unknown} should be "
        "refused with 400.",
        "Make the list of {many} sortable ({fields}{order}) and answer 400 to other fields.",
        "The table of {many} in the UI needs server-side sorting: sort={fields}{order}. 400 on "
        "rubbish.",
        "Could GET {path} accept a sort parameter? Values: {fields}{order}. Reject the rest, "
        "status 400.",
        "Implement `sort` for {path}. It takes {fields}{order}. sort={unknown} must not crash, "
        "give a 400.",
        "{many} come in the order of their ids. Support {query} too, so {fields}{order}, 400 "
        "otherwise.",
        "Sorting, please: {path}?sort={fields}{order}. Bad field names -> 400.",
        "In {views} the list should be ordered by what ?sort= says, {fields}{order}. Unknown: 400.",
        "We display {many} by {number} and by {name}, so {path} needs sort by {fields}{order}. "
        "Invalid field: 400.",
        "Add an optional sort order to {path}. Fields are {fields}{order}, with a 400 for "
        "unknown ones.",
        "Ticket: sort {many}. Fields {fields}{order}. Invalid: 400 naming the field.",
        "Can the API return {many} sorted? E.g. {query}. Only {fields}{order}; complain with 400 "
        "about others.",
        "Give {path} a `sort` query parameter ({fields}{order}) and try {query} and "
        "sort={unknown}.",
    ),
    "not_found": (
        "Unknown paths such as {other} give Flask's HTML page. Add a 404 handler that answers "
        "{{\"error\": \"{text}\"}} in JSON.",
        "Please add a JSON handler for 404. Body: an error field with \"{text}\".",
        "Our client chokes on HTML errors from {project}. Make every 404 JSON with the error "
        "\"{text}\".",
        "GET {other} returns HTML. I want JSON, error \"{text}\", still status 404.",
        "Could you register an error handler for 404 that returns JSON (\"{text}\")? It should "
        "cover {path}/{absent} as well.",
        "All 404 responses should be JSON: an object whose error is \"{text}\".",
        "Replace the default not-found page by a JSON response with error \"{text}\".",
        "A 404 from this API is an HTML document at the moment. Use an errorhandler and return "
        "\"{text}\" as JSON.",
        "The mobile app parses {other} as JSON and fails on the 404 page. Fix this with a "
        "handler that says \"{text}\".",
        "404 handling for {project}: JSON instead of HTML, message \"{text}\".",
        "When no {one} or route is found, answer with a JSON error reading \"{text}\" instead of "
        "HTML.",
        "Ticket: JSON 404s. Check with {other} and {path}/{absent}; error text \"{text}\".",
        "Set up one place that turns 404 errors into JSON, {{\"error\": \"{text}\"}}.",
        "I requested {other} and got HTML back. Not nice in an API. Please send \"{text}\" as a "
        "JSON error.",
        "Make not-found answers machine readable; \"{text}\" in an error key is enough.",
    ),
    "location": (
        "POST {path} should answer 201 with a Location header that points to {target}.",
        "After creating a {one} I want 201 and `Location: {target}`. Please add that.",
        "Please return 201 plus a Location header when a {one} is created.",
        "REST manners for {project}: creating a {one} must give 201 Created and a Location of "
        "{target}.",
        "The client needs the URL of a new {one}. Put it in the Location header ({target}) and "
        "use status 201.",
        "Could you let the create view send a Location header? Status 201, value {target}.",
        "Add the Location header to POST {path}; make sure that the status is 201.",
        "New {many} should be announced properly: 201, Location {target}, the {one} as body.",
        "Ticket: POST {path} lacks Location. Expected 201 and {target}. Body stays as it is.",
        "Our SDK follows the Location header after a POST to {path}, but there is none. Add it, "
        "with a 201.",
        "Make POST {path} respond 201 with a link to the new {one} in Location.",
        "When I POST a {one} the answer has no Location. I'd expect {target} with a 201.",
        "Set Location to {target} in the answer to POST {path} and verify it, please. Status: 201.",
        "Review comment: \"create_{one} should return 201 and Location\". Please address it in "
        "{views}.",
        "Would you change create_{one} so that it answers 201 and says where the {one} lives?",
    ),
    "update": (
        "Add {method} {item} so that a {one} can be edited ({fields}); {scope}.",
        "Editing a {one} is not possible yet. Implement {method} {item}: {scope}. 404 for "
        "unknown ids.",
        "We need {method} on {item}. Fields: {fields}. Note that {scope}.",
        "Please write an update endpoint for {many} with {method}; {scope}.",
        "The edit form for a {one} sends {method} {item}. Make the server handle it: {scope}.",
        "Could you support {method} for a single {one}? {fields} can change, and {scope}.",
        "Ticket: update {many}. {method} {item}, {scope}, id {absent} -> 404.",
        "{method} {item} gives 405. It should update {fields} - {scope}.",
        "Allow corrections of a {one} by {method}. Rule: {scope}.",
        "There was a typo in one of the {many} and I could not fix it over the API. Add {method} "
        "{item}, where {scope}.",
        "Implement {method} for {many} in {views}: {scope}; unknown id 404.",
        "I'd like to change {fields} of a {one} with {method} {item}. As usual, {scope}.",
        "Next step for {project}: {method} {item}. To be clear, {scope}.",
        "Let {item} accept {method} with any JSON of {fields}; {scope}.",
        "An update route, please ({method} {item}), returning the changed {one}. Here {scope}.",
    ),
    "action": (
        "Add POST {item}/{verb}: it marks the {one} as {flag}. Doing it twice gives 409.",
        "I need an endpoint to {verb} a {one}, POST {item}/{verb}. 409 when it is {flag} "
        "already, 404 when it's unknown.",
        "Please implement {item}/{verb} (POST). It sets {flag} to true; a second call is a "
        "conflict.",
        "How do clients {verb} a {one}? They cannot. Add POST {item}/{verb} with 409 if already "
        "{flag}.",
        "A button to {verb} a {one} is coming. It will POST to {item}/{verb}. Conflict (409) if "
        "it is already {flag}.",
        "Let users {verb} {many}: POST {item}/{verb}, 200 with the {one}, 409 if {flag}, 404 if "
        "missing.",
        "Ticket: {verb} a {one}. POST {item}/{verb}. Errors: 404, 409.",
        "Set the {flag} flag through an action route, POST {item}/{verb}. A {one} that is {flag} "
        "must give 409.",
        "Could you write the route that will {verb} a {one}? If it's {flag} already, answer 409.",
        "The {flag} field is never changed by the API. Provide POST {item}/{verb} for it, 409 on "
        "repetition.",
        "Support `POST {item}/{verb}`. Return the updated {one}; refuse with 409 when there is "
        "nothing to do.",
        "For {project}: an action to {verb} one {one}. Do not allow it twice, use status 409.",
        "In {views}, add what is needed to {verb} a {one} by id and make repeated calls fail "
        "with a 409.",
        "Make it possible to {verb} {many} one at a time ({item}/{verb}). Already {flag}: 409.",
    ),
    "stats": (
        "Add GET {tail} with {figures}.",
        "I need some figures about the {many}: {tail} should return {figures}.",
        "Please write an endpoint {tail} that reports {figures} as JSON.",
        "The dashboard of {project} wants {figures}. Offer them under {tail}.",
        "Could you add {tail}? It returns {figures} for all {many}.",
        "New route wanted: {tail}, a JSON object with {figures}.",
        "How many {many} do we have? I'd like to ask the API: GET {tail} with {figures}.",
        "Implement {tail}; the keys are {figures}. Tell me today's values.",
        "My boss wants numbers. Put {figures} behind GET {tail}, please.",
        "Ticket: {tail}. Response: {figures}. Read-only.",
        "Make the totals of the {many} available at {tail} ({figures}).",
        "An endpoint with {figures} would save me a script. {tail} is a good path.",
        "Next to the list I want {tail}, which computes {figures} from the stored {many}.",
        "Give me {figures} in one request. Path: {tail}.",
    ),
    "crash": (
        "{request} gives a 500. Find out why and fix it.",
        "Internal Server Error on {request}. What is the cause? Please repair it.",
        "A user reports that {request} breaks with a 500. Can you look into it?",
        "Why does {request} crash? I need the reason and a fix.",
        "500 for {request}. It worked in the demo. Please debug {project}.",
        "Please reproduce this: {request} -> 500. Then fix the bug in {views}.",
        "The error tracker shows a server error for {request}, without details. Find the bug.",
        "I keep getting \"Internal Server Error\" from {request}. Help me get rid of it.",
        "Something goes wrong with {request}; the server answers 500. Please find the line and "
        "mend it.",
        "Ticket: {request} fails. Status 500, HTML page. Expected: a proper JSON answer.",
        "Could you debug {request}? All I see is a 500.",
        "Our smoke check fails at {request} (500). Investigate and fix, please.",
        "Whenever somebody calls {request} we get a 500 in the log. What's wrong there?",
        "{project} cannot handle {request}. It returns a server error. Make it answer sensibly.",
        "Find the exception behind {request} and correct the code.",
        "Can you tell me what makes {request} blow up with a 500, and change it so it doesn't?",
    ),
    "wrong_list": (
        "GET {query} returns the wrong {many}: {says}. Please fix.",
        "Something is off with {query}. In the answer, {says}.",
        "I called {query} and {says}. Find the mistake in {views}.",
        "Bug in the {many} list: for {query}, {says}.",
        "Why is it that with {query} {says}? Please correct it.",
        "The result of {query} is wrong, {says}. Can you check and repair it?",
        "A tester writes: \"{query}: {says}\". Please look at it.",
        "{project}: {query} answers 200, yet {says}. Fix the logic.",
        "Please debug the listing of {many}. Example: {query}. What I see: {says}.",
        "With {query} I get {many} I don't expect; {says}.",
        "No error, but wrong data: {query}, where {says}. Have a look?",
        "Ticket: wrong records from {query}. Observed: {says}.",
        "The numbers in our report are wrong because of {query}. As far as I can tell {says}.",
        "Could you find out what {views} does wrong for {query}? I noticed that {says}.",
    ),
    "question": (
        "What does {request} return right now?",
        "Which status code do I get for {request}? Please really try it.",
        "Can you send {request} and tell me what comes back?",
        "I'm writing a client for {project}. What is the response to {request}?",
        "Check {request} for me: status and body, please.",
        "Before I document it: how does the app answer {request}?",
        "Try {request} and describe the answer in a sentence.",
        "Does {request} work? Just test it, change nothing.",
        "I need to know what {request} gives, with the status.",
        "Please call {request} once and report the result.",
        "How does {project} react to {request}?",
        "For the API docs I need the real answer to {request}. Could you run it?",
        "What would a client see after {request}?",
        "Is {request} an error or not? Send it and tell me.",
        "Quick check: {request}. What's the outcome?",
        "Run {request} against the app and summarise what it says.",
        "Someone claims that {request} fails. Is that so?",
        "Nothing to change here; I only want to know what {request} answers.",
    ),
}  # fmt: skip
BEFORE = (
    "This is {project}, a small Flask app.",
    "{about}, that's what {project} is for.",
    "About the {many} API:",
    "Working on {project}.",
    "Small request for {views}:",
    "Context: {project} keeps its {many} in memory.",
    "I took over {project} last week.",
    "We use {project} in a workshop.",
    "{project} is my first Flask app.",
    "Hi, one thing about the {many}.",
    "The app in this folder serves {many}.",
    "For release 2 of {project}:",
    "Back to the {one} endpoints.",
    "I'm going through the feedback on {project}.",
    "Backend, {path}:",
    "Hello! I look after {project}.", "From the backlog of {project}:", "It's about {path}.",
)  # fmt: skip
AFTER = (
    "Check it with a real request.",
    "Keep the change small.",
    "Leave the other routes alone.",
    "Show me a request afterwards.",
    "No new dependencies.",
    "Follow the style of the file.",
    "Please verify it against the running app.",
    "Tell me briefly what you did.", "Nothing else should change.", "A short summary is enough.",
    "Patch it, don't rewrite everything.",
    "I'll review it later.",
    "Thanks.",
    "No hurry, but do test it.",
)  # fmt: skip
AFTER_QUESTION = (
    "Don't change the code.",
    "Just the facts, please.",
    "Thanks.",
    "One sentence is enough.",
    "I don't have the app running here.",
    "Mention the status code.", "Numbers matter to me.", "Please don't guess.",
)  # fmt: skip
ROLES = (
    "You are a coding assistant in the folder of a Flask app called {project}.",
    "You maintain {project}, a small Flask API.",
    "You help with the web service {project} ({path}).", "Role: backend developer for {project}.",
    "You work on Python web apps with the tools you are given.",
    "Assistant of the {project} team. Flask, data in memory.",
    "You are an engineer who looks after the {many} API.",
    "You support the developers of {project} with small changes.",
)  # fmt: skip
RULES = (
    "Errors are always JSON objects with an error key.",
    "Verify changes with a request.",
    "Change as little as possible.",
    "Answer in a few plain sentences.",
    "Report status codes as the app really sends them.",
    "Do not add packages.",
    "Read a file before changing it.",
    "Prefer patches to whole files.",
    "The {many} live in memory; restarts reset them.",
)  # fmt: skip
SAY: dict[str, tuple[str, ...]] = {
    "list": (
        "First a look at the folder.",
        "Let me see which files there are.",
        "I'll start with the file list.",
             "Checking how {project} is laid out.", "Which files belong to the app?"),
    "read": (
        "Let me read {file}.",
        "I'll look at {file} first.",
        "Reading {file}.",
        "The code comes first: {file}.",
             "Opening {file} to see how the routes are written.",
             "I need to see {file} before I change it.",
             "Let's see what {file} does."),
    "search": (
        "Where are the routes?",
        "Searching for the route definitions.",
        "I'll find the views for {many}.",
               "Let me locate the code for {path}."),
    "reproduce": (
        "First I send the request myself.",
        "Let me reproduce it.",
        "I'll try the request as it is now.",
                  "Checking the present behaviour.",
                  "Sending the request to see the answer.",
                  "Let me see it happen."),
    "trace": (
        "The response hides the exception, so I call the app in testing mode.",
        "A 500 page has no details; testing mode lets the exception through.",
              "Now the traceback, by way of the test client.",
              "To see the exception I let it propagate.",
              "Next: which exception is it?"),
    "patch": (
        "Now the change.",
        "I'll patch {file}.",
        "Here is the change to {file}.",
        "This should do it.",
        "Making the edit in {file}.",
              "That is a small change in {file}.",
              "I can see what is needed; patching {file}.",
              "Applying the change.",
              "Editing {file} now."),
    "check": (
        "Now a real request.",
        "Let me try it.",
        "Checking it against the running app.",
        "Does it answer as it should?",
              "Trying {request}.",
              "I'll send {request}.",
              "Verifying with {request}.",
              "Next, {request}."),
    "tests": (
        "Running the tests.",
        "Do the tests pass?",
        "Now the test suite.",
        "Let me run test_app.py as well.",
        "I'll run the tests, too.",
    ),
    "header": (
        "Headers are not in that answer, so I read them with the test client.",
        "Now the header itself, through the test client.",
               "Let me print the Location header.", "And the header?"),
}  # fmt: skip
DONE: dict[str, tuple[str, ...]] = {
    "single": (
        "GET {item} is there now.",
        "You can fetch one {one} by id now ({views}).",
        "I added `get_{one}` to {views}.",
               "A single {one} can be read under {item}.",
               "The lookup by id works.",
               "Added: GET {item}."),
    "deletion": (
        "DELETE {item} works now.",
        "A {one} can be deleted now.",
        "I added `delete_{one}` in {views}.",
                 "The delete route is in place.",
                 "Added DELETE {item}; success gives {result}.",
                 "{views} has a delete view now."),
    "status": (
        "The status is {right} now instead of {wrong}.",
        "I replaced {wrong} by {right}.",
        "Corrected in {views}: {right}.",
               "{views} now answers {right} in this case.",
               "It is a {right} now.",
               "Fixed; the old code sent {wrong}."),
    "validation": (
        "POST {path} now checks its input: {rules}.",
        "New {many} are validated before they are stored.",
                   "The create view refuses bad input with 400.",
                   "I added the checks to `create_{one}`.",
                   "Validation is in {views}.", "Invalid {many} are turned away now."),
    "filtering": (
        "GET {path} understands `{parameter}` now.",
        "I added the {parameter} filter.",
        "The {many} can be filtered by {parameter}.",
                  "`{parameter}` narrows the list now; without it nothing changes.",
                  "The filter is in `list_{many}`.",
                  "{views} filters by {parameter} now."),
    "paging": (
        "GET {path} is paginated by {how}.",
        "I added {how} to the list of {many}.",
        "Paging works; the response is {form}.",
               "The list now takes {how}.",
               "`list_{many}` slices its result by {how}.",
               "Pages of {many} are available through {how}."),
    "sorting": (
        "GET {path} can be sorted by {fields}.",
        "Sorting is in place{order}.",
        "The `sort` parameter works for {fields}.",
                "`list_{many}` sorts now and refuses unknown fields.",
                "I added `sort` to {path}.",
                "The {many} come in the order you ask for."),
    "not_found": (
        "404 errors are JSON now.",
        "I added an error handler in app.py.",
        "Unknown paths and ids now get a JSON body.",
                  "app.py registers a handler for 404.",
                  "The HTML page is gone.",
                  "Every 404 now carries an error in JSON."),
    "location": (
        "Creating a {one} now gives 201 and a Location header.",
        "POST {path} sends Location now.",
        "I changed the last line of `create_{one}`.",
                 "The new {one} is linked in Location.",
                 "Status and header are in place.",
                 "`create_{one}` says where the {one} lives."),
    "update": (
        "{method} {item} works; {scope}.",
        "A {one} can be edited now with {method}.",
        "I added `update_{one}` to {views}.",
               "The update route is there: {scope}.",
               "Added {method} {item}.",
               "{fields} can be changed now."),
    "action": (
        "POST {item}/{verb} is in place.",
        "You can {verb} a {one} now.",
        "I added `{verb}_{one}` to {views}.",
               "The action sets {flag} once and refuses the second time.",
               "A {one} can be marked as {flag} now.",
               "Added the {verb} route."),
    "stats": (
        "{tail} returns {figures}.",
        "The figures are available at {tail}.",
        "I added {tail} to {views}.",
        "The new route reports {figures}.",
              "GET {tail} is there.", "You can ask for the figures now."),
    "crash": (
        "It was {error} in `{function}` ({place}): {cause}.",
        "The cause is in {place}, `{function}`: {cause}, hence {error}.",
              "{place} raised {error}, because {cause}.",
              "Found it: {cause}. That is {error} in `{function}`, {place}.",
              "`{function}` failed with {error} in {place}; the reason is that {cause}.",
              "The 500 came from {place}: {error}. In short, {cause}."),
    "wrong_list": (
        "The mistake was in `list_{many}`: {cause}.",
        "In {views}, {cause}.",
        "Cause: {cause}.",
        "Found and fixed: {cause}.",
                   "The list was wrong because {cause}.",
                   "It was a small slip in {views}: {cause}."),
}  # fmt: skip
EVIDENCE = (
    "{request} gives {answer}.",
    "{request} answers {answer}.",
    "{request} returned {answer}.",
    "For {request} I got {answer}.",
    "Checked: {request} gives {answer}.",
    "A real {request} came back with {answer}.",
    "I tried {request}: {answer}.",
    "With {request} the app answers {answer}.",
    "The answer to {request} is {answer}.",
    "Sent {request}, got {answer}.",
)  # fmt: skip
EARLIER = (
    "Before, it was {answer}.",
    "The same request gave {answer} before.",
    "It used to give {answer}.",
    "Earlier the app answered {answer}.", "Until now the result was {answer}.",
)  # fmt: skip
PASSED = (
    "Tests: {count} passed.",
    "The suite passes ({count}).",
    "{count} passed.",
    "test_app.py passes with {count}.",
    "test_app.py is green: {count}.", "pytest reports {count} passed.",
)  # fmt: skip
ANSWERS = (
    "{request} gives {answer}.",
    "The app answers {request} with {answer}.",
    "I sent {request} and got {answer}.",
    "Result of {request}: {answer}.",
    "At the moment {request} returns {answer}.",
    "It comes back with {answer}.",
    "The response is {answer}.",
    "What you get is {answer}.",
    "I tried it: {answer}.",
    "A client sees {answer}.",
    "The real answer is {answer}.",
    "{request}: {answer}.",
)  # fmt: skip
