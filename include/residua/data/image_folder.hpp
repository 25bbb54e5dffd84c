// A data set of image files, as torchvision's ImageFolder has it: ROOT/CLASS/....jpg. Needs what image_file.hpp needs.
#pragma once

#include <residua/core/hash.hpp>
#include <residua/data/image_file.hpp>
#include <residua/data/image_source.hpp>
#include <residua/data/resize.hpp>
#include <residua/io/printable.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace residua::inline RESIDUA_ISA::data {

// What evaluation sees of an image: its shorter side brought to so many pixels, and of that the middle.
struct CentreView {
    ImageSize crop{224, 224};
    int shorter_side = 256;
};

namespace detail {

// All entries of a folder. Error: it cannot be read.
template <class Iterator>
std::vector<std::filesystem::directory_entry> entries_of(const std::filesystem::path& folder) {
    std::vector<std::filesystem::directory_entry> entries;
    std::error_code trouble;
    for (Iterator at(folder, trouble); !trouble && at != Iterator(); at.increment(trouble)) entries.push_back(*at);
    if (trouble) fail({folder.string(), ": cannot be read (", trouble.message(), ")"});
    return entries;
}

// ".jpg" of any case.
inline std::string ending_of(const std::filesystem::path& path) {
    std::string ending = path.extension().string();
    for (char& letter : ending) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return ending;
}

// Error: an image of a kind that torchvision would read. (Without it the set would be another.)
inline bool is_image_file(const std::filesystem::path& path) {
    const std::string ending = ending_of(path);
    const auto is_one_of = [&](auto... endings) { return ((ending == endings) || ...); };
    if (is_one_of(".jpg", ".jpeg", ".png")) return true;
    if (!is_one_of(".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")) return false;
    fail({path.string(), ": expected images to be .jpg, .jpeg or .png, found ", ending});
}

// The images of a class, in torchvision's order: folder by folder, and in each by name.
inline std::vector<std::filesystem::path> images_of_class(const std::filesystem::path& folder) {
    using Place = std::pair<std::string, std::string>;
    std::vector<Place> places;
    for (const auto& entry : entries_of<std::filesystem::recursive_directory_iterator>(folder)) {
        if (!entry.is_directory() && is_image_file(entry.path())) {
            places.emplace_back(entry.path().parent_path().string(), entry.path().filename().string());
        }
    }
    if (places.empty()) fail({folder.string(), ": expected images (.jpg, .jpeg, .png) of the class, found none"});
    std::sort(places.begin(), places.end());
    std::vector<std::filesystem::path> paths;
    paths.reserve(places.size());
    for (const Place& place : places) paths.push_back(std::filesystem::path(place.first) / place.second);
    return paths;
}

}  // namespace detail

// Each folder in `root` is a class, by its name in order; each .jpg, .jpeg and .png in it, or below it, an image. Only their
// names are held: an image is decoded each time it is read, as 3 x crop.height x crop.width pixels. Evaluation, and training that
// is told nothing else, sees the middle; training with a random shorter side (Augmentation) a window anywhere.
//   data::ImageFolder train("imagenet/train");
//   data::Batches batches(train, normalisation, {.flip = true, .shorter_side = {256, 480}}, 256, /*seed=*/1);
class ImageFolder : public ImageSource {
public:
    // Errors: the folder cannot be read; no class, or one without an image; files of images that are neither JPEG nor PNG; a view
    // whose crop is larger than its shorter side.
    explicit ImageFolder(const std::filesystem::path& root, const CentreView& view = {}) : view_(view) {
        detail::expect_size("image folder", view.crop);
        image = {3, view.crop.height, view.crop.width};
        expect_side({view.shorter_side, view.shorter_side});
        for (const auto& entry : detail::entries_of<std::filesystem::directory_iterator>(root)) {
            if (entry.is_directory()) class_names.push_back(entry.path().filename().string());
        }
        std::sort(class_names.begin(), class_names.end());
        if (class_names.empty()) fail({root.string(), ": expected a folder for each class, found none"});
        if (class_names.size() > Size{most_classes}) {
            fail({root.string(), ": expected at most ", most_classes, " classes, found ", class_names.size()});
        }
        classes = static_cast<int>(class_names.size());
        for (Size c = 0; c < class_names.size(); ++c) {
            for (std::filesystem::path& path : detail::images_of_class(root / class_names[c])) {
                paths_.push_back(std::move(path));
                labels.push_back(static_cast<std::uint16_t>(c));
            }
        }
    }

