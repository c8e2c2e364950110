#!/bin/sh
# Installs the wheels of a lock file into a virtual environment, which is made when it is not there, and
# removes what a list of patterns leaves out. uv unpacks each wheel once, into a cache beside the
# environment, and links it into place. On every base the environment is the same to the byte: nothing
# in it says where the base keeps Python, of which patch level it is, or what the base sets.
#   environment.sh FOLDER WHEELS LOCK [LEFT_OUT]
set -eu
umask 022
folder=$1 wheels=$2 lock=$3 left_out=${4:-/dev/null}
uv() {
    env -i PATH=/usr/bin:/bin UV_CACHE_DIR=/opt/uv UV_LINK_MODE=hardlink UV_NO_INSTALLER_METADATA=1 \
        UV_CONCURRENT_INSTALLS=1 UV_OFFLINE=1 UV_NO_CONFIG=1 PYTHONDONTWRITEBYTECODE=1 \
        /fetch/bin/uv "$@"
}
# The places in which Python's own images and Debian keep it, in the order in which the launcher looks.
python=/usr/local/bin/python3.13
[ -x "$python" ] || python=/usr/bin/python3.13
if ! [ -x "$python" ]; then
    echo "the base has no CPython 3.13 in /usr/local/bin or /usr/bin: build on one that has" >&2
    exit 1
fi
new=
if ! [ -e "$folder" ]; then
    new=yes
    uv venv --quiet --relocatable --python "$python" "$folder"
    # A link to the interpreter would be another one on another base. Started under the launcher's name,
    # Python takes the folder above for its environment. `home` is where it begins to look for its own
    # library, upwards: /usr/local/lib, then /usr/lib.
    rm "$folder/bin/python"
    cat >"$folder/bin/python" <<'LAUNCHER'
#!/bin/bash -p
python=/usr/local/bin/python3.13
[ -x "$python" ] || python=/usr/bin/python3.13
exec -a "$0" "$python" "$@"
LAUNCHER
    chmod 0755 "$folder/bin/python"
    cat >"$folder/pyvenv.cfg" <<'SETTINGS'
home = /usr/local/bin
implementation = CPython
version_info = 3.13
include-system-site-packages = false
relocatable = true
SETTINGS
fi
uv pip install --quiet --python "$folder/bin/python" --no-deps --no-index \
    --find-links "$wheels" --require-hashes -r "$lock"
rm -r /opt/uv "$folder/.lock"
cd "$folder"/lib/python3.13/site-packages
# Without its debugging symbols: cut behind the last byte that a program header names, which is all that
# is ever loaded. A base's `strip` would write what its version writes. Only here: a layer above would
# hold the library once more, rewritten.
if [ "$new" ] && [ -e triton/_C/libtriton.so ]; then
    "$python" -I -B - triton/_C/libtriton.so <<'CUT'
import struct, sys
with open(sys.argv[1], "r+b") as library:
    head = library.read(64)
    assert head[:6] == b"\x7fELF\x02\x01", "no 64-bit ELF file in little-endian order"
    at, size, count = *struct.unpack_from("<Q", head, 32), *struct.unpack_from("<HH", head, 54)
    library.seek(at)
    table = library.read(size * count)
    end = at + size * count
    for number in range(count):  # p_offset and p_filesz
        offset, *_, length = struct.unpack_from("<4Q", table, size * number + 8)
        end = max(end, offset + length)
    library.truncate(end)
    library.seek(40)
    library.write(bytes(8))  # e_shoff
    library.seek(60)
    library.write(bytes(4))  # e_shnum, e_shstrndx
CUT
fi
# shellcheck disable=SC2046  # one pattern a line, without spaces
rm -rf $(grep -v '^#' "$left_out")
