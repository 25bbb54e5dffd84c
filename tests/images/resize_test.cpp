// Sizes and windows: Pillow's pixels, torchvision's rounding.
#include <doctest/doctest.h>

#include <residua/data/resize.hpp>

#include "../support/message.hpp"
#include "expected.hpp"

#include <array>

namespace residua::data {
namespace {

using testing::message_of;

// That of pillow.py.
RgbImage noise(int height, int width) {
    RgbImage image{{height, width}, {}};
    for (std::uint32_t i = 0; i < 3 * image.size.pixels(); ++i) {
        const std::uint32_t x = i * 2654435761U;
        image.pixels.push_back(static_cast<std::uint8_t>((x * x + i) >> 24));
    }
    return image;
}

TEST_CASE("resized images have Pillow's pixels, bit for bit") {
    int sizes = 0;
    for (const std::string& line : testing::expected_of("resize")) {
        CAPTURE(line);
        std::istringstream words(line);
        ImageSize from;
        ImageSize to;
        std::string sum;
        words >> from.height >> from.width >> to.height >> to.width >> sum;
        const std::string found = testing::in_short(resize(noise(from.height, from.width), to));
        CHECK(found == std::to_string(to.height) + " " + std::to_string(to.width) + " " + sum);
        ++sizes;
    }
    CHECK(sizes == 19);
}

TEST_CASE("a window of a size is the same as the window of all of it") {
    const RgbImage image = noise(23, 31);
    for (const ImageSize size : {ImageSize{40, 50}, ImageSize{9, 11}, ImageSize{23, 31}, ImageSize{23, 60}}) {
        for (const Window& window :
             {Window{0, 0, {4, 5}}, Window{size.height - 3, size.width - 4, {3, 4}}, Window{3, 2, {1, 7}}}) {
            CHECK(resize(image, size, window).pixels == crop(resize(image, size), window).pixels);
        }
    }
    CHECK(resize(image, image.size).pixels == image.pixels);
}

TEST_CASE("the longer side is rounded down, as torchvision does") {
    CHECK(with_shorter_side({375, 500}, 256) == ImageSize{256, 341});
    CHECK(with_shorter_side({500, 333}, 256) == ImageSize{384, 256});
    CHECK(with_shorter_side({300, 300}, 480) == ImageSize{480, 480});
    CHECK(with_shorter_side({1, 1000}, 7) == ImageSize{7, 7000});
    CHECK(resize_shorter_side(noise(20, 31), 13).size == ImageSize{13, 20});
}

TEST_CASE("the middle of an odd margin is that of Python's round") {
    // int(round((height - size) / 2.0)): 0.5 and 2.5 go down, 1.5 and 3.5 up.
    constexpr std::array<int, 9> begins = {0, 0, 1, 2, 2, 2, 3, 4, 4};
    for (int margin = 0; margin < 9; ++margin) {
        const Window window = centre_of({10 + margin, 20}, {10, 12});
        CHECK(window == Window{begins[static_cast<Size>(margin)], 4, {10, 12}});
    }
    const RgbImage image = noise(9, 8);
    CHECK(centre_crop(image, {9, 8}).pixels == image.pixels);
    const RgbImage middle = centre_crop(image, {1, 2});
    CHECK(middle.pixels ==
          std::vector<std::uint8_t>(image.pixels.begin() + 3 * (4 * 8 + 3), image.pixels.begin() + 3 * (4 * 8 + 5)));
}

TEST_CASE("random windows reach all places, and are functions of their key") {
    std::array<int, 3> rows{};
    std::array<int, 2> columns{};
    for (std::uint64_t sample = 0; sample < 200; ++sample) {
        const random::Key key{7, random::Purpose::crop, 0, 3, sample};
        const Window window = random_window({6, 6}, {4, 5}, key);
        CHECK(window == random_window({6, 6}, {4, 5}, key));
        ++rows.at(static_cast<Size>(window.top));
        ++columns.at(static_cast<Size>(window.left));
    }
    for (const int count : rows) CHECK(count > 40);
    for (const int count : columns) CHECK(count > 70);
}

TEST_CASE("random areas have 8 to 100 % of the image, an aspect of 3:4 to 4:3, and are functions of their key") {
    const ImageSize size{300, 400};
    double sum = 0;
    int upright = 0;
    for (std::uint64_t sample = 0; sample < 400; ++sample) {
        const random::Key key{7, random::Purpose::crop, 0, 3, sample};
        const Window window = random_area(size, key);
        CHECK(window == random_area(size, key));
        const double share = static_cast<double>(window.size.pixels()) / static_cast<double>(size.pixels());
        const double aspect = static_cast<double>(window.size.width) / window.size.height;
        CHECK(share > 0.079);
        CHECK(share <= 1);
        CHECK(aspect > 0.74);
        CHECK(aspect < 1.35);
        CHECK(window.top + window.size.height <= size.height);
        CHECK(window.left + window.size.width <= size.width);
        sum += share;
        upright += aspect < 1;
    }
    CHECK(sum / 400 > 0.4);  // (below 0.54: the large ones seldom fit)
    CHECK(sum / 400 < 0.54);
    CHECK(upright > 100);

    // No window of such an aspect has 8 % of these: the middle.
    CHECK(random_area({1000, 10}, {}) == Window{493, 0, {13, 10}});
    CHECK(random_area({10, 1001}, {}) == Window{0, 494, {10, 13}});
    CHECK(random_area({1, 1}, {}) == Window{0, 0, {1, 1}});
}

TEST_CASE("sizes and windows that cannot be are errors") {
    const RgbImage image = noise(4, 6);
    CHECK(message_of([&] {
              resize(image, {0, 3});
          }) == "residua: resize: expected a size of at least 1x1 and at most 89478485 pixels, found 0x3");
    CHECK(message_of([&] {
              resize(image, {100'000, 1000});
          }) == "residua: resize: expected a size of at least 1x1 and at most 89478485 pixels, found 100000x1000");
    CHECK(message_of([&] {
              resize(image, {4, 4}, Window{1, 0, {4, 4}});
          }) == "residua: resize: expected a window within an image of 4x4, found one of 4x4 at row 1, column 0");
    CHECK(message_of([&] {
              resize(RgbImage{{2, 2}, {1, 2}}, {4, 4});
          }) == "residua: resize: expected 12 values of an image of 2x2, found 2");
    CHECK(message_of([&] {
              centre_crop(image, {5, 5});
          }) == "residua: centre crop: expected a window of 1x1 to 4x6, the image's size, found one of 5x5");
    CHECK(message_of([&] {
              random_window({4, 6}, {4, 7}, {});
          }) == "residua: random crop: expected a window of 1x1 to 4x6, the image's size, found one of 4x7");
    CHECK(message_of([&] { resize_shorter_side(image, 0); }) == "residua: shorter side: expected at least 1 pixel, found 0");
    CHECK(message_of([&] {
              with_shorter_side({1, 1'000'000}, 256);
          }) == "residua: shorter side: expected at most 89478485 pixels, found 256 times 256000000");
}

}  // namespace
}  // namespace residua::data
