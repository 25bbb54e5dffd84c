// A packed input unpacks to the same bytes, or fails with the same words, in pieces of any size; as the images of a data set it
// is refused, or has the size that its header says.
#include "fuzz.hpp"

#include <residua/data/idx.hpp>

namespace residua::fuzz {
namespace {

Bytes packed(std::span<const std::byte> bytes, int level) {
    z_stream stream{};
    require(deflateInit2(&stream, level, Z_DEFLATED, 9 + 16, 1, Z_DEFAULT_STRATEGY) == Z_OK, "zlib has memory");
    Bytes copy = bytes_of(bytes);
    Bytes result(deflateBound(&stream, static_cast<uLong>(bytes.size())));
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs");
    result.resize(stream.total_out);
    deflateEnd(&stream);
    return result;
}

Bytes images(std::uint8_t count) {
    Bytes bytes;
    for (const int value : {0, 0, 8, 3, 0, 0, 0, int{count}, 0, 0, 0, 4, 0, 0, 0, 5})
        bytes.push_back(static_cast<std::byte>(value));
    bytes.resize(16 + std::size_t{20} * count);
    return bytes;
}

constexpr std::size_t most_unpacked = 1 << 12;

struct Outcome {
    Bytes bytes;
    std::string error;
    bool operator==(const Outcome&) const = default;
};

Outcome unpack_in_pieces(std::span<const std::byte> input, std::size_t piece) {
    Outcome outcome;
    outcome.bytes.resize(most_unpacked);
    std::size_t done = 0;
    succeeds(
        [&] {
            data::Unpacked stream(io::InputFile("packed", bytes_of(input)));
            require(stream.is_packed() || stream.most() == input.size(), "what is not packed has its size");
            std::vector<std::uint8_t> buffer(piece);
            while (done < most_unpacked) {
                const std::size_t count = std::min(piece, most_unpacked - done);
                const std::size_t got = stream.read(std::span(buffer).first(count));
                require(got <= count, "no more is read than there is room for");
                if (got > 0) std::memcpy(outcome.bytes.data() + done, buffer.data(), got);
                done += got;
                require(done <= stream.most(), "no more is unpacked than is possible");
                if (got < count) break;
            }
        },
        &outcome.error);
    outcome.bytes.resize(done);
    return outcome;
}

}  // namespace

std::vector<Bytes> seeds() {
    const Bytes plain = images(7);
    Bytes two = packed(std::span(plain).first(30), 9);
    const Bytes rest = packed(std::span(plain).subspan(30), 1);
    two.insert(two.end(), rest.begin(), rest.end());
    return {packed(plain, 9), packed(plain, 0), packed({}, 6), two, plain};
}

void try_input(std::span<const std::byte> bytes) {
    // (Of a stream that fails, a larger piece is lost with all that it would have held.)
    const Outcome small = unpack_in_pieces(bytes, 7);
    const Outcome large = unpack_in_pieces(bytes, most_unpacked);
    require(small.error == large.error, "the error does not depend on the pieces");
    require(small == large || (!small.error.empty() && large.bytes.size() <= small.bytes.size()),
            "the bytes do not depend on the pieces");

    const std::string labels("\0\0\x08\x01\0\0\0\x07\0\x01\x02\x03\x04\x05\x06", 15);
    data::Dataset set;
    if (!succeeds(
            [&] { set = data::read_idx(io::InputFile("images", bytes_of(bytes)), io::InputFile("labels", bytes_of(labels))); }))
        return;
    require(set.size() == 7 && set.pixels.size() == 7 * set.image.size(), "seven images with their pixels");
}

}  // namespace residua::fuzz

// Half of the inputs are changed as they are unpacked, and packed again: else their checksums would seldom fit.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    using namespace residua::fuzz;
    if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, most);

    Bytes bytes = unpack_in_pieces(std::as_bytes(std::span(data, size)), 7).bytes;
    const std::size_t length = std::min(bytes.size(), most);
    bytes.resize(most);
    bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), length, most));
    const Bytes again = packed(bytes, seed % 4 == 1 ? 1 : 0);
    if (again.size() > most) return LLVMFuzzerMutate(data, size, most);
    std::memcpy(data, again.data(), again.size());
    return again.size();
}
