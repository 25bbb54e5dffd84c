// Safetensors files, honest and hostile.
#include <doctest/doctest.h>

#include <residua/io/safetensors.hpp>
#include <residua/residua.hpp>

#include "../support/folder.hpp"
#include "../support/memory_limit.hpp"
#include "../support/message.hpp"

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>

namespace residua::io {
namespace {

using testing::has;
using testing::TemporaryFolder;

Bytes file_of(const std::string& header, Size data) {
    Bytes bytes(8 + header.size() + data);
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    std::memcpy(bytes.data() + 8, header.data(), header.size());
    return bytes;
}
std::string trouble(const Bytes& bytes) {
    return testing::message_of([&] { SafetensorsFile file("file", bytes); });
}
std::string trouble(const std::string& header, Size data) { return trouble(file_of(header, data)); }

const std::string good =
    R"({"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"__metadata__":{"x":"y"}})";

TEST_CASE("an honest file") {
    Bytes bytes = file_of(good, 16);
    const float values[2] = {1.5F, -2};
    std::memcpy(bytes.data() + 8 + good.size(), values, 8);
    const SafetensorsFile file("file", bytes);
    CHECK(file.values<double>("a") == std::vector<double>{1.5, -2});
    CHECK(file.values<std::int64_t>("b") == std::vector<std::int64_t>{0});
    CHECK(file.metadata().at("x") == "y");
    CHECK_THROWS_WITH_AS(file.values<float>("c"), "file: expected a tensor 'c', found none of that name", Error);
    CHECK_THROWS_WITH_AS(file.values<float>("b"), "file: tensor 'b': expected F16, BF16, F32 or F64, found I64", Error);
    CHECK_THROWS_WITH_AS(file.expect_shape("a", {2, 2}), "file: tensor 'a': expected shape [2, 2], found [2, 1]", Error);
}

TEST_CASE("every lie is an error that says what was expected and found") {
    CHECK(has(trouble(Bytes(5)), "expected at least 8 bytes, found 5"));
    Bytes liar = file_of("{}", 0);
    liar[0] = std::byte{200};
    CHECK(has(trouble(liar), "expected a header of 200 bytes, found 2"));
    liar[6] = std::byte{255};
    CHECK(has(trouble(liar), "expected a header of at most"));
    CHECK(has(trouble("[]", 0), "expected a JSON object as header"));
    CHECK(has(trouble("{", 0), "expected a JSON header"));
    CHECK(has(trouble(std::string(1000, '['), 0), "expected a JSON object as header"));
    CHECK(has(trouble(R"({"a":{"x":)" + std::string(1000, '['), 0), "expected at most 4 levels in the header, found more"));
    CHECK(has(trouble(R"({"a":{"shape":[[1]]}})", 0), "expected a whole number as extent, found an array"));
    CHECK(has(trouble(R"({"__metadata__":{"x":{"y":"z"}}})", 0), "expected a string for 'x', found object"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","x":{"y":1,"y":1}}})", 0), "found 'y' twice"));
    CHECK(trouble(R"({"a":{"dtype":"F32","more":[{"x":null}],"shape":[1],"data_offsets":[0,4]}})", 4) == "none");
    CHECK(has(trouble(R"({"a":1})", 0), "tensor 'a': expected an object"));
    CHECK(has(trouble(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4), "tensor 'a': expected a field 'dtype'"));
    CHECK(has(trouble(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1),
              "expected F16, BF16, F32, F64 or I64, found F8_E4M3"));
    CHECK(has(trouble(R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})", 8), "expected 4 bytes for F16 [2], found 8"));
    CHECK(has(trouble(R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4), "expected a string as dtype"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4),
              "expected a whole number as extent, found -1"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4), "found 1.5"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", 4),
              "expected at most 2^36 bytes"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}})", 4),
              "expected an extent below 2^63"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", 8), "expected 4 bytes for F32 [1], found 8"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4),
              "expected offsets in order and up to 4, found 0 and 8"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4), "expected offsets in order"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4), "expected two data_offsets"));
    CHECK(has(
        trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                4),
        "an overlap"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8), "a gap"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8), "expected 4 bytes of tensors, found 8"));
    CHECK(has(
        trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                4),
        "found 'a' twice"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,4]}})", 4), "found 'dtype' twice"));
    CHECK(has(trouble(R"({"__metadata__":{"x":1}})", 0), "expected a string for 'x'"));
    CHECK(has(trouble(R"({"__metadata__":{"x":"1","x":"2"}})", 0), "found 'x' twice"));
    CHECK(has(trouble(R"({"__metadata__":{},"__metadata__":{}})", 0), "found '__metadata__' twice"));
    CHECK(trouble(R"({"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}})", 0) == "none");
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[0,-3],"data_offsets":[0,0]}})", 0), "found -3"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", 4), "expected an array as shape"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":{"x":0,"y":4}}})", 4), "expected an array of two"));
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}})", 4), "expected a JSON header"));
}

