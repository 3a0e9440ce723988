#!/bin/sh
# Builds the bridge to this machine's libtorch where that is not done yet, and trains. Started again it goes on from the
# last checkpoint. Arguments are passed on, e.g. ./train.sh --set steps=100000 --device cpu
#
#   PYTHON              the python whose PyTorch is meant (python3)
#   CMAKE_PREFIX_PATH   a libtorch by itself: built with cmake; likewise where there is no PyTorch (Debian: libtorch-dev)
#   CXX                 the C++ compiler (c++)
#   LLICM_TORCH_BRIDGE  a ready-made libllicm_torch.so: nothing is built
set -eu
cd "$(dirname "$0")"
here=$PWD

say() { printf '%s\n' "$*" >&2; }
fail() { say "train.sh: $*"; exit 3; }
has() { command -v "$1" >/dev/null 2>&1; }

python=${PYTHON:-python3}
torch='' version=''
if [ -z "${CMAKE_PREFIX_PATH:-}" ] && has "$python"; then
  torch=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null) || torch=''
  [ -z "$torch" ] || version=$("$python" -c 'import torch; print(torch.__version__)')
  # Distributions keep headers elsewhere: cmake knows where.
  [ -e "$torch/include/ATen/ATen.h" ] || torch=''
fi

# PyTorch's own cmake files want the whole CUDA toolkit; headers and libraries are all that is needed.
with_pytorch() {
  abi=$("$python" -c 'import torch; print(int(torch._C._GLIBCXX_USE_CXX11_ABI))')
  libraries='-ltorch -ltorch_cpu -lc10'
  [ ! -e "$torch/lib/libtorch_cuda.so" ] || libraries="$libraries -ltorch_cuda -lc10_cuda"
  for standard in c++17 c++20; do
    if "${CXX:-c++}" -std=$standard -O2 -shared -fPIC -fvisibility=hidden "-D_GLIBCXX_USE_CXX11_ABI=$abi" \
      -isystem "$torch/include" -isystem "$torch/include/torch/csrc/api/include" native/*.cpp \
      -L"$torch/lib" -Wl,--no-as-needed $libraries "-Wl,-rpath,$torch/lib" -o build/libllicm_torch.so >build/log 2>&1
    then return; fi
  done
  return 1
}

with_cmake() {
  has cmake || { echo 'error: cmake is not installed, and there is no PyTorch with headers' >build/log; return 1; }
  rm -rf build/cmake
  cmake -S native -B build/cmake -DCMAKE_BUILD_TYPE=Release >build/log 2>&1 &&
    cmake --build build/cmake >>build/log 2>&1 && cp build/cmake/libllicm_torch.so build/
}

if [ -z "${LLICM_TORCH_BRIDGE:-}" ]; then
  mkdir -p build
  wanted="$torch|$version|${CMAKE_PREFIX_PATH:-}|${CXX:-}|$(cksum native/* | cksum)"
  if [ ! -e build/libllicm_torch.so ] || [ "$(cat build/stamp 2>/dev/null)" != "$wanted" ]; then
    has "${CXX:-c++}" || fail "there is no C++ compiler '${CXX:-c++}'"
    say "building the bridge to libtorch ${torch:+($torch, $version)}"
    if [ -n "$torch" ]; then with_pytorch; else with_cmake; fi || {
      grep -i -A3 error build/log | head -n 15 >&2
      fail "the bridge could not be built (everything said meanwhile: $here/build/log)"
    }
    printf '%s' "$wanted" >build/stamp
  fi
  export LLICM_TORCH_BRIDGE="$here/build/libllicm_torch.so"
fi

device=cpu
if [ -n "$torch" ]; then
  device=$("$python" -c 'import torch; print("cuda" if torch.cuda.is_available() else "cpu")')
fi
for argument in "$@"; do
  case $argument in --device | --device=*) device='' ;; esac
done

exec program/LlIcm.Cli train @STAGE@ --recipe recipe.yaml --output run --resume @ARGUMENTS@ ${device:+--device "$device"} "$@"
