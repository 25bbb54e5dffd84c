// A data set of a user's own arrays.
#pragma once

#include <residua/data/dataset.hpp>

namespace residua::inline RESIDUA_ISA::data {

// Images of this shape, one behind the other, and a label for each. Takes over the pixels; from a pointer:
// std::vector<float>(from, from + n * image.size()).
//   pixels        [images][channels][height][width]: std::uint8_t (0 to 255, read as pixel / 255) or float (read as it is)
//   labels        [images], in [0, classes)
//   class_names   [classes], or none
// Errors: of expect_consistent; fewer than 1 class or more than most_classes.
template <class Pixel>
DatasetOf<Pixel> from_arrays(Shape image, int classes, std::vector<Pixel> pixels, const std::vector<int>& labels,
                             const std::vector<std::string>& class_names = {}) {
    if (classes < 1 || classes > most_classes) {
        fail({"residua: data set: expected 1 to ", most_classes, " classes, found ", classes});
    }
    for (Size i = 0; i < labels.size(); ++i) detail::expect_label("residua: data set", i, labels[i], classes);

    DatasetOf<Pixel> result;
    result.image = image;
    result.classes = classes;
    result.pixels = std::move(pixels);
    result.labels.assign(labels.begin(), labels.end());
    result.class_names = class_names;
    expect_consistent(result);
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::data