TEST_CASE("a hostile file is refused with a short message, in little time and memory") {
    // So many tensors that anything quadratic takes minutes.
    std::string header = "{";
    for (int i = 0; i < 400'000; ++i) {
        header += (i ? ",\"t" : "\"t") + std::to_string(i) + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
    }
    const auto began = std::chrono::steady_clock::now();
    CHECK(SafetensorsFile("file", file_of(header + "}", 0)).tensors().size() == 400'000);
    std::string fields = R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0])";
    for (int i = 0; i < 100'000; ++i) fields += ",\"f" + std::to_string(i) + "\":{}";
    CHECK(trouble(fields + "}}", 0) == "none");
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(60));  // (under the sanitizers too)

    const std::string name(20'000'000, 'n');
    const std::string why = trouble("{\"" + name + "\":1}", 0);
    CHECK(why == "file: tensor '" + name.substr(0, 80) + "... (20000000 bytes)': expected an object, found number");
    CHECK(trouble(R"({"a\u001b[31m\u0007\u202e":1})", 0) ==
          R"(file: tensor 'a\x1B[31m\x07\xE2\x80\xAE': expected an object, found number)");
    std::string extents(200'000, '1');
    for (Size i = 1; i < extents.size(); i += 2) extents[i] = ',';
    CHECK(has(trouble(R"({"a":{"shape":[)" + extents, 0), "expected at most 64 extents, found more"));
    CHECK(has(trouble(R"({"a":{"data_offsets":[)" + extents, 0), "expected two data_offsets, found more"));
    CHECK(trouble(R"({"a":{"dtype":")" + name + "\"}}", 0).size() < 200);
    CHECK(trouble(R"({"a":{"shape":["x", )" + name, 0).size() < 200);
    CHECK(has(trouble(R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,4]}})", 4),
              "8 bytes for F32 [1, 1, 1, 1, 1, 1, 1, 1, ... (9 extents)], found 4"));
}

TEST_CASE("a file is refused before its values, or a header that is none, are read") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "sparse";
    const auto sparse = [&](const Bytes& begin) {
        write_file(path, begin);
        std::filesystem::resize_file(path, std::uintmax_t{6} << 30);
    };
    const auto reading = [&]() -> std::string {
        const testing::MemoryLimit limit(std::size_t{1} << 28);
        return testing::message_of([&] {
            const SafetensorsFile file = SafetensorsFile::read(path);
            file.expect_shape("a", {2, 1});
        });
    };
    sparse({});
    CHECK(has(reading(), "sparse: expected a JSON header, found none"));
    Bytes length(8);
    length[3] = std::byte{5};
    sparse(length);
    CHECK(has(reading(), "begins with '{', found '\\x00'"));
    sparse(file_of(good, 16));
    CHECK(has(reading(), "expected 16 bytes of tensors, found 64424"));
    const std::string large = R"({"a":{"dtype":"F32","shape":[1610612700],"data_offsets":[0,6442450800]}})";
    sparse(file_of(large, 0));
    CHECK(has(reading(), "bytes of tensors, found"));
    std::filesystem::resize_file(path, 8 + large.size() + 6'442'450'800);
    CHECK(has(reading(), "tensor 'a': expected shape [2, 1], found [1610612700]"));
    CHECK(has(trouble(Bytes(8)), "found none"));
}

