# Sourced by ./llicm and ./test: brings what they need up to date, and costs next to nothing where it is.
#
#   setup cli      what ./llicm needs: src/LlIcm.Cli
#   setup train    what ./llicm train needs: that, libtorch and the native bridge to it
#   setup all      what ./test needs: that and the whole solution
#
# A first build takes minutes. Afterwards one `find` decides: nothing newer than the stamp of the last complete build
# means nothing to do. Everything is said on stderr, so that standard output belongs to the program.
#
# For libraries that are not in the system's folders (none of it is needed on Debian):
#   CMAKE_PREFIX_PATH    folder of another libtorch: then libtorch-dev is not installed
#   LLICM_TORCH_BRIDGE   a ready-made libllicm_torch.so or its folder: then nothing native is built

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

artifacts=$root/artifacts
bridge=$artifacts/native/libllicm_torch.so
cli_dll=$artifacts/bin/LlIcm.Cli/release/LlIcm.Cli.dll

say() { printf '%s\n' "$*" >&2; }
fail() { say "$program: $*"; exit 3; }

# $dotnet: the SDK's program, on PATH or in the usual places.
find_dotnet() {
  local at
  if dotnet=$(type -P dotnet); then return; fi
  for at in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
    if [[ -n $at && -x $at/dotnet ]]; then dotnet=$at/dotnet; return; fi
  done
  fail "the .NET 10 SDK is not installed ('dotnet' is not on PATH). Install it and try again:
  https://learn.microsoft.com/dotnet/core/install/linux   or   curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0"
}

# What would make yesterday's native build wrong today, besides its sources.
# Not the program's own variables: they change what one call uses, not what was built.
signature() { printf '%s' "${CMAKE_PREFIX_PATH:-}|${Torch_DIR:-}|${CXX:-}"; }

# Whether libtorch is needed; only training asks for it.
torch=''

