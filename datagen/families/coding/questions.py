"""Questions on Python, git and tests that need no tool, each with its answer.

Not covered: the web, data and algorithms (`datagen.families.coding.questions_general`).
"""

PYTHON: tuple[tuple[str, str], ...] = (
    (
        "What's the difference between a list and a tuple?",
        "A list can be changed after it is created, a tuple cannot. Because of that a tuple of "
        "hashable items is hashable and can be a dict key or a set member. By convention lists hold "
        "many things of one kind, and tuples hold a fixed number of parts with a meaning each, such "
        "as (x, y).",
    ),
    (
        "Why is a mutable default argument such as `def f(items=[])` a problem?",
        "The default is created once, when the `def` statement runs, and every call without that "
        "argument shares the same list. What one call appends is still there in the next one. Use "
        "`items=None` and create the list inside: `items = [] if items is None else items`.",
    ),
    (
        "When should I use `is` and when `==` in Python?",
        "`==` compares values, `is` asks whether both names refer to the same object. Use `is` for "
        "singletons, above all `x is None`, and `==` for everything else. Comparing numbers or "
        "strings with `is` may seem to work because small values are cached, but nothing guarantees "
        "it.",
    ),
    (
        "How does a generator differ from a list comprehension?",
        "A list comprehension builds the whole list at once. A generator expression, written with "
        "round brackets, produces one item each time it is asked, so it needs little memory and can "
        "be endless. It can be consumed only once, and it has no length and no indexing.",
    ),
    (
        "What does the `yield` statement do?",
        "It turns a function into a generator function. Calling it returns a generator without "
        "running the body; each `next()` runs the body up to the next `yield`, hands out that "
        "value, and freezes the local variables until it is resumed. When the body ends, "
        "StopIteration tells the caller that there is no more.",
    ),
    (
        "Can you explain what a decorator is, with a minimal example?",
        "A decorator is a callable that takes a function and returns what shall stand under its "
        "name. `@log` above `def f` means `f = log(f)`.\n\n```python\nimport functools\n\n\ndef "
        "log(function):\n    @functools.wraps(function)\n    def wrapper(*args, **kwargs):\n        "
        'print("calling", function.__name__)\n        return function(*args, **kwargs)\n\n    '
        "return wrapper\n```\n\n`functools.wraps` keeps the name and docstring of the wrapped "
        "function.",
    ),
    (
        "What happens with `*args` and `**kwargs` in a function signature?",
        "`*args` collects extra positional arguments into a tuple, `**kwargs` extra keyword "
        "arguments into a dict. In a call the same signs do the opposite: `f(*values, **options)` "
        "spreads a sequence into positional and a mapping into keyword arguments. The names are "
        "only a convention.",
    ),
    (
        "What does a bare `*` in a parameter list mean, as in `def f(a, *, b)`?",
        "Everything after the bare `*` can be passed by keyword only. `f(1, b=2)` works, `f(1, 2)` "
        "raises TypeError. It is useful for flags, because the call then says what the value means. "
        "The counterpart is `/`: what stands before it is positional only.",
    ),
    (
        "How do I make a shallow and a deep copy, and how do they differ?",
        "`copy.copy(x)` (or `list(x)`, `x[:]`, `dict(x)`) makes a new outer object that refers to "
        "the same inner objects. `copy.deepcopy(x)` copies the inner ones as well, recursively. "
        "With a shallow copy of `[[1], [2]]`, appending to an inner list is visible in both.",
    ),
    (
        "Is it safe to remove items from a list while looping over it?",
        "No. The loop keeps an index, and after a removal the following items move one place down, "
        "so the next one is skipped. Build a new list, `items = [item for item in items if "
        "keep(item)]`, or loop over a copy such as `items[:]`.",
    ),
    (
        "What is a context manager good for?",
        "It ties a set-up to its clean-up. `with open(path) as file:` closes the file however the "
        "block is left, also by an exception or `return`. A class provides `__enter__` and "
        "`__exit__`; for simple cases `contextlib.contextmanager` turns a generator with one "
        "`yield` into one.",
    ),
    (
        'What\'s the purpose of `if __name__ == "__main__":`?',
        '`__name__` is `"__main__"` only in the module that is run as a program. Code under that '
        "condition therefore runs for `python tool.py` but not for `import tool`. It keeps a module "
        "importable, for example by tests, without side effects.",
    ),
    (
        "How do `@staticmethod` and `@classmethod` compare?",
        "A class method gets the class as its first argument, so it can build instances and "
        "respects subclasses; alternative constructors are the usual case. A static method gets "
        "nothing implicit and is a plain function in the namespace of the class. If it needs "
        "neither class nor instance, a module-level function is often simpler.",
    ),
    (
        "When do dataclasses make sense?",
        "When a class mainly holds fields. `@dataclass` writes `__init__`, `__repr__` and `__eq__` "
        "from the annotated fields; `frozen=True` forbids assignment and, with the default "
        "`eq=True`, makes instances hashable if the fields are. For mutable defaults use "
        "`field(default_factory=list)`.",
    ),
    (
        "Why does 0.1 + 0.2 not equal 0.3?",
        "Floats are binary fractions, and none of 0.1, 0.2 and 0.3 has an exact binary form. The "
        "rounding errors add up to 0.30000000000000004. Compare with `math.isclose`, or use "
        "`decimal.Decimal` or whole cents where exact decimal results matter.",
    ),
    (
        "What is the difference between `sort()` and `sorted()`?",
        "`list.sort()` sorts the list in place and returns None. `sorted(iterable)` accepts any "
        "iterable and returns a new list. Both take `key` and `reverse`, and both are stable: equal "
        "items keep their order.",
    ),
    (
        'What does "stable sort" mean and why do I care?',
        "A stable sort keeps items with equal keys in their original order. That lets you sort by "
        "several criteria in steps: first by the minor key, then by the major one. Python's sort is "
        "stable, also with `reverse=True`.",
    ),
    (
        "What does the GIL mean for threads in CPython?",
        "The global interpreter lock lets only one thread run Python bytecode at a time. Threads "
        "still help when they wait, for example for the network, since the lock is released "
        "meanwhile. For CPU-bound work use processes, or libraries that release the lock. A "
        "free-threaded build without the lock exists since 3.13, as an option.",
    ),
    (
        "What's the point of virtual environments?",
        "Each project gets its own set of installed packages, so versions of different projects do "
        "not collide and the system's Python stays clean. `python -m venv .venv` creates one; its "
        "`bin/python` (or `Scripts\\python.exe` on Windows) uses the packages installed there.",
    ),
    (
        "Explain `try`, `except`, `else`, `finally` in two or three sentences.",
        "`try` runs code, and the first matching `except` handles an exception from it. `else` runs "
        "only if none was raised, which keeps the `try` block short. `finally` always runs, whether "
        "there was an exception, a `return` or neither.",
    ),
    (
        "Why is `except:` without an exception type discouraged?",
        "It catches everything, including KeyboardInterrupt and SystemExit, so the program cannot "
        "be stopped properly, and it hides mistakes such as a misspelt name. Name the exceptions "
        "you expect. At the outermost level `except Exception` with logging can be fine.",
    ),
    (
        "How does `raise ... from ...` help?",
        '`raise ConfigError("bad port") from error` stores the original exception as `__cause__`. '
        'The traceback then shows both, joined by "The above exception was the direct cause of the '
        'following exception". `from None` hides the original one where it would only confuse.',
    ),
    (
        "What does `nonlocal` do that `global` doesn't?",
        "`nonlocal x` makes assignments go to `x` of the nearest enclosing function; `global x` "
        "makes them go to the module. Without either, an assignment creates a local variable. "
        "Reading an outer variable needs neither.",
    ),
    (
        "Why do all my lambdas created in a loop use the last value?",
        "The lambda looks the variable up when it is called, not when it is created, and by then "
        "the loop variable holds its last value. Bind the current value as a default: `lambda x, "
        "factor=factor: x * factor`, or create the function in a helper that takes it as an "
        "argument.",
    ),
    (
        "What are `__repr__` and `__str__` for?",
        "`__repr__` is for developers: unambiguous, shown in the console and inside containers, "
        "ideally something that could be typed to recreate the object. `__str__` is for users and "
        "is what `print` and `str()` take; if it is missing, `__repr__` is used.",
    ),
    (
        "If I define `__eq__`, what about `__hash__`?",
        "A class that defines `__eq__` without `__hash__` gets `__hash__ = None`, so its instances "
        "are unhashable. If instances are immutable, define `__hash__` over the same fields that "
        "`__eq__` compares: objects that are equal must have equal hashes.",
    ),
    (
        "What is duck typing?",
        "Code relies on what an object can do and not on its class: whatever has a `read` method "
        "can serve as a file. Python checks only when the method is called. With `typing.Protocol` "
        "a type checker can verify such expectations beforehand.",
    ),
    (
        "Do type hints change how Python runs my code?",
        "No. Annotations are stored, but the interpreter does not check them; passing a str where "
        "int is annotated raises nothing by itself. Tools such as mypy or an editor check them, and "
        "some libraries, dataclasses for one, read them.",
    ),
    (
        "How do sets find members so fast?",
        "A set is a hash table. The hash of a value gives the place to look at, so a membership "
        "test takes about the same time for ten members as for ten million. A list has to be "
        "searched item by item. The price: members must be hashable, and there is no order to rely "
        "on.",
    ),
    (
        "Are Python dicts ordered?",
        "Yes, since Python 3.7 a dict keeps insertion order as part of the language. Assigning to "
        "an existing key keeps its place; deleting and inserting again moves it to the end. "
        'Equality ignores the order: `{"a": 1, "b": 2} == {"b": 2, "a": 1}` is True.',
    ),
    (
        "What does the walrus operator do?",
        "`name := value` assigns inside an expression and yields the value. It saves a repeated "
        "call: `while chunk := file.read(4096):` or `if match := pattern.search(line):`. Use it "
        "where it removes duplication, not to squeeze lines together.",
    ),
    (
        "What's `functools.lru_cache` and when would it hurt?",
        "It remembers results by arguments, so repeated calls return at once. It fits pure "
        "functions with hashable arguments. It hurts if results depend on something else, such as "
        "files or time, if mutable results are changed by callers, or on methods, where the cache "
        "keeps instances alive.",
    ),
    (
        "Which is better for joining many strings, `+=` or `join`?",
        '`"".join(parts)` computes the final length once and copies each part once. Repeated `+=` '
        "creates a new string each time, which in general is quadratic in the total length. CPython "
        "sometimes optimises `+=`, but `join` is reliably linear.",
    ),
    (
        "What does `from module import *` do, and should I use it?",
        "It imports all public names of the module (those in `__all__`, or without it all that do "
        "not begin with an underscore). It hides where names come from and may silently replace "
        "others, so outside of an interactive session import names explicitly.",
    ),
)
"""On the language Python."""

