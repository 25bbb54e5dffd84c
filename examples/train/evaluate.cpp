#include "evaluate.hpp"

#include <residua/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace train {

using namespace residua;

Evaluation evaluate(const AnyNetwork& network, void* self, const data::Dataset& set, const data::Normalisation& normalisation,
                    int images) {
    Evaluation result;
    const int at_once = network.capacity;
    const Size classes = static_cast<Size>(network.classes);
    std::vector<float> pixels(static_cast<Size>(at_once) * set.image.size());
    std::vector<float> logits(static_cast<Size>(at_once) * classes);
    std::int64_t wrong = 0;
    AnyStatus status;
    for (int begin = 0; begin < images; begin += at_once) {
        const int n = std::min(at_once, images - begin);
        for (int i = 0; i < n; ++i) {
            data::normalise(set.image_at(static_cast<Size>(begin + i)), normalisation, {},
                            pixels.data() + static_cast<Size>(i) * set.image.size());
        }
        network.infer(self, pixels.data(), n, logits.data(), status);
        if (!status.ok()) throw Error(status.message);

        for (int i = 0; i < n; ++i) {
            const float* row = logits.data() + static_cast<Size>(i) * classes;
            const auto best = std::max_element(row, row + classes);
            double sum = 0;
            for (Size c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(row[c] - *best));
            const int label = set.labels[static_cast<Size>(begin + i)];
            result.loss += std::log(sum) + static_cast<double>(*best - row[label]);
            result.predictions.push_back(static_cast<int>(best - row));
            result.confidences.push_back(static_cast<float>(1 / sum));
            wrong += result.predictions.back() != label;
        }
    }
    result.loss /= images;
    result.error = 100.0 * static_cast<double>(wrong) / images;
    return result;
}

}  // namespace train
