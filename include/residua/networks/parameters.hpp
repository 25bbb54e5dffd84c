// The numbers of a network: parameters and running statistics, in one block.
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/core/error.hpp>
#include <residua/networks/given.hpp>

#include <algorithm>
#include <vector>

namespace residua::inline RESIDUA_ISA {

// Owns one block: parameters, then running statistics, each in the order of Net::for_each_tensor, tensors in PyTorch's layout
// (OIHW), real channels only. Knows nothing of kernels. Copy it, compare it, save it.
//
// Error: layers that describe another number of values than the network holds (a composite of a user's; leaves are checked
// before).
template <class Given>
class Parameters {
public:
    using Net = typename detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    static constexpr Size parameter_count = Net::parameter_count;
    static constexpr Size statistic_count = Net::statistic_count;

    // All zero, but weights and running variances of BN, which are one.
    Parameters() : block_(parameter_count + statistic_count) {
        Size described = 0;
        bool fits = true;
        Net::for_each_tensor([&](const TensorInfo& info) {
            described += info.size;
            const Size room = is_statistic(info.role) ? statistic_count : parameter_count;
            fits = fits && info.offset + info.size <= room;
            if (!fits) return;
            T* values = data(info);
            for (Size i = 0; i < info.size; ++i) values[i] = T(info.initial);
        });
        if (!fits || described != block_.size()) {
            fail({"residua: the layers of this network describe ", described, " parameters and statistics, expected ",
                  Size{parameter_count}, " and ", Size{statistic_count}, ", as their extents say"});
        }
    }

    T* parameters() { return block_.data(); }
    const T* parameters() const { return block_.data(); }
    T* statistics() { return block_.data() + parameter_count; }
    const T* statistics() const { return block_.data() + parameter_count; }

    // Parameters and statistics together.
    std::span<T> values() { return block_.span(); }
    std::span<const T> values() const { return block_.span(); }

    // Where a tensor begins; `info.size` values.
    T* data(const TensorInfo& info) { return (is_statistic(info.role) ? statistics() : parameters()) + info.offset; }
    const T* data(const TensorInfo& info) const { return (is_statistic(info.role) ? statistics() : parameters()) + info.offset; }

    // The values of one tensor by its name, known to the compiler.
    template <Text Name>
    std::span<T> tensor() {
        constexpr TensorInfo info = Net::template tensor<Name>();
        return {data(info), info.size};
    }
    template <Text Name>
    std::span<const T> tensor() const {
        constexpr TensorInfo info = Net::template tensor<Name>();
        return {data(info), info.size};
    }

    // Equal bits (so NaN equals itself, and 0 differs from -0).
    friend bool operator==(const Parameters& a, const Parameters& b) {
        const std::span<const std::byte> left = std::as_bytes(a.values());
        const std::span<const std::byte> right = std::as_bytes(b.values());
        return std::equal(left.begin(), left.end(), right.begin());
    }

private:
    Buffer<T> block_;
};

// A network's tensors and layers as lists, for programs.
template <class Net>
std::vector<TensorInfo> tensors_of() {
    std::vector<TensorInfo> result;
    Net::for_each_tensor([&](const TensorInfo& info) { result.push_back(info); });
    return result;
}
template <class Net>
std::vector<LayerInfo> layers_of() {
    std::vector<LayerInfo> result;
    Net::for_each_layer([&](const LayerInfo& info) { result.push_back(info); });
    return result;
}

}  // namespace residua::inline RESIDUA_ISA
