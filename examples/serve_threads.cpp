// One engine, many threads: how a server shares a network, read top to bottom.
//
//   build:  cmake --preset release && cmake --build --preset release --target serve_threads
//   run:    build/release/examples/serve_threads [THREADS]
//
// Serves 2,000 images by as many threads as are asked for (4), changes the weights on the way, and ends with 1 if one answer is
// not what the network of its weights says alone.
#include <residua/inference/classify.hpp>
#include <residua/inference/engine.hpp>
#include <residua/networks/network.hpp>
#include <residua/training/initial.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

using namespace residua;

// clang-format off
struct Served : Sequence<
    PreActivation::Stem<Conv<16>>,
    Stage<3, Unit<PreActivation, Basic<16>>>,
    PreActivation::Final,
    GlobalAveragePool,
    Linear<10>> {};
// clang-format on

using Net = Network<Shape{1, 28, 28}, Served>;
using Engine = Inference<Net>;

// 1. What threads share is the engine: parameters, made ready once. No call changes it, so none waits for another, and it
//    is there once, however many threads there are. (It holds Net::parameter_count numbers and those prepared of them.)
// 2. What each thread has is a workspace: one arena of a size that the compiler knows. Two threads in one workspace are an error,
//    and no race.
static_assert(Engine::Workspace<1>::arena_bytes < 1024 * 1024);

// 3. Weights that come later are another engine. Threads that are at work finish with the one that they began with, which
//    ends with the last of them; whoever asks next gets the new one. (Engine::update would need all threads to stand still.)
class Current {
public:
    explicit Current(std::shared_ptr<const Engine> engine) : engine_(std::move(engine)) {}

    std::shared_ptr<const Engine> get() const {
        const std::lock_guard lock(mutex_);
        return engine_;
    }
    void set(std::shared_ptr<const Engine> engine) {
        const std::lock_guard lock(mutex_);
        engine_.swap(engine);
    }  // (the old one may end here, when the lock is no longer held)

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Engine> engine_;
};

struct Request {
    std::vector<float> image;
    std::shared_ptr<const Engine> engine;  // that answered
    int answer = -1;
};

// 4. A thread takes the next request, and answers it on its own core. A workspace of several threads would answer one image
//    sooner; as many workspaces as cores answer the most images a second, for nothing is shared out and nothing is waited for.
void serve(const Current& current, std::vector<Request>& requests, std::atomic<Size>& next) {
    Engine::Workspace<1> workspace;
    for (Size i = next++; i < requests.size(); i = next++) {
        Request& request = requests[i];
        request.engine = current.get();
        const std::span<const float> logits = (*request.engine)(request.image, workspace);
        request.answer = top_k(logits, 1)[0];
    }
}

std::shared_ptr<const Engine> engine_of(std::uint64_t seed) {
    return std::make_shared<const Engine>(initialized<Net>(HeNormal{FanOut{}}, seed));
}

int main(int argc, char** argv) try {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 4;
    if (threads < 1 || threads > 1024) throw Error("expected 1 to 1024 threads");

    std::vector<Request> requests(2'000);
    for (Size i = 0; i < requests.size(); ++i) {
        requests[i].image.resize(Net::input.size());
        for (Size p = 0; p < requests[i].image.size(); ++p) requests[i].image[p] = static_cast<float>((i * 31 + p * p) % 97) / 97;
    }

    Current current(engine_of(1));
    std::atomic<Size> next = 0;
    const auto began = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> servers;
        for (int t = 0; t < threads; ++t) servers.emplace_back([&] { serve(current, requests, next); });
        while (next < requests.size() / 2) std::this_thread::yield();
        current.set(engine_of(2));
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

    // 5. An image's bits do not depend on who computes it, nor on what else is computed beside it: so an answer can be checked.
    Engine::Workspace<1> workspace;
    int wrong = 0;
    int by_new_weights = 0;
    for (const Request& request : requests) {
        wrong += top_k((*request.engine)(request.image, workspace), 1)[0] != request.answer;
        by_new_weights += request.engine == current.get();
    }
    std::printf("%zu images by %d threads: %.0f a second, %d by the new weights, %d answers that differ\n", requests.size(),
                threads, static_cast<double>(requests.size()) / seconds, by_new_weights, wrong);
    return wrong == 0 ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "serve_threads: %s\n", error.what());
    return 1;
}
