// Arenas are exactly as large as their constants say, and steps allocate nothing.
#include <doctest/doctest.h>

#include <residua/residua.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

namespace {
[[maybe_unused]] std::atomic<long> allocations{0};
}

// (The sanitizers have their own operators new: there nothing is counted.)
#ifndef RESIDUA_TEST_SANITIZED
#define RESIDUA_TEST_COUNTS 1
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // (g++ inlines one of the pair and not the other)
#endif
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const std::size_t unit = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif

namespace residua {
namespace {

// Memory that ends at a page nobody may touch, and begins behind another.
class Guarded {
public:
    explicit Guarded(Size bytes, bool at_end) : bytes_(bytes) {
        const Size page = static_cast<Size>(sysconf(_SC_PAGESIZE));
        const Size inner = (bytes + page - 1) / page * page;
        size_ = inner + 2 * page;
        base_ = static_cast<std::byte*>(mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        REQUIRE(base_ != MAP_FAILED);
        mprotect(base_, page, PROT_NONE);
        mprotect(base_ + page + inner, page, PROT_NONE);
        data_ = base_ + page + (at_end ? inner - bytes : 0);
    }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;
    ~Guarded() { munmap(base_, size_); }

    std::span<std::byte> bytes() { return {data_, bytes_}; }

private:
    std::byte* base_ = nullptr;
    std::byte* data_ = nullptr;
    Size size_ = 0;
    Size bytes_ = 0;
};

template <class Net, int Batch, class Recomputation>
void touch_only_the_arena() {
    for (const bool at_end : {false, true}) {
        Parameters<Net> parameters = initialized<Net>();
        std::vector<float> gradients(Net::parameter_count);
        std::vector<float> images(Batch * Net::input_shape.size(), 0.5F);
        const std::vector<int> labels(Batch, 1);

        Guarded training(Net::template training_bytes<Batch, Recomputation>, at_end);
        TrainingPass<Net, Batch, Recomputation> pass(training.bytes());
        pass(parameters, images.data(), labels.data(), Batch, gradients.data());
        pass(parameters, images.data(), labels.data(), 2, gradients.data());

        Guarded inference(Net::template inference_bytes<Batch>, at_end);
        const Inference<Net> engine(parameters);
        typename Inference<Net>::template Workspace<Batch> workspace(inference.bytes());
        CHECK(engine(std::span<const float>(images), workspace).size() == Batch * 5);
    }
}

template <class Order, class Shortcut>
using Small = Network<Shape{3, 9, 8}, cifar::BasicSpec<14, Order, Shortcut, 5, 6>>;

TEST_CASE("nothing outside the arenas is touched") {
    touch_only_the_arena<Small<PreActivation, ZeroPadding>, 3, KeepAll>();
    touch_only_the_arena<Small<PreActivation, ZeroPadding>, 3, RecomputeEvery<1>>();
    touch_only_the_arena<Small<Original, Project>, 5, KeepAll>();
    touch_only_the_arena<Small<ReluBeforeAddition, Highway<Real(-1), Project>>, 3, KeepAll>();
}

#ifdef RESIDUA_TEST_COUNTS
TEST_CASE("a training step and an inference call allocate nothing") {
    using Net = Small<PreActivation, Project>;
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 8> trainer(parameters, {}, {2, 1});
    Inference<Net> engine(parameters);
    Inference<Net>::Workspace<8> workspace(2);
    const std::vector<float> images(8 * Net::input_shape.size(), 0.25F);
    const std::vector<int> labels(8, 1);
    const long before = allocations;
    for (int i = 0; i < 3; ++i) {
        trainer.step(images.data(), labels.data(), 8, 0.1);
        engine.update(parameters);
        engine(std::span<const float>(images), workspace);
    }
    CHECK(allocations == before);
}
#endif

TEST_CASE("an engine is shared by threads with a workspace each") {
    using Net = Small<Original, ZeroPadding>;
    const Parameters<Net> parameters = initialized<Net>();
    const Inference<Net> engine(parameters);
    const std::vector<float> image(Net::input_shape.size(), 0.5F);
    Inference<Net>::Workspace<1> alone;
    const auto expected = engine(std::span<const float>(image), alone);

    std::atomic<int> different{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                Inference<Net>::Workspace<1> own(2);
                for (int i = 0; i < 20; ++i) {
                    const auto logits = engine(std::span<const float>(image), own);
                    different += !std::equal(logits.begin(), logits.end(), expected.begin());
                }
            });
        }
    }
    CHECK(different == 0);
}

TEST_CASE("bad arguments are errors that change nothing") {
    using Net = Network<Shape{3, 1, 1}, Sequence<Conv<4>, BatchNorm<>, Relu, GlobalAveragePool, Linear<5>>>;
    Parameters<Net> parameters = initialized<Net>();
    const Parameters<Net> before = parameters;
    Trainer<Net, 4> trainer(parameters);
    const std::vector<float> images(5 * 3, 1.0F);
    const std::vector<int> labels{0, 1, 2, 3, 4};
    CHECK_THROWS_WITH_AS(trainer.step(images.data(), labels.data(), 5, 0.1), "residua: a step takes 1 to 4 images, 5 were given",
                         Error);
    CHECK_THROWS_AS(trainer.step(images.data(), labels.data(), 0, 0.1), Error);
    CHECK_THROWS_AS(trainer.step(images.data(), labels.data(), 1, 0.1), Error);  // one value a channel
    const std::vector<int> wrong{0, 5};
    CHECK_THROWS_WITH_AS(trainer.step(images.data(), wrong.data(), 2, 0.1), "residua: label 1 of a batch is 5, expected 0 to 4",
                         Error);
    CHECK(parameters == before);
    CHECK(trainer.steps_taken() == 0);

    trainer.step(images.data(), labels.data(), 4, 0.1);
    const std::vector<float> gradients(trainer.gradients().begin(), trainer.gradients().end());
    CHECK_THROWS_AS(trainer.step(images.data(), wrong.data(), 2, 0.1), Error);
    CHECK(std::equal(gradients.begin(), gradients.end(), trainer.gradients().begin()));

    const Inference<Net> engine(parameters);
    Inference<Net>::Workspace<2> workspace;
    CHECK_THROWS_AS(engine(std::span<const float>(images.data(), 4), workspace), Error);
    CHECK_THROWS_AS(engine(std::span<const float>(images.data(), 9), workspace), Error);
    CHECK_THROWS_AS((TrainingPass<Net, 4>(0)), Error);
    CHECK_THROWS_AS(trainer.step(nullptr, labels.data(), 4, 0.1), Error);
    CHECK_THROWS_AS(trainer.step(images.data(), nullptr, 4, 0.1), Error);

    constexpr Size bytes = TrainingPass<Net, 4>::arena_bytes;
    Buffer<std::byte> arena(bytes + 64);
    CHECK_THROWS_WITH_AS((TrainingPass<Net, 4>(arena.span().subspan(4, bytes))),
                         "residua: expected an arena aligned to 64 bytes, found one that is 4 bytes beyond", Error);
    CHECK_THROWS_AS((TrainingPass<Net, 4>(arena.span().first(bytes - 1))), Error);
    CHECK_THROWS_AS((TrainingPass<Net, 4>(std::span<std::byte>())), Error);
    CHECK_THROWS_AS((Inference<Net>::Workspace<2>(arena.span().subspan(32))), Error);
    CHECK_THROWS_AS((Inference<Net>::Workspace<2>(std::span<std::byte>())), Error);
}

}  // namespace
}  // namespace residua
