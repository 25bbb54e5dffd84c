// A network with the weights of a file, that infers.
#pragma once

#include <residua/any_inference.hpp>
#include <residua/core/error.hpp>

#include <memory>
#include <string>

namespace parts {

// Errors: of the table's start().
class Engine {
public:
    Engine(const residua::AnyInference& network, const std::string& weights, const std::string& names, int threads)
        : self_(network.start(weights.c_str(), names.c_str(), threads, status_), network.stop) {
        if (!status_.ok()) throw residua::Error(status_.message);
    }

    void* self() const { return self_.get(); }

private:
    residua::AnyStatus status_;
    std::unique_ptr<void, void (*)(void*)> self_;
};

}  // namespace parts
