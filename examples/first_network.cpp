// A residual network of your own: from a type to a trained model, read top to bottom.
//
//   build:  cmake --preset release && cmake --build --preset release --target first_network
//   run:    build/release/examples/first_network /usr/share/datasets/fashion-mnist
//
// Ends with the test error after one epoch.
#include <residua/data/batches.hpp>
#include <residua/data/idx.hpp>
#include <residua/residua.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace residua;

// 1. A network is a type. It is written without a single shape: those are inferred from the input.
// clang-format off
struct MyNet : Sequence<
    PreActivation::Stem<Conv<16>>,
    Stage<2, Unit<PreActivation, Basic<16>>>,
    Stage<2, Unit<PreActivation, Basic<32, /*stride=*/2>>, Unit<PreActivation, Basic<32>>>,
    PreActivation::Final,
    GlobalAveragePool,
    Linear<10>> {};
// clang-format on

using Net = Network<Shape{1, 28, 28}, MyNet>;

// 2. So the compiler knows all there is to know, and a budget can be a line of code.
static_assert(Net::output == Shape{10});
static_assert(Net::parameter_count == 42'362);
static_assert(Net::training_bytes<128> < 128 * 1024 * 1024);

int main(int argc, char** argv) try {
    const char* folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
    const data::Dataset train = data::read_idx(folder, data::Part::train);
    const data::Dataset test = data::read_idx(folder, data::Part::test);

    // 3. Parameters are one block of numbers, owned here and nowhere else: copy them, compare them, save them.
    Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, /*seed=*/1);

    // 4. A trainer owns the rest of what training needs: gradients, momentum and one arena whose size is the constant above.
    //    A step allocates nothing, and gives the same bits on one thread and on eight.
    Trainer<Net, 128> trainer(parameters, Sgd{.momentum = 0.9, .weight_decay = 1e-4}, {.threads = 2});

    const data::Normalisation normalisation = data::per_channel(train);
    data::Batches batches(train, normalisation, data::Augmentation{.flip = true}, 128, /*seed=*/1);
    const OneCycle schedule{.peak = 0.2, .steps = batches.steps_per_epoch()};
    while (trainer.steps_taken() < schedule.steps) {
        const StepResult step = trainer.step(batches.next(), schedule(trainer.steps_taken()));
        if (trainer.steps_taken() % 100 == 0)
            std::printf("step %4d   loss %.3f\n", static_cast<int>(trainer.steps_taken()), step.loss);
    }

    // 5. An engine is the trained network made ready to run: immutable, so any number of threads may share it, each with a
    //    workspace of its own.
    const Inference<Net> engine(parameters);
    Inference<Net>::Workspace<100> workspace(/*threads=*/2);
    std::vector<float> images(100 * Net::input.size());
    int wrong = 0;
    for (int begin = 0; begin + 100 <= test.size(); begin += 100) {
        for (Size i = 0; i < 100; ++i) {
            data::normalise(test.image_at(static_cast<Size>(begin) + i), normalisation, {},
                            images.data() + i * Net::input.size());
        }
        const std::span<const float> logits = engine(std::span<const float>(images), workspace);
        for (Size i = 0; i < 100; ++i) {
            const auto row = logits.subspan(10 * i, 10);
            wrong += std::max_element(row.begin(), row.end()) - row.begin() != test.labels[static_cast<Size>(begin) + i];
        }
    }
    std::printf("test error %.2f %%\n", 100.0 * wrong / test.size());
} catch (const std::exception& error) {
    std::fprintf(stderr, "first_network: %s\n", error.what());
    return 1;
}
