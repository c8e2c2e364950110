"""What users and the assistant say in the family `fixing`.

Slots: {fn} function, {path} its file, {tests} test file, {mod} module, {project} project, {call} a call,
{gives} "returns 3" or "raises KeyError", {should} "return 4" or "raise ValueError", {case} a test.

Not covered: when which of them is said (`datagen.families.fixing`).
"""

PROJECTS = (
    "orchard", "harbor", "lantern", "meadow", "quarry", "beacon", "thicket", "kiln", "trellis",
    "pantry", "foundry", "almanac", "compass", "drydock", "greenhouse", "hopper", "ibis", "juniper",
    "kestrel", "loom", "marina", "nutmeg", "osprey", "pebble", "quill", "rookery", "saddle",
    "teasel", "umber", "vineyard", "willow", "yarrow", "zephyr", "bramble", "clover", "dovecote",
)  # fmt: skip

MIXED_MODULES = ("helpers", "tools", "toolbox", "basics", "core", "utilities", "snippets", "funcs")

SYSTEM_ROLES = (
    "You are a coding assistant working in the folder of the project {project}.",
    "You help the maintainers of {project}, a small Python library.",
    "Act as a careful software engineer on the {project} code base.",
    "You are the in-house assistant for {project}. You can use the tools you are given.",
    "You work on Python code together with the user. The project is called {project}.",
    "Assistant for the {project} repository: Python 3.11, pytest, no other dependencies.",
    "You maintain {project} and answer requests of its users.",
    "You are pair programming with a developer of {project}.",
    "Role: bug fixer for {project}. Tools run in the project folder.",
    "You are connected to the working copy of {project} through tools.",
)
SYSTEM_RULES = (
    "Make the smallest change that works.",
    "Run the tests before you say that something works.",
    "Never weaken a test to make it pass.",
    "Keep answers under five sentences.",
    "Public function names and signatures must not change.",
    "Explain the cause of a bug, not just the change.",
    "Use type annotations in new code.",
    "Read a file before you change it.",
    "Prefer patches to rewriting files.",
    "Do not add dependencies.",
    "Answer in plain sentences, without headings.",
    "If a test contradicts the documentation, say so.",
    "Report the number of tests that pass.",
    "House style: PEP 8, double quotes, lines of at most 100 characters.",
)
SAFE_RULES = (
    "Use type annotations in new code.",
    "Public function names and signatures must not change.",
    "Do not add dependencies.",
    "Answer in plain sentences, without headings.",
    "House style: PEP 8, double quotes, lines of at most 100 characters.",
    "Never guess: look at the files.",
)
"""Rules that hold for every order of work."""

SUITE_RED = (
    "The tests in {tests} are failing. Can you find out why and fix it?",
    "Please make the test suite of {project} pass again.",
    "Something in {path} is broken, the suite is red. Fix it please.",
    "{project}: tests fail on main since the last change to {path}. Find the bug and repair it.",
    "I get failures in {tests}. Could you sort them out?",
    "Get {tests} green.",
    "CI says {project} is red. Have a look, fix the code, and tell me what it was.",
    "After my edits in {path} the tests no longer pass. What did I break? Please correct it.",
    "Would you run the tests for {mod} and repair whatever fails?",
    "There's a regression in {mod}. The tests show it. Please fix.",
    "Our build for {project} stops at the test step. Fix the cause in {path}.",
    "Fix the failing tests in {project}; I think {path} is to blame.",
    "Not all tests in {tests} pass at the moment. I'd like them to.",
    "Ticket: failing tests in {mod}. Expected: suite green. Actual: see {tests}.",
    "Before I can release {project} the tests have to pass, and they don't. Help?",
    "Run pytest, look at what fails around {mod}, and fix it.",
    "One of the functions in {path} does not do what its tests say. Find it and fix it.",
    "My colleague left {project} with a broken test in {tests}. Please take care of it.",
    "Could you debug {path}? {tests} fails for me.",
    "Tests for {mod} fail here. Please find the root cause instead of patching around it.",
    "I need {tests} to pass. The tests are right, so the code must be wrong.",
    "pytest reports a failure in {project}. Investigate and fix it, starting with {tests}.",
    "Since yesterday's refactoring of {mod} the suite fails. Please restore the right behaviour.",
    "Please check {tests} and bring the code in line with it.",
    "{tests} is red and I don't see why. Can you?",
    "The {project} suite has at least one failure. Fix it with as small a change as possible.",
    "Somebody broke {mod}. Run the tests and put it right.",
    "Let's get {project} back to a passing suite; the problem should be in {path}.",
    "I merged a change to {mod} too early and now tests fail. Clean that up, please.",
    "Make `{fn}` pass its tests.",
    "`{fn}` in {path} fails its tests, please repair it.",
    "The tests of `{fn}` don't pass any more. Why, and what has to change?",
)
SUITE_BEFORE = (
    "I'm setting up {project} on a new laptop.",
    "Small thing before the review of {project}:",
    "I just pulled {project}.",
    "Back to the {mod} module.",
    "We are two days from a release of {project}.",
    "I inherited {project} from another team.",
    "Quick one about {mod}.",
    "Working through the open issues of {project}.",
    "I refactored {mod} this morning.",
    "This is the {project} project, plain Python.",
    "For the record, {tests} was fine last week.",
    "New to {project}, so bear with me.",
)
SUITE_AFTER = (
    "Leave the tests as they are.",
    "Don't change any signatures.",
    "A short explanation at the end is enough.",
    "No refactoring, just the fix.",
    "Keep the other functions of {mod} untouched.",
    "Tell me the cause in a sentence.",
    "Please run the tests again afterwards.",
    "Nothing else in {path} should change.",
    "Thanks.",
    "Say what you changed so I can write the changelog of {project}.",
    "Minimal diff, please.",
)

