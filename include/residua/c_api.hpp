// Networks for other languages: what a library with a C interface is made of.
//
// For what residua_add_c_api makes (cmake/AddCApi.cmake), whose header says what each function does. Nothing is thrown: an error
// is a message, of the thread that met it.
#pragma once

#include <residua/any_inference.hpp>
#include <residua/core/error.hpp>

#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace residua::c_api {

// What is offered, by the name that create() is given.
struct Offer {
    const char* network;
    AnyInference (*table)();
};

// What create() gives, as a pointer that says nothing.
struct Engine {
    AnyInference table;
    void* self;
};

inline AnyStatus& last_error() {
    thread_local AnyStatus status;
    return status;
}

// Body's result; what `failed` is, and a message, if it throws.
template <class Result, class Body>
Result guarded(Result failed, Body body) noexcept {
    AnyStatus& status = last_error();
    status.message[0] = 0;
    try {
        return body(status);
    } catch (const std::exception& error) {
        std::strncpy(status.message, error.what(), sizeof status.message - 1);
    } catch (...) {
        std::strncpy(status.message, "residua: an exception that is no std::exception", sizeof status.message - 1);
    }
    return failed;
}

inline AnyInference table_of(std::span<const Offer> offers, const char* network) {
    std::string names;
    for (const Offer& offer : offers) {
        if (network && std::string_view(offer.network) == network) return offer.table();
        names += (names.empty() ? "" : ", ") + std::string(offer.network);
    }
    fail({"residua: expected a network's name, one of ", names, ", found ", network ? network : "null"});
}

inline void expect_given(const void* pointer, const char* what) {
    if (!pointer) fail({"residua: expected ", what, ", found null"});
}

inline void* create(std::span<const Offer> offers, const char* network, const char* weights, const char* names,
                    int threads) noexcept {
    return guarded<void*>(nullptr, [&](AnyStatus& status) -> void* {
        const AnyInference table = table_of(offers, network);
        expect_given(weights, "a file of weights");
        void* self = table.start(weights, names ? names : "as_is", threads, status);
        return self ? std::make_unique<Engine>(Engine{table, self}).release() : nullptr;
    });
}

inline void destroy(void* engine) noexcept {
    if (!engine) return;
    auto* mine = static_cast<Engine*>(engine);
    mine->table.stop(mine->self);
    delete mine;
}

inline int run(void* engine, const float* images, int n, float* logits) noexcept {
    return guarded(-1, [&](AnyStatus& status) {
        expect_given(engine, "an engine");
        expect_given(images, "images");
        expect_given(logits, "room for logits");
        auto* mine = static_cast<Engine*>(engine);
        mine->table.infer(mine->self, images, n, logits, status);
        return status.ok() ? 0 : -1;
    });
}

// Of a network, not of an engine.
template <class Fact>
long fact(std::span<const Offer> offers, const char* network, Fact fact) noexcept {
    return guarded(-1L, [&](AnyStatus&) { return static_cast<long>(fact(table_of(offers, network))); });
}

}  // namespace residua::c_api
