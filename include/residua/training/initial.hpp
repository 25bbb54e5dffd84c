// Initial weights (He et al. 2015, "Delving Deep into Rectifiers").
#pragma once

#include <residua/core/random.hpp>
#include <residua/networks/parameters.hpp>

#include <algorithm>
#include <cmath>

namespace residua::inline RESIDUA_ISA {

// Which connections count: those into a unit (keeps the variance of signals), or those out of it (that of gradients; the paper's
// code uses it).
struct FanIn {};
struct FanOut {};

// Tensors of Role::weight are drawn: of rank 2 (linear layers, which no ReLU follows) normal with variance 1 / inputs, of a
// higher one (convolutions) 2 / fan, fan = the window's size times input channels (of a group) or output channels. Those of
// Role::identity_weight start from the identity, all others from what their layers say.
template <class Fan>
struct HeNormal {
    constexpr explicit HeNormal(Fan = {}) {}

    double deviation(const TensorInfo& info) const {
        const double outputs = info.dimensions[0];
        const double inputs = info.dimensions[1];
        if (info.rank == 2) return std::sqrt(1 / inputs);
        double window = 1;
        for (int d = 2; d < info.rank; ++d) window *= info.dimensions[static_cast<Size>(d)];
        constexpr bool in = std::is_same_v<Fan, FanIn>;
        return std::sqrt(2 / (window * (in ? inputs : outputs)));
    }
};

namespace detail {

// Writes ones from channel c to channel c, in the middle of the window; the others are zero. values [outputs][inputs][size][size]
template <class T>
void write_identity(const TensorInfo& info, T* values) {
    const auto dimension = [&](int d) { return static_cast<Size>(d < info.rank ? info.dimensions[static_cast<Size>(d)] : 1); };
    const Size inputs = dimension(1);
    const Size height = dimension(2);
    const Size width = dimension(3);
    const Size middle = height / 2 * width + width / 2;
    for (Size c = 0; c < std::min(dimension(0), inputs); ++c) values[(c * inputs + c) * height * width + middle] = T(1);
}

}  // namespace detail

// Parameters ready to be trained: a function of the seed, tensor by tensor and value by value, whatever computes them.
template <class Given, class Initial = HeNormal<FanOut>>
Parameters<Given> initialized(Initial initial = Initial{}, std::uint64_t seed = 1) {
    using Net = typename Parameters<Given>::Net;
    using T = typename Net::Scalar;
    Parameters<Given> result;
    std::uint32_t number = 0;
    Net::for_each_tensor([&](const TensorInfo& info) {
        const random::Key key{seed, random::Purpose::initial_weights, number++, 0, 0};
        T* values = result.data(info);
        if (info.role == Role::identity_weight) detail::write_identity(info, values);
        if (info.role != Role::weight) return;

        const double deviation = initial.deviation(info);
        for (Size i = 0; i < info.size; i += 4) {
            const auto four = random::normal4(key, i / 4);
            for (Size k = 0; k < 4 && i + k < info.size; ++k) values[i + k] = static_cast<T>(deviation * four[k]);
        }
    });
    return result;
}

}  // namespace residua::inline RESIDUA_ISA