SYMPTOM = (
    "`{call}` {gives}, but it should {should}. Please fix {path}.",
    "Bug: `{call}` {gives}. Expected: it should {should}. The function lives in {path}.",
    "I called `{call}` and it {gives}. According to the docstring it ought to {should}.",
    "Why does `{call}` not {should}? It {gives} for me. Fix it if it's a bug.",
    "A user of {project} complains: `{call}` {gives} where it must {should}.",
    "Wrong result in {mod}: `{call}` {gives}; right would be to {should}.",
    "Could you check `{fn}`? For example `{call}` {gives} instead of doing what it should: "
    "{should}.",
    "In {project}, `{call}` ought to {should}. At the moment it {gives}.",
    "{mod}: `{call}` {gives} -> must {should}. Please repair.",
    "I expected `{call}` to {should}, yet it {gives}. Can you reproduce that and fix it?",
    "Found while testing by hand: `{call}` {gives}. It has to {should}.",
    "Something is off with `{fn}` in {path}. With the arguments of `{call}` it {gives}; it "
    "should {should}.",
    "Support forwarded a report about `{fn}`. Steps: `{call}`. Result: it {gives}. Wanted: "
    "{should}.",
    "Please have `{call}` {should}. Right now it {gives}.",
    "Is it intended that `{call}` {gives}? I'd say it should {should}. Correct {path} if you "
    "agree.",
    "`{fn}` is wrong for some inputs, e.g. `{call}` {gives} and not what I need, which is to "
    "{should}.",
    "Can you make `{call}` {should}? It {gives}, which breaks our import for {project}.",
    "The function `{fn}` misbehaves: `{call}` {gives}. Make it {should}.",
    "We noticed in production data of {project} that `{call}` {gives}. The correct behaviour: "
    "{should}.",
    "Reproduce and fix, please: `{call}` {gives} though it should {should}.",
    "Issue in {path}: calling `{call}` {gives}, should {should}.",
    "`{call}` surprises me: it {gives}. Shouldn't it {should}?",
    "Fix `{fn}` so that `{call}` will {should}; today it {gives}.",
    "On my machine `{call}` {gives}. I'm quite sure it should {should}. Take a look at {mod}?",
    "Regression in {mod}. Old version: `{call}` did {should}. New version: it {gives}.",
    "I'm writing docs for {project} and the example `{call}` {gives}. The docs say it will "
    "{should}.",
    "There seems to be an edge case in `{fn}`: `{call}` {gives}, when it ought to {should}.",
    "The numbers in our report are off. I traced it to `{call}`, which {gives} and should "
    "{should}.",
)

