#!/usr/bin/env bash
# Puts the native parts in place that Swift packages cannot bring: Debian packages, and pinned wheels in .deps/.
# Safe to call at any time; when nothing is missing it ends within half a second.
#
#   Scripts/bootstrap.sh run     [BUILD…]  what `make run` needs: OpenCV, OpenVINO and the files of towns and postcodes
#   Scripts/bootstrap.sh test    [BUILD…]  that, and libtorch, the ImageNet weights, the checkers and the browser
#   Scripts/bootstrap.sh bench   [BUILD…]  that, and the load generator
#   Scripts/bootstrap.sh package [BUILD…]  what `run` needs, and Debian's tools for packages
#
# BUILD is a command that compiles. It begins as soon as its headers and libraries are there, beside the making of what is
# needed only later; and for `run` on a machine that lacks packages, Swift's own are fetched and compiled beside their download.
#
# LEUKOSCOPE_DEPS   another folder than .deps, an absolute path (Package.swift reads it too)
# LEUKOSCOPE_PYTHON another interpreter than python3
set -euo pipefail

mode="${1:-}"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
deps="${LEUKOSCOPE_DEPS:-$root/.deps}"
sets_record=".requirements"  # in .deps/python: which requirement files it was made of, by checksum

debian_run=(g++ fonts-noto-color-emoji fonts-noto-core fonts-wqy-microhei libcairo2-dev libpango1.0-dev libheif-dev libjpeg62-turbo-dev liblcms2-dev libpng-dev libtiff-dev libopencv-core-dev libopencv-features2d-dev libopencv-imgcodecs-dev libopencv-imgproc-dev libopencv-photo-dev libopenslide-dev
    libargon2-dev libcurl4-openssl-dev libjs-bootstrap5 libjs-chart.js libmariadb-dev libqrencode-dev libsqlite3-dev python3 python3-pip zlib1g-dev)
debian_test=(chromium fonts-dejavu-core galera-4 iproute2 liblua5.3-0 libopencv-ml-dev libopentracing-c-wrapper0 libvips-tools mariadb-client-core mariadb-server-core procps rsync)
debian_bench=(wrk)
debian_package=(debhelper debootstrap dpkg-dev lintian patchelf)
space_run_mb=4000    # .deps, and the release build
space_test_mb=9000

