#include "evaluate.hpp"

#include <residua/core/error.hpp>

namespace train {

using namespace residua;

Evaluation evaluate(const AnyNetwork& network, void* self, const ImageSet& set, const data::Normalisation& normalisation,
                    int images) {
    const Size classes = static_cast<Size>(network.classes);
    std::vector<float> logits(static_cast<Size>(network.capacity) * classes);
    AnyStatus status;
    Evaluation result;
    const std::unique_ptr<data::InOrder> in_order = set.in_order(normalisation, network.capacity);
    for (const data::Batch& batch : *in_order) {
        network.infer(self, batch.images.data(), batch.n, logits.data(), status);
        if (!status.ok()) throw Error(status.message);
        for (Size i = 0; i < static_cast<Size>(batch.n); ++i)
            result.add(std::span<const float>(logits).subspan(i * classes, classes), batch.labels[i]);
        if (result.images() >= images) break;
    }
    return result;
}

}  // namespace train
