// Parts of a data set: some of its images, and a split into two.
#pragma once

#include <residua/core/random.hpp>
#include <residua/data/dataset.hpp>

#include <numeric>

namespace residua::inline RESIDUA_ISA::data {

// The images of these indices, in this order, with their labels: a data set of its own, which copies them. An index may come more
// than once. Errors: of expect_consistent; no index; an index beyond the images.
template <class Pixel>
DatasetOf<Pixel> subset(const DatasetOf<Pixel>& set, const std::vector<Size>& indices) {
    expect_consistent(set);
    if (indices.empty()) fail("residua: subset: expected at least 1 index, found 0");
    const Size images = set.labels.size();
    for (Size i = 0; i < indices.size(); ++i) {
        if (indices[i] >= images) {
            fail({"residua: subset: index ", i, ": expected 0 to ", images - 1, ", found ", indices[i]});
        }
    }

    DatasetOf<Pixel> result;
    result.image = set.image;
    result.classes = set.classes;
    result.class_names = set.class_names;
    result.labels.reserve(indices.size());
    result.pixels.reserve(indices.size() * set.image.size());
    for (const Size i : indices) {
        const Pixel* from = set.image_at(i);
        result.labels.push_back(set.labels[i]);
        result.pixels.insert(result.pixels.end(), from, from + set.image.size());
    }
    return result;
}

// What the first part of a split has: so many images, or such a fraction of all (rounded to the nearest). One of the two.
struct FirstPart {
    int images = 0;
    double fraction = 0;
    bool stratified = false;  // of each class the same fraction, to one image: a class of one is in either part
};

// Two data sets, of which none refers to that which was split.
template <class Pixel>
struct SplitDataset {
    DatasetOf<Pixel> first;
    DatasetOf<Pixel> second;
};

namespace detail {

inline int images_of(const FirstPart& part, int all) {
    if (part.images == 0 && part.fraction == 0) fail("residua: split: expected one of .images and .fraction, found neither");
    if (part.images != 0 && part.fraction != 0) {
        fail("residua: split: expected one of .images and .fraction, found both: " + std::to_string(part.images) + " and " +
             shown(part.fraction));
    }
    if (part.fraction != 0 && !(part.fraction > 0 && part.fraction < 1)) {
        fail("residua: split: expected a fraction between 0 and 1, found " + shown(part.fraction));
    }
    const int images = part.images != 0 ? part.images : static_cast<int>(std::lround(part.fraction * all));
    if (images >= 1 && images < all) return images;
    fail("residua: split: expected 1 to " + std::to_string(all - 1) + " of " + std::to_string(all) +
         " images in the first part, so that the second has one too, found " + std::to_string(images));
}

// The same images, those of a class behind one another as they were. (Counted: std::stable_sort of g++ 12's library warns on
// clang 22.)
template <class Pixel>
std::vector<std::uint32_t> by_class(const DatasetOf<Pixel>& set, const std::vector<std::uint32_t>& order) {
    std::vector<Size> place(Size{most_classes} + 1);
    for (const std::uint16_t label : set.labels) ++place[Size{label} + 1];
    std::partial_sum(place.begin(), place.end(), place.begin());
    std::vector<std::uint32_t> result(order.size());
    for (const std::uint32_t image : order) result[place[set.labels[image]]++] = image;
    return result;
}

}  // namespace detail

// Cuts a data set into two, by chance: each image is in one of them. Both keep the order of the set. A function of set, part and
// seed alone: the same images on any machine.
//   const auto [train, held_out] = data::split(set, {.fraction = 0.9}, /*seed=*/1);
// Errors: of expect_consistent; not one of images and fraction; a part without an image.
template <class Pixel>
SplitDataset<Pixel> split(const DatasetOf<Pixel>& set, FirstPart part, std::uint64_t seed) {
    expect_consistent(set);
    const int all = set.size();
    const int images = detail::images_of(part, all);
    std::vector<std::uint32_t> order = random::permutation(static_cast<std::uint32_t>(all), seed, 0, random::Purpose::split);
    if (part.stratified) order = detail::by_class(set, order);

    // Evenly spread over the order: where the images of a class are neighbours, each class gives its share.
    std::vector<bool> is_first(order.size());
    const auto taken_before = [&](Size i) { return i * static_cast<Size>(images) / order.size(); };
    for (Size i = 0; i < order.size(); ++i) is_first[order[i]] = taken_before(i + 1) > taken_before(i);

    std::vector<Size> first;
    std::vector<Size> second;
    for (Size i = 0; i < is_first.size(); ++i) (is_first[i] ? first : second).push_back(i);
    return {subset(set, first), subset(set, second)};
}

}  // namespace residua::inline RESIDUA_ISA::data
