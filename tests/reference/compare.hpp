// A network beside PyTorch's values of one case (README.md says what a case is): logits, loss, every gradient, running
// statistics, evaluation logits, steps of SGD, plain and Nesterov, and of AdamW. What depends on the network is a table of
// functions (Subject), so that all the rest is compiled once, and not once a network and policy: a quarter of what a case costs.
#pragma once

#include <residua/core/names.hpp>
#include <residua/simd/isa.hpp>
#include <residua/training/adamw.hpp>
#include <residua/training/sgd.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

// A case as its JSON file describes it, as far as names and tolerances need it.
struct Case {
    const char* name;
    const char* file;
    bool full_preactivation;  // its last BN is called bn_last
    bool conv_shortcut;       // its 1x1 shortcut is called shortcut, not downsample
    bool deep_gate;           // its gate has layers of its own
    double margin;            // distance of the nearest ReLU input from zero: below 3e-5 float may switch one
    double sensitivity;       // what a relative change of 6e-8 of each parameter does to PyTorch's own values
};

// Parameters, then running statistics, as Parameters<Net>::values() has them; and a batch.
template <class T>
struct Given {
    std::span<const T> values;
    std::span<const T> images;
    std::span<const int> labels;
};

template <class T>
struct Passed {
    std::vector<T> logits;
    double loss = 0;
    std::vector<T> gradients;
    std::vector<T> input_gradient;
    std::vector<T> statistics;
};

// A network with a kernel policy. Where it draws in training (dropout), pass and train are null: PyTorch draws other numbers.
template <class T>
struct Subject {
    std::vector<TensorInfo> tensors;
    std::size_t parameter_count;
    std::vector<T> (*evaluate)(const Given<T>&);  // logits
    Passed<T> (*pass)(const Given<T>&);           // one training pass
    // The parameters after some steps at a rate. (train_with_adamw is null but where a case has such steps.)
    std::vector<T> (*train)(const Given<T>&, const Sgd&, double rate, int steps);
    std::vector<T> (*train_with_adamw)(const Given<T>&, const AdamW&, double rate, int steps);
};

// A case, and its network on each policy (null: not built here).
struct Entry {
    Case what;
    Subject<double> (*plain_double)();
    Subject<double> (*vectorised_double)();
    Subject<float> (*vectorised_float)();
};

// Compares the case that the command line names; 0 if all agrees. `bits` (empty: none): a file whose lines "CASE HASH..." say
// which bits come out, in float and in double, on processors with an fma, and on those without. --bits writes such lines.
int run(std::span<const Entry> entries, const char* bits, int argc, char** argv);

}  // namespace residua::inline RESIDUA_ISA::testing
