"""What users and the assistant say in the family `long_work`.

Slots: {project}, {path} the module's file, {tests} the test file, {fn} the function in question,
{other} another one, {call} a call of it, {spec} what a function is to do, {message} a commit
message, {new} a new name.

Not covered: when which of them is said (`datagen.families.long_work`).
"""

ROLES = (
    "You are working in the git repository of {project}.",
    "Repository {project}: plain Python, pytest. Commit only when asked.",
    "You help a developer of {project}, step by step.",
    "You are a careful pair programmer. The project is {project}.",
    "Coding assistant for {project}. Report what tools really return.",
    "Work in small steps; the user decides when to commit.",
)  # fmt: skip
OVERVIEW = (
    "I'm new to {project}. What is in it, and do the tests pass?",
    "Give me an overview of {project}: files, functions, state of the tests.",
    "Before we start on {project}: look around and run the tests, change nothing yet.",
    "Let's work on {project} today. First tell me where it stands, including {tests}.",
    "What does {path} do, and is {tests} green at the moment?",
    "Please take stock of {project}. I mainly want to know which tests fail.",
    "I've just cloned {project}. Can you check whether the tests run and summarise the code?",
    "Have a look at {path} and its tests and tell me what shape they are in.",
    "Someone told me {project} is broken. Look at the files and the tests, and report. No edits "
    "so far.",
    "Start with a survey of {project}: which functions, how many tests, what fails?",
    "Morning. Where did we leave {project}? Check {path} and run {tests}.",
    "Could you inspect {project} and say what's wrong, if anything?",
    "Run everything in {tests} and explain how {path} is organised.",
    "Status of {project}, please: code in {path}, tests in {tests}.",
)  # fmt: skip
FIX = (
    "OK, then fix `{fn}` in {path}, and run the tests again.",
    "Please repair `{fn}` so that {tests} passes.",
    "Right. Correct `{fn}` with as small a patch as you can.",
    "Go ahead and mend `{fn}`; the tests are right.",
    "Fix that in {path}. The specification is in the docstring of `{fn}`.",
    "I see. Change `{fn}` to do what its docstring says and verify it.",
    "Then let's fix `{fn}` first. Leave `{other}` alone.",
    "Thanks. Now patch `{fn}`, and show that the whole suite is fine afterwards.",
    "So it's `{fn}`. Please put it right and rerun {tests}.",
    "Now make `{fn}` work. I'd like to know what the mistake was.",
    "Could you correct `{fn}` and tell me the cause in one sentence?",
    "Good find. Fix `{fn}`, touch nothing else in {path}.",
)  # fmt: skip
COMMIT = (
    "Check the diff and commit it as \"{message}\".",
    "Let me have a look at what changed in {project}, then commit with the message \"{message}\".",
    "Good. Review the change once more and commit: \"{message}\".",
    "Commit this, please, if the diff holds nothing else. Message: {message}",
    "Save that in git with the message \"{message}\", after a glance at the diff.",
    "Look over the uncommitted changes of {project}, and commit them as \"{message}\" if they "
    "are fine.",
    "Record it in the history, message \"{message}\". Diff first, please.",
    "Show the diff of {project} once, then commit. \"{message}\" will do as the message.",
    "Any leftovers in the diff? If not, commit as \"{message}\".",
    "git diff, a critical look, then a commit called \"{message}\", please.",
)  # fmt: skip
"""The diff is asked for."""
COMMIT_FILES = (
    "Now a commit. Subject line \"{message}\". Make sure that only the intended files are in it.",
    "What does git say about {project} now? If it's only our change, commit \"{message}\".",
    "Put it into one commit named \"{message}\" and give me its id.",
    "Ready to commit. Use \"{message}\" and check the status first.",
    "Please commit the work on `{fn}`: \"{message}\".",
    "That's enough for today, so commit it (\"{message}\") and tell me the commit's id.",
    "Finish with a commit, \"{message}\", containing just the change we discussed.",
    "If nothing but our files is modified, commit: {message}",
    "See which files of {project} are changed and commit them with \"{message}\".",
    "Commit time. Title: {message}. No stray files, please.",
    "Happy with that. Make it a commit, \"{message}\".",
    "Into git with it: \"{message}\". Check git status before.",
    "I'd like this as a commit, \"{message}\". Are only the right files touched?",
)  # fmt: skip
"""A look at the status is enough."""
MESSAGES = {
    "fix": (
        "Fix {fn}",
        "Correct {fn}: {fix}",
        "Repair {fn} in {path}",
        "{fn}: {fix}",
        "Make {fn} follow its docstring",
        "Fix a bug in {fn}",
    ),
    "add": (
        "Add {fn}",
        "Add {fn} with tests",
        "{path}: add {fn}",
        "New function {fn}",
        "Introduce {fn} and its tests",
    ),
    "rename": (
        "Rename {fn} to {new}",
        "{path}: rename {fn} to {new}",
        "Use the name {new} for {fn}",
        "Rename: {fn} is {new} now",
    ),
    "test": (
        "Fix {fn} and test it",
        "Correct {fn}, add a regression test",
        "{fn}: fix with regression test",
        "Repair {fn} and cover the case",
    ),
    "web": (
        "Extend the {many} API",
        "{views}: work on {path}",
        "Change the {many} routes",
        "Improve {path} of {project}",
        "Update the API of {many}",
    ),
}  # fmt: skip
ADD = (
    "Please add a function `{fn}` to {path}. {spec}",
    "{project} needs `{fn}` in {path}. Specification: {spec}",
    "I want a new function in {path}, `{fn}({arguments})`. {spec} Look at the style of the file "
    "first.",
    "Next feature for {project}: `{fn}`. {spec}",
    "Write `{fn}({arguments})` for {path}. What it has to do: {spec}",
    "Could you implement `{fn}` beside `{other}`? {spec}",
    "There's a gap in {path}: nothing does this. {spec} Call it `{fn}`.",
    "Extend {path} by `{fn}`. {spec} Try it with an example.",
    "Add `{fn}({arguments})`. {spec} Tests come later.",
    "Ticket for {project}: `{fn}`. {spec}",
    "For {project} I need the following helper, named `{fn}`: {spec}",
    "Let's start with the code of `{fn}`; it belongs in {path}. {spec}",
)  # fmt: skip
ADD_TESTS = (
    "Now tests for `{fn}` in {tests}, please. Cover the edge cases you can think of.",
    "Add tests of `{fn}` to {tests} and run the file.",
    "It needs tests. Put three or so for `{fn}` into {tests}.",
    "Fine. Write the tests for `{fn}` and make sure that those of `{other}` still pass.",
    "Please cover `{fn}` in {tests}.",
    "And the tests? `{fn}` has none in {tests} so far.",
    "Next: test `{fn}`, ordinary input as well as the odd case. File: {tests}.",
    "Could you back `{fn}` with tests and tell me how many pass in total?",
    "Good. {tests} should check `{fn}` too; extend it.",
    "Before I believe it I'd like tests for `{fn}` ({tests}).",
)  # fmt: skip
REPORT = (
    "In {project}, {call} {gives}, and I expected it to {should}. Can you reproduce that? Don't "
    "fix it yet.",
    "Bug report for {path}: {call} {gives}. It should {should}. Please confirm and find the "
    "reason first.",
    "A user of {project} says that {call} {gives} rather than what the docstring promises. Is "
    "that so, and why?",
    "Why is it that {call} {gives}? By the docstring it must {should}. Only explain for now.",
    "Could you check {call} for me? I think it {gives}, which is wrong.",
    "Something's off in {path}. {call} {gives}; I wanted it to {should}. What causes this?",
    "Please look into `{fn}` of {project}: {call} {gives}. Tell me the cause before you change "
    "anything.",
    "{call} {gives}. Expected: to {should}. Reproduce it and point me to the line in {path}.",
    "The tests of {project} pass, yet {call} {gives}. How come?",
    "I get a wrong result from `{fn}` ({call} {gives}). Find out what goes wrong, no edits.",
)  # fmt: skip
REGRESSION = (
    "Fix `{fn}`, and add this case to {tests} so that it stays fixed.",
    "Please correct it and write a regression test for {call} in {tests}.",
    "OK. Repair `{fn}` in {path}, with a test for exactly this call.",
    "Then fix it. I'd like {call} in {tests} as well.",
    "Makes sense. Change `{fn}` and extend {tests} by the failing case, then run everything.",
    "Right, please mend that, and put a test for it into {tests}.",
    "Correct `{fn}`. A test that would have caught it belongs in {tests}.",
    "Go on: fix in {path}, test in {tests}, both in one patch if you can.",
)  # fmt: skip
USES = (
    "Where in {project} is `{fn}` used? I'm thinking of renaming it.",
    "I don't like the name `{fn}`. Before we change it: which files mention it?",
    "List every place that refers to `{fn}`, please. A rename is coming.",
    "How often does `{fn}` appear in {project}, and where?",
    "Which code would break if `{fn}` got another name? Just search for now.",
    "Find all uses of `{fn}` in the repository, tests included.",
    "I want to rename `{fn}`. First show me what that touches.",
    "`{fn}` is a poor name. Is it used anywhere besides {path}?",
)  # fmt: skip
RENAME = (
    "Rename `{fn}` to `{new}` everywhere and run the tests.",
    "OK, call it `{new}` from now on. Change all those places, then test.",
    "Then make it `{new}` in all files, please.",
    "Please replace the name by `{new}`; the tests must stay green.",
    "Use `{new}` instead of `{fn}`, in the code as well as in the tests.",
    "Do the rename: `{fn}` becomes `{new}`. No alias for the old name.",
    "`{new}` it shall be. Update everything and check that nothing still says `{fn}`.",
    "Go for `{new}`. One patch, then {tests}.",
)  # fmt: skip
REVIEW = (
    "I have an uncommitted edit in {project}. Can you review the diff and run the tests?",
    "Please look at my working copy of {project} before I commit. Is the change all right?",
    "Review what I changed in {path}, please. Do the tests still pass?",
    "Does my latest edit of {project} break anything? It isn't committed yet.",
    "Check the uncommitted changes in {project} critically, with {tests}.",
    "I touched `{fn}` an hour ago. Have a look at the diff and tell me whether it is correct.",
    "Code review, please: git diff in {project}. Run {tests} as well.",
    "Could you tell me what I changed since the last commit of {project}, and if it's safe?",
    "Second pair of eyes needed: my change to {path} is not committed. What do you think of it?",
    "Take a look at the diff of {project}; I'm not sure about `{fn}`.",
)  # fmt: skip
UNDO = (
    "Oh. Then put `{fn}` back to how it was, and run {tests} again.",
    "I see, my mistake. Undo that part of {path} and test once more.",
    "Good catch. Please revert that line in `{fn}` and check the status afterwards.",
    "Right, take my edit of `{fn}` out again and verify with {tests}.",
    "You're right. Restore the old line in {path}; is the working copy clean then?",
    "Hm, that was not intended. Bring `{fn}` back to the committed version and rerun the tests.",
    "OK, undo my change to `{fn}`. Afterwards {project} should have no differences left.",
    "Then remove my edit from {path}, please, and show me that nothing is left of it.",
)  # fmt: skip
WEB_OVERVIEW = (
    "What routes does {project} have, and does {path} respond?",
    "Give me a quick tour of the app {project}, with one real request to {path}.",
    "I need to work on the {many} API. How is it built? Try {path} too.",
    "Explain {project} to me: files, routes, and what GET {path} sends.",
    "First look at the Flask app here and send a GET to {path}. No changes.",
    "Which endpoints for {many} are there in {project}? Check that the app runs.",
    "I inherited {project}. Tell me its routes and see whether GET {path} works.",
    "Before I ask for a change in {project}: what is there, and what does {path} return?",
)  # fmt: skip
SAY = {
    "look": (
        "Let me see the files.",
        "First the folder.",
        "I'll look around.",
        "Starting with the files.",
        "What is there?",
    ),
    "read": (
        "Now the code.",
        "Reading {path}.",
        "Let me read {path}.",
        "Next, {path}.",
        "And what does {path} hold?",
    ),
    "tests": (
        "Running the tests.",
        "Now the tests.",
        "Do the tests pass?",
        "And the suite:",
        "Let me run {tests}.",
        "Test run next.",
    ),
    "patch": (
        "Here is the change.",
        "Patching {path}.",
        "This should be enough.",
        "Now the edit.",
        "The change is small.",
        "Making the change.",
    ),
    "try": (
        "Let me try it.",
        "I'll run that call.",
        "Checking what it really gives.",
        "Running it once.",
    ),
    "diff": (
        "The diff first.",
        "Let me look at the diff.",
        "What changed?",
        "Checking the diff.",
        "First I look at the changes.",
    ),
    "status": (
        "Which files are changed?",
        "Checking the status.",
        "The status:",
        "Let me see which files are affected.",
    ),
    "commit": (
        "Only the intended change is there, so I commit.",
        "That is what we want; committing.",
        "As expected. Committing.",
               "Nothing else is in it. Now the commit.", "Committing."),
    "search": (
        "Searching for the name.",
        "Let me search the project.",
        "I'll look for it everywhere.",
        "A search will tell.",
    ),
}  # fmt: skip
SEEN = (
    "{project} is small: {path} with {functions}, and {tests}.",
    "The code is in {path} ({functions}), its tests are in {tests}.",
    "There are {path}, which defines {functions}, and {tests}.",
    "{path} holds {functions}; {tests} checks them.",
    "Two files matter: {path} with {functions}, and {tests}.",
    "I found {functions} in {path}, and tests for them in {tests}.",
)  # fmt: skip
FAILS = (
    "Test run: {counts}. What fails is {failed}, so the problem is in `{fn}`.",
    "The tests say {counts}: {failed}. All of it concerns `{fn}`.",
    "Not everything passes ({counts}). Failing: {failed}. That points to `{fn}`.",
    "pytest reports {counts}, namely {failed}, so `{fn}` needs a fix.",
    "Result: {counts}. The culprit is `{fn}`, since {failed} went wrong.",
    "{tests} is red: {counts}. It is `{fn}` that fails in {failed}.",
)  # fmt: skip
FIXED = (
    "Fixed in {path}: {cause}. Now {counts}.",
    "Done. The cause: {cause}. The test run says {counts}.",
    "`{fn}` works: {counts}. Before, {cause}.",
    "I patched `{fn}`; {cause}. All green: {counts}.",
    "The mistake was that {cause}. After the patch: {counts}.",
    "{counts} now. What was wrong: {cause}.",
)  # fmt: skip
COMMITTED = (
    "Committed as {id}: {files}.",
    "The commit is {id} ({files}).",
    "Done, commit {id}, {files}.",
    "It is in the history as {id}; {files}.",
    "Commit {id} holds the change ({files}).",
    "Recorded in {id}, {files}.",
    "{id} is the new commit, with {files}.",
)  # fmt: skip
ADDED = (
    "`{fn}` is in {path} now. {example}.",
    "I added `{fn}` at the end of {path}. {example}.",
    "{path} has `{fn}`, with annotations and a docstring. {example}.",
    "Done: `{fn}`. A first try: {example}.",
    "The function is there. Tried it: {example}.",
    "Added `{fn}`. As an example, {example}.",
)  # fmt: skip
TESTED = (
    "{tests} now has {number} tests of `{fn}`, and the run says {counts}.",
    "I added {number} tests; {counts}.",
    "{counts} in all, {number} of them new for `{fn}`.",
    "`{fn}` is covered by {number} tests. Result: {counts}.",
    "{number} new tests in {tests}. {counts}.",
)  # fmt: skip
REPRODUCED = (
    "Confirmed: {call} {gives}. The reason: {cause}.",
    "Yes, {call} {gives}, because {cause}.",
    "I see the same: {call} {gives}. In {path}, {cause}.",
    "It does: {call} {gives}. Cause: {cause}.",
    "Reproduced; {call} {gives}. What happens is that {cause}.",
)  # fmt: skip
REGRESSED = (
    "`{fn}` is fixed and the case is in {tests}; {counts}.",
    "Both done: I had to {fix}, and `{test}` covers it. {counts}.",
    "Fixed, with `{test}` as the regression test: {counts}.",
    "I patched {path} and added `{test}`. The run says {counts}.",
)  # fmt: skip
FOUND_USES = (
    "`{fn}` stands in {places}.",
    "The name occurs in {places}.",
    "These lines mention it: {places}.",
    "A rename touches {places}.",
    "It is used in {places}.",
)  # fmt: skip
RENAMED = (
    "`{fn}` is called `{new}` now; {counts}, and a search finds no `{fn}` any more.",
    "Renamed in {files}. {counts}, and the old name is gone.",
    "Done in {files}: `{new}`. The search for `{fn}` comes back empty, the tests say {counts}.",
    "All places say `{new}` ({files}); {counts}. No `{fn}` is left.",
)  # fmt: skip
REVIEWED = (
    "Your edit replaces `{right}` by `{wrong}` in `{fn}`. That is a mistake: {cause}. Tests: "
    "{counts} ({failed}).",
    "I would not commit this. In `{fn}`, `{right}` became `{wrong}`, so {cause}. The tests "
    "agree: {counts}, with {failed}.",
    "The diff has one change, in `{fn}`: `{wrong}` instead of `{right}`. Now {cause}. {counts}; "
    "failing: {failed}.",
    "One line differs, and it breaks `{fn}`: {cause} (`{right}` is `{wrong}` now). {counts}: "
    "{failed}.",
)  # fmt: skip
UNDONE = (
    "`{fn}` is back to the committed version: {counts}, and git reports {status}.",
    "Reverted. {counts}; the status says \"{status}\".",
    "Your edit is out again. Tests: {counts}. Status: {status}.",
    "Done. The working copy is clean ({status}), and {counts}.",
)  # fmt: skip
