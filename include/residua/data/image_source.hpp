// Data sets whose images are made as they are read: from files, for one.
#pragma once

#include <residua/core/random.hpp>
#include <residua/data/dataset.hpp>

#include <span>

namespace residua::inline RESIDUA_ISA::data {

// Of what sizes an image is before a window is cut out of it at random: its shorter side has `least` to `most` pixels, each as
// likely as each other (Simonyan and Zisserman 2015; He et al. 2016: 256 to 480). None: what evaluation sees.
struct ShorterSide {
    int least = 0;
    int most = 0;

    bool is_random() const { return most > 0; }
};

// How training looks at an image: through a window of it at random, of one of these kinds, or as evaluation does. What is drawn
// is a function of the key, which is of (seed, epoch, image).
struct Look {
    ShorterSide shorter_side = {};
    bool scale_and_aspect = false;
    random::Key key = {};

    bool is_random() const { return scale_and_aspect || shorter_side.is_random(); }
};

// What Batches and InOrder read, as they do a Dataset, where there is not room for all images at once. Whoever makes one fills in
// the members. An image is read when a batch is prepared for it, so what goes wrong there arrives at next().
class ImageSource {
public:
    ImageSource() = default;
    ImageSource(const ImageSource&) = default;
    ImageSource(ImageSource&&) = default;
    ImageSource& operator=(const ImageSource&) = default;
    ImageSource& operator=(ImageSource&&) = default;
    virtual ~ImageSource() = default;

    Shape image;                           // of each, as it is read
    int classes = 0;                       // 0: not known
    std::vector<std::uint16_t> labels;     // [images], in [0, classes)
    std::vector<std::string> class_names;  // [classes], or none

    int size() const { return static_cast<int>(labels.size()); }

    // Image i, [channels][height][width] of 0 to 255. Several threads may call it at once; the same look is the same image.
    virtual void read(Size i, const Look& look, std::span<std::uint8_t> to) const = 0;

    // Error: it cannot be looked at like this.
    virtual void expect_can(const Look& look) const = 0;
};

// Errors: of a data set's, but for its pixels.
inline void expect_consistent(const ImageSource& set) {
    detail::expect_image("data set", set.image);
    detail::expect_number_of_images(set);
    detail::expect_labels(set);
}

}  // namespace residua::inline RESIDUA_ISA::data