TEST_CASE("a mapped file is read and refused as any other") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "tensors.safetensors";
    const auto trouble_mapped = [&] { return testing::message_of([&] { SafetensorsFile::map(path); }); };
    const auto name = path.string();
    CHECK(trouble_mapped() == name + ": cannot be opened (No such file or directory)");
    write_file(path, {});
    CHECK(trouble_mapped() == name + ": expected at least 8 bytes, found 0");
    write_file(path, file_of(good, 15));
    CHECK(has(trouble_mapped(), "expected offsets in order and up to 15, found 8 and 16"));
    CHECK(has(testing::message_of([&] { SafetensorsFile::map(folder.path()); }), "cannot be read (Is a directory)"));

    // Half a megabyte of each kind, of which no page stays.
    std::vector<float> values(1 << 17);
    for (Size i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    const std::vector<double> doubles(values.begin(), values.end());
    write_safetensors<double>(path, {{"a", {1 << 17}, doubles.data()}, {"b", {1 << 17}, doubles.data()}});
    const SafetensorsFile file = SafetensorsFile::map(path);
    CHECK(file.values<double>("a") == doubles);
    CHECK(file.values<float>("b") == values);
    const auto resident = [&] {
        std::ifstream maps("/proc/self/smaps");
        std::string line;
        while (std::getline(maps, line) && !has(line, name)) continue;
        while (std::getline(maps, line) && !line.starts_with("Rss:")) continue;
        return std::stoi(line.substr(4));  // kB
    };
    CHECK(resident() <= 4);

    // Cut short while it is mapped: an error, and what still is there can be read.
    std::filesystem::resize_file(path, 8 + 200 + doubles.size() * 8);
    CHECK(file.values<double>("a") == doubles);
    CHECK(has(testing::message_of([&] { file.values<float>("b"); }), ": it was cut short"));
}

TEST_CASE("a header hides nothing") {
    using namespace std::string_literals;
    CHECK(trouble("{}  ", 0) == "none");  // the format pads with spaces
    CHECK(has(trouble("{}\0{\"a\":1}"s, 0), "found a zero byte"));
    CHECK(has(trouble(" {}", 0), "begins with '{'"));
    CHECK(has(trouble("\xEF\xBB\xBF{}", 0), "begins with '{'"));
    CHECK(has(trouble("{}{}", 0), "expected a JSON header"));
    CHECK(has(trouble("{\"\xFF\":1}", 0), "expected a JSON header"));
    CHECK(has(trouble("", 0), "expected a JSON header"));
}

TEST_CASE("a double too large for float is an error, infinity and NaN are not") {
    const std::string header = R"({"a":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}})";
    const auto holding = [&](double value) {
        Bytes bytes = file_of(header, 24);
        std::memcpy(bytes.data() + 8 + header.size() + 16, &value, 8);
        return SafetensorsFile("file", bytes);
    };
    CHECK_THROWS_WITH_AS(holding(1e300).values<float>("a"), "file: tensor 'a': expected values in the range of F32, found 1e+300",
                         Error);
    CHECK(holding(1e300).values<double>("a")[2] == 1e300);
    CHECK(std::isinf(holding(std::numeric_limits<double>::infinity()).values<float>("a")[2]));
    CHECK(std::isnan(holding(std::numeric_limits<double>::quiet_NaN()).values<float>("a")[2]));
    CHECK(holding(1e-300).values<float>("a")[2] == 0);
}

