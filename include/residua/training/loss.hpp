// Losses: what a step minimises. Softmax cross-entropy, with hard, smoothed or soft labels; or a user's own.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>
#include <residua/networks/refusal.hpp>
#include <residua/simd/elementary.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <span>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// What a training step, or an evaluation, found of its images.
struct StepResult {
    double loss = 0;  // mean over the images
    int correct = 0;  // images whose largest logit is that of their label
    int images = 0;
};

// A row of values for each image: logits, or their gradients.
template <class T>
class Rows {
public:
    Rows(T* first, int rows, int columns, Size pitch) : first_(first), rows_(rows), columns_(columns), pitch_(pitch) {}

    int rows() const { return rows_; }
    int columns() const { return columns_; }
    std::span<T> operator[](int row) const {
        return std::span<T>(first_ + static_cast<Size>(row) * pitch_, static_cast<std::size_t>(columns_));
    }

private:
    T* first_;
    int rows_;
    int columns_;
    Size pitch_;  // from one row to the next, in scalars
};

namespace detail {

template <class L, class T>
concept CallsLikeALoss = requires(const L& loss, Rows<const T> logits, Rows<T> gradient) {
    { loss(logits, gradient) } -> std::same_as<StepResult>;
};
template <class L>
concept ChecksLikeALoss = requires(const L& loss) {
    { loss.check(1, 1) } -> std::same_as<void>;
};

// Has a class a member called check, of whatever form? (A name that two bases have is ambiguous.)
struct AnotherCheck {
    int check = 0;
};
template <class L>
struct WithAnotherCheck : L, AnotherCheck {};
template <class L>
constexpr bool names_check() {
    if constexpr (std::is_class_v<L> && !std::is_final_v<L>) {
        return !requires { &WithAnotherCheck<L>::check; };
    } else {
        return requires { &L::check; };
    }
}

}  // namespace detail

// A loss is a value made for one step, which knows the labels of its images. Called with a row of logits an image, it writes the
// gradient of what it returns by each of them, where zeros stand, and returns the mean loss. (The mean: so that a step does not
// depend on the size of the batch.)
//
//   StepResult operator()(Rows<const T> logits, Rows<T> gradient) const
//   void check(int images, int classes) const         if it is there: errors, before anything has changed
template <class L, class T>
concept IsLoss = detail::CallsLikeALoss<L, T> &&(detail::ChecksLikeALoss<L> || !detail::names_check<L>());

namespace detail {

// (The assertion stands in a class that is only looked at: work goes on without the step.)
template <class Given, bool IsLoss, bool Calls>
struct ExpectLoss {};
template <class Given>
struct ExpectLoss<Given, false, true> {
    static_assert(fault::never<Given>,
                  "residua: expected void check(int images, int classes) const in this loss, or no check, found another form");
};
template <class Given>
struct ExpectLoss<Given, false, false> {
    static_assert(
        fault::never<Given>,
        "residua: expected a loss, StepResult operator()(Rows<const T> logits, Rows<T> gradient) const, of the network's "
        "scalar T, found another type");
};
template <class L, class T>
struct ExpectedLoss {
    static_assert(sizeof(ExpectLoss<L, IsLoss<L, T>, CallsLikeALoss<L, T>>) > 0);
    static constexpr bool found = IsLoss<L, T>;
};

template <class L>
void check_loss(const L& loss, int images, int classes) {
    if constexpr (ChecksLikeALoss<L>) loss.check(images, classes);
}

// The largest of an image's logits, and log(sum_c exp(y_c)), in double.
struct LogSum {
    double largest = 0;
    int best = 0;
    double sum = 0;  // of exp(y_c - largest)

    template <class T>
    explicit LogSum(std::span<const T> y) : largest(static_cast<double>(y[0])) {
        for (Size c = 1; c < y.size(); ++c) {
            if (static_cast<double>(y[c]) > largest) {
                largest = static_cast<double>(y[c]);
                best = static_cast<int>(c);
            }
        }
        for (const T value : y) sum += simd::exp(static_cast<double>(value) - largest);
    }

    template <class T>
    double probability(T y) const {
        return simd::exp(static_cast<double>(y) - largest) / sum;
    }
    // -log of that probability.
    template <class T>
    double surprise(T y) const {
        return simd::log(sum) + largest - static_cast<double>(y);
    }
};

inline void expect_count(const char* what, Size found, Size expected) {
    if (found != expected) fail({"residua: a step was given ", found, " ", what, ", expected ", expected});
}

}  // namespace detail

