// What a network says of a data set.
#pragma once

#include "image_set.hpp"

#include <residua/core/error.hpp>
#include <residua/inference/evaluation.hpp>

#include <memory>
#include <span>
#include <vector>

namespace parts {

// Of whole batches until there are `images`, or to the set's end. `self` is a network of the table, AnyNetwork or AnyInference;
// `batch` at most its capacity; after_batch(result so far) is called after each. Error: of its infer(). (data::evaluate does this
// for a network whose type is known.)
template <class Table, class AfterBatch>
residua::Evaluation evaluate(const Table& network, void* self, const ImageSet& set,
                             const residua::data::Normalisation& normalisation, int images, int batch, AfterBatch after_batch) {
    const auto classes = static_cast<std::size_t>(network.classes);
    std::vector<float> logits(static_cast<std::size_t>(batch) * classes);
    residua::AnyStatus status;
    residua::Evaluation result;
    const std::unique_ptr<residua::data::InOrder> in_order = set.in_order(normalisation, batch);
    for (const residua::data::Batch& images_of_batch : *in_order) {
        network.infer(self, images_of_batch.images.data(), images_of_batch.n, logits.data(), status);
        if (!status.ok()) throw residua::Error(status.message);
        for (std::size_t i = 0; i < static_cast<std::size_t>(images_of_batch.n); ++i) {
            result.add(std::span<const float>(logits).subspan(i * classes, classes), images_of_batch.labels[i]);
        }
        after_batch(result);
        if (result.images() >= images) break;
    }
    return result;
}

// In batches of the network's capacity.
template <class Table>
residua::Evaluation evaluate(const Table& network, void* self, const ImageSet& set,
                             const residua::data::Normalisation& normalisation, int images) {
    return evaluate(network, self, set, normalisation, images, network.capacity, [](const residua::Evaluation&) {});
}

}  // namespace parts
