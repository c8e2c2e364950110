#!/bin/sh
# Compiles llama.cpp with a module of the project, without a network and without what the base sets;
# words are the module's.
#   llama.sh MODULE WORD...
set -eu
umask 022
exec env -i PATH=/usr/local/bin:/usr/bin:/bin PYTHONPATH=/mnt/project/src PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_INDEX=1 PIP_NO_CACHE_DIR=1 PIP_FIND_LINKS=/mnt/source PIP_DISABLE_PIP_VERSION_CHECK=1 \
    /fetch/bin/python -m "$@"
