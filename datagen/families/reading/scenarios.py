"""The family `reading`: a question is answered from the files.

Not covered: changing what was read (`datagen.families.searching`, `datagen.families.fixing`).
"""

from datagen.families.reading import functions, modules, pages, settings

SCENARIOS = (
    settings.setting_value,
    settings.settings_compared,
    settings.setting_absent,
    *pages.SCENARIOS,
    *functions.SCENARIOS,
    *modules.SCENARIOS,
)
