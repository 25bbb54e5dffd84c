// PNG files to pixels, by libspng.
#pragma once

#include <residua/data/image.hpp>
#include <residua/io/input_file.hpp>

#include <algorithm>
#include <memory>
#include <span>

#include <spng.h>

namespace residua::inline RESIDUA_ISA::data::detail {

// libspng's decoder, for one file.
class PngDecoder {
public:
    PngDecoder(const io::InputFile& input, std::span<const std::byte> file) : input_(input), spng_(spng_ctx_new(0)) {
        if (!spng_) input_.fail("cannot be read as PNG: not enough memory");
        // What is no pixel (texts, profiles) may be packed, too.
        constexpr Size most_beside_pixels = Size{1} << 24;
        expect(spng_set_chunk_limits(spng_.get(), most_beside_pixels, most_beside_pixels));
        expect(spng_set_png_buffer(spng_.get(), file.data(), file.size()));
        expect(spng_get_ihdr(spng_.get(), &header_));
    }

    ImageSize size() const { return {static_cast<int>(header_.height), static_cast<int>(header_.width)}; }
    bool is_16_bit_grey() const { return header_.bit_depth == 16 && header_.color_type == SPNG_COLOR_TYPE_GRAYSCALE; }

    // All pixels, in this format of libspng's, and then whatever stands behind them. Error: the file is damaged or cut short.
    void decode(void* to, Size bytes, spng_format format) const {
        Size expected = 0;
        expect(spng_decoded_image_size(spng_.get(), format, &expected));
        if (expected != bytes) input_.fail("cannot be read as PNG: its pixels are not as many as its header says");
        expect(spng_decode_image(spng_.get(), to, bytes, format, 0));
        expect(spng_decode_chunks(spng_.get()));
    }

private:
    struct End {
        void operator()(spng_ctx* spng) const { spng_ctx_free(spng); }
    };

    void expect(int code) const {
        if (code == SPNG_IO_EOF) input_.fail("cannot be read as PNG: it is cut short");
        if (code != 0) input_.fail(std::string("cannot be read as PNG (") + spng_strerror(code) + ")");
    }

    const io::InputFile& input_;
    std::unique_ptr<spng_ctx, End> spng_;
    spng_ihdr header_{};
};

// Of 16 bits a colour keeps the upper eight; grey is cut off at 255. (That is what Pillow does, which holds 16-bit grey as
// numbers and RGB as bytes. A picture of brightnesses it makes nearly white: whoever has such files wants another reader.)
// Errors: the file is damaged or cut short; it has more than `most_pixels`.
inline RgbImage decode_png(const io::InputFile& input, std::span<const std::byte> file, Size most_pixels) {
    const PngDecoder decoder(input, file);
    expect_at_most(input, decoder.size(), most_pixels);
    RgbImage image{decoder.size(), std::vector<std::uint8_t>(decoder.size().pixels() * 3)};
    if (!decoder.is_16_bit_grey()) {
        decoder.decode(image.pixels.data(), image.pixels.size(), SPNG_FMT_RGB8);
        return image;
    }

    std::vector<std::uint16_t> grey(image.size.pixels());
    decoder.decode(grey.data(), grey.size() * sizeof grey[0], SPNG_FMT_PNG);
    for (Size i = 0; i < grey.size(); ++i) {
        const auto value = static_cast<std::uint8_t>(std::min<std::uint16_t>(grey[i], 255));
        std::fill_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, value);
    }
    return image;
}

}  // namespace residua::inline RESIDUA_ISA::data::detail
