// How many test images a network answers rightly.
#pragma once

#include "network.hpp"
#include "views.hpp"

#include <residua/data/augment.hpp>
#include <residua/data/dataset.hpp>
#include <residua/inference/engine.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace paper::race {

// Shares of right answers, %.
struct Accuracy {
    double plain = 0;       // each image is seen once
    double with_views = 0;  // in six ways, whose logits are added; as `plain` where that was not asked for
};

class Judge {
public:
    // Refers to both.
    Judge(const data::Dataset& test, const data::Normalisation& normalisation, int threads)
        : test_(test), normalisation_(normalisation), threads_(threads), workspace_(threads) {}

    Accuracy judge(const Parameters<Net>& parameters, bool with_views) {
        const Inference<Net> engine(parameters, threads_);
        const std::size_t asked = with_views ? test_views.size() : 1;
        int plain = 0;
        int summed = 0;
        for (int first = 0; first < test_.size(); first += at_once) {
            const int n = std::min(at_once, test_.size() - first);
            std::vector<double> sums(static_cast<std::size_t>(n) * classes);
            for (std::size_t view = 0; view < asked; ++view) {
                const std::span<const float> logits = engine(seen(first, n, test_views[view].view), workspace_);
                for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += test_views[view].counts * static_cast<double>(logits[i]);
                if (view == 0) plain += right(sums, first);
            }
            summed += right(sums, first);
        }
        const double percent = 100.0 / test_.size();
        return {plain * percent, summed * percent};
    }

private:
    static constexpr int at_once = 100;
    static constexpr std::size_t classes = Net::output_shape.size();

    std::span<const float> seen(int first, int n, const View& view) {
        const Size pixels = test_.image.size();
        images_.resize(static_cast<Size>(n) * pixels);
        std::vector<float> plain(pixels);
        for (int i = 0; i < n; ++i) {
            data::normalise(test_.image_at(static_cast<Size>(first + i)), normalisation_, {}, plain.data());
            show(plain, test_.image, view, std::span(images_).subspan(static_cast<Size>(i) * pixels, pixels));
        }
        return images_;
    }

    // Of images from `first` on: where the largest of the sums [n][classes] is the label's.
    int right(const std::vector<double>& sums, int first) const {
        int count = 0;
        for (std::size_t i = 0; i * classes < sums.size(); ++i) {
            const auto of_image = sums.begin() + static_cast<std::ptrdiff_t>(i * classes);
            const auto best = std::max_element(of_image, of_image + classes) - of_image;
            count += best == test_.labels[static_cast<std::size_t>(first) + i];
        }
        return count;
    }

    const data::Dataset& test_;
    const data::Normalisation& normalisation_;
    Threads threads_;
    std::vector<float> images_;
    Inference<Net>::Workspace<at_once> workspace_;
};

}  // namespace paper::race
