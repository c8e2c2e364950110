"""What users and the assistant say in the family `coding`.

Slots: {code} a block of code, {value} what it printed, {why} the reason, {spec} a docstring, {fn} a
function, {signature} with arguments and types, {example} a call, {asserts} lines of asserts.

Not covered: questions with fixed answers (`datagen.families.coding.questions`).
"""

SYSTEM = (
    "You are a helpful programming tutor. Use tools only when they are needed.",
    "You are a coding assistant. Tools are available for work in the project {project}.",
    "Answer programming questions briefly and precisely.",
    "You assist the team of {project}. Questions that need no tool are answered directly.",
    "You are a senior Python developer who answers questions of colleagues.",
    "Be concise. Code goes into fenced blocks.",
    "You are the assistant in an editor; the folder {project} is open.",
    "You support students of an introductory Python course.",
    "You write Python 3.11 with type annotations.",
    "Assistant for {project}. Call tools only if an answer depends on files.",
    "Plain answers, no headings. Python unless asked otherwise.",
    "You help with code. If you can answer without tools, do.",
)

ASK_PRINTS = (
    "What does this print?\n\n{code}",
    "What is the output of the following code, and why?\n\n{code}",
    "{code}\n\nWhat comes out?",
    "Without running it: what will this print?\n\n{code}",
    "Can you explain the output of\n\n{code}",
    "I have this in an exercise:\n\n{code}\n\nWhat is the result?",
    "What would Python print here?\n\n{code}",
    "Please predict the output.\n\n{code}",
    "{code}\n\nWhich output do you expect? A short reason, please.",
    "Quiz question from our team:\n\n{code}\n\nWhat's the answer?",
    "I'm not sure I understand this snippet. What does it print and why?\n\n{code}",
    "Tell me the output:\n\n{code}",
    "Here's something I saw in a code review.\n\n{code}\n\nWhat does it give?",
    "Help me understand:\n\n{code}",
    "What do I get if I run this?\n\n{code}",
    "Interview question. Output of\n\n{code}\n\nplease, with explanation.",
    "{code}\n\nCan you walk me through it? What is printed in the end?",
    "My book says to work this out on paper:\n\n{code}\n\nWhat should I get?",
    "Result of this?\n\n{code}",
    "Could you check my understanding and tell me what this prints?\n\n{code}",
    "Which value is printed?\n\n{code}",
    "I'm preparing a lesson. What will my students see for this program?\n\n{code}",
    "Just curious what happens here:\n\n{code}",
    "Small Python puzzle:\n\n{code}\n\nSolution?",
    "Evaluate this for me, please.\n\n{code}",
    "Does this print what one would expect? What does it print?\n\n{code}",
)
SAY_PRINTS = (
    "It prints `{value}`. {why}",
    "The output is `{value}`. {why}",
    "`{value}`. {why}",
    "{why} So it prints `{value}`.",
    "You get `{value}`. {why}",
    "{why} The output is therefore `{value}`.",
    "It prints\n\n```\n{value}\n```\n\n{why}",
    "Output:\n\n```\n{value}\n```\n\n{why}",
    "Python prints `{value}`.\n\n{why}",
    "{why} Hence the result: `{value}`.",
    "The result is `{value}`: {why_lower}",
    "That gives `{value}`. {why}",
)

