#!/bin/sh
# Ends what a process left running when that process is gone, however it ended (kill -9 included).
# stdin is a pipe from the guarded process; "$1" is a folder of its own with one file per child:
# the file is named by the pid and holds the signal that ends it. The folder is removed at the end.
dir=$1
trap '' INT TERM HUP
while read -r _; do :; done

each() {
  for file in "$dir"/*.pid; do
    [ -f "$file" ] || continue
    pid=${file##*/}
    pid=${pid%.pid}
    "$@" "$pid" "$file"
  done
}
end() {
  signal=KILL
  read -r signal <"$2"
  # CONT as well: a stopped process takes no other signal than KILL.
  kill -s "$signal" "$1" 2>/dev/null && kill -s CONT "$1" 2>/dev/null
}
remains() { kill -0 "$1" 2>/dev/null && alive=1; }
force() { kill -s KILL "$1" 2>/dev/null; }

each end
tries=0
while [ $tries -lt 50 ]; do
  alive=0
  each remains
  [ $alive = 0 ] && break
  tries=$((tries + 1))
  sleep 0.1
done
each force
rm -rf "$dir"
