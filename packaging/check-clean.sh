#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs README's two commands in a Debian that has nothing: a fresh chroot, thrown away afterwards.
#   check-clean.sh bookworm|trixie [--keep]
# Needs root and mmdebstrap, the network, 6 GB under /var/tmp and port 5000. Looks at what is committed, not at the work tree.
# BERTH_APT_CACHE=DIR keeps Debian's packages from one run to the next.
set -euo pipefail
source_tree=$(cd "$(dirname "$0")/.." && pwd)

suite=${1:-}
case "$suite" in
  bookworm | trixie) ;;
  *) sed -n '3,6s/^# \?//p' "$0"; exit 2 ;;
esac
[ "$(id -u)" -eq 0 ] || { echo "check-clean: a chroot needs root" >&2; exit 2; }
command -v mmdebstrap >/dev/null || { echo "check-clean: apt-get install mmdebstrap" >&2; exit 2; }

# In a mount and process namespace of its own, so that no mount and no process outlives this script.
if [ "${BERTH_CLEAN_INSIDE:-}" != yes ]; then
  BERTH_CLEAN_INSIDE=yes exec unshare --mount --pid --fork --kill-child --propagation private "$0" "$@"
fi

root=$(mktemp -d "/var/tmp/berth-clean-$suite.XXXXXX")
remove_root() {
  local folder
  for folder in proc dev var/cache/apt/archives; do
    ! mountpoint -q "$root/$folder" || umount --recursive "$root/$folder" || return
  done
  if [ "${2:-}" = --keep ]; then
    echo "kept: $root"
  else
    rm -rf --one-file-system "$root"
  fi
}
trap 'remove_root "$@"' EXIT

echo "== a bare $suite"
mmdebstrap --quiet --variant=minbase --include=ca-certificates,git "$suite" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
if [ -n "${BERTH_APT_CACHE:-}" ]; then
  mkdir -p "$BERTH_APT_CACHE/partial"
  mount --bind "$BERTH_APT_CACHE" "$root/var/cache/apt/archives"
fi
# What this machine's administrator set up to reach the network belongs to the machine, not to Berth.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \; 2>/dev/null || true
[ ! -e "$HOME/.npmrc" ] || cp "$HOME/.npmrc" "$root/root/.npmrc"
inside() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    chroot "$root" bash -euo pipefail -c "cd /srv/berth && $1"
}
chroot "$root" update-ca-certificates >/dev/null 2>&1
git clone --quiet "$source_tree" "$root/srv/berth"

timed() {
  local started=$SECONDS
  inside "$1"
  echo "== $1: $((SECONDS - started)) s"
}
timed packaging/quickstart.sh
inside 'for digit in models/digits/samples/*.png; do
          echo "$digit: $(curl -sS --fail-with-body -F data=@$digit http://127.0.0.1:5000/v2/models/digits/predict/)"
        done
        # A page without its viewer is a page too, but not the one that README promises.
        [[ $(curl -sS --fail http://127.0.0.1:5000/api) == *swagger-ui-bundle.js* ]] || { echo "no viewer at /api" >&2; exit 1; }
        curl -sS --fail -o /dev/null http://127.0.0.1:5000/api/swagger-ui-bundle.js'
timed packaging/quickstart.sh
inside 'packaging/quickstart.sh --stop'
timed packaging/run-tests.sh
timed packaging/run-tests.sh
echo "== $suite: both commands pass"
