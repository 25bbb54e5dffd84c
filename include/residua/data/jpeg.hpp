// JPEG files to pixels, by libjpeg-turbo.
#pragma once

#include <residua/data/image.hpp>
#include <residua/io/input_file.hpp>
#include <residua/io/printable.hpp>

#include <algorithm>
#include <memory>
#include <span>

#include <turbojpeg.h>

namespace residua::inline RESIDUA_ISA::data::detail {

// Does the file go on to its end marker? (A decoder of bytes in memory makes up what is missing, in grey.)
inline bool jpeg_has_end(std::span<const std::byte> file) {
    constexpr std::byte mark{0xFF};
    const auto after = [&](Size at) { return file.begin() + static_cast<std::ptrdiff_t>(at); };
    Size at = 2;
    while (at < file.size()) {
        const auto marker =
            std::find_if(std::find(after(at), file.end(), mark), file.end(), [&](std::byte b) { return b != mark; });
        if (marker == file.end()) return false;
        at = static_cast<Size>(marker - file.begin()) + 1;
        if (*marker == std::byte{0xD9}) return true;

        // Of a byte 0xFF in the pixels, of a restart, and of a start nothing follows: else the length of what is to be skipped.
        const bool stands_alone = *marker <= std::byte{0x01} || (*marker >= std::byte{0xD0} && *marker <= std::byte{0xD8});
        if (stands_alone) continue;
        if (file.size() - at < 2) return false;
        at += std::to_integer<Size>(file[at]) << 8 | std::to_integer<Size>(file[at + 1]);
    }
    return false;
}

// libjpeg-turbo's decoder, for one file.
class JpegDecoder {
public:
    JpegDecoder(const io::InputFile& input, std::span<const std::byte> file)
        : input_(input), file_(file), turbo_(tjInitDecompress()) {
        if (!turbo_) input_.fail("cannot be read as JPEG: not enough memory");
        int subsampling = 0;
        tjDecompressHeader3(turbo_.get(), bytes(), length(), &size_.width, &size_.height, &subsampling, &colours_);
        // (What it returns says less than what it has found: it complains of a rare subsampling, too, which it can decode.)
        if (size_.height < 1 || size_.width < 1 || colours_ < 0) fail();
    }

    ImageSize size() const { return size_; }
    bool is_cmyk() const { return colours_ == TJCS_CMYK || colours_ == TJCS_YCCK; }

    // All pixels as RGB or as CMYK, [height][width][values]. What Pillow passes over in silence (damage that leaves an image),
    // this does, too. Error: there is no image to be had.
    void decode(std::span<std::uint8_t> to) const {
        if (!reaches_the_end(to, 0x00) && !reaches_the_end(to, 0xFF)) fail();
    }

private:
    struct End {
        void operator()(void* turbo) const { tjDestroy(turbo); }
    };

    const unsigned char* bytes() const { return reinterpret_cast<const unsigned char*>(file_.data()); }
    unsigned long length() const { return file_.size(); }

    [[noreturn]] void fail() const {
        input_.fail("cannot be read as JPEG (" + io::printable(tjGetErrorStr2(turbo_.get())) + ")");
    }

    // Decodes; true if nothing was wrong, or if what was wrong left a last row that is not the one that stood there. (After
    // something harmless TurboJPEG calls whatever follows harmless, too, be it the end of decoding.)
    bool reaches_the_end(std::span<std::uint8_t> to, std::uint8_t last_row) const {
        const Size row = static_cast<Size>(size_.width) * (is_cmyk() ? 4 : 3);
        const std::span<std::uint8_t> last = to.last(row);
        std::fill(last.begin(), last.end(), last_row);
        const int code = tjDecompress2(turbo_.get(), bytes(), length(), to.data(), size_.width, 0, size_.height,
                                       is_cmyk() ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
        if (code == 0) return true;
        if (tjGetErrorCode(turbo_.get()) == TJERR_FATAL) fail();
        return std::any_of(last.begin(), last.end(), [&](std::uint8_t value) { return value != last_row; });
    }

    const io::InputFile& input_;
    std::span<const std::byte> file_;
    std::unique_ptr<void, End> turbo_;
    ImageSize size_;
    int colours_ = -1;
};

// Pillow's arithmetic, in whole numbers. Values are as Adobe's programs write them: what the ink leaves of the light.
inline std::vector<std::uint8_t> rgb_of_inverted_cmyk(std::span<const std::uint8_t> cmyk) {
    const auto share_of_255 = [](int value, int of) {
        const int product = value * of + 128;
        return (product + (product >> 8)) >> 8;
    };
    std::vector<std::uint8_t> rgb;
    rgb.reserve(cmyk.size() / 4 * 3);
    for (Size at = 0; at < cmyk.size(); at += 4) {
        const int left_by_black = cmyk[at + 3];
        for (Size ink = 0; ink < 3; ++ink) {
            rgb.push_back(static_cast<std::uint8_t>(left_by_black - share_of_255(255 - cmyk[at + ink], left_by_black)));
        }
    }
    return rgb;
}

// Errors: it is cut short; there is no image to be had; it has more than `most_pixels`.
inline RgbImage decode_jpeg(const io::InputFile& input, std::span<const std::byte> file, Size most_pixels) {
    if (!jpeg_has_end(file)) input.fail("cannot be read as JPEG: it is cut short (expected its end marker, found none)");
    const JpegDecoder decoder(input, file);
    expect_at_most(input, decoder.size(), most_pixels);
    RgbImage image{decoder.size(), std::vector<std::uint8_t>(decoder.size().pixels() * (decoder.is_cmyk() ? 4 : 3))};
    decoder.decode(image.pixels);
    if (decoder.is_cmyk()) image.pixels = rgb_of_inverted_cmyk(image.pixels);
    return image;
}

}  // namespace residua::inline RESIDUA_ISA::data::detail