PASTED = (
    "This fails:\n\n{block}\n\nPlease fix {path}.",
    "pytest gives me this in {project}:\n\n{block}\n\nWhat's wrong?",
    "{block}\n\nCan you repair that?",
    "Here is the output of the failing test:\n\n{block}\n\nThe code is in {path}. Fix the code, "
    "not the test.",
    "CI log for {project}:\n\n{block}\n\nPlease find the cause and fix it.",
    "I see the following failure after pulling {project}.\n\n{block}\n\nCould you correct `{fn}`?",
    "Failure in {tests}:\n\n{block}",
    "Any idea about this one? It's about {mod}.\n\n{block}\n\nA fix would be great.",
    "Got this from pytest:\n\n{block}\n\nI believe the test. Change {path}.",
    "Ticket {project}-{number}: `{fn}` fails its test.\n\n{block}\n\nPlease fix and confirm with "
    "a test run.",
    "The nightly run of {project} reported\n\n{block}\n\nand I'd like it fixed today.",
    "My branch is blocked by this:\n\n{block}\n\nHelp me out with {path}, please.",
    "Look:\n\n{block}\n\n`{fn}` is the culprit, I suppose. Put it right.",
    "Test output below.\n\n{block}\n\nFix it with the smallest possible change in {mod}.",
    "I changed something in {path} and now I get\n\n{block}\n\nUndo the damage, please.",
    "Pasting what a colleague sent me about {project}:\n\n{block}\n\nSame here. Can you deal "
    "with it?",
    "What does this mean, and how do we fix it?\n\n{block}",
    "The test\n\n{block}\n\nused to pass. Please make it pass again.",
    "Last lines of the test log:\n\n{block}\n\nThe function is `{fn}` in {path}.",
    "Only one problem left in {mod}:\n\n{block}\n\nFix that and I can merge.",
    "Here we go again with {project}:\n\n{block}\n\nFind the bug in `{fn}`.",
    "Bug report, pytest {tests}:\n\n{block}\n\nPriority: normal. Please fix.",
    "I don't understand this assertion.\n\n{block}\n\nIf the code is at fault, correct it.",
    "Could you look into it?\n\n{block}\n\nFile: {path}",
    "Review comment on {project}: this is red.\n\n{block}\n\nPlease push it back to green.",
)

ONE_TEST = (
    "The test `{case}` fails. Please fix whatever is behind it.",
    "`{case}` in {tests} is red. Fix it.",
    "Just one test bothers me: `{case}`. Make it pass without touching it.",
    "Can you find out why `{case}` fails, and repair the code?",
    "Look at `{case}` only. It fails and I need it to pass.",
    "Please debug `{case}` from {tests}.",
    "Everything but `{case}` should be fine. Fix that one.",
    "`{case}` started failing in {project}. What's the reason? Please correct it.",
    "I need `{case}` to go green; the rest of {tests} can wait.",
    "There is a failing test named `{case}`. Trace it to the source and fix it.",
    "Fix for `{case}`, please. The function under test is `{fn}`.",
    "Test `{case}`: failing. Cause unknown. Please investigate and fix.",
    "Why is `{case}` red? I haven't touched {path} for weeks. Please fix.",
    "Concentrate on `{case}`; I believe `{fn}` has a bug.",
    "`{fn}` fails in `{case}`. Repair `{fn}`.",
    "Run `{case}` and fix the code it tests.",
    "In {project} the test `{case}` does not pass. Do something about it.",
    "Could you make `{case}` pass? Keep the change in {path}.",
    "A reviewer says `{case}` is failing on her machine too. Please have a look at `{fn}`.",
    "My next commit needs `{case}` to pass. Fix the bug it shows.",
    "Please take over `{case}` from {tests}: find the fault, fix it, run it again.",
    "The only red line in the report is `{case}`. Turn it green by fixing {mod}.",
    "For {project}: `{case}` must pass. It currently fails.",
    "I wrote `{case}` to pin down a bug in `{fn}`. Now fix the bug.",
    "We keep skipping `{case}`. Let's fix it properly.",
)

