#!/bin/sh
# Downloads the wheels of a lock file, each checked against its hash, into a folder.
#   wheels.sh LOCK FOLDER
set -eu
exec /fetch/bin/python -m pip download --no-deps --only-binary :all: --require-hashes \
    --dest "$2" -r "$1"
