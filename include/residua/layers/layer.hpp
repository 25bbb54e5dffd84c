// The contract of a layer.
//
// A layer is a spec, shape-free, that a user writes in a network. A leaf says its output's shape once, and is bound to one input
// and one kernel policy in `At`; whoever binds it is given memory of the sizes that `At` asks for.
//
//   struct Mine {
//       static constexpr Outcome output(Shape in);    the output's shape, or a fault (KeepsShape has it where they are the same)
//       static constexpr int stride = 2;              if the output has other pixels than the input, and more than one
//       static constexpr Word word = Word::conv;      optional: how errors call the layer in a place
//
//       template <Signal In, class K>
//       struct At : Bound<Mine, In, K> { ... };       overrides what differs from Bound
//   };
//
// Layers are written for any kernel policy K: images lie in blocks of K::lanes channels, [n][block][height][width][lane], and
// lanes beyond the last channel hold zeros, in every value and every gradient that a layer writes.
//
// A composite (a layer made of layers) has `template <Signal In> static constexpr ShapeInference infer()` in place of output.
#pragma once

#include <residua/core/arena.hpp>
#include <residua/core/border.hpp>
#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>
#include <residua/core/shape_inference.hpp>
#include <residua/layers/channel_map.hpp>
#include <residua/layers/review.hpp>
#include <residua/layers/traffic.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA {

// Facts that a composite adds up, or takes the largest or smallest of.
struct Totals {
    Size macs = 0;                   // multiply-adds an image, forward, of convolutions and linear layers
    Size worker_bytes = 0;           // scratch of a thread
    Size worker_bytes_of_one = 0;    // the same where there is one image, if it is less; 0: it is not
    Size backward_worker_bytes = 0;  // the same in backward, if it is more
    Size fewest_pixels = 0;          // the smallest image under a BN; 0: there is none

    // The smaller of two sizes of which zero means "none".
    static constexpr Size fewest(Size a, Size b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

    friend constexpr Totals operator+(Totals a, Totals b) {
        return {a.macs + b.macs, std::max(a.worker_bytes, b.worker_bytes),
                std::max(a.inference_worker_bytes(1), b.inference_worker_bytes(1)),
                std::max(a.backward_worker_bytes, b.backward_worker_bytes), fewest(a.fewest_pixels, b.fewest_pixels)};
    }
    friend constexpr Totals operator*(Size n, Totals a) {
        return {n * a.macs, a.worker_bytes, a.worker_bytes_of_one, a.backward_worker_bytes, a.fewest_pixels};
    }

    constexpr Size inference_worker_bytes(int images) const {
        return images == 1 && worker_bytes_of_one > 0 ? worker_bytes_of_one : worker_bytes;
    }
    constexpr Size training_worker_bytes() const { return std::max(worker_bytes, backward_worker_bytes); }
};

// What every bound layer starts from.
//
//   template <Mode M, class Out>
//   forward(const Frame<T>& f, Input<T> x, Out y)                 y (+)= f(x): added if Out::accumulates (and then a ReLU, if
//                                                                 Out::rectifies)
//   template <class Out>
//   backward(const Frame<T>& f, x, y, Gradient<T> dy, Out dx)     dx (+)= df/dx' dy, and f.gradients += df/dparameters' dy;
//                                                                 x, y: Input<T> if reads_input, reads_output say so, else Unread
//
// A layer that counts the moments of what it writes (counts_moments) owes them where y.moments is not null: count_moments does
// it. Sizes of memory, but for parameters and statistics, are rounded(): what lies behind them begins at 64 bytes.
template <class Spec, Signal In, class K>
struct Bound {
    using T = typename K::Scalar;
    static constexpr Signal in = In;
    static constexpr Signal out = detail::output_of<Spec, In>();

    // Memory: trained parameters, running statistics, what is prepared for inference, what is kept from forward to backward.
    static constexpr Extent extent{};
    static constexpr Totals totals{};

    // Scratch while forward or backward runs, with and without accumulation.
    template <Mode M, bool Accumulates>
    static constexpr Need forward_scratch{};
    template <bool Accumulates>
    static constexpr Need backward_scratch{};

    static constexpr bool reads_input = false;     // does backward read x?
    static constexpr bool reads_output = false;    // does backward read y?
    static constexpr bool in_place = false;        // may y be x, and dx be dy?
    static constexpr bool wants_moments = false;   // would like the writer of its input to count moments
    static constexpr bool counts_moments = false;  // does forward count those of y where y.moments is not null?
    static constexpr bool takes_addend = false;    // does forward add to y.addend, where that is not null?
    static constexpr bool takes_relu = false;      // does forward take an Output that rectifies, in inference?
    static constexpr bool leaves_last = false;     // has it backward_but_last, which gives a PendingGradient for dx?
    static constexpr bool takes_pending = false;   // does backward take a PendingGradient for dy?
    static constexpr bool discards = false;        // does backward take Discard for dx?
    static constexpr Size length = 1;              // layers between x and y
    static constexpr bool sees_branch = false;     // BoundJoin's

