#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs README's two commands in a Debian that has nothing: a fresh chroot, thrown away afterwards.
#   check-clean.sh bookworm|trixie [--user] [--keep]
# --user runs them as a user with sudo; without it root does. --keep leaves the chroot where it is.
# Needs root and mmdebstrap, the network, 6 GB under /var/tmp and port 5000. Looks at what is committed, not at the work tree.
# BERTH_APT_CACHE=DIR keeps Debian's packages from one run to the next, BERTH_CCACHE=DIR what was
# compiled (it becomes the property of whoever runs them).
set -euo pipefail
source_tree=$(cd "$(dirname "$0")/.." && pwd)

usage() { sed -n '3,8s/^# \?//p' "$0"; exit 2; }
suite=${1:-} user=root home=/root keep=no
case "$suite" in
  bookworm | trixie) ;;
  *) usage ;;
esac
for option in "${@:2}"; do
  case "$option" in
    --user) user=researcher home=/home/researcher ;;
    --keep) keep=yes ;;
    *) usage ;;
  esac
done
[ "$(id -u)" -eq 0 ] || { echo "check-clean: a chroot needs root" >&2; exit 2; }
command -v mmdebstrap >/dev/null || { echo "check-clean: apt-get install mmdebstrap" >&2; exit 2; }

# In a mount and process namespace of its own, so that no mount and no process outlives this script.
if [ "${BERTH_CLEAN_INSIDE:-}" != yes ]; then
  BERTH_CLEAN_INSIDE=yes exec unshare --mount --pid --fork --kill-child --propagation private "$0" "$@"
fi

root=$(mktemp -d "/var/tmp/berth-clean-$suite.XXXXXX")
remove_root() {
  local folder
  for folder in proc dev var/cache/apt/archives "${home#/}/.cache/ccache"; do
    ! mountpoint -q "$root/$folder" || umount --recursive "$root/$folder" || return
  done
  if [ $keep = yes ]; then
    echo "kept: $root"
  else
    rm -rf --one-file-system "$root"
  fi
}
trap remove_root EXIT

echo "== a bare $suite"
packages=ca-certificates,git
[ $user = root ] || packages+=,passwd,sudo
mmdebstrap --quiet --variant=minbase --include=$packages "$suite" "$root"
chmod 0755 "$root"  # not everybody in there is root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
if [ -n "${BERTH_APT_CACHE:-}" ]; then
  mkdir -p "$BERTH_APT_CACHE/partial"
  mount --bind "$BERTH_APT_CACHE" "$root/var/cache/apt/archives"
fi
# What this machine's administrator set up to reach the network belongs to the machine, not to Berth.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \; 2>/dev/null || true
if [ $user != root ]; then
  chroot "$root" useradd --create-home --shell /bin/bash $user
  echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/$user"
  chmod 0440 "$root/etc/sudoers.d/$user"
fi
if [ -n "${BERTH_CCACHE:-}" ]; then
  mkdir -p "$BERTH_CCACHE" "$root$home/.cache/ccache"
  mount --bind "$BERTH_CCACHE" "$root$home/.cache/ccache"
fi
[ ! -e "$HOME/.npmrc" ] || cp "$HOME/.npmrc" "$root$home/.npmrc"
inside() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=$home LANG=C.UTF-8 \
    chroot --userspec=$user:$user "$root" bash -euo pipefail -c "cd /srv/berth && $1"
}
chroot "$root" update-ca-certificates >/dev/null 2>&1
git clone --quiet "$source_tree" "$root/srv/berth"
chroot "$root" chown -R $user:$user /srv/berth $home

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
echo "== $suite: both commands pass for $user"