WRITE = (
    "Write a Python function `{signature}`. {spec}",
    "Please write `{signature}` in Python. Spec: {spec}",
    "I need a function `{fn}`. {spec} The signature is `{signature}`.",
    "{spec} Can you write that as a Python function `{signature}`?",
    "How would you implement `{signature}`? {spec}",
    "Could you give me a typed implementation of `{fn}`? {spec} Signature: `{signature}`",
    "Implement this for me, please: `{signature}`. {spec}",
    "Python: `{signature}`\n\n{spec}\n\nA single function, please.",
    "I'd like a small helper, `{signature}`. {spec}",
    "For {project} I need `{fn}`. {spec} Use the signature `{signature}`.",
    "Write me `{fn}`, no classes, standard library only. {spec} `{signature}`",
    "Show me code for `{signature}`. It has one job: {spec}",
    "Task: implement `{signature}`.\nDescription: {spec}",
    "What would `{signature}` look like? Requirement: {spec}",
    "Can I get a clean version of `{fn}`? {spec} It should be declared as `{signature}`.",
    'Write code for the following docstring, please. "{spec}" The function is `{signature}`.',
    'Please fill in the body:\n\n```python\ndef {signature}:\n    """{spec}"""\n    ...\n```',
    "My colleague asked for `{signature}`. {spec} What's a readable way to write it?",
    "Snippet request: `{signature}`. {spec} With docstring, please.",
    "Exercise 4: write `{signature}`. {spec}",
    "I keep getting this wrong: `{signature}`. {spec} How do you write it properly?",
    "One function, please. Name `{fn}`, declared as `{signature}`. {spec}",
    "Don't touch any files, just show me `{signature}`. {spec}",
    "I'm looking for an idiomatic `{signature}`. {spec}",
    "Would you write `{fn}` for me? {spec} I call it as `{example}`.",
    "We need `{signature}` in {project}; paste it here and I'll copy it. {spec}",
)
GIVE = (
    "{block}\n\nFor example, `{example}` {gives}.",
    "Here is `{fn}`:\n\n{block}\n\n`{example}` {gives}.",
    "{block}",
    "This does it:\n\n{block}\n\n`{example}`, for instance, {gives}.",
    "One way to write it:\n\n{block}",
    "{block}\n\nSo `{example}` {gives}.",
    "A plain version:\n\n{block}\n\nWith it, `{example}` {gives}.",
    "`{fn}` could look like this:\n\n{block}",
    "{block}\n\nUsage: `{example}` {gives}.",
    "Here you are.\n\n{block}\n\nAn example: `{example}` {gives}.",
)

FROM_EXAMPLES = (
    "Write `{signature}` such that these hold:\n\n{asserts}\n\nIn words: {spec}",
    "I have the tests already:\n\n{asserts}\n\nPlease write `{fn}`. {spec}",
    "Given\n\n{asserts}\n\nwhat is a good implementation of `{signature}`? {spec}",
    "Make these pass:\n\n{asserts}\n\n{spec} Signature: `{signature}`",
    "{asserts}\n\nThat is what I want from `{fn}`. {spec} Please write it.",
    "Implement `{signature}` for me. {spec} It must satisfy:\n\n{asserts}",
    "Which code makes all of these true?\n\n{asserts}\n\n{spec} I'd declare it as `{signature}`.",
    "Acceptance criteria for `{fn}`:\n\n{asserts}\n\n{spec} A short function, please.",
    "Test first! Here are mine:\n\n{asserts}\n\nNow I need `{signature}`. {spec}",
    "For {project}: `{signature}`. {spec} Examples:\n\n{asserts}",
    "These asserts describe `{fn}`:\n\n{asserts}\n\nSpec: {spec} Could you write the function?",
    'Please derive `{signature}` from the description "{spec}" and the examples\n\n{asserts}',
)
GIVE_TESTED = (
    "{block}",
    "This satisfies all {count} of them:\n\n{block}",
    "{block}\n\nAll {count} asserts hold with it.",
    "Here is `{fn}`:\n\n{block}\n\nIt fulfils the {count} examples.",
    "An implementation that fits:\n\n{block}",
    "With this version the {count} asserts pass:\n\n{block}",
    "`{fn}`:\n\n{block}",
    "{block}\n\nYour {count} examples give what you expect.",
)

