// A file is refused, or its tensors cover it and each can be read as one of the types.
#include "fuzz.hpp"

#include <residua/io/safetensors.hpp>

namespace residua::fuzz {
namespace {

Bytes file_of(const std::string& header, std::size_t data) {
    Bytes bytes(8 + header.size() + data, std::byte{0x3F});
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    std::memcpy(bytes.data() + 8, header.data(), header.size());
    return bytes;
}

}  // namespace

std::vector<Bytes> seeds() {
    return {
        file_of("{}", 0),
        file_of(
            R"({"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]}})",
            16),
        file_of(R"({"__metadata__":{"x":"y","":"\u00e9"},"c.weight":{"dtype":"F64","shape":[0,3],"data_offsets":[0,0]}})", 0),
        file_of(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"more":[{"x":-1.5e3},null,true]}}  )", 8),
        file_of(R"({"a":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[6,8]}})",
                8)};
}

void try_input(std::span<const std::byte> bytes) {
    std::optional<io::SafetensorsFile> file;
    if (!succeeds([&] { file.emplace("file", bytes_of(bytes)); })) return;

    // What nlohmann-json makes of the header, of which we take the parser's events only.
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    const auto* text = reinterpret_cast<const char*>(bytes.data()) + 8;
    const auto header = nlohmann::json::parse(text, text + length);
    require(header.size() == file->tensors().size() + header.count("__metadata__"), "each name is a tensor or metadata");
    if (header.contains("__metadata__")) require(header["__metadata__"] == file->metadata(), "metadata is as in the header");

    std::size_t covered = 0;
    for (const auto& tensor : file->tensors()) {
        const std::string& name = tensor.first;
        const io::StoredTensor& stored = tensor.second;
        require(header[name]["dtype"] == stored.type, "the type is as in the header");
        require(header[name]["shape"] == stored.shape, "the shape is as in the header");
        covered += stored.end - stored.begin;
        std::size_t count = 1;
        for (const std::int64_t extent : stored.shape) count *= static_cast<std::size_t>(extent);
        require(count == stored.count(), "the shape's product is the number of values");
        if (stored.type == "I64") {
            require(file->values<std::int64_t>(name).size() == count, "all integers are read");
            require(!succeeds([&] { file->values<float>(name); }), "integers are not read as numbers of another kind");
        } else {
            require(file->values<double>(name).size() == count, "all values are read");
            succeeds([&] { file->values<float>(name); });
        }
    }
    require(8 + length + covered == bytes.size(), "the tensors cover the file");
}

}  // namespace residua::fuzz
