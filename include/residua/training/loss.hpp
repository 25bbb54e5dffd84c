// Softmax cross-entropy: the loss of a classifier.
#pragma once

#include <residua/core/parallel.hpp>

#include <cmath>

namespace residua::inline RESIDUA_ISA {

// What a training step, or an evaluation, found of its images.
struct StepResult {
    double loss = 0;  // mean over the images
    int correct = 0;  // images whose largest logit is that of their label
    int images = 0;
};

// loss = mean over images of log(sum_c exp(y_c)) - y_label, and its gradient by y: (softmax(y) - [c == label]) / n.
// Sums run in double and in the order of the images. A NaN among an image's logits makes the loss NaN and the image wrong.
//
//   logits, gradient   [n][pitch], of which `classes` count; the rest of `gradient` is zero
//   labels             [n], in [0, classes)
template <class T>
StepResult softmax_cross_entropy(int n, int classes, Size pitch, const T* logits, const int* labels, T* gradient) {
    StepResult result{0, 0, n};
    for (int i = 0; i < n; ++i) {
        const T* y = logits + static_cast<Size>(i) * pitch;
        T* dy = gradient + static_cast<Size>(i) * pitch;
        const int label = labels[i];

        double largest = static_cast<double>(y[0]);
        int best = 0;
        for (int c = 1; c < classes; ++c) {
            if (static_cast<double>(y[c]) > largest) {
                largest = static_cast<double>(y[c]);
                best = c;
            }
        }
        double sum = 0;
        for (int c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(y[c]) - largest);

        const double loss = std::log(sum) + largest - static_cast<double>(y[label]);
        result.loss += loss;
        result.correct += best == label && !std::isnan(loss);
        for (Size c = 0; c < pitch; ++c) dy[c] = T(0);
        for (int c = 0; c < classes; ++c) {
            const double probability = std::exp(static_cast<double>(y[c]) - largest) / sum;
            dy[c] = static_cast<T>((probability - (c == label ? 1.0 : 0.0)) / n);
        }
    }
    result.loss /= n;
    return result;
}

}  // namespace residua::inline RESIDUA_ISA
