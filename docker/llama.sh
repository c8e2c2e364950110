#!/bin/sh
# Compiles llama.cpp with a module of the project, without a network; words are the module's.
#   llama.sh MODULE WORD...
set -eu
export PYTHONPATH=/mnt/project/src PYTHONDONTWRITEBYTECODE=1 PIP_NO_INDEX=1 PIP_NO_CACHE_DIR=1 \
    PIP_FIND_LINKS=/mnt/source PIP_DISABLE_PIP_VERSION_CHECK=1
exec /fetch/bin/python -m "$@"