    const std::filesystem::path& path(Size i) const { return paths_[i]; }

    // Error: that of its file, which it names.
    void read(Size i, const Look& look, std::span<std::uint8_t> to) const override {
        const RgbImage whole = read_image(paths_[i]);
        const RgbImage seen = seen_of(whole, look, paths_[i]);
        const Size pixels = seen.size.pixels();
        for (Size p = 0; p < pixels; ++p) {
            for (Size c = 0; c < 3; ++c) to[c * pixels + p] = seen.pixels[3 * p + c];
        }
    }

    void expect_can(const Look& look) const override {
        if (look.scale_and_aspect && look.shorter_side.is_random()) {
            fail("residua: image folder: expected a random shorter side or scale and aspect, found both");
        }
        if (look.shorter_side.is_random()) expect_side(look.shorter_side);
    }

    // These of its images, in this order. Errors: no index; one beyond the images.
    friend ImageFolder subset(const ImageFolder& set, const std::vector<Size>& indices) {
        if (indices.empty()) fail("residua: subset: expected at least 1 index, found 0");
        ImageFolder result = set;
        result.paths_.clear();
        result.labels.clear();
        for (const Size i : indices) {
            if (i >= set.labels.size()) fail({"residua: subset: expected 0 to ", set.labels.size() - 1, ", found ", i});
            result.paths_.push_back(set.paths_[i]);
            result.labels.push_back(set.labels[i]);
        }
        return result;
    }

private:
    void expect_side(const ShorterSide& side) const {
        const int least = std::max(view_.crop.height, view_.crop.width);
        if (side.least >= least && side.most >= side.least) return;
        fail({"residua: image folder: expected a shorter side of at least ", least, " pixels, the crop's, found ", side.least,
              " to ", side.most});
    }

    RgbImage seen_of(const RgbImage& whole, const Look& look, const std::filesystem::path& path) const {
        try {
            if (look.scale_and_aspect) return resize(crop(whole, random_area(whole.size, look.key)), view_.crop);
            if (look.shorter_side.is_random()) return window_of_random_size(whole, look);
            const ImageSize size = with_shorter_side(whole.size, view_.shorter_side);
            return resize(whole, size, centre_of(size, view_.crop));
        } catch (const Error& error) {
            throw Error(path.string() + ": " + error.what());
        }
    }

    RgbImage window_of_random_size(const RgbImage& whole, const Look& look) const {
        const auto sides = static_cast<std::uint32_t>(look.shorter_side.most - look.shorter_side.least + 1);
        const int side = look.shorter_side.least + static_cast<int>(random::below(look.key, 0, sides));
        const ImageSize size = with_shorter_side(whole.size, side);
        random::Key of_window = look.key;
        ++of_window.index;
        return resize(whole, size, random_window(size, view_.crop, of_window));
    }

    CentreView view_;
    std::vector<std::filesystem::path> paths_;  // [images]
};

// A number that tells folders apart: of the images' classes, their names, and their files' sizes. (Not of
// what is in them: that would be an hour of ImageNet.) Error: a file is no longer there.
inline std::uint64_t content_hash(const ImageFolder& set) {
    Fnv1a hash;
    const auto add = [&](std::uint64_t number) { hash.add(std::as_bytes(std::span(&number, 1))); };
    for (const int number : {set.image.height, set.image.width, set.classes}) add(static_cast<std::uint64_t>(number));
    for (Size i = 0; i < set.labels.size(); ++i) {
        const std::filesystem::path& path = set.path(i);
        std::error_code trouble;
        const std::uintmax_t size = std::filesystem::file_size(path, trouble);
        if (trouble) fail({path.string(), ": cannot be read (", trouble.message(), ")"});
        add(set.labels[i]);
        hash.add(path.filename().string());
        add(size);
    }
    return hash.value();
}

}  // namespace residua::inline RESIDUA_ISA::data
