// What a network says of a data set.
#pragma once

#include <residua/any_network.hpp>
#include <residua/data/augment.hpp>

#include <vector>

namespace train {

struct Evaluation {
    double loss = 0;
    double error = 0;                // %
    std::vector<int> predictions;    // [images]
    std::vector<float> confidences;  // [images], of the prediction
};

// Of the first `images` of the set. `self` is a network in training. Error: of its infer().
Evaluation evaluate(const residua::AnyNetwork& network, void* self, const residua::data::Dataset& set,
                    const residua::data::Normalisation& normalisation, int images);

}  // namespace train
