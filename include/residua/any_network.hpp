// Networks chosen at run time: a plain table of functions that hides which network, and which instruction set, it was made for.
//
// For programs; nothing in the library includes it. It stands outside the namespace of the instruction set, holds no code, and
// hands errors over as values, so that translation units compiled for different processors can share it. One translation unit a
// network fills in such a table with any_network<Net>() (any_network_of.hpp).
#pragma once

#include <residua/any_status.hpp>

#include <cstddef>
#include <cstdint>

namespace residua {

// Of a training by SGD; the seed is that of what layers draw.
struct AnySettings {
    double momentum = 0.9;
    double weight_decay = 1e-4;
    bool nesterov = false;
    bool decays_all = true;  // also BN and biases
    int threads = 1;
    std::uint64_t seed = 1;
};

// Of a step.
struct AnyResult {
    double loss = 0;  // mean over the images
    int correct = 0;
};

// (A name that is too long ends in three dots, here and below.)
struct AnyLayer {
    char name[128] = {};
    char kind[32] = {};
    AnyShape in;
    AnyShape out;
    std::size_t parameters = 0;
    std::size_t macs = 0;
};

struct AnyTensor {
    char name[128] = {};
    std::size_t size = 0;
};

// What was seen in a step at the input of a unit, or at the output of the last (units/watch.hpp).
struct AnyUnit {
    double signal = 0;    // ||x||
    double gradient = 0;  // ||dE/dx||
    double gate = 0;      // mean of g; 0 where there is no gate
};

// A network in training. `self` is what start() returned.
struct AnyNetwork {
    AnyShape input;
    int classes = 0;
    int capacity = 0;  // images a step at most
    std::size_t parameter_count = 0;
    std::size_t macs = 0;
    std::size_t training_bytes = 0;  // of one arena, for `capacity` images
    std::size_t image_bytes = 0;     // of these, for each image: a smaller step leaves the rest untouched
    std::size_t worker_bytes = 0;    // of each thread, in training

    std::size_t layer_count = 0;
    AnyLayer (*layer)(std::size_t index) = nullptr;
    std::size_t tensor_count = 0;
    AnyTensor (*tensor)(std::size_t index) = nullptr;

    void* (*start)(const AnySettings& settings, AnyStatus& status) = nullptr;  // with initial weights; null after an error
    void (*stop)(void* self) = nullptr;

    // images [n][channels][height][width], labels [n], logits [n][classes]
    AnyResult (*step)(void* self, const float* images, const int* labels, int n, double rate, AnyStatus& status) = nullptr;
    void (*infer)(void* self, const float* images, int n, float* logits, AnyStatus& status) = nullptr;
    std::int64_t (*steps_taken)(const void* self) = nullptr;

    // Where the network was made with WatchUnits: how many units, whether the steps to come are looked at (each is, unless told
    // otherwise), and what was seen at unit 0 to unit_count. Else zero and null.
    std::size_t unit_count = 0;
    void (*watch)(void* self, bool looks) = nullptr;
    AnyUnit (*unit)(const void* self, std::size_t index) = nullptr;

    // Are all parameters, statistics and momenta finite? If not, the run has diverged, and no step leads back.
    bool (*is_finite)(const void* self) = nullptr;

    // Checkpoints (io/checkpoint.hpp): `run` as there. load hands the notes that were saved, all of them, to `receive`, after
    // the network stands where it was saved; they are there during the call.
    void (*save)(const void* self, const char* path, const char* run, const char* notes, std::size_t notes_size,
                 AnyStatus& status) = nullptr;
    void (*load)(void* self, const char* path, const char* run,
                 void (*receive)(void* context, const char* notes, std::size_t notes_size), void* context,
                 AnyStatus& status) = nullptr;

    // Parameters and running statistics as safetensors (io/weights.hpp), whole or not at all. `metadata`: lines "name: value".
    void (*save_weights)(const void* self, const char* path, const char* metadata, AnyStatus& status) = nullptr;
};

}  // namespace residua
