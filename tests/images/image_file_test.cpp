// Image files: the pixels that Pillow has, and what is refused.
#include <doctest/doctest.h>

#include <residua/data/image_file.hpp>

#include "../support/folder.hpp"
#include "../support/message.hpp"
#include "expected.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace residua::data {
namespace {

using testing::has;
using testing::message_of;

io::Bytes bytes_of_file(const std::string& name) { return io::read_file(testing::image_tests / "files" / name, 1 << 20); }

std::string reading(io::Bytes bytes, Size most_pixels = most_image_pixels) {
    return message_of([&] { read_image(io::InputFile("an image", std::move(bytes)), most_pixels); });
}

TEST_CASE("files of all kinds have Pillow's pixels") {
    int files = 0;
    for (const std::string& line : testing::expected_of("file")) {
        const Size space = line.find(' ');
        const std::string name = line.substr(0, space);
        CAPTURE(name);
        CHECK(testing::in_short(read_image(testing::image_tests / "files" / name)) == line.substr(space + 1));
        ++files;
    }
    CHECK(files == 19);
}

TEST_CASE("what is cut short is an error, wherever it ends") {
    for (const char* name : {"420.jpg", "progressive.jpg", "cmyk.jpg", "turned.jpg", "rgb.png", "interlaced.png", "grey16.png"}) {
        CAPTURE(name);
        const io::Bytes good = bytes_of_file(name);
        REQUIRE(reading(good) == "none");
        // (A PNG's last four bytes are the checksum of nothing.)
        const Size needed = std::string_view(name).ends_with(".png") ? good.size() - 4 : good.size();
        for (Size cut = 0; cut < needed; ++cut) {
            CAPTURE(cut);
            const std::string message = reading(io::Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut)));
            CHECK(message.rfind("an image: ", 0) == 0);
        }
    }
    const io::Bytes jpeg = bytes_of_file("420.jpg");
    CHECK(reading(io::Bytes(jpeg.begin(), jpeg.end() - 1)) ==
          "an image: cannot be read as JPEG: it is cut short (expected its end marker, found none)");
    const io::Bytes png = bytes_of_file("rgb.png");
    CHECK(reading(io::Bytes(png.begin(), png.end() - 5)) == "an image: cannot be read as PNG: it is cut short");
}

// Whatever byte is another: an image or an error, and of the same size if its header is whole.
TEST_CASE("what is damaged is an image or an error") {
    for (const char* name : {"420.jpg", "progressive.jpg", "cmyk.jpg", "palette.png", "interlaced.png"}) {
        CAPTURE(name);
        const io::Bytes good = bytes_of_file(name);
        int errors = 0;
        for (Size at = 0; at < good.size(); ++at) {
            io::Bytes bad = good;
            bad[at] ^= std::byte{0x24};
            const std::string message = reading(bad, 1 << 16);
            errors += message != "none";
            if (message != "none") CHECK(message.rfind("an image: ", 0) == 0);
        }
        CHECK(errors > 10);
    }
}

TEST_CASE("the size that a header says is looked at before memory is taken for it") {
    io::Bytes jpeg = bytes_of_file("420.jpg");
    constexpr std::array frame_begins = {std::byte{0xFF}, std::byte{0xC0}};
    const auto frame = std::search(jpeg.begin(), jpeg.end(), frame_begins.begin(), frame_begins.end());
    REQUIRE(frame != jpeg.end());
    std::fill_n(frame + 5, 4, std::byte{0xFD});
    CHECK(reading(jpeg) == "an image: expected at most 89478485 pixels, found 65021x65021");
    CHECK(reading(bytes_of_file("444.jpg"), 246) == "an image: expected at most 246 pixels, found 13x19");
    CHECK(reading(bytes_of_file("444.jpg"), 247) == "none");
    CHECK(reading(bytes_of_file("rgb16.png"), 34) == "an image: expected at most 34 pixels, found 5x7");
}

TEST_CASE("what is no image is an error that says what it is") {
    const testing::TemporaryFolder folder;
    const auto message = [&](const std::filesystem::path& path) { return message_of([&] { read_image(path); }); };
    CHECK(message(folder.path()) == folder.path().string() + ": cannot be read (Is a directory)");
    CHECK(has(message(folder.path() / "none.jpg"), "none.jpg: cannot be opened (No such file or directory)"));
    CHECK(reading({}) == "an image: expected a JPEG or PNG file, found an empty file");
    const auto text = std::as_bytes(std::span(std::string_view("GIF89a\x01\x02 and so on")));
    CHECK(reading(io::Bytes(text.begin(), text.end())) ==
          "an image: expected a JPEG or PNG file, found one that begins with 'GIF89a\\x01\\x02'");
}

}  // namespace
}  // namespace residua::data
