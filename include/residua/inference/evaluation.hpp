// How well a network knows labelled images: loss, and errors of its first k guesses.
#pragma once

#include <residua/inference/classify.hpp>
#include <residua/simd/elementary.hpp>

#include <limits>

namespace residua::inline RESIDUA_ISA {

class Evaluation {
public:
    // Takes in one image. Errors: no logits, or another number of them than the images before had; a label that is none of the
    // classes.
    template <class T>
    void add(std::span<const T> logits, int label) {
        const auto classes = static_cast<int>(logits.size());
        if (classes < 1) fail({"residua: evaluation: expected at least 1 logit, found 0"});
        if (!ranks_.empty() && classes != classes_) {
            fail({"residua: evaluation: expected ", classes_, " logits, as of the images before, found ", classes});
        }
        if (label < 0 || static_cast<Size>(label) >= logits.size()) {
            fail({"residua: evaluation: label ", label, ", expected 0 to ", static_cast<int>(logits.size()) - 1});
        }
        classes_ = classes;
        const Size wanted = static_cast<Size>(label);
        Size best = 0;
        int before = 0;
        bool known = true;
        for (Size c = 0; c < logits.size(); ++c) {
            if (detail::is_likelier(logits, c, best)) best = c;
            before += detail::is_likelier(logits, c, wanted);
            known = known && !std::isnan(logits[c]);
        }
        double sum = 0;
        for (const T y : logits) sum += simd::exp(static_cast<double>(y) - static_cast<double>(logits[best]));

        loss_ += simd::log(sum) + static_cast<double>(logits[best]) - static_cast<double>(logits[wanted]);
        predictions_.push_back(static_cast<int>(best));
        confidences_.push_back(static_cast<float>(1 / sum));
        ranks_.push_back(known ? before : std::numeric_limits<int>::max());
    }

    int images() const { return static_cast<int>(ranks_.size()); }

    // Mean of softmax cross-entropy. NaN if a logit was NaN or +infinity, or of no images.
    double loss() const { return loss_ / images(); }

    // Images whose label is among the k likeliest classes, and the share of all others, which is NaN of no images. (Of an image
    // with a NaN among its logits it is not.) Error: k not in [1, classes].
    int correct(int k = 1) const {
        if (k < 1) fail({"residua: evaluation: expected k of at least 1, found ", k});
        if (!ranks_.empty() && k > classes_) {
            fail({"residua: evaluation: expected k of at most ", classes_, ", the number of classes, found ", k});
        }
        return static_cast<int>(std::count_if(ranks_.begin(), ranks_.end(), [&](int rank) { return rank < k; }));
    }
    double error(int k = 1) const { return static_cast<double>(images() - correct(k)) / images(); }

    // Of each image, in the order in which they came: the likeliest class; its probability (NaN if a logit was NaN or
    // +infinity); and how many classes are likelier than its label (0: it is right), the largest int if a logit was NaN.
    const std::vector<int>& predictions() const { return predictions_; }
    const std::vector<float>& confidences() const { return confidences_; }
    const std::vector<int>& ranks() const { return ranks_; }

private:
    int classes_ = 0;
    double loss_ = 0;
    std::vector<int> predictions_;
    std::vector<float> confidences_;
    std::vector<int> ranks_;
};

}  // namespace residua::inline RESIDUA_ISA
