// Batches: what they refuse, and that their thread ends however it is scheduled.
#include <doctest/doctest.h>

#include <residua/data/batches.hpp>

#include "../support/message.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <type_traits>

#include <dlfcn.h>
#include <pthread.h>

#if defined(__SANITIZE_THREAD__)
#define RESIDUA_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RESIDUA_THREAD_SANITIZER 1
#endif
#endif

#ifndef RESIDUA_THREAD_SANITIZER  // (which must see these calls itself)
namespace {

std::atomic<bool> dawdles = false;  // does every thread take a rest between its decision to sleep and its sleep?
std::atomic<bool> rests = false;
const pthread_t main_thread = pthread_self();

}  // namespace

// Stands in front of the C library's.
extern "C" int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*);
    static const auto wait = reinterpret_cast<Wait>(dlsym(RTLD_NEXT, "pthread_cond_wait"));
    if (dawdles && !pthread_equal(pthread_self(), main_thread)) {
        rests = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return wait(condition, mutex);
}
#endif

namespace residua::data {
namespace {

using testing::message_of;

Dataset small(int images = 23) {
    Dataset set;
    set.image = {2, 4, 3};
    set.classes = 10;
    for (int i = 0; i < images; ++i) {
        set.labels.push_back(static_cast<std::uint8_t>(i % 10));
        for (Size p = 0; p < set.image.size(); ++p) set.pixels.push_back(static_cast<std::uint8_t>(10 * i + static_cast<int>(p)));
    }
    return set;
}

#ifndef RESIDUA_THREAD_SANITIZER
TEST_CASE("the thread ends even if it is asked to just before it falls asleep") {
    const Dataset set = small();
    dawdles = true;
    rests = false;
    auto batches = std::make_unique<Batches>(set, per_channel(set), Augmentation{}, 5, 1);
    batches->next();
    while (!rests) std::this_thread::yield();

    std::promise<void> done;
    std::future<void> ended = done.get_future();
    std::thread([batches = std::move(batches), done = std::move(done)]() mutable {
        batches.reset();
        done.set_value();
    }).detach();
    const bool in_time = ended.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    dawdles = false;
    REQUIRE(in_time);
}
#endif

TEST_CASE("a data set that would be gone is refused by the compiler") {
    static_assert(std::is_constructible_v<Batches, Dataset&, Normalisation, Augmentation, int, std::uint64_t>);
    static_assert(std::is_constructible_v<Batches, const Dataset&, Normalisation, Augmentation, int, std::uint64_t>);
    static_assert(!std::is_constructible_v<Batches, Dataset, Normalisation, Augmentation, int, std::uint64_t>);
    static_assert(!std::is_constructible_v<Batches, const Dataset, Normalisation, Augmentation, int, std::uint64_t, int>);
}

TEST_CASE("sizes that do not belong together are errors") {
    const Dataset good = small();
    const Normalisation normalisation = per_channel(good);
    const auto trouble = [&](auto spoil) {
        Dataset set = good;
        spoil(set);
        const std::string message = message_of([&] { per_channel(set); });
        CHECK(message == message_of([&] { per_pixel_mean(set); }));
        CHECK(message == message_of([&] { Batches(set, normalisation, {}, 4, 1); }));
        return message;
    };
    CHECK(trouble([](Dataset&) {}) == "none");
    CHECK(trouble([](Dataset& set) { set.pixels.pop_back(); }) ==
          "residua: data set: expected 552 pixel values, 24 an image (2x4x3) for 23 labels, found 551: not a whole number of "
          "images");
    CHECK(trouble([](Dataset& set) { set.labels.push_back(1); }) ==
          "residua: data set: expected as many labels as images, found 24 labels and 23 images (552 pixel values, 24 an image)");
    CHECK(trouble([](Dataset& set) { set.labels[3] = 10; }) == "residua: data set: label of image 3: expected 0 to 9, found 10");
    CHECK(trouble([](Dataset& set) { set.class_names = {"one"}; }) == "residua: data set: expected 10 class names, found 1");
    CHECK(trouble([](Dataset& set) { set.image.height = 0; }) ==
          "residua: data set: expected images of at least 1x1x1, found 2x0x3");
    CHECK(trouble([](Dataset& set) { set.image.width = -3; }) ==
          "residua: data set: expected images of at least 1x1x1, found 2x4x-3");
    CHECK(trouble([](Dataset& set) { set = {}; }) == "residua: data set: expected images of at least 1x1x1, found 0x1x1");
    CHECK(trouble([](Dataset& set) { set.labels.clear(), set.pixels.clear(); }) ==
          "residua: data set: expected at least 1 image, found 0");
    CHECK(trouble([](Dataset& set) { set.classes = -1; }) == "residua: data set: expected 0 classes or more, found -1");

    Dataset unknown = good;
    unknown.classes = 0;
    unknown.labels[0] = 255;
    CHECK(message_of([&] { per_channel(unknown); }) == "none");

    const auto refused = [&](auto spoil) {
        Normalisation wrong = normalisation;
        spoil(wrong);
        return message_of([&] { Batches(good, wrong, {}, 4, 1); });
    };
    CHECK(refused([](Normalisation& n) { n.mean.pop_back(); }) ==
          "residua: normalisation: expected 24 means, one a pixel, found 23");
    CHECK(refused([](Normalisation& n) { n.scale.push_back(1); }) ==
          "residua: normalisation: expected 2 scales, one a channel, found 3");
    CHECK(refused([](Normalisation& n) {
              n = {{1, 4, 3}, std::vector<float>(12), {1}};
          }) == "residua: batches: expected a normalisation for images of 2x4x3, found one for 1x4x3");
    std::vector<float> to(24);
    Normalisation without_means = normalisation;
    without_means.mean.clear();
    CHECK_THROWS_AS(normalise(good.image_at(0), without_means, {}, to.data()), Error);
}

TEST_CASE("batches refuse arguments that make no sense") {
    const Dataset set = small();
    const Normalisation n = per_channel(set);
    CHECK(message_of([&] { Batches(set, n, {}, 0, 1); }) == "residua: batches: expected at least 1 image a batch, found 0");
    CHECK(message_of([&] { Batches(set, n, {}, 4, 1, -1); }) == "residua: batches: expected a first step of 0 or more, found -1");
    CHECK(message_of([&] {
              Batches(set, n, {3, false}, 4, 1);
          }) == "residua: batches: expected padding of 0 to 2 pixels, below images of 2x4x3, found 3");
    CHECK(message_of([&] { Batches(set, n, {-1, false}, 4, 1); }).find("found -1") != std::string::npos);
}

TEST_CASE("a batch larger than the set is the set, and takes no more memory") {
    const Dataset set = small();
    Batches batches(set, per_channel(set), {}, 2'000'000'000, 1);
    CHECK(batches.steps_per_epoch() == 1);
    CHECK(batches.next().n == 23);
    CHECK(batches.next().epoch == 1);

    Batches far(set, per_channel(set), {}, 23, 1, std::int64_t{1} << 40);
    CHECK(far.next().epoch == std::int64_t{1} << 40);
}

TEST_CASE("a channel that hardly varies is not blown up") {
    Dataset set = small(100);
    for (Size i = 0; i < 100; ++i) {
        for (Size p = 0; p < 12; ++p) set.pixels[i * 24 + 12 + p] = 77;
    }
    CHECK(per_channel(set).scale[1] == 1);
    set.pixels[12] = 78;  // one of 1200
    const float scale = per_channel(set).scale[1];
    CHECK(scale == doctest::Approx(255 * std::sqrt(1200.0)).epsilon(0.01));
    for (std::uint8_t value = 0; value < 255; ++value) {
        for (Size i = 0; i < 100; ++i) {
            for (Size p = 0; p < 12; ++p) set.pixels[i * 24 + 12 + p] = value;
        }
        CHECK(per_channel(set).scale[1] == 1);
    }
}

TEST_CASE("data sets are told apart by their content") {
    const Dataset set = small();
    const std::uint64_t hash = content_hash(set);
    CHECK(hash == 0x2c2e1f6a880b2383);  // (checkpoints hold it)
    CHECK(content_hash(small()) == hash);
    std::set<std::uint64_t> seen{hash};
    const auto differs = [&](auto change) {
        Dataset other = set;
        change(other);
        CHECK(seen.insert(content_hash(other)).second);
    };
    for (Size i = 0; i < set.pixels.size(); ++i) {
        differs([&](Dataset& other) { other.pixels[i] ^= 1; });
        differs([&](Dataset& other) { other.pixels[i] ^= 128; });
        if (i >= 8) differs([&](Dataset& other) { other.pixels[i] ^= 64, other.pixels[i - 8] ^= 64; });
        if (i >= 1) differs([&](Dataset& other) { other.pixels[i] ^= 32, other.pixels[i - 1] ^= 32; });
    }
    for (Size i = 0; i < set.labels.size(); ++i) differs([&](Dataset& other) { other.labels[i] ^= 1; });
    differs([](Dataset& other) { other.image = {2, 3, 4}; });
    differs([](Dataset& other) { other.classes = 11; });
}

}  // namespace
}  // namespace residua::data
