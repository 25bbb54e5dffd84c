// Networks for inference alone, chosen at run time: a plain table of functions that hides which network, and which instruction
// set, it was made for.
//
// For programs, as AnyNetwork (any_network.hpp) is: outside the namespace of the instruction set, no code, errors as values. One
// translation unit fills in the tables of a few networks with any_inference<Net>() (any_inference_of.hpp).
#pragma once

#include <residua/any_status.hpp>

#include <cstddef>

namespace residua {

// A network that infers. `self` is what start() returned.
struct AnyInference {
    AnyShape input;
    int classes = 0;
    int capacity = 0;  // images a call at most
    std::size_t parameter_count = 0;
    std::size_t macs = 0;
    std::size_t inference_bytes = 0;  // of one arena, for `capacity` images
    std::size_t worker_bytes = 0;     // of each thread

    // With the weights of a safetensors file, all or nothing, whose tensors are named as the map `names` says (io/name_maps.hpp:
    // "as_is" for Residua's own). Null after an error: a name that is no map's; a file that is not this network's; threads.
    void* (*start)(const char* weights, const char* names, int threads, AnyStatus& status) = nullptr;
    void (*stop)(void* self) = nullptr;

    // images [n][channels][height][width], logits [n][classes]. One call at a time: its arena is the network's own.
    void (*infer)(void* self, const float* images, int n, float* logits, AnyStatus& status) = nullptr;
};

}  // namespace residua
