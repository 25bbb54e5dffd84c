// What a step is given: images, as a span or in a batch, and labels or a loss.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>
#include <residua/training/loss.hpp>

#include <algorithm>
#include <concepts>
#include <limits>
#include <span>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// n images of one shape ([n][channels][height][width]) and their labels: data::BatchOf, or a struct of the user's. T is the
// network's scalar.
template <class B, class T>
concept IsBatch = requires(const B& batch) {
    { batch.n } -> std::convertible_to<int>;
    { batch.shape } -> std::convertible_to<Shape>;
    { batch.images } -> std::convertible_to<std::span<const T>>;
    { batch.labels } -> std::convertible_to<std::span<const int>>;
};

namespace detail {

// The images of a batch. Errors: they are of another shape than the network's; not as many values as n images have.
inline void expect_images(Shape expected, Shape found, int n, Size values) {
    if (found != expected) {
        fail({"residua: a step: expected images of ", shown(expected), ", found a batch of ", shown(found)});
    }
    if (n < 0 || values != static_cast<Size>(n) * expected.size()) {
        fail({"residua: a step: expected as many images as the batch says, ", n, ", found ", values, " values, ", expected.size(),
              " an image of ", shown(expected)});
    }
}

// How many images these are. Error: no whole number of them.
inline int images_in(Size values, Shape image) {
    if (values % image.size() != 0) {
        fail({"residua: a step: expected a whole number of images of ", shown(image), ", ", image.size(), " values each, found ",
              values, " values"});
    }
    return static_cast<int>(std::min(values / image.size(), static_cast<Size>(std::numeric_limits<int>::max())));
}

template <class L>
concept AreLabels = std::convertible_to<const L&, std::span<const int>>;
template <class A, class T>
concept AreImages = std::convertible_to<const A&, std::span<const T>> || IsBatch<A, T>;

// What may be meant as a loss: if it is none, an error of its own says so. (Labels of another type than int are not.)
template <class L, class T>
concept MayBeALoss = IsLoss<L, T> ||(std::is_class_v<L> && !requires(const L& loss) { loss.data(); });

// Can gradients be found of these arguments, in one of the ways of Trainer::find_gradients?
template <class T, class... Given>
inline constexpr bool fits_gradients = false;
template <class T, class A>
inline constexpr bool fits_gradients<T, A> = IsBatch<A, T>;
template <class T, class A, class B>
inline constexpr bool fits_gradients<T, A, B> = AreImages<A, T> && (AreLabels<B> || MayBeALoss<B, T>);
template <class T, class A, class B, class C>
inline constexpr bool fits_gradients<T, A, B, C> = std::convertible_to<const A&, const T*> &&
                                                   ((std::convertible_to<const B&, const int*> &&
                                                     std::convertible_to<const C&, int>) ||
                                                    (std::convertible_to<const B&, int> && MayBeALoss<C, T>));

// The same of a step, whose last argument is the rate.
template <class T, class... Given>
inline constexpr bool fits_step = false;
template <class T, class A, class Rate>
inline constexpr bool fits_step<T, A, Rate> = fits_gradients<T, A>&& std::convertible_to<const Rate&, double>;
template <class T, class A, class B, class Rate>
inline constexpr bool fits_step<T, A, B, Rate> = fits_gradients<T, A, B>&& std::convertible_to<const Rate&, double>;
template <class T, class A, class B, class C, class Rate>
inline constexpr bool fits_step<T, A, B, C, Rate> = fits_gradients<T, A, B, C>&& std::convertible_to<const Rate&, double>;

// (One error, where the compiler would list each way and why it is none.)
template <class Scalar, class... Found>
struct ExpectStep {
    static_assert(fault::never<Scalar>,
                  "residua: a step takes (images, labels, rate), (images, loss, rate), (batch, rate), (batch, loss, rate) or, of "
                  "pointers, (images, labels, n, rate), (images, n, loss, rate), and find_gradients the same without the rate; "
                  "images and batches are of the network's scalar, labels of int, a rate is a number; found other types");
};

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
