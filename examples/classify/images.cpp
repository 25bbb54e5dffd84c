#include "images.hpp"

#include <residua/data/image_file.hpp>
#include <residua/data/in_order.hpp>
#include <residua/data/resize.hpp>

namespace classify {

using namespace residua;

std::vector<std::uint8_t> seen(const std::string& file, Shape image, double crop) {
    const data::RgbImage whole = data::read_image(file);
    const data::ImageSize size = data::with_shorter_side(whole.size, static_cast<int>(image.height / crop));
    const data::Window middle = data::centre_of(size, {image.height, image.width});
    const data::RgbImage part = data::resize(whole, size, middle);

    std::vector<std::uint8_t> planes(image.size());
    const Size pixels = image.pixels();
    for (Size p = 0; p < pixels; ++p) {
        for (Size c = 0; c < 3; ++c) planes[c * pixels + p] = part.pixels[3 * p + c];
    }
    return planes;
}

std::vector<float> normalised(const std::vector<std::uint8_t>& pixels, const data::Normalisation& normalisation) {
    const Size images = pixels.size() / normalisation.image.size();
    data::Dataset set;
    set.image = normalisation.image;
    set.pixels = pixels;
    set.labels.resize(images);  // (none are known, and none are looked at)
    data::InOrder in_order(set, normalisation, static_cast<int>(images));
    const data::Batch& all = *in_order.begin();
    return {all.images.begin(), all.images.end()};
}

}  // namespace classify
