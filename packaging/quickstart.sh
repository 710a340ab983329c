#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds Berth, starts it with the sample models, and says what to try next.
#   quickstart.sh [--port N]     starts it in the background on 127.0.0.1 (port 5000), in place of one started before
#   quickstart.sh --stop         stops it
set -euo pipefail
cd "$(dirname "$0")/.."

port=5000
stop_only=no
while [ $# -gt 0 ]; do
  case "$1" in
    --port) port=${2:?--port needs a number}; shift ;;
    --stop) stop_only=yes ;;
    *) sed -n '3,5s/^# \?//p' "$0"; exit 2 ;;
  esac
  shift
done

build=build/default
pid_file=$build/quickstart.pid
log=$build/quickstart.log
said=$build/quickstart.out

# The process id of the server that this script started, if it still runs.
running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  [[ $(readlink "/proc/$pid/exe" 2>/dev/null) == "$PWD/$build/bin/berth"* ]] && echo "$pid"
}

stop_running() {
  local pid
  pid=$(running) || return 0
  kill -TERM "$pid"
  for _ in $(seq 300); do
    [ -e "/proc/$pid" ] || break
    sleep 0.1
  done
  rm -f "$pid_file"
}

start() {
  setsid nohup "$build/bin/berth" serve --listen-ip 127.0.0.1 --listen-port "$port" --models-dir models \
    --plugins-dir "$build/plugins" >"$said" 2>"$log" </dev/null &
  local pid=$!
  echo "$pid" >"$pid_file"
  # "ready: 2 models" is the last that it says.
  for _ in $(seq 1200); do
    grep -q '^ready: ' "$said" && return
    [ -e "/proc/$pid" ] || break
    sleep 0.1
  done
  echo "quickstart: the server did not start; its log, $log:" >&2
  tail -n 20 "$log" >&2
  exit 1
}

if [ $stop_only = yes ]; then
  stop_running
  exit
fi

packaging/install-dependencies.sh --build
# Without the viewer the server is worth starting all the same.
options=(-DBERTH_REQUIRE_VIEWER=OFF)
[ -e $build/CMakeCache.txt ] || options+=(-DBERTH_BUILD_TESTS=OFF)
packaging/build.sh default "${options[@]}"
stop_running
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  echo "quickstart: something else listens on port $port; choose another: packaging/quickstart.sh --port 5001" >&2
  exit 1
fi
start

address=http://127.0.0.1:$port
page='The API, to read and to try in a browser:'
if [ ! -s "$build/share/berth/swagger-ui/swagger-ui-bundle.js" ]; then
  page='The API, on a plain page: npm could not fetch swagger-ui (the build said why); run this again once it can'
fi
cat "$said"
cat <<END

  Classify a handwritten digit:
    curl -F data=@models/digits/samples/digit-7.png $address/v2/models/digits/predict/
  All models, and what they can do:
    curl $address/v2/models/
  $page
    $address/api

  Log: $log    Stop: packaging/quickstart.sh --stop
END
