// What a safetensors file says of its tensors. Needs nlohmann-json.
#pragma once

#include <residua/io/input_file.hpp>
#include <residua/io/printable.hpp>
#include <residua/io/safetensors_writer.hpp>

#include <set>
#include <string_view>

namespace residua::inline RESIDUA_ISA::io {

// What a file says of one tensor.
struct StoredTensor {
    std::string type;  // F16, BF16, F32, F64 or I64
    std::vector<std::int64_t> shape;
    std::size_t begin = 0;  // of its bytes, behind the header
    std::size_t end = 0;

    std::size_t width() const { return type == "F16" || type == "BF16" ? 2 : type == "F32" ? 4 : 8; }  // bytes a value
    std::size_t count() const { return (end - begin) / width(); }
};

namespace detail {

// Takes the events of nlohmann-json's parser and checks each as it comes: no document is built, and the time is that of the text.
// What is not as the format says is an Error of the input. (The parser itself would keep the last of two equal keys and go
// through a callback over all siblings of each object.)
class SafetensorsHeader {
    using Json = nlohmann::json;

public:
    static constexpr std::size_t most_extents = 64;  // of a tensor: as many as PyTorch takes

    SafetensorsHeader(const InputFile& input, std::string_view text, std::uint64_t data_size)
        : input_(input), data_size_(data_size) {
        // (The parser takes a zero byte for the end.)
        if (text.find('\0') != std::string_view::npos) input_.fail("expected a JSON header, found a zero byte in it");
        Json::sax_parse(text.begin(), text.end(), this);
        check_coverage();
    }

    std::map<std::string, StoredTensor> tensors;
    std::map<std::string, std::string> metadata;

    bool null() { return value("null", "null"); }
    bool boolean(bool truth) { return value("boolean", truth ? "true" : "false"); }
    bool number_integer(std::int64_t number) { return value("number", std::to_string(number)); }
    bool number_float(double, const std::string& text) { return value("number", text); }
    bool binary(std::vector<std::uint8_t>&) { return value("binary", "binary"); }

    bool number_unsigned(std::uint64_t number) {
        if (depth_ == 3 && field_ == Field::shape) {
            if (number >= std::uint64_t{1} << 63) fail("expected an extent below 2^63, found " + std::to_string(number));
            if (tensor_.shape.size() == most_extents) fail("expected at most 64 extents, found more");
            tensor_.shape.push_back(static_cast<std::int64_t>(number));
            return true;
        }
        if (depth_ == 3 && field_ == Field::offsets) {
            if (offsets_.size() == 2) fail("expected two data_offsets, found more");
            offsets_.push_back(number);
            return true;
        }
        return value("number", std::to_string(number));
    }

    bool string(std::string& text) {
        if (depth_ == 2 && in_metadata_) {
            metadata[key_] = std::move(text);
        } else if (depth_ == 2 && field_ == Field::type) {
            const bool is_known = text == "F16" || text == "BF16" || text == "F32" || text == "F64" || text == "I64";
            if (!is_known) fail("expected F16, BF16, F32, F64 or I64, found " + printable(text));
            tensor_.type = std::move(text);
        } else {
            return value("string", text);
        }
        return true;
    }

    bool start_object(std::size_t) {
        if (depth_ > 1) value("object", "an object");
        keys_.emplace_back();
        return deeper();
    }

    bool key(std::string& key) {
        if (!is_first(key)) input_.fail("expected each name once, found " + in_quotes(key) + " twice");
        if (depth_ == 1) {
            in_metadata_ = key == "__metadata__";
            name_ = std::move(key);
            tensor_ = {};
            offsets_.clear();
            seen_ = {};
        } else if (depth_ == 2) {
            key_ = std::move(key);
            field_ = in_metadata_             ? Field::other
                     : key_ == "dtype"        ? Field::type
                     : key_ == "shape"        ? Field::shape
                     : key_ == "data_offsets" ? Field::offsets
                                              : Field::other;
            seen_[static_cast<std::size_t>(field_)] = true;
        }
        return true;
    }

    bool end_object() {
        keys_.pop_back();
        if (--depth_ == 1 && !in_metadata_) add_tensor();
        return true;
    }

    bool start_array(std::size_t) {
        const bool expected = depth_ == 2 && (field_ == Field::shape || field_ == Field::offsets);
        if (!expected) value("array", "an array");
        return deeper();
    }

    bool end_array() {
        --depth_;
        return true;
    }

