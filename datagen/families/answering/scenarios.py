"""The family `answering`: the turn that is due calls no tool, though tools are offered.

The text is in the message, an earlier result holds the answer, or there is nothing to do; and the same
services are called at once where all is given.

Not covered: the scenarios themselves (the sibling modules). Requests that lack a value, or fit no tool,
are the family `declining`; those that need a look before the question are the family `asking`; questions on
programming are the family `coding`.
"""

from datagen.families.answering import folder, pasted, services, small_talk

SCENARIOS = (
    pasted.numbers_pasted,
    services.look_with_all_given,
    services.field_known_already,
    pasted.pages_pasted,
    services.change_with_all_given,
    pasted.runs_pasted,
    folder.settings_known_already,
    folder.table_known_already,
    services.list_known_already,
    small_talk.thanks,
    folder.module_known_already,
    services.two_in_a_row,
    folder.listing_known_already,
    small_talk.greeting,
    folder.usage_known_already,
    folder.tests_known_already,
    small_talk.what_can_you_do,
    folder.status_known_already,
)
