#include "guarded.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/cuda.h>
#include <torch/library.h>
#include <torch/version.h>

#include <atomic>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#define LLT_TORCH (TORCH_VERSION_MAJOR * 100 + TORCH_VERSION_MINOR)

struct llt_operator_s {
    c10::OperatorHandle handle;
};

namespace {

thread_local std::string last_error;
std::atomic<int64_t> live_tensors{0};

llt_tensor own(at::Tensor tensor) {
    if (!tensor.defined()) return nullptr;
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return new llt_tensor_s{std::move(tensor)};
}

const char* text(const llt_value& value) { return static_cast<const char*>(value.p); }

c10::IValue to_ivalue(const llt_value& value, const c10::Argument& argument) {
    switch (value.tag) {
    case LLT_NONE:
        return c10::IValue();
    case LLT_TENSOR: {
        auto* tensor = static_cast<const llt_tensor_s*>(value.p);
        return tensor ? c10::IValue(tensor->value) : c10::IValue();
    }
    case LLT_INT:
        // The schema decides: an integer given for a float is a float.
        if (argument.type()->kind() == c10::TypeKind::FloatType) return c10::IValue(static_cast<double>(value.i));
        return c10::IValue(value.i);
    case LLT_DOUBLE:
        return c10::IValue(value.d);
    case LLT_BOOL:
        return c10::IValue(value.i != 0);
    case LLT_INT_LIST: {
        auto* data = static_cast<const int64_t*>(value.p);
        return c10::IValue(std::vector<int64_t>(data, data + value.length));
    }
    case LLT_DOUBLE_LIST: {
        auto* data = static_cast<const double*>(value.p);
        return c10::IValue(std::vector<double>(data, data + value.length));
    }
    case LLT_TENSOR_LIST: {
        auto* data = static_cast<const llt_tensor_s* const*>(value.p);
        c10::TypePtr type = argument.type();
        if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
        auto list = type->cast<c10::ListType>();
        if (list && list->getElementType()->kind() == c10::TypeKind::OptionalType) {
            c10::List<c10::optional<at::Tensor>> tensors;
            tensors.reserve(value.length);
            for (int32_t i = 0; i < value.length; i++)
                tensors.push_back(data[i] ? c10::optional<at::Tensor>(data[i]->value) : c10::nullopt);
            return c10::IValue(std::move(tensors));
        }
        std::vector<at::Tensor> tensors;
        tensors.reserve(value.length);
        for (int32_t i = 0; i < value.length; i++) tensors.push_back(data[i] ? data[i]->value : at::Tensor());
        return c10::IValue(std::move(tensors));
    }
    case LLT_STRING:
        return c10::IValue(std::string(text(value), value.length));
    case LLT_DEVICE:
        return c10::IValue(c10::Device(std::string(text(value), value.length)));
    default:
        TORCH_CHECK(false, "unknown argument tag ", value.tag);
    }
}

// max(x, bound) whose gradient also passes below the bound where a descent step would raise x. It reads the incoming gradient's
// sign, which no composition of operators can.
struct LowerBound : torch::autograd::Function<LowerBound> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input, double bound) {
        context->save_for_backward({input});
        context->saved_data["bound"] = bound;
        return input.clamp_min(bound);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        at::Tensor input = context->get_saved_variables()[0];
        at::Tensor gradient = gradients[0];
        at::Tensor pass = (input >= context->saved_data["bound"].toDouble()).logical_or(gradient < 0);
        return {gradient * pass, at::Tensor()};
    }
};

