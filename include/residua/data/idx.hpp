// The MNIST family (yann.lecun.com/exdb/mnist; Fashion-MNIST): IDX files, plain or gzipped.
#pragma once

#include <residua/data/dataset.hpp>
#include <residua/data/gzip.hpp>

namespace residua::inline RESIDUA_ISA::data {

namespace detail {

inline std::filesystem::path plain_or_packed(const std::filesystem::path& folder, const std::string& name) {
    for (const std::string& ending : {std::string(), std::string(".gz")}) {
        const std::filesystem::path path = folder / (name + ending);
        if (std::filesystem::exists(path)) return path;
    }
    throw Error(folder.string() + ": expected a file " + name + " or " + name + ".gz, found neither");
}

// An IDX file of bytes with `rank` extents, of which the first counts records.
struct IdxBytes {
    std::vector<Size> extents;
    std::vector<std::uint8_t> values;
};
inline IdxBytes read_idx_file(const std::filesystem::path& path, unsigned rank) {
    constexpr Size most = Size{1} << 31;
    const std::vector<std::uint8_t> bytes = read_unpacked(path, most);
    const Size header = 4 + 4 * rank;
    if (bytes.size() < header) {
        throw Error(path.string() + ": expected a header of " + std::to_string(header) + " bytes, found " +
                    std::to_string(bytes.size()));
    }
    const auto number = [&](Size at) {
        return Size{bytes[at]} << 24 | Size{bytes[at + 1]} << 16 | Size{bytes[at + 2]} << 8 | Size{bytes[at + 3]};
    };
    const Size magic = 0x0800 + rank;
    if (number(0) != magic) {
        throw Error(path.string() + ": expected the magic number " + std::to_string(magic) + " (bytes, " + std::to_string(rank) +
                    " extents), found " + std::to_string(number(0)));
    }

    IdxBytes result;
    Size count = 1;
    for (Size d = 0; d < rank; ++d) {
        result.extents.push_back(number(4 + 4 * d));
        const Size extent = result.extents.back();
        if (extent == 0 || count > most / extent)
            throw Error(path.string() + ": expected extents from 1 to 2^31 in all, found " + std::to_string(extent));
        count *= extent;
    }
    if (bytes.size() - header != count) {
        throw Error(path.string() + ": expected " + std::to_string(count) + " values, found " +
                    std::to_string(bytes.size() - header));
    }
    result.values.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
    return result;
}

}  // namespace detail

// train-images-idx3-ubyte and train-labels-idx1-ubyte, or t10k-..., of a folder. Errors name the file, expected and found.
inline Dataset read_idx(const std::filesystem::path& folder, Part part, int classes = 10) {
    const std::string stem = part == Part::train ? "train" : "t10k";
    const std::filesystem::path image_file = detail::plain_or_packed(folder, stem + "-images-idx3-ubyte");
    const std::filesystem::path label_file = detail::plain_or_packed(folder, stem + "-labels-idx1-ubyte");
    detail::IdxBytes images = detail::read_idx_file(image_file, 3);
    detail::IdxBytes labels = detail::read_idx_file(label_file, 1);
    if (images.extents[0] != labels.extents[0]) {
        throw Error(label_file.string() + ": expected " + std::to_string(images.extents[0]) +
                    " labels, as many as images, found " + std::to_string(labels.extents[0]));
    }
    for (Size i = 0; i < labels.values.size(); ++i) detail::expect_label(label_file.string(), i, labels.values[i], classes);

    Dataset result;
    result.image = {1, static_cast<int>(images.extents[1]), static_cast<int>(images.extents[2])};
    result.classes = classes;
    result.pixels = std::move(images.values);
    result.labels = std::move(labels.values);
    for (int c = 0; c < classes; ++c) result.class_names.push_back(std::to_string(c));
    return result;
}

// Fashion-MNIST (Xiao et al. 2017): the Debian package dataset-fashion-mnist puts it into /usr/share/datasets/fashion-mnist.
inline Dataset read_fashion_mnist(const std::filesystem::path& folder, Part part) {
    Dataset result = read_idx(folder, part);
    result.class_names = {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"};
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::data