TOOLS_AND_TESTS: tuple[tuple[str, str], ...] = (
    (
        "What does `git rebase` do compared with `git merge`?",
        "A merge joins two lines of history with a commit that has two parents and leaves existing "
        "commits alone. A rebase replays your commits on top of another one, which gives a straight "
        "history but new commit ids. Do not rebase commits that others already build on.",
    ),
    (
        "How do I undo my last commit but keep the changes?",
        "`git reset --soft HEAD~1` removes the commit and leaves its changes staged; without "
        "`--soft` (the default is `--mixed`) they stay in the files but unstaged. If the commit was "
        "pushed already, `git revert HEAD` is safer, since it adds a commit that undoes it.",
    ),
    (
        "What is the difference between `git fetch` and `git pull`?",
        "`git fetch` downloads new commits and updates remote-tracking branches such as "
        "`origin/main`; your own branch stays as it is. `git pull` does a fetch and then merges (or "
        "rebases, if configured) into the current branch.",
    ),
    (
        "What's a fast-forward merge?",
        "If the current branch has no commits of its own since the other branch forked, git only "
        "moves the branch pointer forward; no merge commit is needed. `git merge --no-ff` creates "
        "one anyway, and `--ff-only` refuses anything else.",
    ),
    (
        "What is HEAD in git?",
        "HEAD names what is checked out now, usually a branch, and through it the latest commit. "
        'New commits go there. A "detached HEAD" points to a commit directly; commits made then '
        "belong to no branch until you create one.",
    ),
    (
        "When would I use `git stash`?",
        "When you have unfinished changes and need a clean working tree for a moment, say to switch "
        "branches. `git stash` puts the changes aside, `git stash pop` brings them back. Untracked "
        "files are included only with `-u`.",
    ),
    (
        "How does `git bisect` find a bad commit?",
        "By binary search. You mark one good and one bad commit, git checks out one in the middle, "
        "you test it and say good or bad, and so on. For 1000 commits that takes about 10 steps. "
        "`git bisect run command` automates the testing.",
    ),
    (
        "What should go into a .gitignore?",
        "Files that are made from others or belong to one machine: build output, caches such as "
        "`__pycache__/`, virtual environments, editor settings, and local configuration with "
        "secrets. It has no effect on files that git tracks already; remove those with `git rm "
        "--cached`.",
    ),
    (
        "What makes a good commit message?",
        "A short first line in the imperative, about 50 characters, that says what the commit does: "
        '"Reject empty order lines". After an empty line comes the why, if it is not obvious. One '
        "commit should hold one logical change, so that it can be reviewed and reverted alone.",
    ),
    (
        "How do I move a commit from one branch to another?",
        "Check out the target branch and run `git cherry-pick <commit>`. It applies the change as a "
        "new commit with its own id. Then remove it from the other branch, for example by `git "
        "reset --hard HEAD~1` if it was the last one and not pushed.",
    ),
    (
        "What does `git reset --hard` do, and what is the danger?",
        "It moves the branch to the given commit and makes index and files match it. Uncommitted "
        "changes in tracked files are lost for good. Commits that were left behind can still be "
        "found for a while by `git reflog`.",
    ),
    (
        "What is the difference between unit tests and integration tests?",
        "A unit test checks one piece in isolation, is fast, and points to the fault. An "
        "integration test checks that several real parts work together, for example code and "
        "database; it is slower but finds mistakes at the seams. Most projects want many of the "
        "first and some of the second.",
    ),
    (
        "What is a fixture in pytest?",
        "A function marked with `@pytest.fixture` that prepares something a test needs. A test asks "
        "for it by naming it as a parameter. After a `yield` the fixture can clean up. The scope, "
        "`function` by default, decides how often it runs.",
    ),
    (
        "How do I test that a function raises an exception with pytest?",
        "Use `pytest.raises` as a context manager:\n\n```python\nwith pytest.raises(ValueError, "
        'match="empty"):\n    parse("")\n```\n\nThe test fails if nothing or something else is '
        "raised. Keep only the call that should raise inside the block; `match` is a regular "
        "expression searched in the message.",
    ),
    (
        "What does `@pytest.mark.parametrize` give me over a loop inside the test?",
        "Each set of arguments becomes a test of its own: all of them run even if one fails, the "
        "report names the one that failed, and one can be run alone. A loop stops at the first "
        "failure and hides which values it was, unless you put them into the message.",
    ),
    (
        "What is the difference between a mock and a stub?",
        "A stub stands in for a dependency and returns prepared answers. A mock also records how it "
        "was called, and the test asserts on that. Prefer checking results; assert on calls only "
        "where the call itself is the behaviour, such as sending a mail.",
    ),
    (
        "Why should tests not depend on their order?",
        "Because then a test may pass only thanks to what another left behind, and fail when run "
        "alone, in parallel or in a new order. Each test should create what it needs and clean up "
        "after itself; fixtures are made for that.",
    ),
    (
        "Does 100 % test coverage mean the code is correct?",
        "No. Coverage says which lines ran, not whether the results were checked, and it knows "
        "nothing of missing cases. Low coverage is a useful warning, full coverage is no proof. "
        "Branch coverage says a bit more than line coverage.",
    ),
    (
        "What is test-driven development?",
        "Write a small failing test first, then the simplest code that makes it pass, then tidy up "
        "with the tests as a safety net; repeat. It forces you to decide what the code should do "
        "before writing it, and leaves a test for each behaviour.",
    ),
    (
        "What is property-based testing?",
        "Instead of single examples you state a property, such as `decode(encode(x)) == x`, and a "
        "library such as Hypothesis tries many generated inputs. When one fails it looks for a "
        "simpler input that fails, too. It is good at finding edge cases nobody thought of.",
    ),
    (
        "What's a flaky test and what usually causes it?",
        "A test that sometimes passes and sometimes fails on the same code. Usual causes are timing "
        "and sleeps, dependence on test order or shared state, real clocks, random values without a "
        "seed, and the network. Fix the cause; repeating the test hides it.",
    ),
    (
        "What does a linter do that tests don't?",
        "It reads the code without running it and points at likely mistakes and style problems: "
        "unused variables, unreachable code, shadowed names. It covers code that no test reaches. "
        "It cannot tell whether results are right, so it adds to tests and does not replace them.",
    ),
    (
        "What is continuous integration?",
        "Every change is merged often and checked automatically: a server builds the project and "
        "runs tests and linters for each push. Mistakes are found while the change is small and its "
        "author still remembers it.",
    ),
    (
        "What does semantic versioning promise?",
        "In MAJOR.MINOR.PATCH the patch number rises for compatible fixes, minor for compatible "
        "additions, major for incompatible changes. So moving from 2.3.1 to 2.4.0 should not break "
        "callers, while 3.0.0 may. Versions 0.x make no such promise.",
    ),
    (
        "Why would I pin dependency versions?",
        "So that every installation gets the same packages and a new release of one of them cannot "
        "break yours unnoticed. Applications usually pin everything in a lock file, indirect "
        "dependencies included; libraries state ranges, so that they can be combined. Update pins "
        "deliberately and often.",
    ),
    (
        "What is the use of a debugger compared to print statements?",
        "A debugger stops the program anywhere, shows all variables and the call stack, and lets "
        "you step on or evaluate expressions without changing the code. In Python, `breakpoint()` "
        "starts pdb. Prints are quick and good for loops or timing; a debugger is better when you "
        "don't know yet what to look at.",
    ),
    (
        "How do I read a Python traceback?",
        "From the bottom. The last line names the exception and its message, the lines above it "
        "show where it was raised, and further up come the callers. Look for the lowest frame in "
        "your own code: the cause is often there or in the arguments it passed on.",
    ),
    (
        "What is refactoring?",
        "Changing the structure of code without changing what it does: renaming, splitting "
        "functions, removing duplication. It goes in small steps with tests run after each. Mixing "
        "it with new behaviour in one commit makes both hard to review.",
    ),
    (
        "What does idempotent mean for a script?",
        "Running it twice has the same effect as running it once. `mkdir -p data` is idempotent, "
        "appending a line to a file is not. Idempotent scripts can simply be started again after a "
        "failure half-way.",
    ),
    (
        "What's the difference between an exit code of 0 and others?",
        "0 means success, anything else failure; what the number means is up to the program. Shells "
        "use it in `&&`, `||` and `if`, and CI systems fail a step on a non-zero code. In Python, "
        "`sys.exit(1)` sets it, and an uncaught exception gives 1.",
    ),
    (
        "What is logging better at than print?",
        "Messages have levels that can be filtered, carry time and module, and can go to files or "
        "services by configuration, without touching the code that logs. By default logging writes "
        "to stderr, so the program's real output stays clean.",
    ),
    (
        "When should a value be an environment variable rather than a constant in code?",
        "When it differs between installations or is a secret: database address, log level, API "
        "key. The same code then runs everywhere, and secrets stay out of the repository. Things "
        "that change only with the code belong in the code.",
    ),
)
"""On git, tests and the work around code."""
