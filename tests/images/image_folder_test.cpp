// Folders of image files as a data set: torchvision's order, what training and evaluation see, and errors where they happen.
#include <doctest/doctest.h>

#include <residua/data/batches.hpp>
#include <residua/data/image_folder.hpp>
#include <residua/data/in_order.hpp>

#include "../support/folder.hpp"
#include "../support/message.hpp"
#include "expected.hpp"

#include <set>

namespace residua::data {
namespace {

using testing::has;
using testing::message_of;

constexpr CentreView small_view{.crop = {8, 6}, .shorter_side = 10};

// Copies of tests/images/files, under names that are to be sorted.
class Folder {
public:
    Folder() {
        put("420.jpg", "tench/b.JPEG");
        put("grey.png", "tench/a.png");
        put("444.jpg", "tench/below/0.jpg");
        put("cmyk.jpg", "Shark/x.jpg");
        put("rgba.png", "Shark/Y.PNG");
        put("rgb.png", "goldfish/1.png");
        write("Shark/notes.txt", "no image");
        write("README", "no class");
    }
    void put(const std::string& file, const std::string& to) const {
        std::filesystem::create_directories((folder_.path() / to).parent_path());
        std::filesystem::copy_file(testing::image_tests / "files" / file, folder_.path() / to);
    }
    void write(const std::string& to, std::string_view text) const { std::ofstream(folder_.path() / to) << text; }
    const std::filesystem::path& path() const { return folder_.path(); }

private:
    testing::TemporaryFolder folder_;
};

std::vector<float> values_of(const Batch& batch) { return {batch.images.begin(), batch.images.end()}; }

TEST_CASE("classes and images stand in torchvision's order") {
    const Folder folder;
    const ImageFolder set(folder.path(), small_view);
    CHECK(set.class_names == std::vector<std::string>{"Shark", "goldfish", "tench"});
    CHECK(set.classes == 3);
    CHECK(set.labels == std::vector<std::uint16_t>{0, 0, 1, 2, 2, 2});
    CHECK(set.image == Shape{3, 8, 6});
    const std::vector<std::string> names = {"Shark/Y.PNG", "Shark/x.jpg",  "goldfish/1.png",
                                            "tench/a.png", "tench/b.JPEG", "tench/below/0.jpg"};
    for (Size i = 0; i < names.size(); ++i) CHECK(set.path(i) == folder.path() / names[i]);

    const ImageFolder some = subset(set, {4, 2});
    CHECK(some.labels == std::vector<std::uint16_t>{2, 1});
    CHECK(some.path(0) == set.path(4));
    CHECK(content_hash(some) != content_hash(set));
    const Folder other;
    CHECK(content_hash(ImageFolder(other.path(), small_view)) == content_hash(set));
    other.put("422.jpg", "tench/c.jpg");
    CHECK(content_hash(ImageFolder(other.path(), small_view)) != content_hash(set));
}

TEST_CASE("evaluation sees the middle of the image, with its shorter side at its size") {
    const Folder folder;
    const ImageFolder set(folder.path(), small_view);
    const Normalisation normalisation = no_normalisation(set.image);
    Size image = 0;
    for (const Batch& batch : InOrder(set, normalisation, 4)) {
        CHECK(batch.n == (batch.step == 0 ? 4 : 2));
        for (int i = 0; i < batch.n; ++i, ++image) {
            CHECK(batch.labels[static_cast<Size>(i)] == set.labels[image]);
            const RgbImage seen = centre_crop(resize_shorter_side(read_image(set.path(image)), 10), {8, 6});
            for (Size c = 0; c < 3; ++c) {
                for (Size p = 0; p < 48; ++p) {
                    const float found = batch.images[(static_cast<Size>(i) * 3 + c) * 48 + p];
                    REQUIRE(found == static_cast<float>(seen.pixels[3 * p + c]) / 255.0F);
                }
            }
        }
    }
    CHECK(image == 6);
    Batches batches(set, normalisation, {}, 6, 1);  // told nothing else, training sees the same
    const Batch& batch = batches.next();
    for (const Batch& all : InOrder(set, normalisation, 6)) {
        std::multiset<float> ours(batch.images.begin(), batch.images.end());
        CHECK(ours == std::multiset<float>(all.images.begin(), all.images.end()));
    }
}

TEST_CASE("training sees a window of a random size, which is a function of seed and step") {
    const Folder folder;
    const ImageFolder set(folder.path(), small_view);
    const Normalisation normalisation = no_normalisation(set.image);
    const Augmentation augmentation{.flip = true, .shorter_side = {8, 20}};
    Batches batches(set, normalisation, augmentation, 4, 3);
    CHECK(batches.steps_per_epoch() == 2);
    CHECK(Batches::steps_per_epoch(set, 4) == 2);
    std::vector<std::vector<float>> seen;
    for (int step = 0; step < 6; ++step) seen.push_back(values_of(batches.next()));

    for (int step = 0; step < 6; ++step) {
        Batches from_there(set, normalisation, augmentation, 4, 3, step);
        CHECK(values_of(from_there.next()) == seen[static_cast<Size>(step)]);
    }
    Batches of_another_seed(set, normalisation, augmentation, 4, 4);
    CHECK(values_of(of_another_seed.next()) != seen[0]);

    // An image by itself: sizes and places all differ.
    std::set<std::vector<std::uint8_t>> windows;
    for (std::uint64_t epoch = 0; epoch < 50; ++epoch) {
        std::vector<std::uint8_t> pixels(set.image.size());
        set.read(4, {{8, 20}, false, {1, random::Purpose::crop, 1, epoch, 4}}, pixels);
        windows.insert(pixels);
    }
    CHECK(windows.size() > 40);

    // On pixels, too: what a user does to them comes behind the window.
    Augmentation inverted = augmentation;
    inverted.on_pixels = [](std::span<float> pixels, const random::Key&) {
        for (float& x : pixels) x = 1 - x;
    };
    Batches other(set, normalisation, inverted, 4, 3);
    const std::vector<float> values = values_of(other.next());
    for (Size i = 0; i < values.size(); ++i) CHECK(values[i] == 1 - seen[0][i]);
}

TEST_CASE("scale and aspect: a window of any size is brought to the crop's") {
    const Folder folder;
    const ImageFolder set(folder.path(), small_view);
    const Augmentation augmentation{.scale_and_aspect = true};
    Batches batches(set, no_normalisation(set.image), augmentation, 6, 5, /*first_step=*/7);
    const Batch& batch = batches.next();
    const std::vector<std::uint32_t> order = random::permutation(6, 5, 7);
    for (Size i = 0; i < 6; ++i) {
        const RgbImage whole = read_image(set.path(order[i]));
        const Window window = random_area(whole.size, {5, random::Purpose::crop, 1, 7, order[i]});
        const RgbImage seen = resize(crop(whole, window), small_view.crop);
        for (Size p = 0; p < 48; ++p) {
            REQUIRE(batch.images[i * 3 * 48 + p] == static_cast<float>(seen.pixels[3 * p]) / 255.0F);
        }
    }
    const Augmentation both{.shorter_side = {8, 9}, .scale_and_aspect = true};
    CHECK(message_of([&] { Batches(set, no_normalisation(set.image), both, 6, 5); }) ==
          "residua: image folder: expected a random shorter side or scale and aspect, found both");
}

TEST_CASE("what is wrong with a file arrives with its batch, by its name") {
    const Folder folder;
    folder.write("tench/z.jpg", "no image either");
    const ImageFolder set(folder.path(), small_view);
    const Normalisation normalisation = no_normalisation(set.image);
    const std::string expected =
        (folder.path() / "tench/z.jpg").string() + ": expected a JPEG or PNG file, found one that begins with 'no image'";
    Batches batches(set, normalisation, {}, 1, 1);
    int good = 0;
    std::string message = "none";
    while (message == "none" && good < 7) {
        message = message_of([&] { batches.next(); });
        good += message == "none";
    }
    CHECK(message == expected);
    CHECK(message_of([&] { batches.next(); }) == expected);
    int batches_in_order = 0;
    CHECK(message_of([&] {
              for (const Batch& batch : InOrder(set, normalisation, 3)) batches_in_order += batch.n > 0;
          }) == expected);
    CHECK(batches_in_order == 1);
}

TEST_CASE("folders and sizes that will not do are errors") {
    const testing::TemporaryFolder empty;
    const auto message = [](const std::filesystem::path& root, const CentreView& view = small_view) {
        return message_of([&] { ImageFolder(root, view); });
    };
    const std::string root = empty.path().string();
    CHECK(message(empty.path() / "none") == root + "/none: cannot be read (No such file or directory)");
    CHECK(message(empty.path()) == root + ": expected a folder for each class, found none");
    std::filesystem::create_directory(empty.path() / "cat");
    CHECK(message(empty.path()) == root + "/cat: expected images (.jpg, .jpeg, .png) of the class, found none");
    std::ofstream(empty.path() / "cat" / "1.WebP") << "x";
    CHECK(message(empty.path()) == root + "/cat/1.WebP: expected images to be .jpg, .jpeg or .png, found .webp");
    CHECK(message(empty.path(), {.crop = {8, 11}, .shorter_side = 10}) ==
          "residua: image folder: expected a shorter side of at least 11 pixels, the crop's, found 10 to 10");
    CHECK(has(message(empty.path(), {.crop = {0, 5}}), "residua: image folder: expected a size of at least 1x1"));

    const Folder folder;
    const ImageFolder set(folder.path(), small_view);
    const Normalisation normalisation = no_normalisation(set.image);
    CHECK(message_of([&] {
              Batches(set, normalisation, {.shorter_side = {7, 20}}, 4, 1);
          }) == "residua: image folder: expected a shorter side of at least 8 pixels, the crop's, found 7 to 20");
    CHECK(message_of([&] {
              Batches(set, normalisation, {.shorter_side = {20, 10}}, 4, 1);
          }) == "residua: image folder: expected a shorter side of at least 8 pixels, the crop's, found 20 to 10");
    CHECK(message_of([&] {
              InOrder(set, no_normalisation({3, 8, 8}), 4);
          }) == "residua: images in order: expected a normalisation for images of 3x8x6, found one for 3x8x8");
    CHECK(message_of([&] { subset(set, {6}); }) == "residua: subset: expected 0 to 5, found 6");

    Dataset in_memory;
    in_memory.image = {1, 2, 2};
    in_memory.labels = {0};
    in_memory.pixels.resize(4);
    CHECK(message_of([&] {
              Batches(in_memory, no_normalisation({1, 2, 2}), {.shorter_side = {256, 480}}, 1, 1);
          }) ==
          "residua: batches: expected neither a random shorter side nor scale and aspect, which are for images of sizes of their "
          "own");
    static_assert(!std::is_constructible_v<Batches, ImageFolder, Normalisation, Augmentation, int, std::uint64_t>);
    static_assert(!std::is_constructible_v<InOrder, ImageFolder, Normalisation, int>);
}

}  // namespace
}  // namespace residua::data