note() { printf 'bootstrap: %s\n' "$*" >&2; }
fail() {
    printf 'bootstrap: %s\n' "$1" >&2
    shift
    if (($#)); then printf '           %s\n' "$@" >&2; fi
    exit 69
}

check_machine() {
    [[ "$(uname -s)-$(uname -m)" == Linux-x86_64 ]] \
        || fail "this is $(uname -s) on $(uname -m); the pinned native parts are built for Linux on x86_64."
    local id="" version
    [[ -r /etc/os-release ]] && id="$(. /etc/os-release && echo "${ID:-}:${VERSION_ID:-}")"
    [[ "$id" == debian:12 ]] \
        || note "tested on Debian 12, this is ${id:-an unknown system}; OpenCV may have another version here."
    command -v swift >/dev/null || fail "no Swift compiler found (command 'swift')." \
        "Install the Swift toolchain $swift_needed or later for Debian 12, x86_64, from the Swift project's download page," \
        "unpack it, and put its usr/bin folder on PATH."
    version="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)"
    [[ "$(printf '%s\n%s\n' "$version" "$swift_needed" | sort -V | head -n 1)" == "$swift_needed" ]] \
        || fail "Swift ${version:-of unknown version} found; \`make run\` needs 6.2 or later (package manifest, language mode)," \
            "\`make test\` 6.3 or later (the simulation replaces the executor of tasks)."
}

check_space() {  # $1: megabytes
    mkdir -p "$deps"
    local free
    free="$(df --output=avail -m "$deps" | tail -n 1 | tr -d ' ')"
    ((free >= $1)) || fail "$deps has $free MB free; $1 MB are needed for the native parts and the build."
}

has_pip() {
    "$1" -c 'import sys, importlib.util as u; sys.exit(sys.version_info[:2] != (3, 11) or not u.find_spec("pip"))' \
        >/dev/null 2>&1
}
installed() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'; }

find_missing_packages() {  # $@: names; fills `missing`
    local name
    missing=()
    for name in "$@"; do
        # A Python that is not Debian's will do, if it has pip.
        [[ "$name" == python3* ]] && has_pip "${LEUKOSCOPE_PYTHON:-python3}" && continue
        installed "$name" || missing+=("$name")
    done
}

install_debian_packages() {  # what find_missing_packages found
    ((${#missing[@]})) || return 0
    local name
    local by_hand="apt-get install --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null || fail "these packages are missing, and there is no apt-get: ${missing[*]}" \
        "Install what your system calls them."
    local become=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "these Debian packages are missing: ${missing[*]}" "As root: $by_hand"
        become=(sudo)
        sudo -n true 2>/dev/null || [[ -t 0 ]] \
            || fail "these Debian packages are missing, and sudo asks for a password: ${missing[*]}" "Run: sudo $by_hand"
    fi
    note "installing Debian packages: ${missing[*]}"
    local log="$deps/apt.log"
    local -a get=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
    if ! { "${get[@]}" update && "${get[@]}" install -y --no-install-recommends "${missing[@]}"; } \
        </dev/null >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        local refused=()
        for name in "${missing[@]}"; do installed "$name" || refused+=("$name"); done
        fail "apt-get could not install: ${refused[*]:-(see above)}" "The whole log: $log" "By hand: $by_hand"
    fi
}

find_python() {
    local candidate
    for candidate in "${LEUKOSCOPE_PYTHON:-python3}" python3.11 /usr/bin/python3; do
        if has_pip "$candidate"; then
            python="$candidate"
            return
        fi
    done
    fail "no Python 3.11 with pip found (Debian 12: packages python3 and python3-pip);" \
        "the pinned wheels are built for it. LEUKOSCOPE_PYTHON may name the interpreter."
}

checksum() { sha256sum "$root/Scripts/requirements-$1.txt" | cut -d ' ' -f 1; }
present() { grep -qxF "$1 $(checksum "$1")" "$deps/python/$sets_record" 2>/dev/null; }

# Unpacks the wheels of all sets into a new folder, which replaces .deps/python in one rename when it is whole.
install_wheels() {  # $@: sets, such as `run test`
    local staging="$deps/python.new" old="$deps/python.old" log="$deps/pip.log" set_name
    local -a requirements=()
    for set_name in "$@"; do requirements+=(-r "$root/Scripts/requirements-$set_name.txt"); done
    note "unpacking the pinned wheels ($*) into $deps/python"
    rm -rf "$staging" "$old"
    if ! "$python" -m pip install --target "$staging" --no-deps --only-binary=:all: --require-hashes \
        --python-version 3.11 --implementation cp --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 \
        --platform manylinux1_x86_64 --no-compile --no-input --disable-pip-version-check --progress-bar off \
        "${requirements[@]}" </dev/null >"$log" 2>&1; then
        rm -rf "$staging"
        grep -E 'ERROR|error' "$log" >&2 || tail -n 15 "$log" >&2
        if grep -qE 'No matching distribution found for torch' "$log"; then
            fail "the configured Python package index has no CPU build of PyTorch (torch 2.13.0+cpu)." \
                "The PyTorch project's own CPU index has it: name that index to pip in PIP_EXTRA_INDEX_URL, or put" \
                "the wheel into a folder named in PIP_FIND_LINKS, and run this again."
        fi
        fail "pip could not install the pinned wheels. The whole log: $log"
    fi
    ln -sf libopenvino_c.so.2641 "$staging/openvino/libs/libopenvino_c.so"  # the linker wants the plain name
    for set_name in "$@"; do echo "$set_name $(checksum "$set_name")"; done >"$staging/$sets_record"
    if [[ -e "$deps/python" ]]; then mv "$deps/python" "$old"; fi
    mv "$staging" "$deps/python"
    rm -rf "$old"
}

ensure_wheels() {  # $@: sets that the mode needs
    local name sets=() stale=0
    for name in run test; do  # a set that is there already stays
        if [[ " $* " == *" $name "* ]] || grep -q "^$name " "$deps/python/$sets_record" 2>/dev/null; then
            sets+=("$name")
            present "$name" || stale=1
        fi
    done
    [[ -e "$deps/python/openvino/libs/libopenvino_c.so" ]] || stale=1
    ((stale)) || return 0
    check_space "$space"
    find_python
    install_wheels "${sets[@]}"
}

# The files of towns and of postcodes, made once of packages that are unpacked for that alone: they are many times as large.
ensure_places() {  # $@: places, postcodes
    local scripts="$root/Scripts" folder="$deps/places" staging="$deps/places.new" log="$deps/pip.log"
    local requirements="$scripts/requirements-places.txt" wanted name
    local -a stale=()
    wanted="$(cat "$scripts"/{places,places_india,postcodes,postcode_places,postcode_towns}.py "$requirements" | sha256sum | cut -d ' ' -f 1)"
    for name in "$@"; do
        [[ -s "$folder/$name.tsv" && "$(cat "$folder/.$name-made-by" 2>/dev/null)" == "$wanted" ]] || stale+=("$name")
    done
    ((${#stale[@]})) || return 0
    note "making the files of towns and postcodes: ${stale[*]}"
    find_python
    rm -rf "$staging"
    "$python" -m pip install --target "$staging" --no-deps --only-binary=:all: --require-hashes --no-compile --no-input \
        --disable-pip-version-check --progress-bar off -r "$requirements" </dev/null >"$log" 2>&1 \
        || fail "pip could not install the pinned packages of towns and postcodes. The whole log: $log"
    for name in "${stale[@]}"; do
        PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$staging" "$python" "$scripts/$name.py" "$folder/$name.tsv" >&2 </dev/null \
            || fail "the file of $name could not be made (Scripts/$name.py)."
        echo "$wanted" >"$folder/.$name-made-by"
    done
    rm -rf "$staging"
}

# The list of leaked passwords, made once as those are.
ensure_passwords() {
    local script="$root/Scripts/passwords.py" requirements="$root/Scripts/requirements-passwords.txt"
    local folder="$deps/passwords" staging="$deps/passwords.new" log="$deps/pip-passwords.log" wanted
    wanted="$(cat "$script" "$requirements" | sha256sum | cut -d ' ' -f 1)"
    if [[ -s "$folder/common.txt" && "$(cat "$folder/.made-by" 2>/dev/null)" == "$wanted" ]]; then return 0; fi
    note "making the list of leaked passwords"
    find_python
    rm -rf "$staging"
    "$python" -m pip install --target "$staging" --no-deps --only-binary=:all: --require-hashes --no-compile --no-input \
        --disable-pip-version-check --progress-bar off -r "$requirements" </dev/null >"$log" 2>&1 \
        || fail "pip could not install the pinned package of leaked passwords. The whole log: $log"
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$staging" "$python" "$script" "$folder/common.txt" >&2 </dev/null \
        || fail "the list of leaked passwords could not be made (Scripts/passwords.py)."
    echo "$wanted" >"$folder/.made-by"
    rm -rf "$staging"
}

# ImageNet weights of EfficientNet-Lite0 and -Lite2, converted once.
ensure_weights() {
    local script="$root/Scripts/convert_efficientnet_lite.py" weights="$deps/weights/efficientnet-lite2.safetensors"
    local stamp="$deps/weights/.converted-by" wanted
    wanted="$(cat "$script" "$root/Scripts/requirements-test.txt" | sha256sum | cut -d ' ' -f 1)"
    if [[ -s "$weights" && "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then return 0; fi
    note "converting the ImageNet weights of EfficientNet-Lite"
    find_python
    mkdir -p "$deps/weights"
    LEUKOSCOPE_DEPS="$deps" PYTHONPATH="$deps/python" "$python" "$script" >&2 </dev/null \
        || fail "the ImageNet weights could not be converted (Scripts/convert_efficientnet_lite.py)."
    [[ -s "$weights" ]] || fail "Scripts/convert_efficientnet_lite.py did not write $weights."
    echo "$wanted" >"$stamp"
}

# Hummingbird and what it stands on need nothing of Debian's but a C compiler's headers, which Swift asks for itself. Whatever
# goes wrong here goes wrong again in the build proper, and is told there.
compile_meanwhile() {
    note "compiling what needs no more meanwhile"
    local build="swift build ${LEUKOSCOPE_BUILD_FLAGS:--c release}"
    (cd "$root" && $build --target Hummingbird && $build --target Crypto) \
        </dev/null >"$deps/meanwhile.log" 2>&1 9>&- &
    meanwhile=$!
}

# A program whose package would start a server of its own: its files alone, in a folder of .deps.
ensure_unpacked() {  # $1: the folder, $2: the package, $3: the program's place in it, $4: its files, for tar
    local folder="$deps/$1" package="$2" staging="$deps/$1.new" log="$deps/apt-$1.log"
    local -a get=(apt-get -qq -o Acquire::Retries=3)
    if command -v "${3##*/}" >/dev/null || [[ -x "$folder/$3" ]]; then return 0; fi
    note "unpacking $3 of the package $package"
    rm -rf "$staging"
    mkdir -p "$staging"
    # Lists of packages that are gone or old name a file that is not there any more.
    (cd "$staging" && { "${get[@]}" download "$package" \
        || { ((EUID == 0)) && "${get[@]}" update && "${get[@]}" download "$package"; }; } \
        && dpkg-deb --fsys-tarfile ./"$package"_*.deb | tar -x --wildcards "$4" && rm ./"$package"_*.deb) \
        </dev/null >"$log" 2>&1 \
        || fail "the package $package could not be unpacked. The whole log: $log" "By hand: apt-get update, then this again."
    rm -rf "$folder"
    mv "$staging" "$folder"
}

# What is left of `run` and `test` when compiling can begin. The weights are made of wheels, the files of towns of their own.
ensure_data() {
    ensure_passwords
    ensure_places places postcodes
    if [[ "$mode" == test || "$mode" == bench ]]; then
        ensure_weights
        # By these one node of Galera brings another up to date.
        ensure_unpacked wsrep mariadb-server usr/bin/wsrep_sst_rsync './usr/bin/wsrep_sst_*'
        ensure_unpacked haproxy haproxy usr/sbin/haproxy ./usr/sbin/haproxy
    fi
}

case "$mode" in
run) sets=(run) packages=("${debian_run[@]}") space="$space_run_mb" minutes=10 swift_needed=6.2 ;;
test) sets=(run test) packages=("${debian_run[@]}" "${debian_test[@]}") space="$space_test_mb" minutes=25 swift_needed=6.3 ;;
bench) sets=(run test) packages=("${debian_run[@]}" "${debian_test[@]}" "${debian_bench[@]}") space="$space_test_mb" minutes=25 swift_needed=6.3 ;;
package) sets=(run) packages=("${debian_run[@]}" "${debian_package[@]}") space="$space_run_mb" minutes=10 swift_needed=6.2 ;;
*)
    echo "usage: Scripts/bootstrap.sh run|test|bench|package [BUILD...]" >&2
    exit 64
    ;;
esac
shift

check_machine
mkdir -p "$deps"
exec 9>"$deps/.lock"
flock 9  # one at a time
find_missing_packages "${packages[@]}"
if (($#)); then
    [[ -x "$root/.build/release/leukoscope" ]] \
        || note "the first build takes about $minutes minutes on two cores, most of it compiling; the next takes seconds"
    # For a first look alone: checks should not depend on what was compiled while headers changed.
    [[ "$mode" != run ]] || ((${#missing[@]} == 0)) || compile_meanwhile
fi
install_debian_packages
ensure_wheels "${sets[@]}"
if ((!$#)); then
    ensure_data
    exit 0
fi
ensure_data 9>&- &  # the compiler comes first
renice -n 5 -p $! >/dev/null || true
data=$!
trap 'kill "$data" ${meanwhile:-} 2>/dev/null || true' INT TERM
if [[ -n "${meanwhile:-}" ]]; then wait "$meanwhile" || true; fi
status=0
"$@" 9>&- || status=$?
wait "$data" || exit $?
exit "$status"
