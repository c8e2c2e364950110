#!/bin/sh
# Installs the wheels of a lock file into a virtual environment, which is made when it is not there, and
# removes what a list of patterns leaves out. uv unpacks each wheel once, into a cache beside the
# environment, and links it into place.
#   environment.sh FOLDER WHEELS LOCK [LEFT_OUT]
set -eu
folder=$1 wheels=$2 lock=$3 left_out=${4:-/dev/null}
export UV_CACHE_DIR=/opt/uv UV_LINK_MODE=hardlink UV_NO_INSTALLER_METADATA=1 \
    UV_CONCURRENT_INSTALLS=1 UV_OFFLINE=1 UV_NO_CONFIG=1 PYTHONDONTWRITEBYTECODE=1
new=
if ! [ -e "$folder" ]; then
    new=yes
    /fetch/bin/uv venv --quiet --relocatable --python "$(command -v python3)" "$folder"
fi
/fetch/bin/uv pip install --quiet --python "$folder/bin/python" --no-deps --no-index \
    --find-links "$wheels" --require-hashes -r "$lock"
rm -r /opt/uv "$folder/.lock"
cd "$folder"/lib/python3*/site-packages
# Without its debugging symbols. Only here: a layer above would hold it once more, rewritten.
if [ "$new" ] && [ -e triton/_C/libtriton.so ]; then
    strip --strip-debug triton/_C/libtriton.so
fi
# shellcheck disable=SC2046  # one pattern a line, without spaces
rm -rf $(grep -v '^#' "$left_out")
