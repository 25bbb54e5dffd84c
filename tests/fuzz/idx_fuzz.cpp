// A pair of IDX files is refused, or is a data set whose parts fit one another. The first two bytes say how long the images are.
#include "fuzz.hpp"

#include <residua/data/idx.hpp>

namespace residua::fuzz {
namespace {

Bytes idx(std::vector<int> extents, std::size_t values) {
    Bytes bytes{std::byte{0}, std::byte{0}, std::byte{8}, static_cast<std::byte>(extents.size())};
    for (const int extent : extents)
        bytes.insert(bytes.end(), {std::byte{0}, std::byte{0}, std::byte{0}, static_cast<std::byte>(extent)});
    for (std::size_t i = 0; i < values; ++i) bytes.push_back(static_cast<std::byte>(i % 10));
    return bytes;
}

Bytes pair_of(const Bytes& images, const Bytes& labels) {
    Bytes bytes{static_cast<std::byte>(images.size() >> 8), static_cast<std::byte>(images.size() & 255)};
    bytes.insert(bytes.end(), images.begin(), images.end());
    bytes.insert(bytes.end(), labels.begin(), labels.end());
    return bytes;
}

}  // namespace

std::vector<Bytes> seeds() {
    return {pair_of(idx({2, 3, 3}, 18), idx({2}, 2)), pair_of(idx({12, 1, 5}, 60), idx({12}, 12)), pair_of(idx({1}, 1), {})};
}

void try_input(std::span<const std::byte> bytes) {
    if (bytes.size() < 2) return;
    const std::size_t split =
        std::min(static_cast<std::size_t>(bytes[0]) << 8 | static_cast<std::size_t>(bytes[1]), bytes.size() - 2);
    data::Dataset set;
    if (!succeeds([&] {
            set = data::read_idx(io::InputFile("images", bytes_of(bytes.subspan(2, split))),
                                 io::InputFile("labels", bytes_of(bytes.subspan(2 + split))));
        }))
        return;
    require(set.size() > 0, "there are images");
    require(set.image.channels == 1 && set.image.height > 0 && set.image.width > 0, "images have a size");
    require(set.pixels.size() == set.labels.size() * set.image.size(), "each image has its pixels");
    for (const int label : set.labels) require(label < 10, "a label is a class");
}

}  // namespace residua::fuzz
