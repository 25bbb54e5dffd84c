// Fully connected layer.
#pragma once

#include <residua/layers/layer.hpp>

namespace residua::inline RESIDUA_ISA {

// y = W x + b on the whole image: Out = {Outputs, 1, 1}.
//   parameters: weight [Outputs][In.size()], bias [Outputs]
template <int Outputs>
struct Linear {
    static constexpr Word word = Word::linear;

    static constexpr Outcome output(Shape in) {
        const SizeCheck sizes = SizeCheck{}.of(Quantity::outputs, Outputs);
        if (sizes.failed()) return {in, sizes.wrong};
        if (product_of({in.size(), Outputs}) > most_values) {
            return {in, Quantity::values, static_cast<double>(in.size()) * Outputs};
        }
        return Shape{Outputs};
    }

    template <Signal In, class K>
    struct At : Bound<Linear, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape from = In;
        static constexpr Shape to = At::out;
        static constexpr Size weights = from.size() * Outputs;
        static constexpr Extent extent{.parameters = weights + Outputs};
        static constexpr Totals totals{.macs = weights};
        static constexpr bool reads_input = true;
        static constexpr bool discards = true;
        static constexpr bool counts_moments = true;

        template <Mode, bool>
        static constexpr Need forward_scratch{0, rounded(K::linear_scratch(from))};
        template <bool>
        static constexpr Need backward_scratch{0, rounded(K::linear_scratch(from))};

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            K::template linear<Out::accumulates>(*f.team, f.n, x.data, from, Outputs, f.parameters, f.parameters + weights,
                                                 y.data, f.scratch);
            count_moments<K>(f, y, to);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            T* data_gradient = nullptr;
            if constexpr (is_wanted<Out>) data_gradient = dx.data;
            K::template linear_gradient<Out::accumulates>(*f.team, f.n, x.data, dy.data, from, Outputs, f.parameters, f.gradients,
                                                          f.gradients + weights, data_gradient, f.scratch);
        }

        static constexpr void describe(Namer& namer) {
            const auto leaf = namer.leaf("fc", from, to, weights + Outputs, totals.macs);
            namer.tensor("weight", Role::weight, {Outputs, static_cast<int>(from.size())}, 2);
            namer.tensor("bias", Role::bias, {Outputs}, 1);
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
