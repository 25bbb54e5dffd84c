// An image file is refused, or has as many pixels as its size says, and no more than are allowed.
#include "fuzz.hpp"

#include <residua/data/image_file.hpp>

namespace residua::fuzz {

std::vector<Bytes> seeds() {
    std::vector<Bytes> result;
    for (const auto& entry : std::filesystem::directory_iterator(RESIDUA_FUZZ_IMAGES)) {
        result.push_back(io::read_file(entry.path(), 4096));
    }
    return result;
}

void try_input(std::span<const std::byte> bytes) {
    constexpr Size most = 1 << 14;
    data::RgbImage image;
    if (!succeeds([&] { image = data::read_image(io::InputFile("image", bytes_of(bytes)), most); })) return;

    require(image.size.height > 0 && image.size.width > 0 && image.size.pixels() <= most, "an image has a size within bounds");
    require(image.pixels.size() == 3 * image.size.pixels(), "an image has its pixels");
}

}  // namespace residua::fuzz
