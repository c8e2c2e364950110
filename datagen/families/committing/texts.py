"""What is asked and said in the family `committing`.

Slots: {name} and {purpose} of the project; {task} what is to be changed, {did} what was changed;
{message}, {commit} of a commit; {files}, {list} from the status; {changes} from a diff.

Not covered: the changes themselves (`datagen.families.committing`).
"""

CHANGE = (
    "{task_up} and commit that.",
    "Please {task}, then commit.",
    "{task_up}. Commit it with a good message.",
    "I need this as a commit: {task}.",
    "Can you {task} and make a commit of it?",
    "{task_up}; one commit, please.",
    "Do this and commit it: {task}.",
    "Small job: {task}. Then commit.",
    "{task_up}, check the diff, commit.",
    "We should {task}. Commit when it's done.",
    "Would you {task} and commit the change?",
    "Next commit for {name}: {task}.",
    "{task_up} and put it into a commit of its own.",
    "As agreed, {task}. Commit afterwards.",
    "{task_up}. I want to see it in the history.",
    "Prepare a commit in which you {task}.",
)
COMMIT = (
    "Commit what I changed in {place}.",
    "Please commit my work on {place}.",
    "I've edited {place}. Commit it with a fitting message.",
    "Make a commit of the changes in {place}.",
    "My changes ({place}) are ready to be committed.",
    "Look at what I did in {place} and commit it.",
    "Write a commit message for my change to {place} and commit.",
    "{place}: done. Can you commit it?",
    "Could you commit the open changes? It should be only {place}.",
    "I forgot to commit {place}. Please do it, with a message that says what changed.",
    "Check the changes in {place} and commit them.",
    "Commit, please. I touched {place}.",
    "Let's get {place} committed.",
    "Time for a commit: {place} is finished.",
)
UNCOMMITTED = (
    "What is uncommitted in {name}?",
    "Which files have I changed since the last commit of {name}?",
    "Is there anything in {name} that I haven't committed?",
    "Tell me the state of the working tree of {name}.",
    "Did I leave changes behind in {name}?",
    "What would go into the next commit of {name}?",
    "I can't remember what I changed in {name}. What's open?",
    "Are there uncommitted changes in {name}?",
    "git status for {name}, in words please.",
    "Before I switch branches: is {name} clean?",
    "Sum up the uncommitted work in {name}.",
    "Which of my edits to {name} are not in a commit yet?",
    "Show me what differs from the last commit in {name}.",
    "{name}: what have I got lying around uncommitted?",
)
REVIEW = (
    "Review my uncommitted changes in {name}.",
    "Have a look at my diff before I commit to {name}.",
    "Can I commit this? Please check the diff of {name}.",
    "Read the diff in {name} and tell me if something is wrong.",
    "Quick review of the open changes in {name}, please.",
    "What do you think of my changes to {name}?",
    "Is the diff of {name} fit for a commit?",
    "Check my changes in {name} for leftovers.",
    "I'm about to commit to {name}. Does the diff look right?",
    "Please go over what I changed in {name}; no commit yet.",
    "Is anything in the diff of {name} that shouldn't be committed?",
    "Second pair of eyes needed on the changes in {name}.",
    "Summarise and review the diff of {name}.",
)
STATUS = (
    "I'll look at the status first.",
    "Let me see what has changed.",
    "First git status.",
    "Which files are changed?",
    "Checking the working tree.",
    "Let me see the state of the files.",
    "I'll check what there is to commit.",
)
DIFF = (
    "Now the diff.",
    "Let me see the changes themselves.",
    "The diff will tell what the message should say.",
    "I'll read the diff.",
    "What exactly has changed?",
    "Let me look at the lines.",
    "I need to see the diff.",
)
READ = (
    "I'll read {path} first.",
    "Let me see {path}.",
    "First {path}.",
    "The change belongs in {path}.",
    "I'll open {path}.",
    "{path} is the file for that.",
)
PATCH = (
    "I'll change that.",
    "Here is the change.",
    "One small patch.",
    "Now the edit.",
    "Patching {path}.",
    "That is a change in {path}.",
)
MESSAGE = (
    "Now the commit.",
    "I'll commit it.",
    "That can be committed.",
    "The diff shows what was meant; committing.",
    "Committing.",
    "Next, the commit.",
    "All there. I'll commit.",
)
COMMITTED = (
    'Committed as {commit}: "{message}" ({files}).',
    '{did_up}. The commit is {commit}, "{message}".',
    'Done: {commit} "{message}", {files} changed.',
    "Commit {commit} on main: {message}. It holds {files}.",
    'It is in commit {commit} now, with the message "{message}".',
    "{did_up}; committed as {commit}.",
    '"{message}" is commit {commit}; {files} changed.',
    'The commit {commit} has {files}. Message: "{message}".',
)
OPEN = (
    "{count_up} not committed: {list}. {changes}",
    "There is open work: {list}. {changes}",
    "Not committed yet: {list}. {changes}",
    "{list_up}. {changes}",
    "The next commit would have {list}. {changes}",
    "Since the last commit, {list}. {changes}",
    "{name} is not clean: {list}. {changes}",
)
SEARCH = (
    "I'll look for `{target}`.",
    "Where is `{target}` set?",
    "First the place of `{target}`.",
    "Let me find `{target}`.",
    "Searching for `{target}`.",
)
CLEAN = (
    'Nothing: the working tree of {name} is clean, git reports "nothing to commit".',
    '{name} is clean. The status is "nothing to commit".',
    "No file differs from the last commit.",
    '{name} has no changes since its last commit ("nothing to commit").',
    'Everything is committed: git says "nothing to commit".',
    'There is no open work in {name}; the status reads "nothing to commit".',
)
NO_COMMIT = (
    "There is nothing to commit in {name}. If you changed {place}, perhaps it was not saved.",
    'git says "nothing to commit", so I made no commit.',
    "No file differs from the last commit, {place} included, so there is nothing to commit.",
    'The status is "nothing to commit". Either {place} is committed already or was not saved.',
    '{place} is the same as in the last commit; git reports "nothing to commit".',
    "I did not commit: the working tree is clean. Is the change to {place} in another folder?",
    "There are no changes in {place}. An empty commit would say nothing, so I left it.",
    "Nothing to commit: {place} has no change that git sees. Please check that it was saved.",
)
FINE = (
    "{changes} Nothing looks wrong to me; it can be committed.",
    "It is one clear change. {changes} I see no leftovers.",
    "{changes} No debug output and no unrelated lines. Fine to commit.",
    "Looks right. {changes}",
    '{changes} I\'d commit it as "{message}".',
    "I have no objections. {changes}",
)
LEFTOVER = (
    "{changes} One thing should go before the commit: {leftover}.",
    "Not yet: {leftover} looks like a leftover. Apart from that: {changes}",
    "{changes} But there is {leftover}; I'd remove it first.",
    "I'd hold the commit back, because of {leftover}. {changes}",
    "Please look at {leftover} once more, it is probably not meant to stay. {changes}",
)
