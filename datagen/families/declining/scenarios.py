"""The family `declining`: tools are offered, and what is asked cannot be done with them as it stands.

A value is missing, and the assistant asks for it; in some rows the user then says it, and the tool is
called. Or none of the tools does it, and the assistant says so and what it can do instead.

Not covered: the scenarios themselves, which share the services and projects of the family `answering`.
"""

from datagen.families.answering import folder, services

SCENARIOS = (
    services.id_not_given,
    folder.beyond_any_tool,
    services.value_not_given,
    services.service_without_the_tool,
    folder.vague_request,
    folder.folder_without_the_tool,
    services.several_not_given,
    folder.incomplete_request,
)