// x·Φ(x). oneDNN's backward kernel under libtorch 1.13 takes the gradient's elements in the order in which they lie: where that
// is not the input's order it returns wrong numbers or writes out of bounds. Here the gradient gets the input's order first. A
// map with its channels innermost is contiguous seen from there, which the fast kernel needs.
struct Gelu : torch::autograd::Function<Gelu> {
    static bool channels_last(const at::Tensor& map) {
        return map.dim() == 4 && !map.is_contiguous() && map.is_contiguous(at::MemoryFormat::ChannelsLast);
    }

    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input) {
        context->save_for_backward({input});
        if (channels_last(input)) return at::gelu(input.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
        return at::gelu(input);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        at::Tensor input = context->get_saved_variables()[0], gradient = gradients[0];
        if (channels_last(input))
            return {at::gelu_backward(gradient.permute({0, 2, 3, 1}).contiguous(), input.permute({0, 2, 3, 1}))
                        .permute({0, 3, 1, 2})};
        return {at::gelu_backward(gradient.contiguous(), input.contiguous())};
    }
};

at::Tensor gelu(const at::Tensor& input) { return Gelu::apply(input); }

at::Tensor lower_bound(const at::Tensor& input, double bound) { return LowerBound::apply(input, bound); }

struct ResultWriter {
    llt_value* results;
    int32_t capacity;
    int32_t count = 0;

    llt_value& next(int32_t tag) {
        TORCH_CHECK(count < capacity, "more than ", capacity, " results");
        llt_value& slot = results[count++];
        slot.tag = tag;
        slot.length = 0;
        slot.i = 0;
        return slot;
    }

    void write(const c10::IValue& value) {
        if (value.isTensor()) {
            next(LLT_TENSOR).p = own(value.toTensor());
        } else if (value.isTensorList()) {
            for (const at::Tensor& tensor : value.toTensorVector()) next(LLT_TENSOR).p = own(tensor);
        } else if (value.isBool()) {
            next(LLT_BOOL).i = value.toBool();
        } else if (value.isInt()) {
            next(LLT_INT).i = value.toInt();
        } else if (value.isDouble()) {
            next(LLT_DOUBLE).d = value.toDouble();
        } else if (value.isNone()) {
            next(LLT_NONE);
        } else if (value.isTuple()) {
            for (const c10::IValue& element : value.toTupleRef().elements()) write(element);
        } else if (value.isScalar()) {
            next(LLT_DOUBLE).d = value.toScalar().toDouble();
        } else {
            TORCH_CHECK(false, "a result of kind ", value.tagKind(), " is not supported");
        }
    }
};

} // namespace

TORCH_LIBRARY(llicm, library) {
    library.def("lower_bound(Tensor input, float bound) -> Tensor", lower_bound);
    library.def("gelu(Tensor input) -> Tensor", gelu);
}

void set_last_error(std::string text) { last_error = std::move(text); }

int32_t llt_abi_version() { return LLT_ABI_VERSION; }
const char* llt_version() { return TORCH_VERSION; }
const char* llt_last_error() { return last_error.c_str(); }

llt_operator llt_find_operator(const char* name, const char* overload) {
    return guarded<llt_operator>(nullptr, [&] {
        return new llt_operator_s{c10::Dispatcher::singleton().findSchemaOrThrow(name, overload)};
    });
}

int32_t llt_call(llt_operator op, const llt_value* arguments, int32_t count, llt_value* results, int32_t capacity) {
    return guarded<int32_t>(-1, [&] {
        const auto& expected = op->handle.schema().arguments();
        TORCH_CHECK(count <= static_cast<int32_t>(expected.size()), op->handle.schema(), " takes ", expected.size(),
                    " arguments, not ", count);
        torch::jit::Stack stack;
        stack.reserve(expected.size());
        for (size_t i = 0; i < expected.size(); i++) {
            if (static_cast<int32_t>(i) < count && arguments[i].tag != LLT_DEFAULT) {
                stack.push_back(to_ivalue(arguments[i], expected[i]));
            } else {
                const auto& value = expected[i].default_value();
                TORCH_CHECK(value.has_value(), op->handle.schema().name(), ": argument '", expected[i].name(), "' is required");
                stack.push_back(*value);
            }
        }
        op->handle.callBoxed(stack);
        ResultWriter writer{results, capacity};
        try {
            for (const c10::IValue& value : stack) writer.write(value);
        } catch (...) {
            for (int32_t i = 0; i < writer.count; i++)
                if (results[i].tag == LLT_TENSOR)
                    llt_free(const_cast<llt_tensor>(static_cast<const llt_tensor_s*>(results[i].p)));
            throw;
        }
        return writer.count;
    });
}

