// Safetensors files (huggingface.co/docs/safetensors): eight bytes of length, a JSON header, the tensors. Needs nlohmann-json.
#pragma once

#include <residua/io/half.hpp>
#include <residua/io/safetensors_header.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace residua::inline RESIDUA_ISA::io {

// A file whose header is read and checked before anything is handed out: it may lie about its header, its shapes and its offsets,
// and each lie is an Error that names file, tensor, expected and found. A tensor's values are read when they are asked for.
class SafetensorsFile {
public:
    static constexpr std::size_t largest_header = 100'000'000;
    static constexpr std::size_t largest_file = detail::largest_safetensors;

    static SafetensorsFile read(const std::filesystem::path& path) { return SafetensorsFile(InputFile(path)); }
    // Mapped into memory (InputFile::map); the pages of a tensor whose values were taken are given back.
    static SafetensorsFile map(const std::filesystem::path& path) { return SafetensorsFile(InputFile::map(path)); }
    SafetensorsFile(std::string name, Bytes bytes) : SafetensorsFile(InputFile(std::move(name), std::move(bytes))) {}
    explicit SafetensorsFile(InputFile input) : input_(std::move(input)) { parse(); }

    const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
    const std::map<std::string, std::string>& metadata() const { return metadata_; }
    bool contains(const std::string& tensor) const { return tensors_.contains(tensor); }

    const StoredTensor& info(const std::string& tensor) const {
        const auto found = tensors_.find(tensor);
        if (found == tensors_.end()) input_.fail("expected a tensor " + in_quotes(tensor) + ", found none of that name");
        return found->second;
    }

    // A tensor's values. F16 and BF16 become floats or doubles, exactly; F32 and F64 are converted into each other. Errors: it is
    // of another kind, or not there, or a value is too large for T; the file cannot be read.
    template <class T>
    std::vector<T> values(const std::string& tensor) const {
        std::vector<T> result(info(tensor).count());
        read_values(tensor, std::span(result));
        return result;
    }

    // The same into memory of the caller's, without a copy between where the file has them as T. Errors, after which some may
    // have been written: also a tensor of more or fewer values than `to` has.
    template <class T>
    void read_values(const std::string& tensor, std::span<T> to) const {
        static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>);
        const StoredTensor& stored = info(tensor);
        if (stored.count() != to.size()) {
            fail(tensor, "expected " + std::to_string(to.size()) + " values, found " + std::to_string(stored.count()));
        }
        if constexpr (std::is_floating_point_v<T>) {
            if (stored.type == "F32") return read_as<float>(tensor, stored, to);
            if (stored.type == "F64") return read_as<double>(tensor, stored, to);
            if (stored.type == "F16") return read_as<Float16>(tensor, stored, to);
            if (stored.type == "BF16") return read_as<BFloat16>(tensor, stored, to);
            fail(tensor, "expected F16, BF16, F32 or F64, found " + stored.type);
        } else {
            if (stored.type == "I64") return read_as<std::int64_t>(tensor, stored, to);
            fail(tensor, "expected I64, found " + stored.type);
        }
    }

    // Error unless the tensor has that shape.
    void expect_shape(const std::string& tensor, const std::vector<std::int64_t>& shape) const {
        const StoredTensor& stored = info(tensor);
        if (stored.shape != shape) fail(tensor, "expected shape " + text_of(shape) + ", found " + text_of(stored.shape));
    }

    // An error that names the file.
    [[noreturn]] void fail(const std::string& why) const { input_.fail(why); }

private:
    [[noreturn]] void fail(const std::string& tensor, const std::string& why) const {
        fail("tensor " + in_quotes(tensor) + ": " + why);
    }

    template <class Stored, class T>
    void read_as(const std::string& tensor, const StoredTensor& stored, std::span<T> to) const {
        const std::uint64_t begin = data_at_ + stored.begin;
        if constexpr (std::is_same_v<T, Stored>) {
            input_.read(begin, std::as_writable_bytes(to));
        } else {
            std::array<Stored, 4096> some;
            for (std::size_t at = 0; at < to.size(); at += some.size()) {
                const std::span<Stored> part(some.data(), std::min(some.size(), to.size() - at));
                input_.read(begin + at * sizeof(Stored), std::as_writable_bytes(part));
                for (std::size_t i = 0; i < part.size(); ++i) to[at + i] = as<T>(tensor, part[i]);
            }
        }
        input_.release(begin, stored.end - stored.begin);
    }

    template <class T, class Stored>
    T as(const std::string& tensor, Stored stored) const {
        if constexpr (std::is_floating_point_v<Stored>) {
            const T value = static_cast<T>(stored);
            if (std::isfinite(stored) && !std::isfinite(value)) {
                fail(tensor, "expected values in the range of F32, found " + nlohmann::json(stored).dump());
            }
            return value;
        } else {
            return static_cast<T>(stored.value());
        }
    }

    // What cannot be safetensors may be what PyTorch or Keras saves: a zip archive (.pt, .keras), a pickle (.pth before PyTorch
    // 1.6, and of other programs), or HDF5 (.h5).
    void expect_not_of_others() const {
        std::array<char, 8> bytes{};
        input_.read(0, std::as_writable_bytes(std::span(bytes)));
        const std::string_view begin(bytes.data(), bytes.size());
        std::string found;
        if (begin.starts_with("PK\3\4")) found = "a zip archive, as PyTorch and Keras write it";
        if (begin[0] == '\x80' && begin[1] >= 2 && begin[1] <= 5) found = "a pickle, as PyTorch writes it";
        if (begin == "\x89HDF\r\n\x1A\n") found = "an HDF5 file, as Keras writes it";
        if (found.empty()) return;
        input_.fail("expected a safetensors file, found " + found + ": scripts/to_safetensors.py converts it");
    }

    void parse() {
        if (input_.size() < 8) input_.fail("expected at least 8 bytes, found " + std::to_string(input_.size()));
        if (input_.size() > largest_file) {
            input_.fail("expected at most 2^36 bytes, found " + std::to_string(input_.size()));
        }
        std::uint64_t length = 0;
        input_.read(0, std::as_writable_bytes(std::span(&length, 1)));
        if (length > largest_header || length > input_.size() - 8) expect_not_of_others();
        if (length > largest_header) {
            input_.fail("expected a header of at most " + std::to_string(largest_header) + " bytes, found " +
                        std::to_string(length));
        }
        if (length > input_.size() - 8) {
            input_.fail("expected a header of " + std::to_string(length) + " bytes, found " + std::to_string(input_.size() - 8));
        }
        data_at_ = 8 + length;

        // Whether this is such a file at all is seen from one byte, before the header's length is believed.
        if (length == 0) input_.fail("expected a JSON header, found none");
        char first = 0;
        input_.read(8, std::as_writable_bytes(std::span(&first, 1)));
        if (first != '{') {
            input_.fail("expected a JSON object as header, which begins with '{', found " + in_quotes({&first, 1}));
        }
        std::string text(length, ' ');
        input_.read(8, std::as_writable_bytes(std::span(text)));
        detail::SafetensorsHeader header(input_, text, input_.size() - data_at_);
        tensors_ = std::move(header.tensors);
        metadata_ = std::move(header.metadata);
    }

    InputFile input_;
    std::uint64_t data_at_ = 0;
    std::map<std::string, StoredTensor> tensors_;
    std::map<std::string, std::string> metadata_;
};

}  // namespace residua::inline RESIDUA_ISA::io