    // Fills f.prepared from parameters and statistics, once before inference.
    template <class F>
    static void prepare(const F&) {}

    // namer.leaf(kind, In, Out), then its tensors in the order in which they lie in memory; together as many values as the extent
    // says. (What has layers inside it has them described, and need say no more.)
    static constexpr void describe(Namer&) {}

    template <class Self>
    static constexpr Review review() {
        if constexpr (!detail::has_constants<Self>) {
            return {Missing::constants};
        } else {
            constexpr bool goes_forward = requires(Frame<T> f, Input<T> x, Output<T> y, Sum<T> sum) {
                Self::template forward<Mode::training>(f, x, y);
                Self::template forward<Mode::inference>(f, x, sum);
            };
            constexpr bool goes_backward = requires(Frame<T> f, detail::ReadAs<Self::reads_input, T> x,
                                                    detail::ReadAs<Self::reads_output, T> y, Output<T> dx, Sum<T> sum) {
                Self::backward(f, x, y, Gradient<T>{}, dx);
                Self::backward(f, x, y, Gradient<T>{}, sum);
            };
            return detail::reviewed<Self, goes_forward, goes_backward>();
        }
    }
};

// What the layer that a shortcut's Join names starts from: it sees F(x) beside x, and makes y of both.
//
//   template <Mode M, class Out>
//   forward(const Frame<T>& f, Input<T> x, const T* branch, Out y)                     branch: F(x)
//   template <class Out>
//   backward(const Frame<T>& f, x, const T* branch, Gradient<T> dy, T* dbranch, Out dx)
//                                                    dbranch: the gradient of F(x), written; x: Input<T> or Unread, by
//                                                    reads_input
template <class Spec, Signal In, class K>
struct BoundJoin : Bound<Spec, In, K> {
    using T = typename K::Scalar;
    static constexpr bool sees_branch = true;

    template <class Self>
    static constexpr Review review() {
        if constexpr (!detail::has_constants<Self>) {
            return {Missing::constants};
        } else {
            constexpr bool goes_forward = requires(Frame<T> f, Input<T> x, const T* branch, Output<T> y) {
                Self::template forward<Mode::training>(f, x, branch, y);
            };
            constexpr bool goes_backward =
                requires(Frame<T> f, detail::ReadAs<Self::reads_input, T> x, T * branch, Output<T> dx) {
                Self::backward(f, x, branch, Gradient<T>{}, branch, dx);
            };
            return detail::reviewed<Self, goes_forward, goes_backward>();
        }
    }
};

// Is Spec, whole and right, a layer on images of this shape?
template <class Spec, Shape In>
concept IsLayer = (inferred<Spec, Signal(In)>.ok());

// write(image, blocks, at) writes those blocks of channels of an image to y + at, and the moments that y's reader waits for are
// counted there and then, while what was written is in the cache. `shape` is that of y's images.
template <class K, class Out, class Write, class T = typename K::Scalar>
void write_images(const Frame<T>& f, const Out& y, Shape shape, const Write& write) {
    const Size size = stored(shape, K::lanes);
    const int blocks = blocks_of(shape.channels, K::lanes);
    f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
        const Size image = static_cast<Size>(i);
        write(image, b, image * size);
        if (y.moments) {
            K::moments(y.data + image * size, shape, b, y.moments + image * 2 * static_cast<Size>(blocks * K::lanes));
        }
    });
}

// What a layer that counts moments owes its reader once it has written y.
template <class K, class Out, class T = typename K::Scalar>
void count_moments(const Frame<T>& f, const Out& y, Shape shape) {
    if (y.moments) write_images<K>(f, y, shape, [](Size, Range, Size) {});
}

// y (+)= of(i), for every stored value of every image: i counts from the first value of the first image, as data does. In plain
// loops; a layer that is to be fast calls its policy's kernels (K::map and others) for blocks of an image.
template <class T, class Out, class Of>
void write_values(const Frame<T>& f, Size image, Out y, Of of) {
    f.team->run(f.n, [&](int n, std::byte*) {
        const Size begin = static_cast<Size>(n) * image;
        for (Size i = begin; i < begin + image; ++i) y.data[i] = Out::accumulates ? y.data[i] + of(i) : of(i);
    });
}

// Scratch of sum_over_images: a double an image.
template <class T>
inline constexpr Need image_sums{0, rounded(sizeof(double) / sizeof(T))};

// The sum of of_image(i) over the images, with the same bits on any number of threads: one task an image, whose sum goes into
// scratch; then they are added in the order of the images. For gradients of parameters.
template <class T, class OfImage>
double sum_over_images(const Frame<T>& f, OfImage of_image) {
    double* sums = array_in<double>(f.scratch, static_cast<Size>(f.n));
    f.team->run(f.n, [&](int i, std::byte*) { sums[i] = of_image(static_cast<Size>(i)); });

    double total = 0;
    for (int i = 0; i < f.n; ++i) total += sums[i];
    return total;
}

// A leaf whose output has its input's shape.
struct KeepsShape {
    static constexpr Outcome output(Shape in) { return in; }
};

}  // namespace residua::inline RESIDUA_ISA