EDGE = (
    "`{fn}` does not handle one case: `{call}` should {should}. Fix it and add a test for that.",
    "There is an edge case missing in {path}: `{call}` must {should}, now it {gives}. Please add "
    "a test, too.",
    "Add a test to {tests} that `{call}` has to {should}, and change the code until it passes.",
    "Please cover `{call}` (should {should}) with a test; I think it fails today.",
    "The tests of `{fn}` miss something: `{call}` {gives}. It should {should}. Fix and test it.",
    "Edge case: `{call}`. Expected: {should}. Actual: it {gives}. Extend {tests} and fix {mod}.",
    "Make `{fn}` robust: `{call}` ought to {should}. A regression test would be good.",
    "`{call}` isn't tested and is wrong as well, it {gives}. Make it {should} and add a test.",
    "Nobody thought of `{call}` in {project}. It should {should}. Please do test and fix in one "
    "go.",
    "I'd like `{call}` to {should}. Test first, or fix first, as you like, but do both.",
    "{tests} passes, but `{call}` {gives}. That is wrong, it should {should}. Add the missing "
    "test and fix.",
    "Write a test for `{call}` -> {should}, then repair `{fn}`.",
    "Our tests didn't catch that `{call}` {gives}. It should {should}. Close that gap, please.",
    "Could you fix `{fn}` for `{call}` (must {should}) and pin it with a test in {tests}?",
    "Gap in the suite of {mod}: `{call}`. Desired: {should}. Please fix the code and add the case.",
    "Bug without a test: `{call}` {gives} instead of what it should do, {should}. Fix it, then "
    "test it.",
    "The suite of {project} is green although `{call}` {gives}. It should {should}. Please "
    "correct both.",
    "`{fn}` needs one more case, `{call}`, which should {should}.",
    "A customer hit `{call}`, which {gives}. It must {should}. I want a test for this in {tests}.",
    "Handle `{call}` in {path}: {should}. Tests, please.",
    "Please teach `{fn}` that `{call}` should {should}, with a test.",
    "I found a hole in `{fn}`: `{call}` {gives}. Should {should}. Patch and test together, please.",
    "Before we ship {project}: `{call}` must {should}. Fix plus regression test.",
    "Regression test wanted: `{call}` should {should}. It doesn't yet.",
    "`{call}` {gives}. I'd expect it to {should}. Fix `{fn}` and make sure this never comes back.",
)

PASTED_CODE = (
    "This is {path}:\n\n```python\n{code}\n```\n\n`{call}` {gives} but should {should}. Patch it.",
    "```python\n{code}\n```\n\nThat's {path}. There is a bug: `{call}` {gives}, it should "
    "{should}. Fix the file.",
    "Here is all of {path}.\n\n```python\n{code}\n```\n\nPlease correct it so that `{call}` will "
    "{should}.",
    "My {path}:\n\n```python\n{code}\n```\n\nFor `{call}` it {gives}. I want it to {should}. "
    "Apply a patch.",
    "Can you fix this?\n\n```python\n{code}\n```\n\n`{call}` {gives}, expected: {should}. File: "
    "{path}",
    "Look at {path}:\n\n```python\n{code}\n```\n\nIt is wrong for `{call}`, which should "
    "{should}. Please patch the file.",
    "{path} has a bug, `{call}` {gives} (should {should}). "
    "Contents:\n\n```python\n{code}\n```\n\nNo need to read it again, just patch.",
    "`{call}` ought to {should}; it {gives}. The code in {path} "
    "is\n\n```python\n{code}\n```\n\nFix it there.",
    "I'm stuck with {path} from {project}:\n\n```python\n{code}\n```\n\nWhy is it that `{call}` "
    "{gives}? It should {should}. Please correct it.",
    "Review of {path}:\n\n```python\n{code}\n```\n\nI claim `{fn}` is wrong: `{call}` {gives} "
    "and should {should}. Fix it.",
    "File {path}, as it is now:\n\n```python\n{code}\n```\n\nTask: make `{call}` {should}.",
    "Somewhere in here is a mistake:\n\n```python\n{code}\n```\n\nThe symptom: `{call}` {gives}, "
    "not what it should: {should}. Correct {path}.",
)

