# shellcheck shell=bash
# One line a step, in the name of the script the user called (quickstart or verify).

PROGRAM=${0##*/}

say() {
  printf '%s: %s\n' "$PROGRAM" "$*"
}

fail() {
  say "$*" >&2
  exit 1
}

# For what no set-up can cure. The caller defines usage.
misused() {
  say "$*" >&2
  usage >&2
  exit 2
}