# up_to_date STAMP FOLDER…: the stamp exists, was made in these circumstances, and nothing is newer.
up_to_date() {
  local stamp=$1 made=''
  shift
  [[ -f $stamp && -f $cli_dll ]] || return 1
  [[ -z $torch || -n ${LLICM_TORCH_BRIDGE:-} || -f $bridge ]] || return 1
  IFS= read -r made <"$stamp" || :
  [[ $made == "$(signature)" ]] || return 1
  [[ -z $(cd "$root" && find "$@" ./*.props ./*.slnx -newer "$stamp" -print -quit 2>/dev/null) ]]
}

any_program() { local p; for p in "$@"; do type -P "$p" >/dev/null && return 0; done; return 1; }
any_file() { local f; for f in "$@"; do [[ -e $f ]] && return 0; done; return 1; }

# Packages whose files are not there. Looks for the files, not in dpkg: other systems and hand-made installations count.
missing_packages() {
  local lib=(/usr/lib/*-linux-gnu /usr/lib /usr/lib64 /usr/local/lib /usr/local/lib64)
  if [[ -n $torch && -z ${LLICM_TORCH_BRIDGE:-} ]]; then
    any_program cmake || echo cmake
    any_program "${CXX:-c++}" g++ clang++ || echo g++
    any_program make ninja || echo make
    if [[ -z ${CMAKE_PREFIX_PATH:-}${Torch_DIR:-} ]]; then
      any_file "${lib[@]/%//cmake/Torch/TorchConfig.cmake}" /usr/share/cmake/Torch/TorchConfig.cmake || echo libtorch-dev
      any_file "${lib[@]/%//openblas-pthread/libopenblas.so.0}" "${lib[@]/%//libopenblas.so.0}" ||
        echo libopenblas0-pthread
      # Headers that process groups are built with; the library itself comes with libtorch.
      any_file /usr/include/gloo/rendezvous/store.h || echo libgloo-dev
    fi
  fi
}

install_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  local list="${missing[*]}"
  type -P apt-get >/dev/null ||
    fail "these packages (by their Debian names) are missing, and there is no apt-get to install them with:
  $list
Install them by your system's means. Where libraries lie in folders of their own, name those:
  CMAKE_PREFIX_PATH (libtorch), LLICM_TORCH_BRIDGE (a ready-made libllicm_torch.so)."
  if [[ $EUID -ne 0 ]]; then
    type -P sudo >/dev/null || fail "these packages are missing, and there is no sudo. As root:
  apt-get install --no-install-recommends $list"
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n)
    as_root+=(env)
  else
    as_root=(env)
  fi
  say "installing $list"
  local apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
  # Old lists name files that are gone: refresh them when the first try fails.
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >"$artifacts/apt.log" 2>&1 && return
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } \
    </dev/null >"$artifacts/apt.log" 2>&1; then
    tail -n 5 "$artifacts/apt.log" >&2
    fail "the packages could not be installed (all of apt's output: $artifacts/apt.log). By hand, as root:
  apt-get update && apt-get install --no-install-recommends $list"
  fi
}

build_native() {
  [[ -n $torch && -z ${LLICM_TORCH_BRIDGE:-} ]] || return 0
  local stamp=$artifacts/native/.stamp made='' log=$artifacts/native-build.log
  if [[ -f $stamp && -f $bridge ]]; then
    IFS= read -r made <"$stamp" || :
    [[ $made != "$(signature)" || -n $(find "$root/native" -newer "$stamp" -print -quit) ]] || return 0
  fi
  say "building the bridge to libtorch"
  local begun=$artifacts/.native-begun
  mkdir -p "$artifacts/native"
  signature >"$begun"
  # Another libtorch must not meet the cache of the one before.
  [[ $made == "$(signature)" ]] || rm -rf "$artifacts/native-build"
  if ! { cmake -S "$root/native" -B "$artifacts/native-build" -DCMAKE_BUILD_TYPE=Release &&
    cmake --build "$artifacts/native-build" --parallel; } </dev/null >"$log" 2>&1; then
    grep -iE -A3 'error' "$log" | head -n 15 >&2
    fail "the native bridge could not be built (everything said meanwhile: $log)"
  fi
  cp "$artifacts/native-build/libllicm_torch.so" "$bridge.new"
  mv "$bridge.new" "$bridge"
  mv "$begun" "$stamp"
}

build_managed() {
  local what=$1 log=$artifacts/build.log
  "$dotnet" --list-sdks 2>/dev/null | grep -q '^1[0-9]\.' || fail ".NET 10's SDK is needed; $dotnet has only:
$("$dotnet" --list-sdks 2>&1)
Install it: https://learn.microsoft.com/dotnet/core/install/linux"
  say "building ${what#"$root"/}"
  # Who only runs the program need not wait for the analyzers, which are for those who change it.
  local options=(-c Release --nologo -v q -nodeReuse:false)
  [[ $what == *.slnx ]] || options+=(-p:RunAnalyzers=false)
  if ! "$dotnet" build "$what" "${options[@]}" </dev/null >"$log" 2>&1; then
    grep -E 'error|warning' "$log" | sort -u | head -n 15 >&2
    fail "the build failed (its whole output: $log)"
  fi
}

# setup cli|train|all
setup() {
  local stamps=$artifacts/stamps
  find_dotnet
  local folders=(src) stamp=$stamps/$1
  if [[ $1 != cli ]]; then
    torch=yes
    folders+=(native)
  fi
  [[ -d $root/models ]] && folders+=(models)
  [[ -d $root/configs ]] && folders+=(configs)
  [[ $1 == all ]] && folders+=(tests benchmarks)
  up_to_date "$stamp" "${folders[@]}" && return
  mkdir -p "$stamps"
  # One at a time; the others wait here and then find the work done. Children do not inherit the lock (9>&-):
  # the compiler's server outlives the build.
  (
    flock 9
    up_to_date "$stamp" "${folders[@]}" && exit 0
    rm -f "$stamp"
    # Dated before the build, so that what is edited meanwhile counts as newer.
    signature >"$stamp.begun"
    {
      install_packages
      build_native
      if [[ $1 == all ]]; then build_managed "$root/LlIcm.slnx"; else build_managed "$root/src/LlIcm.Cli"; fi
    } 9>&-
    [[ $1 == all ]] && cp -p "$stamp.begun" "$stamps/train"
    [[ $1 != cli ]] && cp -p "$stamp.begun" "$stamps/cli"
    mv "$stamp.begun" "$stamp"
  ) 9>"$artifacts/.lock" || exit $?
}