WITH_TESTS = (
    "Write `{signature}` with a few pytest tests. {spec}",
    "Please give me `{fn}` and tests for it. {spec} Signature: `{signature}`",
    "{spec} I need that as `{signature}`, plus tests.",
    "Code and tests for `{signature}`, please: {spec}",
    "Show me `{fn}` together with pytest tests. {spec} Declared as `{signature}`.",
    "I want to add `{signature}` to {project}. {spec} Include tests I can paste.",
    "Could you draft `{signature}`? {spec} And how would you test it?",
    "How would you write and test `{signature}`? {spec}",
    "Function plus tests: `{signature}`. {spec}",
    "For a kata: `{signature}`. {spec} Write solution and tests.",
    "Please implement `{fn}` test-driven and show me both parts. {spec} `{signature}`",
    "I have to hand in `{signature}` with at least two tests. {spec}",
)
GIVE_WITH_TESTS = (
    "{block}\n\nTests:\n\n{tests}",
    "The function:\n\n{block}\n\nand tests for it:\n\n{tests}",
    "{block}\n\nTo test it:\n\n{tests}\n\nImport `{fn}` from wherever you put it.",
    "Here is `{fn}`.\n\n{block}\n\nWith pytest:\n\n{tests}",
    "{block}\n\n{tests}\n\nThe tests cover {covered}.",
    "Implementation:\n\n{block}\n\nTests, which cover {covered}:\n\n{tests}",
)

CORRECT = (
    "What's wrong with this function?\n\n{code}\n\n`{example}` {gives}, but should {should}.",
    "{code}\n\nWhy does `{example}` not {should}? It {gives}. Please show the corrected function.",
    "I wrote this:\n\n{code}\n\nFor `{example}` it {gives}. It should {should}. Where is my "
    "mistake?",
    "Can you spot the bug?\n\n{code}\n\n`{example}` should {should}.",
    "This has a bug, `{example}` {gives} instead of what it should do ({should}):\n\n{code}",
    "Please correct this snippet. It's not in a file yet.\n\n{code}\n\nExpected of `{example}`: "
    "{should}.",
    "Homework. My function\n\n{code}\n\n{gives} for `{example}`; expected: {should}. What did I "
    "miss?",
    "Code review, please. I know that `{example}` {gives} and ought to {should}.\n\n{code}",
    "Found this on a wiki page:\n\n{code}\n\nIs it right? `{example}` {gives}. I'd say it should "
    "{should}.",
    "{code}\n\nGets `{example}` wrong (it {gives}, should {should}). How do I fix it?",
    "My tests say `{example}` has to {should}, but this {gives}:\n\n{code}\n\nWhat is the fix?",
    "Help me debug\n\n{code}\n\nInput: `{example}`. It {gives}. Wanted: {should}.",
)
CORRECTED = (
    "The problem: {cause}. The fix is to {fix}:\n\n{block}",
    "In your version {cause}. Corrected:\n\n{block}",
    "{block}\n\nThe mistake was that {cause}. With this version `{example}` {does}.",
    "Your function goes wrong because {cause}. To correct it, {fix}:\n\n{block}",
    "Here {cause}. This version {does} for `{example}`:\n\n{block}",
    "The cause: {cause}. You need to {fix}.\n\n{block}",
    "It's one place: {cause}. Changed:\n\n{block}\n\nNow `{example}` {does}.",
    "That happens because {cause}. Corrected function:\n\n{block}",
)

PREDICT = (
    "{code}\n\nWhat does `{example}` return?",
    "Given this function, what is the result of `{example}`?\n\n{code}",
    "What will `{example}` give with\n\n{code}",
    "I'm reading this code:\n\n{code}\n\nIs it right that `{example}` does not raise anything? "
    "What happens?",
    "For documentation I need the result of `{example}`.\n\n{code}",
    "I'd like to know what `{example}` comes to.\n\n{code}",
    "{code}\n\nFill in: `{example}` -> ?",
    "Here is a helper from {project}:\n\n{code}\n\nWhich result does `{example}` have?",
    "Explain what this does and what `{example}` yields.\n\n{code}",
    "What's `{example}` with the following definition?\n\n{code}",
    "Suppose I call `{example}`. What do I get?\n\n{code}",
    "Without a computer: `{example}`?\n\n{code}",
)
PREDICTED = (
    "`{example}` {gives}. The function does what its docstring says: {spec}",
    "It {gives}. In words: {spec}",
    "The call {gives}, following the rule in the docstring: {spec}",
    "`{example}` {gives}: {spec_lower}",
    "The function does this: {spec} For these arguments it {gives}.",
    "{spec} So `{example}` {gives}.",
    "That call {gives}. Purpose of the function: {spec}",
)
