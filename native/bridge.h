// C ABI over libtorch's boxed dispatcher. One entry calls any ATen operator by its schema name; beside it stands only what is
// not an operator. Every function that can fail returns a negative number or null and leaves a text in llt_last_error().
#pragma once
#include <stdint.h>

#define LLT_API extern "C" __attribute__((visibility("default")))

// Raised whenever a signature below changes; the managed side refuses another number.
#define LLT_ABI_VERSION 2

typedef struct llt_tensor_s* llt_tensor;     // an owned at::Tensor
typedef struct llt_operator_s* llt_operator; // a resolved operator, never freed
typedef struct llt_group_s* llt_group;

enum llt_tag : int32_t {
    LLT_NONE = 0,        // also: "use the schema's default"
    LLT_TENSOR = 1,      // pointer
    LLT_INT = 2,         // integer (int, dtype, memory format, Scalar)
    LLT_DOUBLE = 3,      // float or Scalar
    LLT_BOOL = 4,        // integer 0 or 1
    LLT_INT_LIST = 5,    // pointer to int64, length
    LLT_DOUBLE_LIST = 6, // pointer to double, length
    LLT_TENSOR_LIST = 7, // pointer to llt_tensor, length (null entries: absent, for optional lists)
    LLT_STRING = 8,      // pointer to UTF-8, length in bytes
    LLT_DEVICE = 9,      // pointer to UTF-8 such as "cpu" or "cuda:0", length in bytes
    LLT_DEFAULT = 10,    // the schema's default
};

typedef struct {
    int32_t tag;
    int32_t length;
    union {
        int64_t i;
        double d;
        const void* p;
    };
} llt_value;

LLT_API int32_t llt_abi_version();
LLT_API const char* llt_version();    // libtorch's version text
LLT_API const char* llt_last_error(); // of this thread; valid until its next failing call

// Operators
LLT_API llt_operator llt_find_operator(const char* name, const char* overload);
// Calls with the given leading arguments, the schema's defaults for the rest. Results go to `results` (lists are flattened);
// returns their number, or -1.
LLT_API int32_t llt_call(llt_operator op, const llt_value* arguments, int32_t count, llt_value* results, int32_t capacity);

// Tensors
LLT_API llt_tensor llt_from_host(const void* data, const int64_t* sizes, int32_t rank, int32_t dtype, const char* device);
LLT_API int32_t llt_to_host(llt_tensor tensor, void* destination, int64_t bytes); // contiguous row-major copy
LLT_API void llt_free(llt_tensor tensor);
LLT_API llt_tensor llt_alias(llt_tensor tensor); // another handle on the same tensor
LLT_API int32_t llt_describe(llt_tensor tensor, int64_t* sizes, int32_t capacity, int32_t* dtype, int32_t* flags); // rank
LLT_API int32_t llt_strides(llt_tensor tensor, int64_t* strides, int32_t capacity);
LLT_API int64_t llt_storage_bytes(llt_tensor tensor); // 0 for views of another tensor's storage
LLT_API int32_t llt_device(llt_tensor tensor, char* text, int32_t capacity);
LLT_API void* llt_data(llt_tensor tensor); // of a CPU tensor, for reading in place
LLT_API int64_t llt_live_tensors();

// Autograd
LLT_API int32_t llt_set_requires_grad(llt_tensor tensor, int32_t on);
LLT_API int32_t llt_backward(llt_tensor tensor, llt_tensor gradient, int32_t keep_graph);
LLT_API int32_t llt_gradients(llt_tensor output, llt_tensor output_gradient, const llt_tensor* inputs, int32_t count,
                              int32_t keep_graph, llt_tensor* gradients); // null where an input has no gradient
LLT_API llt_tensor llt_grad(llt_tensor tensor);                           // null (no error) where there is none
LLT_API int32_t llt_set_grad(llt_tensor tensor, llt_tensor gradient);     // null clears it
LLT_API int32_t llt_grad_mode();
LLT_API void llt_set_grad_mode(int32_t on);
LLT_API int32_t llt_autocast(const char* device, int32_t on, int32_t dtype); // previous state, or -1
LLT_API void llt_clear_autocast_cache();

// The process
LLT_API int32_t llt_manual_seed(uint64_t seed);
LLT_API int32_t llt_threads();
LLT_API void llt_set_threads(int32_t threads);
LLT_API int32_t llt_cuda_devices();
LLT_API int32_t llt_cuda_synchronize(int32_t device);
LLT_API void llt_allow_tf32(int32_t on);

// Process groups (c10d)
LLT_API int32_t llt_group_backends(); // that the bridge was built with: 1 gloo, 2 nccl
// Blocks until all `size` processes are there. `serves`: this process holds the key-value store that the others find them by.
LLT_API llt_group llt_group_create(const char* backend, const char* host, int32_t port, int32_t serves, const char* prefix,
                                   int32_t rank, int32_t size, int64_t timeout_milliseconds);
LLT_API int32_t llt_group_all_reduce(llt_group group, llt_tensor tensor); // sum, in place; fails where a process is lost
LLT_API int32_t llt_group_broadcast(llt_group group, llt_tensor tensor, int32_t root); // in place
LLT_API void llt_group_free(llt_group group);
