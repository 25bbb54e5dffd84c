#include "image_set.hpp"

#include <residua/core/error.hpp>
#include <residua/data/cifar.hpp>
#include <residua/data/idx.hpp>
#include <residua/data/split.hpp>

#include <numeric>

namespace parts {

using namespace residua;

namespace {

std::vector<std::uint8_t> pixels_of(const data::Dataset& set, Size i) {
    return {set.image_at(i), set.image_at(i) + set.image.size()};
}

#ifdef RESIDUA_PROGRAM_IMAGES
std::vector<std::uint8_t> pixels_of(const data::ImageFolder& set, Size i) {
    std::vector<std::uint8_t> pixels(set.image.size());
    set.read(i, {}, pixels);
    return pixels;
}
#endif

ImageSet read_files(const std::string& data, const std::filesystem::path& folder, data::Part part, AnyShape input, int classes) {
    if (data == "cifar10") return ImageSet(data::read_cifar10(folder, part));
    if (data == "cifar100") return ImageSet(data::read_cifar100(folder, part));
    if (data == "fashion-mnist") return ImageSet(data::read_fashion_mnist(folder, part));
    const Shape image{input.channels, input.height, input.width};
    if (data == "mnist") return ImageSet(data::read_idx(folder, part, classes, image));
#ifdef RESIDUA_PROGRAM_IMAGES
    if (data == "imagenet") {
        const std::filesystem::path images = folder / (part == data::Part::train ? "train" : "val");
        return ImageSet(data::ImageFolder(images, {.crop = {image.height, image.width}, .shorter_side = 256}));
    }
#endif
    throw Error("expected one of the data sets that this program reads, found '" + data + "'");
}

}  // namespace

std::vector<std::uint8_t> ImageSet::pixels(std::size_t i) const {
    return visit([&](const auto& set) { return pixels_of(set, i); });
}

std::uint64_t ImageSet::content() const {
    return visit([](const auto& set) { return content_hash(set); });
}

ImageSet ImageSet::beginning(int images) const {
    if (images == 0 || images >= size()) return *this;
    std::vector<Size> indices(static_cast<Size>(images));
    std::iota(indices.begin(), indices.end(), Size{0});
    return visit([&](const auto& set) { return ImageSet(subset(set, indices)); });
}

std::unique_ptr<data::Batches> ImageSet::batches(const data::Normalisation& normalisation, const data::Augmentation& augmentation,
                                                 int batch, std::uint64_t seed, std::int64_t first_step) const {
    return visit([&](const auto& set) {
        return std::make_unique<data::Batches>(set, normalisation, augmentation, batch, seed, first_step);
    });
}

std::unique_ptr<data::InOrder> ImageSet::in_order(const data::Normalisation& normalisation, int batch) const {
    return visit([&](const auto& set) { return std::make_unique<data::InOrder>(set, normalisation, batch); });
}

ImageSet read_images(const std::string& data, const std::filesystem::path& folder, data::Part part, AnyShape input, int classes) {
    ImageSet set = read_files(data, folder, part, input, classes);
    const std::string where = folder.string() + (part == data::Part::train ? ": training images" : ": test images");
    const std::string expected = shown(input);
    const std::string found = shown(set.image());
    if (expected != found) throw Error(where + ": expected " + expected + ", as the network takes them, found " + found);
    if (set.classes() != classes) {
        throw Error(where + ": expected " + std::to_string(classes) + " classes, as the network tells apart, found " +
                    std::to_string(set.classes()));
    }
    return set;
}

}  // namespace parts
