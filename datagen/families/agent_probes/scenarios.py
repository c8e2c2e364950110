"""The family `agent_probes`: what `probing` does not ask, in the words of a coding agent's users.

Several calls in one turn, one tool among twenty, edits by an exact string and by a diff, arguments that are
worked out, and answers without a call. The last assistant turn of each row is the gold answer.

Not covered: the probes themselves (`calls`, `changes`, `worked_out`, `answers`).
"""

from datagen.families.agent_probes import answers, calls, changes, worked_out

SCENARIOS = (
    calls.several_files,
    calls.known_among_twenty,
    changes.exact_edit,
    worked_out.lines,
    answers.settled,
    calls.several_actions,
    calls.new_among_twenty,
    changes.patch,
    worked_out.values,
    answers.unclear,
)
