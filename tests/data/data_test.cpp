// Reading data sets, also damaged ones; batches; augmentation.
#include <doctest/doctest.h>

#include <residua/data/batches.hpp>
#include <residua/data/cifar.hpp>
#include <residua/data/idx.hpp>

#include "../support/folder.hpp"
#include "../support/memory_limit.hpp"
#include "../support/message.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>

#include <sys/stat.h>

namespace residua::data {
namespace {

using testing::has;
using testing::message_of;
using testing::TemporaryFolder;
using Bytes = std::vector<std::uint8_t>;

void write(const std::filesystem::path& path, const Bytes& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
void write_packed(const std::filesystem::path& path, const Bytes& bytes) {
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
}

// An IDX file of n records.
Bytes idx(std::uint8_t rank, std::vector<std::uint8_t> extents, Size values) {
    Bytes bytes{0, 0, 8, rank};
    for (const std::uint8_t extent : extents) bytes.insert(bytes.end(), {0, 0, 0, extent});
    for (Size i = 0; i < values; ++i) bytes.push_back(static_cast<std::uint8_t>(i % 10));
    return bytes;
}

TEST_CASE("IDX files, plain and gzipped") {
    const TemporaryFolder folder;
    write(folder.path() / "train-images-idx3-ubyte", idx(3, {12, 4, 5}, 12 * 20));
    write(folder.path() / "train-labels-idx1-ubyte", idx(1, {12}, 12));
    const Dataset plain = read_idx(folder.path(), Part::train);
    CHECK(plain.image == Shape{1, 4, 5});
    CHECK(plain.size() == 12);
    CHECK(plain.labels[11] == 1);
    CHECK(plain.image_at(1)[0] == 0);

    write_packed(folder.path() / "t10k-images-idx3-ubyte.gz", idx(3, {12, 4, 5}, 12 * 20));
    write_packed(folder.path() / "t10k-labels-idx1-ubyte.gz", idx(1, {12}, 12));
    const Dataset packed = read_idx(folder.path(), Part::test);
    CHECK(packed.pixels == plain.pixels);
    CHECK(packed.labels == plain.labels);
}

TEST_CASE("damaged IDX files are errors that say why") {
    const TemporaryFolder folder;
    const auto images = folder.path() / "train-images-idx3-ubyte";
    const auto labels = folder.path() / "train-labels-idx1-ubyte";
    const auto reading = [&] { return message_of([&] { read_idx(folder.path(), Part::train); }); };
    CHECK(has(reading(), "expected a file train-images-idx3-ubyte or train-images-idx3-ubyte.gz"));

    const Bytes good = idx(3, {2, 3, 3}, 18);
    write(labels, idx(1, {2}, 2));
    for (Size cut = 0; cut < good.size(); ++cut) {
        write(images, Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut)));
        CHECK(has(reading(), "expected"));
    }
    write(images, idx(3, {2, 3, 3}, 19));
    CHECK(has(reading(), "expected 18 values, found 19"));
    write(images, idx(1, {2}, 2));
    CHECK(reading() != "none");
    write(images, idx(3, {0, 3, 3}, 0));
    CHECK(has(reading(), "found 0"));
    Bytes huge = good;
    for (Size i = 4; i < 16; ++i) huge[i] = 255;
    write(images, huge);
    CHECK(has(reading(), "expected extents"));
    write(images, idx(3, {3, 3, 3}, 27));
    CHECK(has(reading(), "expected 3 labels, as many as images, found 2"));
    write(images, good);
    CHECK(reading() == "none");
    Bytes wrong = idx(1, {2}, 2);
    wrong.back() = 10;
    write(labels, wrong);
    CHECK(has(reading(), "label of image 1: expected 0 to 9, found 10"));

