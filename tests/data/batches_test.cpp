// Batches: their thread ends however it is scheduled.
#include <doctest/doctest.h>

#include <residua/data/batches.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>

#include <dlfcn.h>
#include <pthread.h>

#if defined(__SANITIZE_THREAD__)
#define RESIDUA_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RESIDUA_THREAD_SANITIZER 1
#endif
#endif

namespace {

std::atomic<bool> dawdles = false;  // does every thread take a rest between its decision to sleep and its sleep?
std::atomic<bool> rests = false;
const pthread_t main_thread = pthread_self();

}  // namespace

#ifndef RESIDUA_THREAD_SANITIZER  // (which must see these calls itself)
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

}  // namespace
}  // namespace residua::data
