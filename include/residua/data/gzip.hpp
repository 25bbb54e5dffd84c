// Inputs that may be gzipped, from first byte to last. Needs zlib.
#pragma once

#include <residua/core/shape.hpp>
#include <residua/io/input_file.hpp>

#include <zlib.h>

#include <limits>
#include <memory>
#include <new>

namespace residua::inline RESIDUA_ISA::data {

// Hands out an input's bytes in order, unpacked if they begin as gzip does (RFC 1952; of several members, one after the other).
// Never unpacks more than it is asked for: a reader asks for what its header says, and a small file that would unpack to
// gigabytes stays small. Errors of read(): the packed bytes are damaged or cut short, or something else follows them.
class Unpacked {
public:
    explicit Unpacked(io::InputFile input) : input_(std::move(input)) {
        std::uint8_t magic[2] = {};
        input_.read(0, std::as_writable_bytes(std::span(magic).first(std::min<std::uint64_t>(2, input_.size()))));
        if (magic[0] != 0x1F || magic[1] != 0x8B) return;

        packed_.reset(new z_stream{});
        buffer_.resize(static_cast<Size>(std::min<std::uint64_t>(1 << 16, input_.size())));
        if (inflateInit2(packed_.get(), MAX_WBITS + 16) != Z_OK) fail_for_memory();
    }

    const io::InputFile& input() const { return input_; }
    bool is_packed() const { return packed_ != nullptr; }

    // The most bytes that there can be in all; if not packed, just as many. (Deflate says at best 258 bytes in two bits.)
    std::uint64_t most() const { return is_packed() ? input_.size() * 1032 : input_.size(); }

    // The next bytes: as many as `to` takes, or fewer if the input ends. Returns how many.
    Size read(std::span<std::uint8_t> to) {
        if (is_packed()) return unpack(to);
        const Size count = static_cast<Size>(std::min<std::uint64_t>(to.size(), input_.size() - at_));
        input_.read(at_, std::as_writable_bytes(to.first(count)));
        at_ += count;
        return count;
    }

    // As many bytes as are expected to be all the rest. They are believed to be there only as they come: the memory grows with
    // them. Errors: there are fewer or more; there is not enough memory for them.
    std::vector<std::uint8_t> read_rest(std::uint64_t expected, const std::string& what) {
        const auto fail = [&](const std::string& found) {
            input_.fail("expected " + std::to_string(expected) + " " + what + ", found " + found);
        };
        if (!is_packed() && expected != input_.size() - at_) fail(std::to_string(input_.size() - at_));
        if (expected > most()) fail("at most " + std::to_string(most()));

        std::vector<std::uint8_t> bytes;
        try {
            bytes.reserve(expected);  // (of the system's memory it takes what is written to)
        } catch (const std::bad_alloc&) {
            input_.fail("cannot be read: not enough memory for " + std::to_string(expected) + " " + what);
        }
        while (bytes.size() < expected) {
            const Size size = bytes.size();
            bytes.resize(size + static_cast<Size>(std::min<std::uint64_t>(1 << 20, expected - size)));
            const Size got = read(std::span(bytes).subspan(size));
            if (size + got < bytes.size()) fail(std::to_string(size + got));
        }
        std::uint8_t more = 0;
        if (read(std::span(&more, 1)) > 0) fail("more");
        return bytes;
    }

private:
    struct End {
        void operator()(z_stream* stream) const {
            inflateEnd(stream);
            delete stream;
        }
    };

    [[noreturn]] void fail_for_memory() const { input_.fail("cannot be unpacked: not enough memory"); }

    Size unpack(std::span<std::uint8_t> to) {
        Size done = 0;
        while (done < to.size() && !ended_) {
            constexpr Size most_at_once = std::numeric_limits<uInt>::max();
            const Size room = std::min(to.size() - done, most_at_once);
            refill();
            packed_->next_out = to.data() + done;
            packed_->avail_out = static_cast<uInt>(room);
            const int code = inflate(packed_.get(), Z_NO_FLUSH);
            done += room - packed_->avail_out;
            if (code == Z_MEM_ERROR) fail_for_memory();
            if (code == Z_STREAM_END) {
                next_member();
            } else if (code == Z_BUF_ERROR) {  // there is room, so what is missing is input
                input_.fail("cannot be unpacked: it is cut short");
            } else if (code != Z_OK) {
                const std::string why = packed_->msg ? packed_->msg : "it needs a dictionary";
                input_.fail("cannot be unpacked: it is damaged (" + why + ")");
            }
        }
        return done;
    }

    void refill() {
        if (packed_->avail_in > 0) return;
        const Size count = static_cast<Size>(std::min<std::uint64_t>(buffer_.size(), input_.size() - at_));
        input_.read(at_, std::as_writable_bytes(std::span(buffer_).first(count)));
        at_ += count;
        packed_->next_in = buffer_.data();
        packed_->avail_in = static_cast<uInt>(count);
    }

    // Behind the end of a member stands another or nothing.
    void next_member() {
        refill();
        ended_ = packed_->avail_in == 0;
        if (!ended_ && inflateReset(packed_.get()) != Z_OK) fail_for_memory();
    }

    io::InputFile input_;
    std::uint64_t at_ = 0;  // of the input's bytes that were read
    std::unique_ptr<z_stream, End> packed_;
    std::vector<std::uint8_t> buffer_;  // of the packed bytes that come next
    bool ended_ = false;
};

}  // namespace residua::inline RESIDUA_ISA::data
