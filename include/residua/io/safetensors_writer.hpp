// Writes safetensors files; safetensors.hpp reads them. Needs nlohmann-json.
#pragma once

#include <residua/io/atomic_file.hpp>
#include <residua/io/input_file.hpp>
#include <residua/io/printable.hpp>

#include <nlohmann/json.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace residua::inline RESIDUA_ISA::io {

static_assert(std::endian::native == std::endian::little,
              "residua: safetensors files are little-endian, and so must be the machine");

// One tensor to write: `data` holds the product of `shape` values, and may be null where that is zero.
template <class T>
struct TensorToWrite {
    std::string name;
    std::vector<std::int64_t> shape;
    const T* data = nullptr;
};

// "[64, 3, 7, 7]"; of more than eight extents the first, and how many there are.
inline std::string text_of(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size() && i < 8; ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    if (shape.size() > 8) text += ", ... (" + std::to_string(shape.size()) + " extents)";
    return text + "]";
}

namespace detail {

// The most bytes that a tensor, or a file, may have: beyond them is a mistake, and sums of two do not overflow.
inline constexpr std::size_t largest_safetensors = std::size_t{1} << 36;

// The bytes of a tensor whose values have `width` each. False: an extent is negative, or they are beyond `largest_safetensors`.
inline bool bytes_of(const std::vector<std::int64_t>& shape, std::size_t width, std::size_t& bytes) {
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return false;
        empty = empty || extent == 0;
    }
    bytes = empty ? 0 : width;
    for (const std::int64_t extent : shape) {
        if (empty) break;
        if (bytes > largest_safetensors / static_cast<std::size_t>(extent)) return false;
        bytes *= static_cast<std::size_t>(extent);
    }
    return true;
}

}  // namespace detail

// Writes F32 or F64 tensors, whole or not at all. Errors, after which the file is as it was: a name twice, a name or metadata
// that is not UTF-8, the reserved name `__metadata__`, an extent below zero, more than 2^36 bytes, no data, no room on the disk.
template <class T>
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorToWrite<T>>& tensors,
                       const std::map<std::string, std::string>& metadata = {}) {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
    const auto fail = [&](const std::string& why) { throw Error(path.string() + ": " + why); };

    nlohmann::json header = nlohmann::json::object();
    std::vector<std::size_t> sizes;
    std::size_t at = 0;
    for (const auto& tensor : tensors) {
        const std::string where = "tensor " + in_quotes(tensor.name) + ": ";
        if (tensor.name == "__metadata__") fail(where + "expected a name of its own, found the one reserved for metadata");
        if (header.contains(tensor.name)) fail("expected each name once, found " + in_quotes(tensor.name) + " twice");
        std::size_t bytes = 0;
        if (!detail::bytes_of(tensor.shape, sizeof(T), bytes) || bytes > detail::largest_safetensors - at) {
            fail(where + "expected extents from zero up and 2^36 bytes at most in all, found shape " + text_of(tensor.shape));
        }
        if (bytes > 0 && !tensor.data) fail(where + "expected " + std::to_string(bytes) + " bytes, found no data");

        header[tensor.name] = {
            {"dtype", sizeof(T) == 4 ? "F32" : "F64"}, {"shape", tensor.shape}, {"data_offsets", {at, at + bytes}}};
        at += bytes;
        sizes.push_back(bytes);
    }
    if (!metadata.empty()) header["__metadata__"] = metadata;

    std::string text;
    try {
        text = header.dump();
    } catch (const nlohmann::json::exception& error) {
        fail("expected names and metadata in UTF-8, found " + printable(error.what()));
    }
    text.append((8 - text.size() % 8) % 8, ' ');

    Bytes bytes(8 + text.size() + at);
    const std::uint64_t length = text.size();
    std::memcpy(bytes.data(), &length, 8);
    std::memcpy(bytes.data() + 8, text.data(), text.size());
    std::byte* to = bytes.data() + 8 + text.size();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (sizes[i] == 0) continue;  // (memcpy does not take a null pointer, not even for nothing)
        std::memcpy(to, tensors[i].data, sizes[i]);
        to += sizes[i];
    }
    write_file(path, bytes);
}

}  // namespace residua::inline RESIDUA_ISA::io
