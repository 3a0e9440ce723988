// What the bridge's sources share.
#pragma once

#include "bridge.h"

#include <ATen/ATen.h>

#include <exception>
#include <string>
#include <utility>

struct llt_tensor_s {
    at::Tensor value;
};

// Sets this thread's text for llt_last_error.
void set_last_error(std::string text);

// Runs `body` and turns every way of failing into `failure` plus a text: the managed side must never see a C++ exception.
template <typename Result, typename Body>
Result guarded(Result failure, Body&& body) noexcept {
    try {
        return body();
    } catch (const c10::Error& error) {
        set_last_error(error.what_without_backtrace());
    } catch (const std::exception& error) {
        set_last_error(error.what());
    } catch (...) {
        set_last_error("an unknown native exception");
    }
    return failure;
}
