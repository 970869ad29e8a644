#!/bin/sh
# Runs a command where it can harm nothing: in a network and a mount namespace of its own, with `lo` up and an empty /run, so
# that neither the machine's links nor its named namespaces (/run/netns) can be seen or changed. An ordinary user becomes root
# of a new user namespace for it.
#
#   scripts/isolated.sh ip link        scripts/isolated.sh npx vitest run --project integration
set -eu

if [ "${1-}" = --inside ]; then
  shift
  mount -t tmpfs -o mode=755 tmpfs /run
  ip link set lo up
  # what test/support/isolation.ts asks for
  NETLOOM_ISOLATED="$(readlink /proc/self/ns/net) $(readlink /proc/self/ns/mnt)"
  export NETLOOM_ISOLATED
  exec "$@"
fi

PATH=$PATH:/usr/sbin:/sbin
export PATH
as_root=
[ "$(id -u)" = 0 ] || as_root='--user --map-root-user'
# shellcheck disable=SC2086 # two words or none
exec unshare $as_root --net --mount --propagation private -- sh "$0" --inside "$@"