    std::filesystem::remove(labels);
    std::filesystem::create_directory(labels);
    CHECK(has(reading(), "train-labels-idx1-ubyte: cannot be read (Is a directory)"));
    std::filesystem::remove(labels);
    REQUIRE(mkfifo(labels.c_str(), 0600) == 0);
    CHECK(has(reading(), "train-labels-idx1-ubyte: expected a file on a disk, found a pipe"));
}

Bytes packed(const Bytes& bytes) {
    const TemporaryFolder folder;
    write_packed(folder.path() / "packed", bytes);
    const io::Bytes read = io::read_file(folder.path() / "packed", 1 << 30);
    Bytes result(read.size());
    std::memcpy(result.data(), read.data(), read.size());
    return result;
}

io::InputFile input_of(const std::string& name, const Bytes& bytes) {
    const auto* from = reinterpret_cast<const std::byte*>(bytes.data());
    return {name, io::Bytes(from, from + bytes.size())};
}

TEST_CASE("damaged gzip streams are errors that say why") {
    const Bytes images = idx(3, {200, 50, 50}, 200 * 2500);
    const auto reading = [&](const Bytes& bytes) {
        return message_of([&] { read_idx(input_of("images", bytes), input_of("labels", idx(1, {200}, 200))); });
    };
    const Bytes good = packed(images);
    CHECK(reading(good) == "none");
    const auto with = [&](Size at, std::uint8_t change) {
        Bytes changed = good;
        changed[at] ^= change;
        return changed;
    };
    for (const Size cut : {Size{2}, Size{9}, Size{12}, good.size() / 2, good.size() - 8, good.size() - 1}) {
        CHECK(reading(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut))) ==
              "images: cannot be unpacked: it is cut short");
    }
    CHECK(has(reading(with(good.size() - 5, 1)), "images: cannot be unpacked: it is damaged (incorrect data check)"));
    CHECK(has(reading(with(good.size() - 1, 1)), "images: cannot be unpacked: it is damaged (incorrect length check)"));
    CHECK(has(reading(with(2, 1)), "images: cannot be unpacked: it is damaged (unknown compression method)"));
    Bytes longer = good;
    longer.push_back(7);
    CHECK(has(reading(longer), "images: cannot be unpacked"));

    // Several members are one stream.
    const Bytes second = packed(Bytes(images.begin() + 1000, images.end()));
    Bytes two = packed(Bytes(images.begin(), images.begin() + 1000));
    two.insert(two.end(), second.begin(), second.end());
    CHECK(reading(two) == "none");
    CHECK(has(reading(packed(idx(3, {200, 50, 50}, 200 * 2500 + 1))), "expected 500000 values, found more"));
    CHECK(has(reading(packed(idx(3, {200, 50, 50}, 200 * 2500 - 1))), "expected 500000 values, found 499999"));
}

TEST_CASE("no more is unpacked than a header says, and no more believed than comes") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "bomb";
    const auto bomb = [&](const Bytes& header, int chunks) {
        gzFile file = gzopen(path.c_str(), "wb");
        gzwrite(file, header.data(), static_cast<unsigned>(header.size()));
        const Bytes zeros(1 << 20);
        for (int i = 0; i < chunks; ++i) gzwrite(file, zeros.data(), static_cast<unsigned>(zeros.size()));
        gzclose(file);
    };
    const auto reading = [&](std::uint8_t labels) {
        const testing::MemoryLimit limit(std::size_t{1} << 26);
        return message_of([&] { read_idx(io::InputFile(path), input_of("labels", idx(1, {labels}, labels))); });
    };
    bomb(idx(3, {2, 3, 3}, 0), 200);
    CHECK(has(reading(2), "bomb: expected 18 values, found more"));
    bomb({}, 200);
    CHECK(has(reading(2), "bomb: expected the magic number 2051 (bytes, 3 extents), found 0"));
    bomb({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 200, 0, 0, 0, 78, 32}, 0);
    CHECK(has(reading(2), "bomb: expected 2048000000 values, found at most "));
    CHECK(has(message_of([&] {
                  read_idx(io::InputFile(path), input_of("labels", idx(1, {2}, 2)), 10, Shape{1, 28, 28});
              }),
              "bomb: expected images of 1x28x28, found 1x51200x20000"));
    bomb({0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 100, 0, 0, 0, 78, 32}, 200);
    CHECK(has(reading(2), "labels: expected 3 labels"));

    // 200 MB that do come: more than there is memory for. (A sanitizer's programs have no such limit.)
