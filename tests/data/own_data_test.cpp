// A user's own arrays, parts of a data set, and a data set in its order.
#include <doctest/doctest.h>

#include <residua/data/batches.hpp>
#include <residua/data/from_arrays.hpp>
#include <residua/data/in_order.hpp>
#include <residua/data/metadata.hpp>
#include <residua/data/split.hpp>

#include "../support/message.hpp"

#include <numeric>
#include <set>
#include <type_traits>

namespace residua::data {
namespace {

using testing::has;
using testing::message_of;

constexpr Shape shape{2, 4, 3};

std::vector<std::uint8_t> bytes_of(int images) {
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < images * static_cast<int>(shape.size()); ++i) pixels.push_back(static_cast<std::uint8_t>(i * 37 % 256));
    return pixels;
}
std::vector<int> labels_of(int images) {
    std::vector<int> labels;
    for (int i = 0; i < images; ++i) labels.push_back(i * i % 5);
    return labels;
}
Dataset small(int images = 23) { return from_arrays(shape, 5, bytes_of(images), labels_of(images), {"a", "b", "c", "d", "e"}); }

// What a float data set holds where an 8-bit one would be read the same.
FloatDataset in_floats(const Dataset& set) {
    std::vector<float> pixels;
    for (const std::uint8_t pixel : set.pixels) pixels.push_back(static_cast<float>(pixel) / 255);
    return from_arrays(set.image, set.classes, std::move(pixels), {set.labels.begin(), set.labels.end()}, set.class_names);
}

TEST_CASE("a data set of a user's arrays is what they say") {
    const Dataset set = small();
    CHECK(set.image == shape);
    CHECK(set.size() == 23);
    CHECK(set.classes == 5);
    CHECK(set.pixels == bytes_of(23));
    for (Size i = 0; i < 23; ++i) CHECK(set.labels[i] == labels_of(23)[i]);
    CHECK(images_per_class(set) == std::vector{5, 9, 0, 0, 9});
    CHECK(in_floats(set).image_at(3)[5] == static_cast<float>(set.image_at(3)[5]) / 255);

    std::vector<int> many(23, 999);
    CHECK(from_arrays(shape, 1000, bytes_of(23), many).labels[22] == 999);
    many[7] = most_classes - 1;
    CHECK(from_arrays(shape, most_classes, bytes_of(23), many).labels[7] == most_classes - 1);
}

TEST_CASE("arrays that do not fit are errors that say why") {
    const auto trouble = [](Shape image, int classes, auto pixels, std::vector<int> labels, std::vector<std::string> names = {}) {
        return message_of([&] { from_arrays(image, classes, pixels, labels, names); });
    };
    const std::vector<float> floats(3 * shape.size());
    CHECK(trouble(shape, 5, floats, {0, 1, 2}) == "none");
    CHECK(trouble(shape, 5, bytes_of(3), {0, 1}) ==
          "residua: data set: expected as many labels as images, found 2 labels and 3 images (72 pixel values, 24 an image)");
    CHECK(trouble(shape, 5, floats, {0, 1, 2, 3}) ==
          "residua: data set: expected as many labels as images, found 4 labels and 3 images (72 pixel values, 24 an image)");
    CHECK(trouble(Shape{3, 4, 3}, 5, floats, {0, 1, 2}) ==
          "residua: data set: expected as many labels as images, found 3 labels and 2 images (72 pixel values, 36 an image)");
    CHECK(
        trouble(Shape{2, 4, 4}, 5, floats, {0, 1, 2}) ==
        "residua: data set: expected 96 pixel values, 32 an image (2x4x4) for 3 labels, found 72: not a whole number of images");
    CHECK(trouble(shape, 5, floats, {0, 5, 2}) == "residua: data set: label of image 1: expected 0 to 4, found 5");
    CHECK(trouble(shape, 5, floats, {0, 1, -1}) == "residua: data set: label of image 2: expected 0 to 4, found -1");
    CHECK(trouble(shape, 5, floats, {0, 65'536, 1}) == "residua: data set: label of image 1: expected 0 to 4, found 65536");
    CHECK(trouble(shape, 0, floats, {0, 0, 0}) == "residua: data set: expected 1 to 65536 classes, found 0");
    CHECK(trouble(shape, 65'537, floats, {0, 0, 0}) == "residua: data set: expected 1 to 65536 classes, found 65537");
    CHECK(trouble(shape, 5, floats, {}) == "residua: data set: expected at least 1 image, found 0");
    CHECK(trouble({2, 4}, 5, floats, {0, 1, 2}) == "residua: data set: expected images of at least 1x1x1, found 2x4x0");
    CHECK(trouble(shape, 5, floats, {0, 1, 2}, {"a"}) == "residua: data set: expected 5 class names, found 1");

    std::vector<float> wrong = floats;
    wrong[24 + 7] = std::numeric_limits<float>::quiet_NaN();
    CHECK(trouble(shape, 5, wrong, {0, 1, 2}) == "residua: data set: value 7 of image 1: expected a finite number, found nan");
    wrong[3] = -std::numeric_limits<float>::infinity();
    CHECK(trouble(shape, 5, wrong, {0, 1, 2}) == "residua: data set: value 3 of image 0: expected a finite number, found -inf");

    Dataset unknown = small();
    unknown.classes = 0;
    unknown.class_names.clear();
    CHECK(message_of([&] { images_per_class(unknown); }) ==
          "residua: images per class: expected a data set of 1 class or more, found 0 (not known)");
}

TEST_CASE("a mean and a deviation a channel are a normalisation") {
    const Dataset set = small();
    const Normalisation n = per_channel(shape, {0.25, 0.5}, {0.5, 0.125});
    std::vector<double> read(shape.size());
    normalise(set.image_at(2), n, {}, read.data());
    for (Size p = 0; p < 12; ++p) {
        CHECK(read[p] == doctest::Approx((set.image_at(2)[p] / 255.0 - 0.25) / 0.5));
        CHECK(read[12 + p] == doctest::Approx((set.image_at(2)[12 + p] / 255.0 - 0.5) / 0.125));
    }

    // What a data set's own moments give, given as numbers.
    const Normalisation of_set = per_channel(set);
    const Normalisation again = per_channel(shape, {static_cast<double>(of_set.mean[0]), static_cast<double>(of_set.mean[12])},
                                            {1 / static_cast<double>(of_set.scale[0]), 1 / static_cast<double>(of_set.scale[1])});
    CHECK(again.mean == of_set.mean);
    CHECK(again.scale == of_set.scale);

    const auto trouble = [](Shape image, std::vector<double> mean, std::vector<double> deviation) {
        return message_of([&] { per_channel(image, mean, deviation); });
    };
    CHECK(trouble(shape, {0.5}, {1, 1}) == "residua: normalisation: expected 2 means, one a channel, found 1");
    CHECK(trouble(shape, {0.5, 0.5}, {1, 1, 1}) == "residua: normalisation: expected 2 deviations, one a channel, found 3");
    CHECK(trouble({0, 4, 4}, {}, {}) == "residua: normalisation: expected images of at least 1x1x1, found 0x4x4");
    CHECK(trouble(shape, {0.5, NAN}, {1, 1}) == "residua: normalisation: expected a finite mean for channel 1, found nan");
    CHECK(trouble(shape, {0.5, 0.5}, {0, 1}) ==
          "residua: normalisation: expected a finite deviation above 0 for channel 0, found 0");
    CHECK(trouble(shape, {0.5, 0.5}, {1, -0.2}) ==
          "residua: normalisation: expected a finite deviation above 0 for channel 1, found -0.2");
    for (const double deviation : {double{NAN}, HUGE_VAL, 1e-300}) {
        CHECK(has(trouble(shape, {0.5, 0.5}, {1, deviation}), "expected a finite deviation above 0 for channel 1, found "));
    }
}

TEST_CASE("a normalisation on the scale of 0 to 255 is refused where pixels are bytes") {
    const Dataset set = small();
    const Normalisation n = per_channel(shape, {123.675, 116.28}, {58.395, 57.12});
    CHECK(message_of([&] { Batches(set, n, {}, 4, 1); }) ==
          "residua: batches: expected means of 0 to 1, as of pixel / 255, found 123.675003");
    CHECK(has(message_of([&] { InOrder(set, n, 4); }), "images in order: expected means of 0 to 1"));
    const FloatDataset floats = in_floats(set);
    CHECK(message_of([&] { Batches(floats, n, {}, 4, 1); }) == "none");

    Normalisation wrong = n;
    wrong.mean[5] = NAN;
    CHECK(message_of([&] { Batches(floats, wrong, {}, 4, 1); }) == "residua: batches: expected a finite mean, found nan");
    wrong = n;
    wrong.scale[1] = HUGE_VALF;
    CHECK(message_of([&] { Batches(floats, wrong, {}, 4, 1); }) == "residua: batches: expected a finite scale, found inf");
}

TEST_CASE("floats and bytes of the same images are read alike, into floats and doubles") {
    const Dataset bytes = small();
    const FloatDataset floats = in_floats(bytes);
    const Normalisation n = per_channel(bytes);
    const Normalisation of_floats = per_channel(floats);
    for (Size c = 0; c < 2; ++c) {
        CHECK(of_floats.mean[12 * c] == doctest::Approx(n.mean[12 * c]).epsilon(1e-6));
        CHECK(of_floats.scale[c] == doctest::Approx(n.scale[c]).epsilon(1e-6));
    }
    const Normalisation pixel_means = per_pixel_mean(floats);
    for (Size p = 0; p < shape.size(); ++p) CHECK(pixel_means.mean[p] == doctest::Approx(per_pixel_mean(bytes).mean[p]));

    // Augmented alike, in the same order.
    const Augmentation augmentation{2, true};
    Batches from_bytes(bytes, n, augmentation, 5, 3);
    Batches from_floats(floats, n, augmentation, 5, 3);
    BatchesOf<double> into_doubles(floats, n, AugmentationOf<double>{2, true}, 5, 3);
    for (int step = 0; step < 7; ++step) {
        const Batch& a = from_bytes.next();
        const Batch& b = from_floats.next();
        const BatchOf<double>& c = into_doubles.next();
        REQUIRE(a.n == b.n);
        REQUIRE(a.n == c.n);
        CHECK(a.images.size() == static_cast<Size>(a.n) * shape.size());
        for (Size i = 0; i < a.labels.size(); ++i) CHECK(a.labels[i] == b.labels[i]);
        for (Size i = 0; i < a.images.size(); ++i) {
            CHECK(static_cast<double>(a.images[i]) == doctest::Approx(static_cast<double>(b.images[i])).epsilon(1e-5));
            CHECK(c.images[i] == doctest::Approx(static_cast<double>(b.images[i])).epsilon(1e-5));
        }
    }
}

TEST_CASE("no normalisation leaves what is read") {
    const Dataset set = small();
    std::vector<float> read(shape.size());
    normalise(set.image_at(3), no_normalisation(shape), {}, read.data());
    const FloatDataset floats = in_floats(set);
    for (Size p = 0; p < read.size(); ++p) CHECK(read[p] == doctest::Approx(floats.image_at(3)[p]));
    CHECK(InOrder(floats, no_normalisation(shape), 4).begin().operator*().images[5] == floats.image_at(0)[5]);
    CHECK(has(message_of([] { no_normalisation({2, 0, 3}); }), "expected images of at least 1x1x1, found 2x0x3"));
}

TEST_CASE("a normalisation is kept as metadata, and comes back with the same bits") {
    const Dataset set = small();
    const auto same = [](const Normalisation& n) {
        const Normalisation back = normalisation_of(metadata_of(n));
        return back.image == n.image && back.mean == n.mean && back.scale == n.scale;
    };
    for (const Normalisation& n :
         {per_channel(set), per_pixel_mean(set), no_normalisation(shape), per_channel(in_floats(set)),
          per_channel({1, 28, 28}, {-1e-30}, {3e20}), per_channel({4, 1, 1}, {1, 2, 3, 4}, {1, 2, 3, 4})}) {
        CHECK(same(n));
    }
    using Metadata = std::map<std::string, std::string>;
    CHECK(metadata_of(per_channel(shape, {0.25, 0.5}, {0.5, 0.125})) ==
          Metadata{{"input", "2x4x3"}, {"input mean", "0.25 0.5"}, {"input scale", "2 8"}});

    const auto trouble = [&](const char* name, const std::string& value) {
        Metadata metadata = metadata_of(per_channel(set));
        metadata["other"] = "is passed over";
        metadata[name] = value;
        return message_of([&] { normalisation_of(metadata); });
    };
    CHECK(trouble("more", "x") == "none");
    CHECK(message_of([] { normalisation_of({}); }) ==
          "residua: normalisation: expected metadata 'input', found none of that name");
    for (const char* wrong : {"2x4", "2x4x3x1", "2x4x", "x2x4x3", "2x4x3 ", "", "2.5x4x3", "2*4*3", "99999999999x1x1"}) {
        CHECK(trouble("input", wrong) ==
              "residua: normalisation: metadata 'input': expected an image's shape as 3x32x32, found '" + std::string(wrong) +
                  "'");
    }
    CHECK(trouble("input", "0x4x3") == "residua: normalisation: expected images of at least 1x1x1, found 0x4x3");
    CHECK(has(trouble("input", "2x2000000000x2000000000"), "expected an image of at most 2^28 values, found '2x2000000000x2"));
    CHECK(trouble("input mean", "0.5 zero") ==
          "residua: normalisation: metadata 'input mean': expected numbers with a space between them, found '0.5 zero'");
    CHECK(trouble("input mean", "1 2 3") == "residua: normalisation: expected 24 means, one a pixel, found 3");
    CHECK(trouble("input scale", "1") == "residua: normalisation: expected 2 scales, one a channel, found 1");
    CHECK(has(trouble("input scale", "\x1B" + std::string(1000, '1')), "found '?111111111111111111111111111111111111111...'"));
}

TEST_CASE("floats of any unit are normalised, and what hardly varies is not blown up") {
    const auto scale_of = [](double offset, double spread) {
        std::vector<float> pixels(100 * shape.size());
        for (Size i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(offset + (i % 2 == 0 ? spread : -spread));
        const FloatDataset set = from_arrays(shape, 1, std::move(pixels), std::vector<int>(100));
        CHECK(per_channel(set).mean[0] == doctest::Approx(offset).epsilon(1e-6));
        return static_cast<double>(per_channel(set).scale[1]);
    };
    CHECK(scale_of(0, 1e-9) == doctest::Approx(1e9));
    CHECK(scale_of(101'325, 0.5) == doctest::Approx(2));
    CHECK(scale_of(-1e6, 2) == doctest::Approx(0.5));
    CHECK(scale_of(0, 1e30) == doctest::Approx(1e-30));
    CHECK(scale_of(1e6, 0.1) == 1);  // (a float of a million has steps of 1/16)
    CHECK(scale_of(0, 0) == 1);
    CHECK(scale_of(300, 0) == 1);
    CHECK(scale_of(0, 1e-40) == 1);
}

TEST_CASE("a subset is of the images asked for, in their order") {
    const Dataset set = small();
    const Dataset part = subset(set, {7, 0, 22, 7});
    CHECK(part.size() == 4);
    CHECK(part.image == shape);
    CHECK(part.classes == 5);
    CHECK(part.class_names == set.class_names);
    const Size from[] = {7, 0, 22, 7};
    for (Size i = 0; i < 4; ++i) {
        CHECK(part.labels[i] == set.labels[from[i]]);
        CHECK(std::equal(part.image_at(i), part.image_at(i) + shape.size(), set.image_at(from[i])));
    }
    CHECK(subset(in_floats(set), {3}).image_at(0)[1] == in_floats(set).image_at(3)[1]);

    CHECK(message_of([&] { subset(set, {}); }) == "residua: subset: expected at least 1 index, found 0");
    CHECK(message_of([&] { subset(set, {0, 23}); }) == "residua: subset: index 1: expected 0 to 22, found 23");
    Dataset wrong = set;
    wrong.pixels.pop_back();
    CHECK(has(message_of([&] { subset(wrong, {0}); }), "expected 552 pixel values"));
}

// A data set whose image i is full of i.
Dataset numbered(int images, int classes) {
    std::vector<std::uint8_t> pixels;
    std::vector<int> labels;
    for (int i = 0; i < images; ++i) {
        pixels.push_back(static_cast<std::uint8_t>(i));
        labels.push_back(i % 7 % classes);
    }
    return from_arrays({1, 1, 1}, classes, pixels, labels);
}

TEST_CASE("a split has each image once, in order, by chance") {
    const Dataset set = numbered(200, 4);
    std::set<std::vector<std::uint8_t>> seen;
    std::vector<int> times(200);
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        const FirstPart part{.images = 50, .stratified = seed % 2 == 1};
        const auto [first, second] = split(set, part, seed);
        CHECK(first.size() == 50);
        CHECK(second.size() == 150);
        CHECK(std::is_sorted(first.pixels.begin(), first.pixels.end()));
        CHECK(std::is_sorted(second.pixels.begin(), second.pixels.end()));
        std::vector<std::uint8_t> both = first.pixels;
        both.insert(both.end(), second.pixels.begin(), second.pixels.end());
        std::sort(both.begin(), both.end());
        CHECK(both == set.pixels);
        for (Size i = 0; i < 50; ++i) CHECK(first.labels[i] == set.labels[first.pixels[i]]);

        CHECK(split(set, part, seed).first.pixels == first.pixels);
        seen.insert(first.pixels);
        for (const std::uint8_t pixel : first.pixels) ++times[pixel];
    }
    CHECK(seen.size() == 400);
    CHECK(*std::min_element(times.begin(), times.end()) > 60);  // of 100, with a deviation below 9
    CHECK(*std::max_element(times.begin(), times.end()) < 140);

    CHECK(split(set, {.fraction = 0.9}, 1).first.size() == 180);
    CHECK(split(set, {.fraction = 0.333}, 1).first.size() == 67);
    CHECK(split(in_floats(set), {.fraction = 0.5}, 1).first.labels == split(set, {.images = 100}, 1).first.labels);

    // The same images on any machine, in any version. (By another program's Philox.)
    CHECK(split(numbered(10, 2), {.images = 4}, 1).first.pixels == std::vector<std::uint8_t>{1, 2, 4, 9});
}

TEST_CASE("a stratified split takes of each class its share") {
    const Dataset set = numbered(211, 5);
    const std::vector<int> all = images_per_class(set);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        for (const int images : {1, 10, 77, 200}) {
            const std::vector<int> part = images_per_class(split(set, {.images = images, .stratified = true}, seed).first);
            CHECK(std::accumulate(part.begin(), part.end(), 0) == images);
            for (Size c = 0; c < 5; ++c) CHECK(std::abs(part[c] - all[c] * images / 211.0) < 1);
        }
    }
}

TEST_CASE("a split that would leave a part empty, or says nothing, is an error") {
    const Dataset set = small();
    const auto trouble = [&](FirstPart part) { return message_of([&] { split(set, part, 1); }); };
    CHECK(trouble({}) == "residua: split: expected one of .images and .fraction, found neither");
    CHECK(trouble({.images = 3, .fraction = 0.5}) ==
          "residua: split: expected one of .images and .fraction, found both: 3 and 0.5");
    for (const double fraction : {1.0, -0.1, 90.0, HUGE_VAL, double{NAN}}) {
        CHECK(has(trouble({.fraction = fraction}), "residua: split: expected a fraction between 0 and 1, found "));
    }
    const std::string expected =
        "residua: split: expected 1 to 22 of 23 images in the first part, so that the second has one too, ";
    CHECK(trouble({.images = 23}) == expected + "found 23");
    CHECK(trouble({.images = -1}) == expected + "found -1");
    CHECK(trouble({.fraction = 0.01}) == expected + "found 0");
    CHECK(trouble({.fraction = 0.99}) == expected + "found 23");
}

TEST_CASE("a data set in its order: each image once, as normalise gives it") {
    const Dataset set = small();
    const Normalisation n = per_channel(set);
    for (const int batch : {1, 5, 23, 1000}) {
        InOrder images(set, n, batch);
        for (int pass = 0; pass < 2; ++pass) {
            Size seen = 0;
            std::int64_t steps = 0;
            for (const Batch& part : images) {
                CHECK(part.step == steps++);
                CHECK(part.images.size() == static_cast<Size>(part.n) * shape.size());
                for (Size i = 0; i < static_cast<Size>(part.n); ++i, ++seen) {
                    std::vector<float> expected(shape.size());
                    normalise(set.image_at(seen), n, {}, expected.data());
                    CHECK(std::equal(expected.begin(), expected.end(), part.images.subspan(i * shape.size()).begin()));
                    CHECK(part.labels[i] == set.labels[seen]);
                }
            }
            CHECK(seen == 23);
            CHECK(steps == (23 + batch - 1) / batch);
        }
    }
    const FloatDataset floats = in_floats(set);
    double sum = 0;
    for (const BatchOf<double>& part : InOrderOf<double>(floats, n, 7)) {
        for (const double value : part.images) sum += value;
    }
    CHECK(sum == doctest::Approx(0).epsilon(1e-4));

    CHECK(message_of([&] { InOrder(set, n, 0); }) == "residua: images in order: expected at least 1 image a batch, found 0");
    CHECK(message_of([&] {
              InOrder(set, per_channel({1, 4, 3}, {0.5}, {1}), 4);
          }) == "residua: images in order: expected a normalisation for images of 2x4x3, found one for 1x4x3");
    static_assert(!std::is_constructible_v<InOrder, Dataset, Normalisation, int>);
    static_assert(std::is_constructible_v<InOrder, const FloatDataset&, Normalisation, int>);
}

TEST_CASE("data sets of floats, and of many classes, are told apart by their content") {
    const FloatDataset set = in_floats(small());
    std::set<std::uint64_t> seen{content_hash(set), content_hash(small())};
    FloatDataset other = set;
    other.pixels[17] = std::nextafter(other.pixels[17], 2.0F);
    CHECK(seen.insert(content_hash(other)).second);
    other = set;
    other.labels[0] ^= 1;
    CHECK(seen.insert(content_hash(other)).second);
    other.classes = 1000;
    CHECK(seen.insert(content_hash(other)).second);
    other.labels[0] ^= 512;
    CHECK(seen.insert(content_hash(other)).second);
    other.labels[0] ^= 256;
    CHECK(seen.insert(content_hash(other)).second);
}

}  // namespace
}  // namespace residua::data
