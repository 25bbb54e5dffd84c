// Safetensors files (huggingface.co/docs/safetensors): eight bytes of length, a JSON header, the tensors. Needs nlohmann-json.
#pragma once

#include <residua/io/safetensors_writer.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace residua::inline RESIDUA_ISA::io {

// What a file says of one tensor.
struct StoredTensor {
    std::string type;  // F32, F64 or I64
    std::vector<std::int64_t> shape;
    std::size_t begin = 0;  // of its bytes, behind the header
    std::size_t end = 0;

    std::size_t count() const { return (end - begin) / (type == "F32" ? 4 : 8); }
};

// A whole file in memory, checked before anything is handed out: it may lie about its header, its shapes and its offsets, and
// each lie is an Error that names file, tensor, expected and found.
class SafetensorsFile {
public:
    static constexpr std::size_t largest_header = 100'000'000;
    static constexpr std::size_t largest_file = detail::largest_safetensors;

    static SafetensorsFile read(const std::filesystem::path& path) {
        return SafetensorsFile(path.string(), read_file(path, largest_file));
    }
    SafetensorsFile(std::string name, Bytes bytes) : name_(std::move(name)), bytes_(std::move(bytes)) { parse(); }

    const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
    const std::map<std::string, std::string>& metadata() const { return metadata_; }
    bool contains(const std::string& tensor) const { return tensors_.count(tensor) > 0; }

    const StoredTensor& info(const std::string& tensor) const {
        const auto found = tensors_.find(tensor);
        if (found == tensors_.end()) fail("expected a tensor '" + tensor + "', found none of that name");
        return found->second;
    }

    // A tensor's values; F32 and F64 are converted into each other. Errors: it is of another kind, or not there, or a value is
    // too large for T.
    template <class T>
    std::vector<T> values(const std::string& tensor) const {
        static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>);
        const StoredTensor& stored = info(tensor);
        const std::byte* from = data_ + stored.begin;
        if constexpr (std::is_floating_point_v<T>) {
            if (stored.type == "F32") return converted<T, float>(tensor, from, stored.count());
            if (stored.type == "F64") return converted<T, double>(tensor, from, stored.count());
            fail("tensor '" + tensor + "': expected F32 or F64, found " + stored.type);
        } else {
            if (stored.type == "I64") return converted<T, std::int64_t>(tensor, from, stored.count());
            fail("tensor '" + tensor + "': expected I64, found " + stored.type);
        }
    }

    // Error unless the tensor has that shape.
    void expect_shape(const std::string& tensor, const std::vector<std::int64_t>& shape) const {
        const StoredTensor& stored = info(tensor);
        if (stored.shape == shape) return;
        fail("tensor '" + tensor + "': expected shape " + text_of(shape) + ", found " + text_of(stored.shape));
    }

