// Image files, JPEG and PNG, as 8-bit RGB. Needs libturbojpeg and libspng (residua::images).
#pragma once

#include <residua/data/image.hpp>
#include <residua/data/jpeg.hpp>
#include <residua/data/png.hpp>
#include <residua/io/input_file.hpp>
#include <residua/io/printable.hpp>

#include <algorithm>
#include <filesystem>
#include <new>
#include <span>
#include <string_view>

namespace residua::inline RESIDUA_ISA::data {

namespace detail {

inline bool begins_with(std::span<const std::byte> file, std::string_view magic) {
    const std::span<const std::byte> bytes = std::as_bytes(std::span(magic));
    return file.size() >= bytes.size() && std::equal(bytes.begin(), bytes.end(), file.begin());
}

}  // namespace detail

// A JPEG or PNG file, told apart by its first bytes, whatever its name. The pixels are those of Pillow's
// Image.open(path).convert("RGB"), and so of torchvision's ImageFolder: grey and palettes become RGB, transparency is dropped,
// CMYK is taken as Adobe's programs write it, and what EXIF says of the orientation is not looked at. Errors name the file: it
// cannot be read; it is neither JPEG nor PNG; it is damaged, so that there is no image to be had, or cut short; it has more than
// `most_pixels`, which is asked before memory is taken for them.
inline RgbImage read_image(const io::InputFile& input, Size most_pixels = most_image_pixels) {
    constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
    if (input.size() > most_bytes) {
        input.fail("expected an image of at most " + std::to_string(most_bytes) + " bytes, found " +
                   std::to_string(input.size()));
    }
    if (input.size() == 0) input.fail("expected a JPEG or PNG file, found an empty file");
    try {
        io::Bytes file(input.size());
        input.read(0, file);
        if (detail::begins_with(file, "\xFF\xD8\xFF")) return detail::decode_jpeg(input, file, most_pixels);
        if (detail::begins_with(file, "\x89PNG\r\n\x1A\n")) return detail::decode_png(input, file, most_pixels);
        const std::string_view text(reinterpret_cast<const char*>(file.data()), std::min<Size>(file.size(), 8));
        input.fail("expected a JPEG or PNG file, found one that begins with " + io::in_quotes(text));
    } catch (const std::bad_alloc&) {
        input.fail("cannot be read: not enough memory for its pixels");
    }
}
inline RgbImage read_image(const std::filesystem::path& path, Size most_pixels = most_image_pixels) {
    return read_image(io::InputFile(path), most_pixels);
}

}  // namespace residua::inline RESIDUA_ISA::data