#ifndef RESIDUA_TEST_SANITIZED
    bomb({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 39, 16, 0, 0, 39, 16}, 200);
    CHECK(has(reading(2), "bomb: cannot be read: not enough memory for 200000000 values"));
#endif

    const Bytes many{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 200, 0, 0, 0, 78, 32};
    write(path, many);
    std::filesystem::resize_file(path, std::uintmax_t{6} << 30);
    CHECK(has(reading(2), "bomb: expected 2048000000 values, found 6442450928"));
    CHECK(has(
        message_of([&] {
            read_idx(input_of("images", {0, 0, 8, 3, 128, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}), input_of("labels", idx(1, {2}, 2)));
        }),
        "expected extents from 1 to 2^31 - 1 in all, found 2147483648"));
}

TEST_CASE("CIFAR files of the wrong size are errors") {
    const TemporaryFolder folder;
    const auto reading = [&] { return message_of([&] { read_cifar10(folder.path(), Part::test); }); };
    CHECK(has(reading(), "cannot be opened"));
    write(folder.path() / "test_batch.bin", Bytes(3073, 1));
    CHECK(has(reading(), "expected 30730000 bytes (10000 images), found 3073"));
    write(folder.path() / "test_batch.bin", Bytes(30'730'000, 11));
    CHECK(has(reading(), "label of image 0: expected 0 to 9, found 11"));
    write(folder.path() / "test_batch.bin", Bytes(30'730'001, 1));
    CHECK(has(reading(), "expected 30730000 bytes (10000 images), found 30730001"));
    std::filesystem::resize_file(folder.path() / "test_batch.bin", std::uintmax_t{6} << 30);
    CHECK(has(reading(), "expected 30730000 bytes (10000 images), found 6442450944"));
    std::filesystem::remove(folder.path() / "test_batch.bin");
    CHECK(has(reading(), "cannot be opened (No such file or directory)"));
    write_packed(folder.path() / "test_batch.bin", Bytes(30'730'000, 1));
    CHECK(reading() == "none");
    write_packed(folder.path() / "test_batch.bin", Bytes(30'730'001, 1));
    CHECK(has(reading(), "expected 30730000 bytes (10000 images), found more"));
    Bytes hundred(10'000 * 3074, 99);
    write(folder.path() / "test.bin", hundred);
    CHECK(read_cifar100(folder.path(), Part::test).labels[9'999] == 99);
}

TEST_CASE("CIFAR-10 itself" * doctest::skip(testing::data_folder().empty())) {
    const std::filesystem::path folder = testing::data_folder() / "data/cifar-10-batches-bin";
    const Dataset train = read_cifar10(folder, Part::train);
    CHECK(train.size() == 50'000);
    CHECK(read_cifar10(folder, Part::test).size() == 10'000);
    const Normalisation n = per_channel(train);
    CHECK(n.mean[0] == doctest::Approx(0.491400).epsilon(1e-5));
    CHECK(n.mean[1024] == doctest::Approx(0.482158).epsilon(1e-5));
    CHECK(n.mean[2048] == doctest::Approx(0.446531).epsilon(1e-5));
    CHECK(1 / n.scale[0] == doctest::Approx(0.247032).epsilon(1e-5));
    CHECK(1 / n.scale[2] == doctest::Approx(0.261588).epsilon(1e-5));
}

Dataset small() {
    Dataset set;
    set.image = {1, 4, 3};
    set.classes = 10;
    for (int i = 0; i < 23; ++i) {
        set.labels.push_back(static_cast<std::uint8_t>(i % 10));
        for (Size p = 0; p < set.image.size(); ++p) set.pixels.push_back(static_cast<std::uint8_t>(10 * i + static_cast<int>(p)));
    }
    return set;
}

TEST_CASE("the mean of each pixel is subtracted") {
    const Dataset set = small();
    const Normalisation n = per_pixel_mean(set);
    std::vector<double> sums(set.image.size());
    std::vector<float> image(set.image.size());
    for (Size i = 0; i < 23; ++i) {
        normalise(set.image_at(i), n, {}, image.data());
        for (Size p = 0; p < sums.size(); ++p) sums[p] += static_cast<double>(image[p]);
    }
    for (const double sum : sums) CHECK(sum == doctest::Approx(0).epsilon(1e-5));
}

TEST_CASE("windows and flips") {
    const Dataset set = small();
    const Normalisation n{set.image, std::vector<float>(set.image.size()), {255}};
    std::vector<float> plain(12);
    std::vector<float> moved(12);
    normalise(set.image_at(1), n, {}, plain.data());
    CHECK(plain[0] == doctest::Approx(10));
    CHECK(plain[4] == doctest::Approx(14));
    normalise(set.image_at(1), n, {1, -1, false}, moved.data());
    CHECK(moved[0] == 0);
    CHECK(moved[1] == doctest::Approx(13));
    CHECK(moved[9] == 0);
    normalise(set.image_at(1), n, {0, 0, true}, moved.data());
    CHECK(moved[0] == doctest::Approx(12));

    std::set<int> seen;
    int mirrored = 0;
    for (std::uint64_t sample = 0; sample < 1000; ++sample) {
        const Placement placement = placement_of({4, true}, 1, 0, sample);
        seen.insert(placement.down * 100 + placement.right);
        mirrored += placement.mirrored;
        CHECK_UNARY(std::abs(placement.down) <= 4 && std::abs(placement.right) <= 4);
    }
    CHECK(seen.size() == 81);
    CHECK(mirrored > 430);
    CHECK(mirrored < 570);
}

TEST_CASE("batches cover an epoch once, and go on anywhere with the same bits") {
    const Dataset set = small();
    const Normalisation n = per_channel(set);
    struct Seen {
        std::vector<float> images;
        std::vector<int> labels;
        std::int64_t step;
        std::int64_t epoch;
    };
    const auto take = [&](std::int64_t first, int count) {
        Batches batches(set, n, {1, true}, 5, 9, first);
        std::vector<Seen> seen;
        for (int i = 0; i < count; ++i) {
            const Batch& batch = batches.next();
            seen.push_back({{batch.images.begin(), batch.images.end()},
                            {batch.labels.begin(), batch.labels.end()},
                            batch.step,
                            batch.epoch});
        }
        return seen;
    };
    const std::vector<Seen> whole = take(0, 12);
    CHECK(whole[4].labels.size() == 3);
    CHECK(whole[5].epoch == 1);
    std::vector<int> counts(10);
    for (int i = 0; i < 5; ++i) {
        for (const int label : whole[static_cast<Size>(i)].labels) ++counts[static_cast<Size>(label)];
    }
    for (Size c = 0; c < 10; ++c) CHECK(counts[c] == (c < 3 ? 3 : 2));

    const std::vector<Seen> rest = take(7, 5);
    for (Size i = 0; i < 5; ++i) {
        CHECK(rest[i].images == whole[7 + i].images);
        CHECK(rest[i].labels == whole[7 + i].labels);
        CHECK(rest[i].step == whole[7 + i].step);
    }
}

TEST_CASE("changes of the user's own: once an image, by a key of its own, in their places") {
    const Dataset set = small();
    const Normalisation n = per_channel(set);
    struct Call {
        std::vector<float> image;
        random::Key key;
    };
    std::vector<Call> on_pixels;
    std::vector<Call> on_input;
    const auto note = [](std::vector<Call>& calls) {
        return [&calls](std::span<float> image, const random::Key& key) { calls.push_back({{image.begin(), image.end()}, key}); };
    };
    // The batches of steps [first, first + 5), each as it was; what was called beyond them is of those ahead.
    const auto take = [&](std::int64_t first, Augmentation augmentation) {
        on_pixels.clear();
        on_input.clear();
        std::vector<std::vector<float>> seen;
        {
            Batches batches(set, n, std::move(augmentation), 5, 9, first);
            for (int i = 0; i < 5; ++i) {
                const std::span<const float> values = batches.next().images;
                seen.emplace_back(values.begin(), values.end());
            }
        }
        return seen;
    };

    // A change that changes nothing is seen nowhere.
    const auto plain = take(0, {.pad = 1, .flip = true});
    CHECK(take(0, {1, true, note(on_pixels), note(on_input)}) == plain);
    const std::vector<Call> pixels = on_pixels;
    const std::vector<Call> inputs = on_input;

    // An epoch of 23 images: each sample once.
    REQUIRE(inputs.size() >= 23);
    std::set<std::uint64_t> samples;
    for (Size i = 0; i < 23; ++i) {
        const auto sample = pixels[i].key.sample;
        CHECK(samples.insert(sample).second);
        CHECK(pixels[i].key.seed == 9);
        CHECK(pixels[i].key.step == 0);
        CHECK(inputs[i].key.sample == sample);
        CHECK(random::bits4(inputs[i].key, 0) != random::bits4(pixels[i].key, 0));
        for (Size p = 0; p < 12; ++p) {
            CHECK(pixels[i].image[p] == doctest::Approx(set.image_at(sample)[p] / 255.0F));
            CHECK(inputs[i].image[p] == plain[i / 5][i % 5 * 12 + p]);
        }
    }

    // From any step on: the same keys.
    take(2, {1, true, note(on_pixels), note(on_input)});
    for (Size i = 10; i < 33; ++i) {
        CAPTURE(i);
        const Size after = i - 10;
        if (i < inputs.size()) CHECK(random::bits4(on_input[after].key, 3) == random::bits4(inputs[i].key, 3));
        CHECK(on_input[after].key.step == (i < 23 ? 0 : 1));
    }

    // Before normalisation: twice as bright is twice as bright in pixels. At the end: what is cut out is cut out.
    const auto brighter = take(0, {.on_pixels = [](std::span<float> image, const random::Key&) {
                                   for (float& x : image) x *= 2;
                               }});
    const auto cut = take(0, {.pad = 1, .on_input = [](std::span<float> image, const random::Key&) { image[7] = 0; }});
    const auto as_it_is = take(0, {});
    for (Size p = 0; p < 12; ++p) {
        const double x = as_it_is[1][p] / n.scale[0] + n.mean[p];
        CHECK(brighter[1][p] == doctest::Approx((2 * x - n.mean[p]) * n.scale[0]).epsilon(1e-5));
    }
    for (const auto& batch : cut) {
        for (Size i = 0; i < batch.size(); i += 12) CHECK(batch[i + 7] == 0);
    }

    // For a network in double.
    int calls = 0;
    {
        BatchesOf<double> batches(set, n, {.on_input = [&](std::span<double> image, const random::Key&) { image[0] = ++calls; }},
                                  23, 9);
        CHECK(batches.next().images[22 * 12] == 23);
    }
}

TEST_CASE("what a change of the user's throws arrives with the batch that it was thrown in") {
    const Dataset set = small();
    int calls = 0;
    const auto third_batch = [&](std::span<float>, const random::Key&) {
        if (++calls == 11) throw Error("mine");
    };
    for (int turn = 0; turn < 20; ++turn) {
        calls = 0;
        Batches batches(set, per_channel(set), {.on_input = third_batch}, 5, 1);
        CHECK(batches.next().step == 0);
        if (turn % 2 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        CHECK(batches.next().step == 1);
        CHECK_THROWS_WITH_AS(batches.next(), "mine", Error);
        CHECK_THROWS_WITH_AS(batches.next(), "mine", Error);
    }
}

}  // namespace
}  // namespace residua::data