// loss = mean over images of log(sum_c exp(y_c)) - sum_c t_c y_c, where t_c = (1 - smoothing) [c == label] + smoothing / classes
// (Szegedy et al. 2016, section 7), and its gradient by y: (softmax(y) - t) / n. Sums run in double and in the order of the
// images. A NaN among an image's logits makes the loss NaN and the image wrong.
struct SoftmaxCrossEntropy {
    std::span<const int> labels;  // one an image, in [0, classes)
    double smoothing = 0;         // 0 to 1

    // Errors: not as many labels as images; a label out of range; smoothing out of range.
    void check(int images, int classes) const {
        detail::expect_count("labels", labels.size(), static_cast<Size>(images));
        for (Size i = 0; i < labels.size(); ++i) {
            if (labels[i] < 0 || labels[i] >= classes) {
                fail({"residua: label ", i, " of a batch is ", labels[i], ", expected 0 to ", classes - 1});
            }
        }
        if (!(smoothing >= 0 && smoothing <= 1)) fail({"residua: label smoothing: expected 0 to 1, found ", shown(smoothing)});
    }

    template <class T>
    StepResult operator()(Rows<const T> logits, Rows<T> gradient) const {
        const int n = logits.rows();
        const double other = smoothing / logits.columns();
        StepResult result{0, 0, n};
        for (int i = 0; i < n; ++i) {
            const std::span<const T> y = logits[i];
            const std::span<T> dy = gradient[i];
            const Size label = static_cast<Size>(labels[static_cast<Size>(i)]);
            const detail::LogSum at(y);

            double loss = at.surprise(y[label]);
            if (smoothing > 0) {
                double all = 0;
                for (const T value : y) all += at.surprise(value);
                loss = simd::fma(1 - smoothing, loss, other * all);
            }
            result.loss += loss;
            result.correct += at.best == static_cast<int>(label) && !std::isnan(loss);
            for (Size c = 0; c < y.size(); ++c) {
                const double target = (c == label ? 1 - smoothing : 0.0) + other;
                dy[c] = static_cast<T>((at.probability(y[c]) - target) / n);
            }
        }
        result.loss /= n;
        return result;
    }
};

// The same where an image has a probability, or any weight of 0 or more, for each class (mixup, distillation): loss = mean over
// images of sum_c t_c (log(sum_k exp(y_k)) - y_c). An image is correct whose largest logit is that of its largest target.
template <class T>
struct SoftTargets {
    std::span<const T> targets;  // [images][classes]

    // Errors: not classes values an image; a value that is no number, or below zero.
    void check(int images, int classes) const {
        detail::expect_count("targets", targets.size(), static_cast<Size>(images) * static_cast<Size>(classes));
        for (Size i = 0; i < targets.size(); ++i) {
            if (std::isfinite(targets[i]) && targets[i] >= 0) continue;
            fail({"residua: target ", i, " of a batch: expected a finite number of 0 or more, found ",
                  shown(static_cast<double>(targets[i]))});
        }
    }

    StepResult operator()(Rows<const T> logits, Rows<T> gradient) const {
        const int n = logits.rows();
        const Size classes = static_cast<Size>(logits.columns());
        StepResult result{0, 0, n};
        for (int i = 0; i < n; ++i) {
            const std::span<const T> y = logits[i];
            const std::span<T> dy = gradient[i];
            const std::span<const T> t = targets.subspan(static_cast<Size>(i) * classes, classes);
            const detail::LogSum at(y);

            double loss = 0;
            double weight = 0;
            for (Size c = 0; c < classes; ++c) {
                // (Where nothing is wanted, an infinite surprise is none.)
                if (t[c] > 0) loss = simd::fma(static_cast<double>(t[c]), at.surprise(y[c]), loss);
                weight += static_cast<double>(t[c]);
            }
            if (std::isnan(at.sum)) loss = at.sum;
            result.loss += loss;
            const auto wanted = std::max_element(t.begin(), t.end()) - t.begin();
            result.correct += at.best == static_cast<int>(wanted) && !std::isnan(loss);
            for (Size c = 0; c < classes; ++c)
                dy[c] = static_cast<T>(simd::fma(weight, at.probability(y[c]), -static_cast<double>(t[c])) / n);
        }
        result.loss /= n;
        return result;
    }
};
template <class Values>
SoftTargets(const Values&) -> SoftTargets<typename Values::value_type>;

}  // namespace residua::inline RESIDUA_ISA
