#include "pictures.hpp"

#include "html.hpp"

#include <residua/data/resize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace parts {

using namespace residua;

namespace {

std::string base64(const std::vector<std::uint8_t>& bytes) {
    static const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const unsigned a = bytes[i];
        const unsigned b = i + 1 < bytes.size() ? bytes[i + 1] : 0;
        const unsigned c = i + 2 < bytes.size() ? bytes[i + 2] : 0;
        const unsigned all = a << 16 | b << 8 | c;
        result += letters[all >> 18];
        result += letters[all >> 12 & 63];
        result += i + 1 < bytes.size() ? letters[all >> 6 & 63] : '=';
        result += i + 2 < bytes.size() ? letters[all & 63] : '=';
    }
    return result;
}

constexpr int shown_side = 84;  // pixels

// An image as a page shows it: grey as RGB, and no larger.
data::RgbImage shown_image(const ImageSet& set, std::size_t index) {
    const std::vector<std::uint8_t> planes = set.pixels(index);
    const Shape shape = set.image();
    data::RgbImage image{{shape.height, shape.width}, {}};
    for (std::size_t p = 0; p < shape.pixels(); ++p) {
        for (std::size_t c = 0; c < 3; ++c) image.pixels.push_back(planes[(shape.channels == 3 ? c * shape.pixels() : 0) + p]);
    }
    const bool is_large = shape.height > shown_side && shape.width > shown_side;
    return is_large ? data::resize_shorter_side(image, shown_side) : image;
}

// An image as a BMP in a data URI: the one format that needs no library and every browser shows.
std::string picture(const ImageSet& set, std::size_t index) {
    const data::RgbImage image = shown_image(set, index);
    const int width = image.size.width;
    const int height = image.size.height;
    const int pitch = (3 * width + 3) / 4 * 4;
    const int size = 54 + pitch * height;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    const auto put = [&](std::size_t at, int value, int count) {
        for (int i = 0; i < count; ++i) bytes[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> (8 * i));
    };
    bytes[0] = 'B';
    bytes[1] = 'M';
    put(2, size, 4);
    put(10, 54, 4);
    put(14, 40, 4);
    put(18, width, 4);
    put(22, height, 4);
    put(26, 1, 2);
    put(28, 24, 2);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {  // blue, green, red; rows from the bottom
                bytes[static_cast<std::size_t>(54 + (height - 1 - y) * pitch + 3 * x + c)] =
                    image.pixels[static_cast<std::size_t>(3 * (y * width + x) + 2 - c)];
            }
        }
    }
    return "data:image/bmp;base64," + base64(bytes);
}

std::string picture_of(const ImageSet& set, const Evaluation& evaluation, std::size_t index) {
    const int label = set.labels()[index];
    const int predicted = evaluation.predictions()[index];
    const bool right = predicted == label;
    const std::string taken_for = escaped(set.class_name(static_cast<std::size_t>(predicted)));
    const std::string is = escaped(set.class_name(static_cast<std::size_t>(label)));
    const std::string surely = format("%.0f\u00a0%%", 100 * static_cast<double>(evaluation.confidences()[index]));

    const std::string alt = format("Test image %zu: ", index + 1) + is + ", taken for " + taken_for + ", " + surely;
    return std::string("<li><figure class='") + (right ? "right" : "wrong") + "'><img src='" + picture(set, index) + "' alt='" +
           alt + "' width='84' height='84'/><figcaption>" + taken_for + " " + surely + (right ? "" : "<br/>✗ is " + is) +
           "</figcaption></figure></li>";
}

}  // namespace

std::string picture_list(const ImageSet& set, const Evaluation& evaluation, const std::vector<std::size_t>& images) {
    std::string html = "<ul class='pictures'>";
    for (const std::size_t i : images) html += picture_of(set, evaluation, i);
    return html + "</ul>";
}

std::vector<std::size_t> surest_mistakes(const ImageSet& set, const Evaluation& evaluation, std::size_t at_most) {
    std::vector<std::size_t> mistakes;
    for (std::size_t i = 0; i < evaluation.predictions().size(); ++i) {
        if (evaluation.predictions()[i] != set.labels()[i]) mistakes.push_back(i);
    }
    std::stable_sort(mistakes.begin(), mistakes.end(),
                     [&](std::size_t a, std::size_t b) { return evaluation.confidences()[a] > evaluation.confidences()[b]; });
    mistakes.resize(std::min(mistakes.size(), at_most));
    return mistakes;
}

std::vector<std::size_t> least_certain(const Evaluation& evaluation, std::size_t at_most) {
    // (Of logits that are no numbers there is no probability, and nothing is less certain.)
    const auto certainty = [&](std::size_t i) {
        const float confidence = evaluation.confidences()[i];
        return std::isnan(confidence) ? -1.0F : confidence;
    };
    std::vector<std::size_t> images(evaluation.predictions().size());
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = i;
    std::stable_sort(images.begin(), images.end(), [&](std::size_t a, std::size_t b) { return certainty(a) < certainty(b); });
    images.resize(std::min(images.size(), at_most));
    return images;
}

}  // namespace parts
