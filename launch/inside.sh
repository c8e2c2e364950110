#!/bin/sh
# Runs ./invoke inside one of the project's images where there is no Docker Engine: in a pod, under Apptainer. The
# stages of that image's environment run in the image's own, with its llama.cpp; ./invoke itself needs a few
# small packages from a package registry, at the first call.
#   inside.sh train|convert TASK...
#
# Not covered: stages of the other environment. Where one of them is not current, it is filled from its lock.
set -eu
name=$1
shift
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
if ! [ -x "${OPT:=/opt}/environment/bin/python" ]; then
    echo "inside.sh: there is no $OPT/environment here: run it in the $name image, or ./invoke $*" >&2
    exit 3
fi
# Where Python's own images and Debian keep it, in the order in which the images' launcher looks.
python=/usr/local/bin/python3.13
[ -x "$python" ] || python=/usr/bin/python3.13
# The cache that ./invoke will look into gets what the image holds, under the names that it will look for.
cache=${SYNTHIA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/synthia}
key=$(sha256sum "$root/requirements/$name.txt" | cut -c 1-16)
mkdir -p "$cache/environments" "$cache/llama.cpp"
ln -sfn "$OPT/environment" "$cache/environments/$name-py313-$key"
for built in "$OPT"/llama.cpp/*; do
    if [ -d "$built" ]; then
        ln -sfn "$built" "$cache/llama.cpp/${built##*/}"
    fi
done
SYNTHIA_CACHE=$cache SYNTHIA_PYTHON=$python exec "$root/invoke" "$@" --runtime host
