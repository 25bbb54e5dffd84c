#include "first_weights.hpp"

#include "whitening.hpp"

#include <residua/training/initial.hpp>

#include <cmath>

namespace paper::race {

namespace {

constexpr int images_whitened = 5000;

// As PyTorch draws weights where nothing is said.
struct AsPyTorch {
    double deviation(const TensorInfo& info) const {
        double inputs = 1;
        for (int d = 1; d < info.rank; ++d) inputs *= info.dimensions[static_cast<Size>(d)];
        return std::sqrt(1 / (3 * inputs));
    }
};

//   filters [outputs][inputs][3][3]
void hand_channels_on(const TensorInfo& info, float* filters) {
    constexpr Size taps = 9;
    constexpr Size middle = 4;
    const auto inputs = static_cast<Size>(info.dimensions[1]);
    const Size handed_on = std::min(static_cast<Size>(info.dimensions[0]), inputs);
    std::fill_n(filters, handed_on * inputs * taps, 0.0F);
    for (Size channel = 0; channel < handed_on; ++channel) filters[(channel * inputs + channel) * taps + middle] = 1;
}

}  // namespace

Parameters<Net> first_weights(const data::Dataset& train, const data::Normalisation& normalisation, std::uint64_t seed) {
    Parameters<Net> parameters = initialized<Net>(AsPyTorch{}, seed);
    Net::for_each_tensor([&](const TensorInfo& info) {
        const bool is_3x3 = info.role == Role::weight && info.rank == 4 && info.dimensions[2] == 3;
        if (is_3x3) hand_channels_on(info, parameters.data(info));
    });
    const std::vector<float> filters = whitening_filters(train, normalisation, window, images_whitened);
    std::copy(filters.begin(), filters.end(), whitening_weight(parameters).begin());
    return parameters;
}

}  // namespace paper::race