WHY = (
    "Why does `{case}` fail? Don't change anything yet.",
    "Explain the failure in {tests}, please. I'll decide about a fix later.",
    "What is wrong with `{fn}`? Only a diagnosis, no edits.",
    "`{case}` is red. Tell me the reason; leave the files alone for now.",
    "I want to understand why {tests} fails before anybody touches {path}.",
    "Diagnose {mod}: which function is wrong, and why? No changes please.",
    "Can you tell me what causes the failure of `{case}`? I'd like to fix it myself.",
    "Read-only request: find the reason why {project}'s tests fail.",
    "Give me the root cause of the failing test in {tests}. No patch.",
    "Where is the bug in {path}? Just point to the line.",
    "Which line of {path} makes `{case}` fail?",
    "I'm teaching with {project}. What mistake is hidden in `{fn}`? Please don't repair it.",
    "Have a look at {tests} and tell me what is going wrong. Hands off the code.",
    "For the bug report on {project} I need the cause of `{case}` failing. Don't fix it.",
    "Could you analyse `{case}`? A short explanation will do, without edits.",
    "Is the test `{case}` wrong or the code? Analyse only.",
    "What would I have to change in {path} to make `{case}` pass? Don't do it, tell me.",
    "Before we argue about it: what does `{fn}` do wrong?",
)
GO_AHEAD = (
    "OK, then fix `{fn}` that way.",
    "Right. Please change {path} accordingly and run the tests.",
    "Makes sense. Do it in {path}.",
    "Good, go ahead with `{fn}`.",
    "Agreed, please repair `{fn}` and check {tests}.",
    "I see. Apply that to {path}, please.",
    "Then correct {path} for me.",
    "Fine, patch `{fn}`.",
    "Thanks, that explains `{case}`. Now fix it.",
    "Please make that change to `{fn}` in {path}.",
)

WRONG_TEST = (
    "I typed the expected values in {tests} by hand. Something fails; fix the code or the test, "
    "whichever is wrong.",
    "`{case}` fails. I'm not sure whether the test or `{fn}` is wrong. The docstring is right.",
    "A new test in {tests} fails. Check it against the docstring of `{fn}` and correct what is "
    "wrong.",
    "Please find out if `{case}` expects the right thing. If it doesn't, fix the test.",
    "I added `{case}` and it is red. The docstring of `{fn}` is the specification.",
    "{tests} fails. It may well be my test. Fix whatever contradicts the documentation of {mod}.",
    "Test or code? `{case}` fails, and one of them needs a correction. Go by the docstring.",
    "Can you check my test for `{fn}`? It fails, and I may have miscalculated.",
    "`{fn}` has been stable for years, but my new test `{case}` fails. What's wrong?",
    "Make {tests} pass. If an expectation contradicts the docstring, the docstring wins.",
    "An intern wrote `{case}`; it fails. Verify the expectation and fix the wrong side.",
    "The suite of {project} is red since I extended {tests}. Please sort out which side is wrong.",
    "Look at `{case}` with a critical eye: is the expected value correct? Fix accordingly.",
    "I doubt one of the values in {tests}. Run it, compare with the docstring of `{fn}`, repair "
    "it.",
)

ALL_GREEN = (
    "I heard that {tests} fails. Can you fix it?",
    "`{fn}` seems to be broken, its tests fail. Please repair it.",
    "Please fix the failing test of `{fn}` in {project}.",
    "Someone reported red tests in {mod}. Fix them.",
    "The tests for {path} fail, I think. Get them to pass.",
    "Can you repair {mod}? I was told the suite of {project} is red.",
    "Fix `{case}`, it is supposed to fail at the moment.",
    "According to an old ticket `{fn}` fails its tests. Please fix it if that is still so.",
    "There should be a failing test in {tests}. Find and fix it.",
    "Please make the tests of {project} pass, starting with {mod}.",
)

FIX_ALSO = (
    "Please also add a test that `{call}` will {should}.",
    "One more thing: put `{call}` into {tests}, it should {should}.",
    "Can you add a case for `{call}`? It should {should}.",
    "Good. Now extend {tests} by `{call}`, expected to {should}.",
    "While you're at it, test `{call}` as well (should {should}).",
    "I'd feel better with `{call}` in {tests}. It has to {should}.",
    "Add `{call}` as a regression test, please; it should {should}.",
    "{tests} lacks `{call}`. It should {should}; please add that.",
)
WHICH_LINE = (
    "Which line of {path} did you change for `{fn}`?",
    "Show me the old and the new version of the line in `{fn}`.",
    "What exactly is different in {path} now?",
    "For the changelog of {project}: what did the changed line in `{fn}` look like before?",
    "Can you quote the change in `{fn}` once more?",
    "What was removed from {path}, and what came instead?",
    "Remind me, which code did you replace in `{fn}`?",
    "How does the fixed part of `{fn}` read now, compared with before?",
)
