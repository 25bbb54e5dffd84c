// The images of a part of a data set, wherever they are.
#pragma once

#include <residua/any_status.hpp>
#include <residua/data/batches.hpp>
#include <residua/data/dataset.hpp>
#include <residua/data/in_order.hpp>

#ifdef RESIDUA_PROGRAM_IMAGES
#include <residua/data/image_folder.hpp>
#endif

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parts {

// In memory, or (where the program has what decodes them) in a folder of files. Steps and tests refer to it.
class ImageSet {
    template <class Action>
    decltype(auto) visit(Action action) const {
        return std::visit(action, images_);
    }  // (stands first: its result is deduced)

public:
    explicit ImageSet(residua::data::Dataset images) : images_(std::move(images)) {}
#ifdef RESIDUA_PROGRAM_IMAGES
    explicit ImageSet(residua::data::ImageFolder images) : images_(std::move(images)) {}
#endif

    residua::Shape image() const {
        return visit([](const auto& set) { return set.image; });
    }
    int classes() const {
        return visit([](const auto& set) { return set.classes; });
    }
    int size() const {
        return visit([](const auto& set) { return set.size(); });
    }
    const std::vector<std::uint16_t>& labels() const {
        return visit([](const auto& set) -> const auto& { return set.labels; });
    }
    const std::vector<std::string>& class_names() const {
        return visit([](const auto& set) -> const auto& { return set.class_names; });
    }
    // As it is called, or "class 3" where classes have no names.
    std::string class_name(std::size_t label) const {
        return label < class_names().size() ? class_names()[label] : "class " + std::to_string(label);
    }
    // Null: they are in files.
    const residua::data::Dataset* in_memory() const { return std::get_if<residua::data::Dataset>(&images_); }

    // Image i as evaluation sees it, [channels][height][width] of 0 to 255. Error: its file cannot be read.
    std::vector<std::uint8_t> pixels(std::size_t i) const;

    // A number that tells sets apart. Error: a file is gone.
    std::uint64_t content() const;

    // So many images from the beginning, or all of them; 0: all.
    ImageSet beginning(int images) const;

    std::int64_t steps_per_epoch(int batch) const {
        return visit([&](const auto& set) { return residua::data::Batches::steps_per_epoch(set, batch); });
    }
    std::unique_ptr<residua::data::Batches> batches(const residua::data::Normalisation& normalisation,
                                                    const residua::data::Augmentation& augmentation, int batch,
                                                    std::uint64_t seed, std::int64_t first_step) const;
    std::unique_ptr<residua::data::InOrder> in_order(const residua::data::Normalisation& normalisation, int batch) const;

private:
#ifdef RESIDUA_PROGRAM_IMAGES
    std::variant<residua::data::Dataset, residua::data::ImageFolder> images_;
#else
    std::variant<residua::data::Dataset> images_;
#endif
};

// The images of a data set by its name: fashion-mnist, mnist, cifar10, cifar100, imagenet (of which `folder` holds train and
// val), for a network of this input and so many classes. Errors: the files are not there, are damaged, or hold images that the
// network does not take; another name; imagenet, in a program that decodes no images.
ImageSet read_images(const std::string& data, const std::filesystem::path& folder, residua::data::Part part,
                     residua::AnyShape input, int classes);

}  // namespace parts