TEST_CASE("16-bit floats are read as the numbers that they are") {
    // Each of the 65,536, by the formats' definitions.
    const auto by_definition = [](std::uint32_t bits, int exponent_bits, int fraction_bits) {
        const int bias = (1 << (exponent_bits - 1)) - 1;
        const int exponent = static_cast<int>(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
        const double fraction = std::ldexp(bits & ((1U << fraction_bits) - 1), -fraction_bits);
        const double sign = bits >> 15 != 0 ? -1 : 1;
        if (exponent == 2 * bias + 1) {
            return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
        }
        return sign * (exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, exponent - bias));
    };
    const auto all = [](const char* type) {
        const std::string header = R"({"a":{"dtype":")" + std::string(type) + R"(","shape":[65536],"data_offsets":[0,131072]}})";
        Bytes bytes = file_of(header, 131'072);
        std::vector<std::uint16_t> values(65'536);
        for (Size i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint16_t>(i);
        std::memcpy(bytes.data() + 8 + header.size(), values.data(), 131'072);
        return SafetensorsFile("file", bytes);
    };
    const auto wrong = [&](const char* type, int exponent_bits, int fraction_bits) {
        const SafetensorsFile file = all(type);
        const std::vector<float> floats = file.values<float>("a");
        const std::vector<double> doubles = file.values<double>("a");
        int count = 0;
        for (std::uint32_t i = 0; i < 65'536; ++i) {
            const double expected = by_definition(i, exponent_bits, fraction_bits);
            for (const double found : {static_cast<double>(floats[i]), doubles[i]}) {
                const bool same = found == expected && std::signbit(found) == std::signbit(expected);
                count += !(same || (std::isnan(found) && std::isnan(expected)));
            }
        }
        return count;
    };
    CHECK(wrong("F16", 5, 10) == 0);
    CHECK(wrong("BF16", 8, 7) == 0);
    CHECK(Float16{0x3C01}.value() == 1 + 0x1p-10F);
    CHECK_THROWS_WITH_AS(all("F16").values<std::int64_t>("a"), "file: tensor 'a': expected I64, found F16", Error);
}

TEST_CASE("a file of PyTorch's or Keras' is told what it is, and how it is converted") {
    const auto beginning = [](std::initializer_list<int> values, Size size) {
        Bytes bytes;
        for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
        bytes.resize(size);
        return bytes;
    };
    const auto converted = [](const std::string& found) {
        return "file: expected a safetensors file, found " + found + ": scripts/to_safetensors.py converts it";
    };
    const std::string zip = converted("a zip archive, as PyTorch and Keras write it");
    CHECK(trouble(beginning({'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0}, 400)) == zip);
    CHECK(trouble(beginning({'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0}, 400)) == zip);
    const std::string pickle = converted("a pickle, as PyTorch writes it");
    CHECK(trouble(beginning({0x80, 2, 0x8A, 10, 'l', 0xFC, 0x9C, 'F', 0xF9}, 400)) == pickle);
    CHECK(trouble(beginning({0x80, 4, 0x95, 0, 0, 0, 0, 0, 0}, 400)) == pickle);
    CHECK(has(trouble(beginning({0x80, 2, 0, 0, 0, 0, 0, 0, '['}, 1000)), "expected a JSON object as header"));
    CHECK(trouble(beginning({0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n', 0}, 400)) ==
          converted("an HDF5 file, as Keras writes it"));
}

TEST_CASE("files cut or changed anywhere are read or refused, and never more") {
    const Bytes whole = file_of(good, 16);
    for (Size cut = 0; cut < whole.size(); ++cut) {
        CHECK(trouble(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut))) != "none");
    }
    for (Size at = 0; at < 8 + good.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes changed = whole;
            changed[at] ^= static_cast<std::byte>(1 << bit);
            trouble(changed);
        }
    }
}

TEST_CASE("what is written is read again") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "tensors.safetensors";
    const double values[6] = {1, 0.1, -3, 1e300, std::numeric_limits<double>::infinity(), -0.0};
    const std::string odd = "a \"name\"\n";
    write_safetensors<double>(path, {{odd, {2, 3}, values}, {"empty", {0, 4}, nullptr}, {"a", {}, values + 1}}, {{"k", "v"}});
    const SafetensorsFile file = SafetensorsFile::read(path);
    CHECK(file.tensors().size() == 3);
    CHECK(file.metadata() == std::map<std::string, std::string>{{"k", "v"}});
    CHECK(file.values<double>(odd) == std::vector<double>(values, values + 6));
    CHECK(file.info("empty").shape == std::vector<std::int64_t>{0, 4});
    CHECK(file.values<double>("empty").empty());
    CHECK(file.values<float>("a") == std::vector<float>{0.1F});
    CHECK(read_file(path, 1 << 16).size() % 8 == 0);  // 56 bytes of data begin at a multiple of 8

    write_safetensors<float>(path, {});
    CHECK(SafetensorsFile::read(path).tensors().empty());
}

TEST_CASE("tensors that cannot be written are errors, and the file is as it was") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "tensors.safetensors";
    const float values[2] = {1, 2};
    write_safetensors<float>(path, {{"a", {2}, values}});
    const Bytes before = read_file(path, 1 << 16);

    using Metadata = std::map<std::string, std::string>;
    const auto refused = [&](const std::vector<TensorToWrite<float>>& tensors, const Metadata& metadata = {}) {
        std::string why = "none";
        try {
            write_safetensors(path, tensors, metadata);
        } catch (const Error& error) {
            why = error.what();
        }
        CHECK(read_file(path, 1 << 16) == before);
        return why;
    };
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(has(refused({{"a", {-1}, values}}), "tensor 'a': expected extents from zero up"));
    CHECK(has(refused({{"a", {0, -1}, values}}), "found shape [0, -1]"));
    CHECK(has(refused({{"a", {most, most}, values}}), "2^36 bytes at most"));
    CHECK(has(refused({{"a", {std::int64_t{1} << 34}, values}, {"b", {1}, values}}), "tensor 'b': expected extents"));
    CHECK(has(refused({{"a", {2}, nullptr}}), "expected 8 bytes, found no data"));
    CHECK(has(refused({{"a", {2}, values}, {"a", {1}, values}}), "found 'a' twice"));
    CHECK(has(refused({{"__metadata__", {2}, values}}), "found the one reserved"));
    CHECK(has(refused({{"\xFF", {2}, values}}), "expected names and metadata in UTF-8"));
    CHECK(has(refused({{"a", {2}, values}}, {{"k", "\xFF"}}), "expected names and metadata in UTF-8"));
}

}  // namespace
}  // namespace residua::io