llt_tensor llt_from_host(const void* data, const int64_t* sizes, int32_t rank, int32_t dtype, const char* device) {
    return guarded<llt_tensor>(nullptr, [&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        at::Tensor tensor = at::empty(at::IntArrayRef(sizes, rank), options);
        if (data && tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
        c10::Device target{std::string(device)};
        return own(target.is_cpu() ? tensor : tensor.to(target));
    });
}

int32_t llt_to_host(llt_tensor tensor, void* destination, int64_t bytes) {
    return guarded<int32_t>(-1, [&] {
        at::Tensor host = tensor->value.detach().to(at::kCPU).contiguous();
        TORCH_CHECK(static_cast<int64_t>(host.nbytes()) == bytes, "the tensor holds ", host.nbytes(), " bytes, not ", bytes);
        if (bytes > 0) std::memcpy(destination, host.data_ptr(), bytes);
        return 0;
    });
}

void llt_free(llt_tensor tensor) {
    if (!tensor) return;
    delete tensor;
    live_tensors.fetch_sub(1, std::memory_order_relaxed);
}

llt_tensor llt_alias(llt_tensor tensor) {
    return guarded<llt_tensor>(nullptr, [&] { return own(tensor->value); });
}

int32_t llt_describe(llt_tensor tensor, int64_t* sizes, int32_t capacity, int32_t* dtype, int32_t* flags) {
    return guarded<int32_t>(-1, [&] {
        const at::Tensor& value = tensor->value;
        int32_t rank = static_cast<int32_t>(value.dim());
        TORCH_CHECK(rank <= capacity, "a tensor of rank ", rank, " is not supported");
        for (int32_t i = 0; i < rank; i++) sizes[i] = value.size(i);
        *dtype = static_cast<int32_t>(value.scalar_type());
        *flags = (value.requires_grad() ? 1 : 0) | (value.is_leaf() ? 2 : 0) | (value.is_contiguous() ? 4 : 0) |
                 (value.device().is_cpu() ? 8 : 0) | (value.is_contiguous(at::MemoryFormat::ChannelsLast) ? 16 : 0);
        return rank;
    });
}

int32_t llt_strides(llt_tensor tensor, int64_t* strides, int32_t capacity) {
    return guarded<int32_t>(-1, [&] {
        int32_t rank = static_cast<int32_t>(tensor->value.dim());
        TORCH_CHECK(rank <= capacity, "a tensor of rank ", rank, " is not supported");
        for (int32_t i = 0; i < rank; i++) strides[i] = tensor->value.stride(i);
        return rank;
    });
}

int64_t llt_storage_bytes(llt_tensor tensor) {
    return guarded<int64_t>(0, [&]() -> int64_t {
        // is_view() needs autograd metadata; sharing shows in the storage's reference count.
        const at::Tensor& value = tensor->value;
        if (!value.has_storage() || value.storage().use_count() > 1) return 0;
        return static_cast<int64_t>(value.storage().nbytes());
    });
}

int32_t llt_device(llt_tensor tensor, char* destination, int32_t capacity) {
    return guarded<int32_t>(-1, [&] {
        std::string name = tensor->value.device().str();
        TORCH_CHECK(static_cast<int32_t>(name.size()) < capacity, "device name too long");
        std::memcpy(destination, name.c_str(), name.size() + 1);
        return static_cast<int32_t>(name.size());
    });
}

void* llt_data(llt_tensor tensor) {
    return guarded<void*>(nullptr, [&] {
        TORCH_CHECK(tensor->value.device().is_cpu(), "only a CPU tensor can be read in place");
        return tensor->value.data_ptr();
    });
}

int64_t llt_live_tensors() { return live_tensors.load(std::memory_order_relaxed); }

int32_t llt_set_requires_grad(llt_tensor tensor, int32_t on) {
    return guarded<int32_t>(-1, [&] {
        tensor->value.requires_grad_(on != 0);
        return 0;
    });
}

int32_t llt_backward(llt_tensor tensor, llt_tensor gradient, int32_t keep_graph) {
    return guarded<int32_t>(-1, [&] {
        torch::autograd::backward({tensor->value}, {gradient ? gradient->value : at::Tensor()}, keep_graph != 0);
        return 0;
    });
}

int32_t llt_gradients(llt_tensor output, llt_tensor output_gradient, const llt_tensor* inputs, int32_t count,
                      int32_t keep_graph, llt_tensor* gradients) {
    return guarded<int32_t>(-1, [&] {
        std::vector<at::Tensor> wanted;
        for (int32_t i = 0; i < count; i++) wanted.push_back(inputs[i]->value);
        auto found = torch::autograd::grad({output->value}, wanted, {output_gradient ? output_gradient->value : at::Tensor()},
                                           keep_graph != 0, false, true);
        for (int32_t i = 0; i < count; i++) gradients[i] = own(found[i]);
        return 0;
    });
}

llt_tensor llt_grad(llt_tensor tensor) {
    return guarded<llt_tensor>(nullptr, [&] { return own(tensor->value.grad()); });
}

int32_t llt_set_grad(llt_tensor tensor, llt_tensor gradient) {
    return guarded<int32_t>(-1, [&] {
        tensor->value.mutable_grad() = gradient ? gradient->value : at::Tensor();
        return 0;
    });
}

int32_t llt_grad_mode() { return at::GradMode::is_enabled() ? 1 : 0; }
void llt_set_grad_mode(int32_t on) { at::GradMode::set_enabled(on != 0); }

int32_t llt_autocast(const char* device, int32_t on, int32_t dtype) {
    return guarded<int32_t>(-1, [&] {
        bool cuda = c10::Device{std::string(device)}.is_cuda();
        auto type = static_cast<at::ScalarType>(dtype);
#if LLT_TORCH >= 204
        auto kind = cuda ? at::kCUDA : at::kCPU;
        bool before = at::autocast::is_autocast_enabled(kind);
        at::autocast::set_autocast_enabled(kind, on != 0);
        at::autocast::set_autocast_dtype(kind, type);
#else
        bool before = cuda ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
        if (cuda) {
            at::autocast::set_enabled(on != 0);
            at::autocast::set_autocast_gpu_dtype(type);
        } else {
            at::autocast::set_cpu_enabled(on != 0);
            at::autocast::set_autocast_cpu_dtype(type);
        }
#endif
        if (on == 0) at::autocast::clear_cache();
        return before ? 1 : 0;
    });
}

void llt_clear_autocast_cache() { at::autocast::clear_cache(); }

int32_t llt_manual_seed(uint64_t seed) {
    return guarded<int32_t>(-1, [&] {
        at::manual_seed(seed);
        return 0;
    });
}

int32_t llt_threads() { return at::get_num_threads(); }
void llt_set_threads(int32_t threads) {
    guarded<int32_t>(-1, [&] {
        at::set_num_threads(threads);
        return 0;
    });
}

int32_t llt_cuda_devices() {
    return guarded<int32_t>(0, [&] { return static_cast<int32_t>(torch::cuda::device_count()); });
}

int32_t llt_cuda_synchronize(int32_t device) {
    return guarded<int32_t>(-1, [&] {
        torch::cuda::synchronize(device);
        return 0;
    });
}

void llt_allow_tf32(int32_t on) {
    at::globalContext().setAllowTF32CuBLAS(on != 0);
    at::globalContext().setAllowTF32CuDNN(on != 0);
}
