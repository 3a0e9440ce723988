#!/usr/bin/env bash
# Whole commands of this checkout beside those of another revision, on one machine in one go: medians of wall-clock seconds.
#
#   benchmarks/engines.sh PICTURE [REVISION]     REVISION: 5a8e49e, the last one whose inference was libtorch's
#
#   RUNS      runs of each (5)          THREADS   threads of each process (2)
#   NETWORKS  1: also the networks of published size (benchmarks codec, unet, clip), and memory at 8192²; takes long
#
# The other revision is checked out and built below artifacts/baseline, once. Leave the machine alone meanwhile.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
picture=$(readlink -f "${1:?which picture? (768x512 for the figures in docs/performance.md)}")
revision=${2:-5a8e49e} runs=${RUNS:-5} threads=${THREADS:-2}
baseline=$root/artifacts/baseline
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || :; rm -rf "$work"' EXIT

if [[ ! -e $baseline/llicm ]]; then git -C "$root" worktree add --detach "$baseline" "$revision" >&2; fi
for at in "$baseline" "$root"; do
  "$at/llicm" --version >/dev/null
  dotnet build "$at/benchmarks/LlIcm.Benchmarks" -c Release --nologo -v q -nodeReuse:false >&2
done

llicm() { dotnet "$1/artifacts/bin/LlIcm.Cli/release/LlIcm.Cli.dll" "${@:2}" --quiet >/dev/null; }
now() { date +%s%N; }
median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# seconds COMMAND…: the median over the runs, after one that warms the file cache.
seconds() {
  local begun i
  "$@"
  for ((i = 0; i < runs; i++)); do
    begun=$(now)
    "$@"
    echo "$(((($(now) - begun)) / 1000000))"
  done | median | awk '{ printf "%.2f", $1 / 1000 }'
}

compress() { llicm "$1" compress "$picture" -o "$work/$2.llic" --threads "$threads"; }
decompress() { llicm "$1" decompress "$work/a.llic" -o "$work/d.png" --threads "$threads"; }
restore() { llicm "$1" restore "$picture" -o "$work/r.png" --threads "$threads"; }
info() { llicm "$1" info "$work/a.llic"; }
four() {
  local i pids=()
  for i in 1 2 3 4; do compress "$1" "$i" & pids+=($!); done
  wait "${pids[@]}"
}
beside() {
  local busy=()
  (while :; do :; done) & busy+=($!)
  (while :; do :; done) & busy+=($!)
  compress "$1" b
  kill "${busy[@]}"
  wait "${busy[@]}" 2>/dev/null || :
}

row() {
  local before after
  before=$(seconds "$2" "$baseline" a)
  after=$(seconds "$2" "$root" a)
  awk -v name="$1" -v a="$before" -v b="$after" 'BEGIN { printf "%-38s%10.2f%10.2f%9.2f×\n", name, a, b, b / a }'
}

printf '%s, %s threads, medians of %s\n%-38s%10s%10s%10s\n' "$(basename "$picture")" "$threads" "$runs" '' "$revision" now ratio
compress "$root" a
row compress compress
row decompress decompress
row restore restore
row info info
row 'four compress at once' four
row 'compress beside two busy processes' beside

[[ ${NETWORKS:-} == 1 ]] || exit 0
for at in "$baseline" "$root"; do
  echo "== $at"
  LLICM_BENCHMARK_RUNS=$runs dotnet "$at/artifacts/bin/LlIcm.Benchmarks/release/LlIcm.Benchmarks.dll" codec unet clip memory
done
