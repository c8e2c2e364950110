"""The family `answering`: the turn that is due calls no tool, though tools are offered.

A value is missing, no tool fits, the text is in the message, an earlier result holds the answer, or
there is nothing to do. In some rows the user then says what was missing, and the tool is called; and
the same services are called at once where all is given.

Not covered: the scenarios themselves (the sibling modules). Requests that need a look before the question
are the family `asking`; questions on programming are the family `coding`.
"""

from datagen.families.answering import folder, pasted, services, small_talk

SCENARIOS = (
    services.id_not_given,
    pasted.numbers_pasted,
    services.look_with_all_given,
    folder.beyond_any_tool,
    services.value_not_given,
    services.field_known_already,
    folder.vague_request,
    pasted.pages_pasted,
    services.change_with_all_given,
    services.several_not_given,
    services.service_without_the_tool,
    pasted.runs_pasted,
    folder.folder_without_the_tool,
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
