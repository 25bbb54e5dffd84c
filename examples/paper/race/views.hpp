// Ways of seeing an image: from a few pixels beside it, where it is reflected, and mirrored.
#pragma once

#include <residua/core/random.hpp>
#include <residua/core/shape.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace paper::race {

// So many pixels down and to the right, and mirrored or not.
struct View {
    int down = 0;
    int right = 0;
    bool mirrored = false;
};

// The row (or column) that is seen at `at`, which lies up to `size` - 1 beyond either border.
constexpr int reflected(int at, int size) {
    if (at < 0) at = -at;
    return at < size ? at : 2 * (size - 1) - at;
}

//   from, to   [channels][height][width], apart
inline void show(std::span<const float> from, residua::Shape shape, const View& view, std::span<float> to) {
    std::size_t next = 0;
    for (int channel = 0; channel < shape.channels; ++channel) {
        for (int row = 0; row < shape.height; ++row) {
            const int y = channel * shape.height + reflected(row + view.down, shape.height);
            for (int column = 0; column < shape.width; ++column) {
                const int across = view.mirrored ? shape.width - 1 - column : column;
                const int x = reflected(across + view.right, shape.width);
                to[next++] = from[static_cast<std::size_t>(y * shape.width + x)];
            }
        }
    }
}

// A training image as the key's time through the data shows it (a data::ImageChange). Flips alternate: whether an image is
// mirrored in even times or in odd ones is drawn, so that it is seen both ways equally often (Jordan 2024, section 3.6).
struct ShiftAndFlip {
    residua::Shape shape;
    int pad = 0;

    View view(const residua::random::Key& key) const {
        const auto places = static_cast<std::uint32_t>(2 * pad + 1);
        residua::random::Key of_image = key;
        of_image.step = 0;
        const bool begins_mirrored = residua::random::below(of_image, 2, 2) == 1;
        return {static_cast<int>(residua::random::below(key, 0, places)) - pad,
                static_cast<int>(residua::random::below(key, 1, places)) - pad, begins_mirrored != (key.step % 2 == 1)};
    }

    void operator()(std::span<float> pixels, const residua::random::Key& key) const {
        const std::vector<float> before(pixels.begin(), pixels.end());
        show(before, shape, view(key), pixels);
    }
};

// A view of a test image, and how much its logits count. Half for the image where it is, a quarter each for two diagonal shifts,
// and mirrored images as much as those that are not (Jordan 2024, section 3.5).
struct CountedView {
    View view;
    double counts = 0;
};
inline constexpr std::array<CountedView, 6> test_views = {{{{0, 0, false}, 0.25},
                                                           {{0, 0, true}, 0.25},
                                                           {{-1, -1, false}, 0.125},
                                                           {{-1, -1, true}, 0.125},
                                                           {{1, 1, false}, 0.125},
                                                           {{1, 1, true}, 0.125}}};

}  // namespace paper::race
