"""The family `probing`: the last assistant turn of each row is the gold answer.

Where a call is due, its arguments follow from the conversation literally, so that only one call is
right. About as many calls are of tools that training rows never offer as of those that they do.

Not covered: the probes themselves (`known_tools`, `new_tools`, `answers`).
"""

from datagen.families.probing import answers, known_tools, new_tools

SCENARIOS = (
    new_tools.measuring,
    known_tools.reading,
    new_tools.moving,
    answers.concept,
    known_tools.finding,
    new_tools.clearing,
    known_tools.writing,
    answers.lacking,
    new_tools.looking_up,
    known_tools.git_chores,
    new_tools.ends_of_files,
    answers.already_there,
    known_tools.testing,
    new_tools.code_lookups,
    known_tools.requesting,
    answers.after_a_result,
    new_tools.rewriting,
    known_tools.running,
    new_tools.comparing,
    answers.pasted,
    new_tools.new_tool_after_listing,
    known_tools.reading_after_a_result,
    new_tools.new_tool_after_failure,
    known_tools.correcting,
    answers.beyond_the_tools,
)
