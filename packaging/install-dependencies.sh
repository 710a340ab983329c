#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs from Debian 12 or 13 what Berth needs and this machine lacks.
#   install-dependencies.sh --run     to run an installed Berth
#   install-dependencies.sh --build   to build it too (the default)
#   install-dependencies.sh --test    to build it and run every test and check
#   install-dependencies.sh --bench   to measure it and make its models again, besides
# Needs root, or a user with sudo. Asks the network for nothing where nothing is missing.
set -euo pipefail

# need | package (a|b: the first that this Debian has; cmd:NAME p: nothing to do where the command is there) | why
packages() {
  cat <<'TABLE'
run   | libpistache0|libpistache0t64                  | listener and reactor of the network layer
run   | libcurl4|libcurl4t64                          | fetching URLs that callers name
run   | libarchive13|libarchive13t64                | packages in one file
run   | libssl3|libssl3t64                            | SHA-256 of packages
run   | libdw1|libdw1t64                              | names of functions in crash reports
run   | libprometheus-cpp-core1.0                     | /metrics
run   | libyaml-cpp0.7|libyaml-cpp0.8                 | berth.yaml and model.yaml
run   | libsoci-core4.0                               | the database
run   | libsoci-sqlite3-4.0                           | the database, where it is a file (the default)
run   | libsoci-postgresql4.0                         | the database, where it is a PostgreSQL
run   | libsodium23                                   | passwords and keys
run   | libjwt0|libjwt2                               | tokens
run   | libspdlog1.10|libspdlog1.15                   | the log
run   | libtorch1.13|libtorch2.6                      | image and table plugins: TorchScript models, training
run   | libopencv-imgcodecs406|libopencv-imgcodecs410 | image plugins: decoding and preprocessing
run   | libopenblas0-openmp                           | LibTorch's BLAS; the reference BLAS is up to 10 times slower
build | g++                                           | compiler (12 or newer)
build | cmake                                         | build (3.25 or newer)
build | ninja-build                                   | build
build | make                                          | what cmake builds a plugin project with, unless told otherwise
build | pkg-config                                    | finds Pistache, which has no CMake package
build | ccache                                        | makes building again quick
build | ca-certificates                               | npm's trust in what it fetches
build | libpistache-dev                               | network layer
build | libboost-dev                                  | Boost.DLL opens plugins in the worker
build | rapidjson-dev                                 | JSON in the server
build | nlohmann-json3-dev                            | JSON for plugin authors (SDK)
build | libexpected-dev                               | Result<T>
build | libyaml-cpp-dev                               | configuration
build | libspdlog-dev                                 | log
build | libcli11-dev                                  | command line
build | libcurl4-openssl-dev                          | URL fetches, command line client
build | libarchive-dev                                | berth pack, berth unpack
build | libdw-dev                                     | names of functions in crash reports
build | libssl-dev                                    | SHA-256 of packages
build | libsoci-dev                                   | the database
build | libsodium-dev                                 | passwords and keys
build | libjwt-dev                                    | tokens
build | prometheus-cpp-dev                            | /metrics
build | libtorch-dev                                  | image plugins
build | libopencv-core-dev                            | image plugins (libopencv-dev would bring 200 packages more)
build | libopencv-imgproc-dev                         | image plugins
build | libopencv-imgcodecs-dev                       | image plugins
build | cmd:npm npm                                   | brings swagger-ui-dist, the page at /api
build | curl                                          | the commands that quickstart.sh shows
test  | libgtest-dev                                  | tests
test  | libgmock-dev                                  | tests
test  | postgresql                                    | the database's tests
test  | python3                                       | checks of the tree, tests' clients
test  | nginx                                         | reverse proxy in front of the server
test  | haproxy                                       | reverse proxy in front of the server
test  | openssl                                       | the reverse proxies' certificate
test  | clang                                         | plugin by another compiler, fuzzers, thread-safety analysis
test  | libc++-dev                                    | plugin with another standard library
test  | libc++abi-dev                                 | plugin with another standard library
test  | libclang-rt-dev                               | fuzzers' and sanitizers' runtime
test  | clang-format                                  | format check
test  | clang-tidy                                    | packaging/lint.sh
bench | python3-torchvision                           | makes the ResNet-18 of the benchmarks
bench | python3-pil                                   | makes the photograph of the benchmarks, samples
bench | python3-sklearn                               | handwritten digits, for models/digits/make.py
TABLE
}

case "${1:---build}" in
  --run) wanted='run' ;;
  --build) wanted='run|build' ;;
  --test) wanted='run|build|test' ;;
  --bench) wanted='run|build|test|bench' ;;
  *)
    sed -n '3,8s/^# \?//p' "$0"
    exit 2
    ;;
esac

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "install-dependencies: to run '$*' be root or install sudo" >&2
    exit 1
  fi
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Fills the array `missing` with what is needed and not there.
find_missing() {
  missing=()
  local need package reason
  while IFS='~' read -r need package reason; do
    [[ $need =~ ^($wanted)$ ]] || continue
    if [[ $package == cmd:* ]]; then
      command -v "${package:4:$(expr index "$package" ' ')-5}" >/dev/null && continue
      package=${package#* }
    fi
    local choice found=no
    for choice in ${package//|/ }; do
      is_installed "$choice" && found=yes && break
    done
    [ $found = yes ] || missing+=("$package")
  done < <(packages | sed -E 's/ *\| +/~/; s/ +\| +/~/')
}

# Of a|b the one that apt offers here.
offered() {
  local choice
  for choice in ${1//|/ }; do
    if [[ $(apt-cache policy "$choice" 2>/dev/null) == *'Candidate: '[!\(]* ]]; then
      echo "$choice"
      return
    fi
  done
  echo "install-dependencies: no package ${1//|/ or } here; Berth is built on Debian 12 or 13" >&2
  exit 1
}

# What tests start themselves must not become a service of this machine: Debian asks this program before it starts one.
keep_services_off() {
  local policy=/usr/sbin/policy-rc.d
  [ ! -e $policy ] || return 0
  printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
  trap "as_root rm -f $policy" EXIT
  as_root chmod 0755 $policy
}

install_missing() {
  local log names=() entry name
  log=$(mktemp)
  echo "Fetching the package lists"
  as_root apt-get update -qq >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  for entry in "${missing[@]}"; do
    name=$(offered "$entry")
    names+=("$name")
  done
  [[ ! " ${names[*]} " =~ \ (nginx|haproxy|postgresql)\  ]] || keep_services_off
  echo "Installing ${#names[@]} packages and what they need: ${names[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 "${names[@]}" >"$log" 2>&1 || { tail -n 40 "$log" >&2; exit 1; }
  rm -f "$log"
}

# Debian picks among the installed BLAS libraries by alternatives: never leave the slow reference one in force.
select_openblas() {
  local library selected wanted_path
  for library in libblas liblapack; do
    local name
    name=$(update-alternatives --get-selections | awk -v l="$library.so.3-" 'index($1, l) == 1 {print $1}')
    [ -n "$name" ] || continue
    selected=$(readlink -f "/etc/alternatives/$name")
    [[ $selected == */openblas-* ]] && continue
    wanted_path=$(update-alternatives --list "$name" | grep /openblas-openmp/ || true)
    [ -z "$wanted_path" ] || as_root update-alternatives --set "$name" "$wanted_path"
  done
}

find_missing
if [ ${#missing[@]} -gt 0 ]; then
  install_missing
fi
select_openblas
