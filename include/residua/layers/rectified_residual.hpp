// A residual addition and the ReLU behind it as one layer, for inference: the ReLU is done to sums in registers.
#pragma once

#include <residua/layers/residual.hpp>

namespace residua::inline RESIDUA_ISA {

// y = relu(h(x) + F(x))
template <class Branch, class Shortcut>
struct RectifiedResidual {
    using Unrectified = Residual<Branch, Shortcut>;
    using Definition = RectifiedResidual;

    template <Signal In>
    static constexpr ShapeInference infer() {
        return inferred<Unrectified, In>;
    }

    template <Signal In, class K>
    struct At : residua::At<Unrectified, In, K> {
        using Addition = residua::At<Unrectified, In, K>;
        using T = typename K::Scalar;
        static constexpr Shape shape = Addition::out;
        static constexpr Size value = rounded(stored(shape, K::lanes));
        static constexpr bool takes_relu = false;

        // Scratch: what is added where y is a sum of others; then the addition's.
        template <bool Accumulates>
        static constexpr Need own{0, Accumulates ? value : 0};
        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = own<Accumulates> + Addition::template forward_scratch<M, false>;

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            if constexpr (Out::accumulates) {
                T* rectified = f.scratch;
                write<M>(f.at({}, own<true>), x, rectified);
                map(f, rectified, y, kernels::functions::Copy{});
            } else {
                write<M>(f, x, y.data);
            }
        }

    private:
        template <Mode M>
        static void write(const Frame<T>& f, Input<T> x, T* y) {
            if constexpr (Addition::takes_relu) {
                Addition::template forward<M>(f, x, Output<T, false, true>{y});
            } else {
                Addition::template forward<M>(f, x, Output<T>{y});
                map(f, y, Output<T>{y}, kernels::functions::Relu{});
            }
        }

        template <class Out, class Function>
        static void map(const Frame<T>& f, const T* from, Out to, Function function) {
            write_images<K>(f, to, shape, [&](Size, Range b, Size at) {
                K::template map<Out::accumulates>(from + at, shape, b, to.data + at, function);
            });
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