private:
    using Json = nlohmann::json;

    [[noreturn]] void fail(const std::string& why) const { throw Error(name_ + ": " + why); }

    template <class T, class Stored>
    std::vector<T> converted(const std::string& tensor, const std::byte* from, std::size_t count) const {
        std::vector<T> result(count);
        for (std::size_t i = 0; i < count; ++i) {
            Stored value;
            std::memcpy(&value, from + i * sizeof(Stored), sizeof(Stored));
            result[i] = static_cast<T>(value);
            if constexpr (sizeof(T) < sizeof(Stored)) {
                if (std::isfinite(value) && !std::isfinite(result[i])) {
                    fail("tensor '" + tensor + "': expected values in the range of F32, found " + Json(value).dump());
                }
            }
        }
        return result;
    }

    void parse() {
        if (bytes_.size() < 8) fail("expected at least 8 bytes, found " + std::to_string(bytes_.size()));
        std::uint64_t length = 0;
        std::memcpy(&length, bytes_.data(), 8);
        if (length > largest_header) {
            fail("expected a header of at most " + std::to_string(largest_header) + " bytes, found " + std::to_string(length));
        }
        if (length > bytes_.size() - 8) {
            fail("expected a header of " + std::to_string(length) + " bytes, found " + std::to_string(bytes_.size() - 8));
        }
        data_ = bytes_.data() + 8 + length;
        const std::size_t data_size = bytes_.size() - 8 - length;

        const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + 8, length);
        const Json header = parsed(text);
        if (!header.is_object()) fail("expected a JSON object as header, found " + std::string(header.type_name()));
        if (text.front() != '{') fail("expected a header that begins with '{', found white space or a byte order mark");
        for (const auto& [tensor, fields] : header.items()) {
            if (tensor == "__metadata__") {
                take_metadata(fields);
            } else {
                tensors_[tensor] = checked(tensor, fields, data_size);
            }
        }
        check_coverage(data_size);
    }

    // nlohmann-json keeps the last of two equal keys, recurses into nested arrays, and takes a zero byte for the end: all three
    // are refused here.
    Json parsed(std::string_view text) const {
        std::vector<std::set<std::string>> keys;
        std::string trouble;
        const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
            if (depth > 4 && trouble.empty()) trouble = "expected at most 4 levels in the header, found more";
            if (event == Json::parse_event_t::object_start) keys.emplace_back();
            if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
            if (event == Json::parse_event_t::key && !keys.empty()) {
                const std::string key = value.get<std::string>();
                const bool fresh = keys.back().insert(key).second;
                if (!fresh && trouble.empty()) trouble = "expected each name once, found '" + key + "' twice";
            }
            return trouble.empty();
        };
        // (Depth is bounded before the parser sees it: it builds values on the way.)
        int depth = 0;
        bool in_string = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (in_string && text[i] == '\\') {
                ++i;
            } else if (text[i] == '"') {
                in_string = !in_string;
            } else if (!in_string && (text[i] == '{' || text[i] == '[')) {
                if (++depth > 4) fail("expected at most 4 levels in the header, found more");
            } else if (!in_string && (text[i] == '}' || text[i] == ']')) {
                --depth;
            }
        }
        if (text.find('\0') != text.npos) fail("expected a JSON header, found a zero byte in it");
        const Json header = Json::parse(text.begin(), text.end(), watch, false);
        if (!trouble.empty()) fail(trouble);
        if (header.is_discarded()) fail("expected a JSON header, found something else");
        return header;
    }

    void take_metadata(const Json& fields) {
        if (!fields.is_object()) fail("'__metadata__': expected an object, found " + std::string(fields.type_name()));
        for (const auto& [key, value] : fields.items()) {
            if (!value.is_string()) fail("'__metadata__': expected a string for '" + key + "', found " + value.type_name());
            metadata_[key] = value.get<std::string>();
        }
    }

    std::size_t number(const std::string& tensor, const Json& value, const char* what) const {
        if (!value.is_number_unsigned()) {
            const std::string found = value.dump(-1, ' ', true, Json::error_handler_t::replace);
            fail("tensor '" + tensor + "': expected a whole number as " + what + ", found " + found);
        }
        return value.get<std::size_t>();
    }

    StoredTensor checked(const std::string& tensor, const Json& fields, std::size_t data_size) const {
        const std::string at = "tensor '" + tensor + "': ";
        if (!fields.is_object()) fail(at + "expected an object, found " + fields.type_name());
        for (const char* field : {"dtype", "shape", "data_offsets"}) {
            if (!fields.contains(field)) fail(at + "expected a field '" + field + "', found none");
        }

        StoredTensor result;
        const Json& type = fields["dtype"];
        if (!type.is_string()) fail(at + "expected a string as dtype, found " + type.type_name());
        result.type = type.get<std::string>();
        const bool known = result.type == "F32" || result.type == "F64" || result.type == "I64";
        if (!known) fail(at + "expected F32, F64 or I64, found " + result.type);
        const std::size_t width = result.type == "F32" ? 4 : 8;

        const Json& shape = fields["shape"];
        if (!shape.is_array()) fail(at + "expected an array as shape, found " + shape.type_name());
        for (const Json& extent : shape) {
            const std::size_t size = number(tensor, extent, "extent");
            if (size >= std::size_t{1} << 63) fail(at + "expected an extent below 2^63, found " + std::to_string(size));
            result.shape.push_back(static_cast<std::int64_t>(size));
        }
        std::size_t bytes = 0;
        if (!detail::bytes_of(result.shape, width, bytes)) {
            fail(at + "expected at most 2^36 bytes, found shape " + text_of(result.shape));
        }

        const Json& offsets = fields["data_offsets"];
        if (!offsets.is_array()) fail(at + "expected an array of two data_offsets, found " + offsets.type_name());
        if (offsets.size() != 2) fail(at + "expected two data_offsets, found " + std::to_string(offsets.size()));
        result.begin = number(tensor, offsets[0], "offset");
        result.end = number(tensor, offsets[1], "offset");
        if (result.begin > result.end || result.end > data_size) {
            const std::string found = std::to_string(result.begin) + " and " + std::to_string(result.end);
            fail(at + "expected offsets in order and up to " + std::to_string(data_size) + ", found " + found);
        }
        if (result.end - result.begin != bytes) {
            const std::string what = std::to_string(bytes) + " bytes for " + result.type + " " + text_of(result.shape);
            fail(at + "expected " + what + ", found " + std::to_string(result.end - result.begin));
        }
        return result;
    }

    // Tensors follow one another without gaps or overlaps, as the format demands.
    void check_coverage(std::size_t data_size) const {
        std::vector<std::pair<std::size_t, const std::string*>> order;
        for (const auto& [tensor, stored] : tensors_) order.emplace_back(stored.begin, &tensor);
        std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
            return std::pair(a.first, info(*a.second).end) < std::pair(b.first, info(*b.second).end);
        });
        std::size_t at = 0;
        for (const auto& [begin, tensor] : order) {
            if (begin != at) {
                fail("tensor '" + *tensor + "': expected to begin at byte " + std::to_string(at) + ", found " +
                     std::to_string(begin) + (begin < at ? " (an overlap)" : " (a gap)"));
            }
            at = info(*tensor).end;
        }
        if (at != data_size) fail("expected " + std::to_string(at) + " bytes of tensors, found " + std::to_string(data_size));
    }

    std::string name_;
    Bytes bytes_;
    const std::byte* data_ = nullptr;
    std::map<std::string, StoredTensor> tensors_;
    std::map<std::string, std::string> metadata_;

public:
    // (`data_` points into `bytes_`, whose memory moves along but is not copied along.)
    SafetensorsFile(SafetensorsFile&&) = default;
    SafetensorsFile& operator=(SafetensorsFile&&) = default;
    SafetensorsFile(const SafetensorsFile&) = delete;
    SafetensorsFile& operator=(const SafetensorsFile&) = delete;
};

}  // namespace residua::inline RESIDUA_ISA::io