    template <class Exception>
    bool parse_error(std::size_t at, const std::string&, const Exception&) {
        input_.fail("expected a JSON header, found something else at byte " + std::to_string(8 + at));
    }

private:
    enum class Field : std::size_t { type, shape, offsets, other };

    [[noreturn]] void fail(const std::string& why) const { input_.fail("tensor " + in_quotes(name_) + ": " + why); }

    // Whether an object that is open does not have that name yet.
    bool is_first(const std::string& key) {
        if (depth_ > 1) return in_metadata_ ? metadata.emplace(key, "").second : keys_.back().insert(key).second;
        if (key == "__metadata__") return !std::exchange(has_metadata_, true);
        return !tensors.contains(key);
    }

    // Any value that is not what its place asks for; beside the places that ask for something there are fields of others.
    bool value(const char* kind, std::string_view found) const {
        if (depth_ == 1 && in_metadata_) input_.fail(std::string("'__metadata__': expected an object, found ") + kind);
        if (depth_ == 1) fail(std::string("expected an object, found ") + kind);
        if (in_metadata_) input_.fail("'__metadata__': expected a string for " + in_quotes(key_) + ", found " + kind);
        if (depth_ == 2) {
            if (field_ == Field::type) fail(std::string("expected a string as dtype, found ") + kind);
            if (field_ == Field::shape) fail(std::string("expected an array as shape, found ") + kind);
            if (field_ == Field::offsets) fail(std::string("expected an array of two data_offsets, found ") + kind);
        } else {
            if (field_ == Field::shape) fail("expected a whole number as extent, found " + printable(found));
            if (field_ == Field::offsets) fail("expected a whole number as offset, found " + printable(found));
        }
        return true;
    }

    bool deeper() {
        if (++depth_ > 4) input_.fail("expected at most 4 levels in the header, found more");
        return true;
    }

    void add_tensor() {
        constexpr const char* names[] = {"dtype", "shape", "data_offsets"};
        for (std::size_t field = 0; field < 3; ++field) {
            if (!seen_[field]) fail(std::string("expected a field '") + names[field] + "', found none");
        }
        std::size_t bytes = 0;
        if (!bytes_of(tensor_.shape, tensor_.width(), bytes)) {
            fail("expected at most 2^36 bytes, found shape " + text_of(tensor_.shape));
        }
        if (offsets_.size() != 2) fail("expected two data_offsets, found " + std::to_string(offsets_.size()));
        if (offsets_[0] > offsets_[1] || offsets_[1] > data_size_) {
            const std::string found = std::to_string(offsets_[0]) + " and " + std::to_string(offsets_[1]);
            fail("expected offsets in order and up to " + std::to_string(data_size_) + ", found " + found);
        }
        if (offsets_[1] - offsets_[0] != bytes) {
            const std::string expected = std::to_string(bytes) + " bytes for " + tensor_.type + " " + text_of(tensor_.shape);
            fail("expected " + expected + ", found " + std::to_string(offsets_[1] - offsets_[0]));
        }
        tensor_.begin = offsets_[0];
        tensor_.end = offsets_[1];
        tensors.emplace(std::move(name_), std::move(tensor_));
    }

    // Tensors follow one another without gaps or overlaps, as the format demands.
    void check_coverage() const {
        std::vector<const std::pair<const std::string, StoredTensor>*> order;
        order.reserve(tensors.size());
        for (const auto& tensor : tensors) order.push_back(&tensor);
        std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
            return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
        });
        std::size_t at = 0;
        for (const auto* tensor : order) {
            const std::size_t begin = tensor->second.begin;
            if (begin != at) {
                input_.fail("tensor " + in_quotes(tensor->first) + ": expected to begin at byte " + std::to_string(at) +
                            ", found " + std::to_string(begin) + (begin < at ? " (an overlap)" : " (a gap)"));
            }
            at = tensor->second.end;
        }
        if (at != data_size_) {
            input_.fail("expected " + std::to_string(at) + " bytes of tensors, found " + std::to_string(data_size_));
        }
    }

    const InputFile& input_;
    std::uint64_t data_size_;
    int depth_ = 0;
    std::vector<std::set<std::string>> keys_;  // of each open object that is no map above
    std::string name_;                         // of the tensor whose fields are read
    bool has_metadata_ = false;
    bool in_metadata_ = false;
    std::string key_;  // of its field
    Field field_ = Field::other;
    std::array<bool, 4> seen_{};
    StoredTensor tensor_;
    std::vector<std::uint64_t> offsets_;
};

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::io
