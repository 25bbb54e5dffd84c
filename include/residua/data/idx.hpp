// The MNIST family (yann.lecun.com/exdb/mnist; Fashion-MNIST): IDX files, plain or gzipped.
#pragma once

#include <residua/data/dataset.hpp>
#include <residua/data/gzip.hpp>

#include <optional>

namespace residua::inline RESIDUA_ISA::data {

namespace detail {

inline std::filesystem::path plain_or_packed(const std::filesystem::path& folder, const std::string& name) {
    for (const char* ending : {"", ".gz"}) {
        std::filesystem::path path = folder / (name + ending);
        std::error_code why_unknown;  // (who opens it hears why)
        if (std::filesystem::status(path, why_unknown).type() != std::filesystem::file_type::not_found) return path;
    }
    throw Error(folder.string() + ": expected a file " + name + " or " + name + ".gz, found neither");
}

// An IDX file of bytes with `rank` extents, of which the first counts records: its header is read and checked, its values not
// yet.
class IdxInput {
public:
    IdxInput(io::InputFile input, unsigned rank) : bytes_(std::move(input)) {
        const io::InputFile& file = bytes_.input();
        std::vector<std::uint8_t> header(4 + 4 * rank);
        const Size got = bytes_.read(header);
        if (got < header.size()) {
            file.fail("expected a header of " + std::to_string(header.size()) + " bytes, found " + std::to_string(got));
        }
        const auto number = [&](Size at) {
            return Size{header[at]} << 24 | Size{header[at + 1]} << 16 | Size{header[at + 2]} << 8 | Size{header[at + 3]};
        };
        const Size magic = 0x0800 + rank;
        if (number(0) != magic) {
            file.fail("expected the magic number " + std::to_string(magic) + " (bytes, " + std::to_string(rank) +
                      " extents), found " + std::to_string(number(0)));
        }
        constexpr Size most = (Size{1} << 31) - 1;  // so that each extent is an int
        for (Size d = 0; d < rank; ++d) {
            const Size extent = number(4 + 4 * d);
            if (extent == 0 || count_ > most / extent) {
                file.fail("expected extents from 1 to 2^31 - 1 in all, found " + std::to_string(extent));
            }
            count_ *= extent;
            extents_.push_back(extent);
        }
    }

    const std::string& name() const { return bytes_.input().name(); }
    const std::vector<Size>& extents() const { return extents_; }

    // All values, once. Errors: there are fewer or more than the extents say.
    std::vector<std::uint8_t> read_values() { return bytes_.read_rest(count_, "values"); }

private:
    Unpacked bytes_;
    std::vector<Size> extents_;
    Size count_ = 1;
};

}  // namespace detail

// Images and their labels as IDX (magic 2051 and 2049), plain or gzipped; if `image` is given, of that shape. Errors name the
// input, expected and found.
inline Dataset read_idx(io::InputFile image_input, io::InputFile label_input, int classes = 10, std::optional<Shape> image = {}) {
    detail::IdxInput images(std::move(image_input), 3);
    detail::IdxInput labels(std::move(label_input), 1);
    if (images.extents()[0] != labels.extents()[0]) {
        throw Error(labels.name() + ": expected " + std::to_string(images.extents()[0]) + " labels, as many as images, found " +
                    std::to_string(labels.extents()[0]));
    }
    const Shape found{1, static_cast<int>(images.extents()[1]), static_cast<int>(images.extents()[2])};
    if (image && *image != found) {
        throw Error(images.name() + ": expected images of " + shown(*image) + ", found " + shown(found));
    }

    Dataset result;
    result.image = found;
    result.classes = classes;
    const std::vector<std::uint8_t> values = labels.read_values();
    for (Size i = 0; i < values.size(); ++i) detail::expect_label(labels.name(), i, values[i], classes);
    result.labels.assign(values.begin(), values.end());
    result.pixels = images.read_values();
    for (int c = 0; c < classes; ++c) result.class_names.push_back(std::to_string(c));
    return result;
}

// train-images-idx3-ubyte and train-labels-idx1-ubyte, or t10k-..., of a folder, each may end in .gz.
inline Dataset read_idx(const std::filesystem::path& folder, Part part, int classes = 10, std::optional<Shape> image = {}) {
    const std::string stem = part == Part::train ? "train" : "t10k";
    io::InputFile images(detail::plain_or_packed(folder, stem + "-images-idx3-ubyte"));
    io::InputFile labels(detail::plain_or_packed(folder, stem + "-labels-idx1-ubyte"));
    return read_idx(std::move(images), std::move(labels), classes, image);
}

// Fashion-MNIST (Xiao et al. 2017): the Debian package dataset-fashion-mnist puts it into /usr/share/datasets/fashion-mnist.
inline Dataset read_fashion_mnist(const std::filesystem::path& folder, Part part) {
    Dataset result = read_idx(folder, part, 10, Shape{1, 28, 28});
    result.class_names = {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"};
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::data
