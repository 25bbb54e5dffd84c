// What a network in training says of a data set.
#pragma once

#include "image_set.hpp"

#include <residua/any_network.hpp>
#include <residua/inference/evaluation.hpp>

namespace train {

// Of whole batches (of the network's capacity) until there are `images`, or to the set's end. `self` is the network. Error: of
// its infer(). (data::evaluate does this for a network whose type is known.)
residua::Evaluation evaluate(const residua::AnyNetwork& network, void* self, const ImageSet& set,
                             const residua::data::Normalisation& normalisation, int images);

}  // namespace train
