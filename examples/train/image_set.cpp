#include "image_set.hpp"

#include <residua/data/split.hpp>

#include <numeric>

namespace train {

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

}  // namespace train
