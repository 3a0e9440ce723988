// Process groups over libtorch's c10d. Which backends there are is settled at build time: LLT_GLOO needs gloo's headers
// (Debian: libgloo-dev), LLT_NCCL a libtorch with CUDA and nccl.h.
#include "guarded.h"

#include <torch/version.h>

#define LLT_TORCH (TORCH_VERSION_MAJOR * 100 + TORCH_VERSION_MINOR)

#if defined(LLT_GLOO) || defined(LLT_NCCL)
#define LLT_DISTRIBUTED
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#ifdef LLT_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef LLT_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <chrono>
#include <cstdlib>

#ifdef LLT_DISTRIBUTED
#if LLT_TORCH >= 200
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif

struct llt_group_s {
    c10::intrusive_ptr<Backend> backend;
};

namespace {

c10::intrusive_ptr<Backend> create(const std::string& name, const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                   std::chrono::milliseconds timeout) {
#ifdef LLT_GLOO
    if (name == "gloo") {
        auto options = c10d::ProcessGroupGloo::Options::create(timeout);
        // The variable that PyTorch's own launcher honours.
        const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
        options->devices.push_back(interface && *interface ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                                                           : c10d::ProcessGroupGloo::createDefaultDevice());
        return c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
    }
#endif
#ifdef LLT_NCCL
    if (name == "nccl") {
        auto options = c10d::ProcessGroupNCCL::Options::create();
        options->timeout = timeout;
        return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
    }
#endif
    TORCH_CHECK(false, "the bridge was built without the backend '", name, "'");
}

} // namespace
#endif

int32_t llt_group_backends() {
    int32_t backends = 0;
#ifdef LLT_GLOO
    backends |= 1;
#endif
#ifdef LLT_NCCL
    backends |= 2;
#endif
    return backends;
}

llt_group llt_group_create(const char* backend, const char* host, int32_t port, int32_t serves, const char* prefix,
                           int32_t rank, int32_t size, int64_t timeout_milliseconds) {
    return guarded<llt_group>(nullptr, [&]() -> llt_group {
#ifdef LLT_DISTRIBUTED
        std::chrono::milliseconds timeout{timeout_milliseconds};
        c10d::TCPStoreOptions options;
        options.port = static_cast<std::uint16_t>(port);
        options.isServer = serves != 0;
        options.waitWorkers = false;
        options.timeout = timeout;
        auto store = c10::make_intrusive<c10d::PrefixStore>(prefix, c10::make_intrusive<c10d::TCPStore>(host, options));
        return new llt_group_s{create(backend, store, rank, size, timeout)};
#else
        TORCH_CHECK(false, "the bridge was built without process groups");
#endif
    });
}

int32_t llt_group_all_reduce(llt_group group, llt_tensor tensor) {
    return guarded<int32_t>(-1, [&] {
#ifdef LLT_DISTRIBUTED
        std::vector<at::Tensor> tensors{tensor->value};
        group->backend->allreduce(tensors)->wait();
#endif
        return 0;
    });
}

int32_t llt_group_broadcast(llt_group group, llt_tensor tensor, int32_t root) {
    return guarded<int32_t>(-1, [&] {
#ifdef LLT_DISTRIBUTED
        std::vector<at::Tensor> tensors{tensor->value};
        c10d::BroadcastOptions options;
        options.rootRank = root;
        group->backend->broadcast(tensors, options)->wait();
#endif
        return 0;
    });
}

void llt_group_free(llt_group group) {
    guarded<int32_t>(-1, [&] {
#ifdef LLT_DISTRIBUTED
        delete group;
#endif
        return 0;
    });
}
