// A call of an engine in a real-time thread, where the sanitizer ends the program if anything allocates, locks or waits.
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>

#include <cstdio>
#include <vector>

using namespace residua;

using Net = cifar::PreActResNet<20>;
using Engine = Inference<Net>;

struct Colours {
    static constexpr std::array mean{0.5, 0.5, 0.5};
    static constexpr std::array deviation{0.25, 0.25, 0.25};
};

float difference(const Engine& engine, Engine::Workspace<2>& workspace, std::span<const float> images,
                 std::span<const std::uint8_t> pixels) noexcept [[clang::nonblocking]] {
    const float of_images = engine.infer(images, workspace)[0];
    return of_images - engine.infer(Pixels<Colours>{pixels}, workspace)[0];
}

// What the sanitizer must find, or it would find nothing at all.
float allocated(std::vector<float>& values) noexcept [[clang::nonblocking]] {
    values.resize(values.size() + 1000);
    return values.back();
}

int main(int count, char**) {
    const Engine engine(initialized<Net>());
    Engine::Workspace<2> workspace;
    const std::vector<float> images(2 * Net::input_shape.size(), 0.5F);
    const std::vector<std::uint8_t> pixels(Net::input_shape.size(), 100);
    std::printf("%g\n", static_cast<double>(difference(engine, workspace, images, pixels)));
    std::vector<float> values;
    return count > 1 && allocated(values) == 1 ? 2 : 0;
}
