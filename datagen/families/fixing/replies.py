"""What the assistant says in the family `fixing`.

Slots: as in `texts`, and {cause}, {fix} of the bug, {count} tests that pass, {example} a
sentence on what the call gave and what it should have given.

Not covered: when which of them is said (`datagen.families.fixing`).
"""

RUN_FIRST = (
    "I'll run the tests first.",
    "Let me see what fails.",
    "First the test run.",
    "I'll start with {tests}.",
    "Running the tests to see the failure.",
    "Let me look at the failure itself.",
    "I'll check the current state of the suite.",
    "The test output should tell where to look.",
    "I'll reproduce the failure first.",
    "Let me run pytest.",
)
READ_SOURCE = (
    "Next I'll read {path}.",
    "Let me look at `{fn}`.",
    "The function is in {path}.",
    "I'll read the code of `{fn}`.",
    "Now the source.",
    "Let me see how `{fn}` works.",
    "I'll open {path}.",
    "Reading {path} to find the cause.",
    "Time to read `{fn}`.",
    "I need to see {path} for that.",
)
READ_AFTER_FAILURE = (
    "`{case}` fails. I'll read `{fn}`.",
    "The failure is in `{case}`, so {path} comes next.",
    "{count} failing: {cases}. Let me read {path}.",
    "pytest names {cases}. I'll look at the code.",
    "So it is about `{fn}`. Reading {path}.",
    "The output points to `{fn}`.",
    "Failing: {cases}. The code is in {path}.",
)
READ_TESTS = (
    "Let me also see what the tests expect.",
    "And the tests in {tests}.",
    "I'll compare that with {tests}.",
    "Now {tests}, to see what is expected.",
    "What do the tests say?",
    "I'll read {tests} as well.",
)
LIST = (
    "Let me see what is in the project.",
    "I'll look at the folder first.",
    "First a look at the files.",
    "Which files are there?",
    "Let me get an overview.",
)
SEARCH = (
    "I'll look for `{fn}`.",
    "Let me find where `{fn}` is defined.",
    "First I need to know which file defines `{fn}`.",
    "Searching for the definition.",
    "Where is `{fn}`?",
)
REPRODUCE = (
    "I'll reproduce it first.",
    "Let me call it myself.",
    "Let me check that with the same arguments.",
    "First I'll see what `{call}` does here.",
    "Trying the call.",
    "I'll run exactly that.",
)
PATCH = (
    "Found it: {cause}. I'll {fix}.",
    "The cause: {cause}.",
    "In `{fn}`, {cause}. The fix is to {fix}.",
    "I see: {cause}. I'll {fix}.",
    "Here {cause}. To correct it I'll {fix}.",
    "I'll {fix}.",
    "That explains it: {cause}.",
    "The fix is small: {fix}.",
    "So {cause}. I'll {fix}.",
    "This is the bug: {cause}.",
    "To fix it, {fix}.",
    "The problem is in `{fn}`: {cause}.",
)
RUN_AGAIN = (
    "Now the tests again.",
    "Let me run the tests once more.",
    "I'll check the result.",
    "Running the tests to confirm.",
    "Does it pass now?",
    "Let me verify that.",
    "And the whole suite:",
    "I'll confirm it with a test run.",
)
EXAMPLE = (
    "`{call}` {gave} instead of {wanted}",
    "for `{call}` it {gave}, where {wanted} was expected",
    "`{call}` {gave}, not {wanted}",
)
REPORT = (
    "The bug was in `{fn}` ({path}): {cause}. I changed it to {fix}. {passed}",
    "{passed} In `{fn}`, {cause}; the fix was to {fix}.",
    "Fixed. The cause: {cause}. So {example}. {passed}",
    "`{fn}` in {path} was wrong: {cause}. The fix was to {fix}. {passed}",
    "Done. {passed} What was wrong: {cause}. I had to {fix}.",
    "The reason was that in `{fn}` {cause}. That is why {example}. {passed}",
    "I fixed {path}. Before, {cause}. Now that is corrected. {passed}",
    "It was one place in `{fn}`: {cause}. Remedy: {fix}. {passed}",
    "{passed} The mistake: {cause}. Because of it, {example}.",
    "Root cause: {cause} (in `{fn}`, {path}). Fix: {fix}. {passed}",
    "The function `{fn}` had a bug: {cause}. I patched {path} to {fix}. {passed}",
    "Only {path} changed. In `{fn}`, {cause}, so I had to {fix}. {passed}",
)
PASSED = (
    "All {count} tests pass now.",
    "The suite passes: {count} tests.",
    "{count} tests pass, none fail.",
    "pytest reports {count} passed.",
    "With that all {count} tests pass.",
    "The run now shows {count} passed.",
    "The {count} tests are green.",
)
FIXED_CALL = (
    "`{call}` now {does}. In `{fn}`, {cause}; I changed {path} to {fix}.",
    "Fixed in {path}: {cause}. After the change `{call}` {does}.",
    "Yes, that was a bug: {cause}. The fix was to {fix}, and `{call}` now {does}.",
    "I could reproduce it. The cause: {cause}. Now `{call}` {does}, as it should.",
    "`{fn}` was wrong because {cause}. I ran your example again after the fix: it {does}.",
    "The cause was in `{fn}`: {cause}. I had to {fix}. The call from your message now {does}.",
    "Done: `{call}` {does}. What was wrong: {cause}.",
    "Corrected. Before, {cause}. With the patch to {path}, `{call}` {does}.",
)
EDGE_DONE = (
    "`{fn}` now handles `{call}`, and `{test}` in {tests} covers it. The cause: {cause}. {passed}",
    "I added `{test}` and fixed `{fn}`: {cause}, so I had to {fix}. {passed}",
    "{passed} New is `{test}`; in {path} the fix was to {fix}, because {cause}.",
    "Test and fix are in. In `{fn}`, {cause}. The new test is `{test}`. {passed}",
    "Done: {path} is corrected ({fix}) and {tests} has `{test}`. {passed}",
    "The case is covered by `{test}` now. It went wrong because {cause}. {passed}",
)
DIAGNOSIS = (
    "`{case}` fails because {cause}. So {example}. The line is {line_number} of {path}: `{line}`. "
    "The fix would be to {fix}; I have changed nothing.",
    "The bug is in `{fn}`, line {line_number} of {path}: {cause}. To repair it, {fix}.",
    "It is the code, not the test. In line {line_number} of {path} (`{line}`), {cause}. "
    "As a result {example}.",
    "Line {line_number} of {path} is wrong: {cause}. The test shows it: {example}. "
    "A fix would be to {fix}.",
    "The cause: {cause}. It is in `{fn}`, line {line_number} of {path}. To make the test pass one "
    "has to {fix}. No file was changed.",
    "In short, {cause}: line {line_number} of {path}, `{line}`. Therefore {example}. "
    "You would have to {fix}.",
)
DIAGNOSIS_MISSING = (
    "`{fn}` in {path} lacks something: {cause}. So {example}. To repair it, {fix}.",
    "It is the code, not the test: {cause}. In the test, {example}. The fix would be to {fix}; "
    "I have changed nothing.",
    "The cause: {cause}. That part is missing in `{fn}`, which is why {example}. "
    "One would have to {fix}.",
    "`{case}` fails because {cause}. `{fn}` in {path} does nothing about that. The fix: {fix}.",
)
WRONG_TEST = (
    "The test was wrong, not the code. {spec_says}, so `{call}` has to {should}; "
    "the test expected {expected}. I corrected `{case}`. {passed}",
    "`{fn}` does what its docstring says: `{call}` {gives}. The expectation in `{case}` was "
    "{expected}, "
    "so I corrected that. {passed}",
    "I changed the test: for `{call}` it expected {expected}, but the docstring says: {spec} "
    "That makes it {wanted}. {passed}",
    "The code in {path} is right and stays as it was. `{case}` expected {expected} where "
    "{wanted} follows "
    "from the docstring. {passed}",
    "It was the expectation in {tests}. `{call}` should {should}, not give {expected}. {passed}",
)
ALL_GREEN = (
    "Nothing fails here: {count} tests pass, among them those of `{fn}`. I changed nothing. "
    "If it fails for you, send me the output.",
    "I ran the tests and {count} passed, none failed. There is nothing to fix in {path} as far "
    "as they show.",
    "The suite is green: {count} passed. Maybe your copy of {path} is older, or the failure was "
    "fixed already. I left the files as they are.",
    "I cannot see a failure: pytest reports {count} passed. Which input goes wrong for you? "
    "With an example call of `{fn}` I can dig further.",
    "All {count} tests pass in this working copy, so I made no change. If you have the failing "
    "output at hand, paste it and I'll compare.",
)
ADDED = (
    "I added `{test}` to {tests}. {passed}",
    "`{test}` is in {tests} now. {passed}",
    "Added as `{test}`. {passed}",
    "{tests} has a new test, `{test}`. {passed}",
    "Done, the test is called `{test}`. {passed}",
)
ADD_TEST = (
    "I'll add it to {tests}.",
    "That is one more test:",
    "Adding the case.",
    "I'll write `{test}`.",
)
CHANGED_LINES = (
    "In {path}, this was removed:\n\n```python\n{removed}\n```\n\nand this stands there now:\n\n"
    "```python\n{added}\n```",
    "Before:\n\n```python\n{removed}\n```\n\nAfter:\n\n```python\n{added}\n```",
    "The change in `{fn}`:\n\n```diff\n{both}\n```",
    "Here it is, from {path}:\n\n```diff\n{both}\n```",
)
DELEGATES = (
    "`{caller}` only passes the values on to `{fn}`, so I'll look there.",
    "Nothing wrong in this file; the value comes from `{fn}` in {path}.",
    "This file just formats what `{fn}` returns. Next is {path}.",
    "The value is computed by `{fn}`, so {path} is next.",
)
NEXT_BUG = (
    "`{fn}` is right now, but {cases} still fails. Next: {cause}.",
    "One down. {cases} is left: {cause}.",
    "That helped; {cases} remains. In `{fn2}`, {cause}.",
    "The next one is {cases}. Here {cause}.",
)
TWO_FOUND = (
    "Two functions are wrong. In `{fn}`, {cause}; in `{fn2}`, {cause2}.",
    "There are two separate bugs: {cause} (`{fn}`), and {cause2} (`{fn2}`).",
    "`{fn}`: {cause}. `{fn2}`: {cause2}. I'll fix both in one patch.",
    "Both `{fn}` and `{fn2}` have a bug. First, {cause}. Second, {cause2}.",
    "I see two causes, {cause} in `{fn}` and, in `{fn2}`, {cause2}.",
)
TWO_DONE = (
    "There were two bugs in {path}. In `{fn}`, {cause}. In `{fn2}`, {cause2}. {passed}",
    "{passed} Two functions were wrong: `{fn}` ({cause}) and `{fn2}` ({cause2}).",
    "Both are fixed now. `{fn}`: {cause}. `{fn2}`: {cause2}. {passed}",
    "Two separate mistakes in {path}: {cause} (`{fn}`), and {cause2} (`{fn2}`). {passed}",
)
