// What an image's logits say: probabilities, and the classes that are likeliest.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>
#include <residua/simd/elementary.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// Before: larger, or as large and of a lower class. A logit that is no number comes after all that are.
template <class T>
bool is_likelier(std::span<const T> logits, Size a, Size b) {
    const bool known_a = !std::isnan(logits[a]);
    const bool known_b = !std::isnan(logits[b]);
    if (known_a != known_b) return known_a;
    if (known_a && logits[a] != logits[b]) return logits[a] > logits[b];
    return a < b;
}

}  // namespace detail

// probabilities[c] = exp(y_c) / sum_k exp(y_k), computed in double. Both may be one memory. All are NaN if a logit is NaN or
// +infinity, or if all are -infinity: there is no such quotient, and it is what PyTorch gives. Error: another number of
// probabilities than of logits, or none.
template <class T>
void softmax(std::span<const T> logits, std::span<T> probabilities) {
    if (logits.empty() || logits.size() != probabilities.size()) {
        fail({"residua: softmax: expected as many probabilities as logits, and at least 1, found ", probabilities.size(), " and ",
              logits.size()});
    }
    const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (const T y : logits) sum += simd::exp(static_cast<double>(y) - largest);
    for (Size c = 0; c < logits.size(); ++c)
        probabilities[c] = static_cast<T>(simd::exp(static_cast<double>(logits[c]) - largest) / sum);
}

// The k likeliest classes, the likeliest first; of two with one logit the lower. Error: k not in [1, classes].
template <class T>
std::vector<int> top_k(std::span<const T> logits, int k) {
    if (k < 1 || static_cast<Size>(k) > logits.size()) {
        fail({"residua: top_k: expected k of 1 to ", logits.size(), ", the number of classes, found ", k});
    }
    std::vector<int> classes(logits.size());
    for (Size c = 0; c < logits.size(); ++c) classes[c] = static_cast<int>(c);
    std::partial_sort(classes.begin(), classes.begin() + k, classes.end(),
                      [&](int a, int b) { return detail::is_likelier(logits, static_cast<Size>(a), static_cast<Size>(b)); });
    classes.resize(static_cast<Size>(k));
    return classes;
}

// A class, and how likely it is.
struct Guess {
    int label = 0;
    double probability = 0;
};

// The K likeliest classes with their probabilities, the likeliest first: top_k and softmax, allocating nothing. Error: fewer than
// K logits.
template <int K, class T>
std::array<Guess, static_cast<Size>(K)> guesses(std::span<const T> logits) {
    static_assert(K >= 1, "residua: guesses: expected at least one");
    if (logits.size() < static_cast<Size>(K)) {
        fail({"residua: guesses: expected at least ", K, " logits, found ", logits.size()});
    }
    std::array<Guess, static_cast<Size>(K)> best;
    int found = 0;
    for (Size c = 0; c < logits.size(); ++c) {
        int place = found;
        while (place > 0 && detail::is_likelier(logits, c, static_cast<Size>(best[static_cast<Size>(place - 1)].label))) --place;
        if (place == K) continue;
        found = std::min(found + 1, K);
        std::move_backward(best.begin() + place, best.begin() + found - 1, best.begin() + found);
        best[static_cast<Size>(place)].label = static_cast<int>(c);
    }

    const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (const T y : logits) sum += simd::exp(static_cast<double>(y) - largest);
    for (Guess& guess : best) {
        guess.probability = simd::exp(static_cast<double>(logits[static_cast<Size>(guess.label)]) - largest) / sum;
    }
    return best;
}

// (Of vectors and arrays of logits, whose type the ones above do not see through.)
template <class Values, class T = typename Values::value_type>
std::vector<int> top_k(const Values& logits, int k) {
    return top_k(std::span<const T>(logits), k);
}
template <class Values, class T = typename Values::value_type>
std::vector<T> softmax(const Values& logits) {
    std::vector<T> probabilities(std::size(logits));
    softmax(std::span<const T>(logits), std::span<T>(probabilities));
    return probabilities;
}

}  // namespace residua::inline RESIDUA_ISA
