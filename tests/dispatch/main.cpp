// Logits of a network of small_networks, on the instruction set that is picked: its name, then a line each, exactly.
//   dispatch WEIGHTS            as they come from the seed, written there
#include "networks.hpp"
#include "small_networks.hpp"

#include <residua/io/weights.hpp>
#include <residua/training/initial.hpp>

#include <cstdio>
#include <exception>
#include <vector>

using namespace residua;

int main(int count, char** arguments) {
    try {
        if (count != 2) throw Error("expected WEIGHTS");
        io::save(initialized<Small>(HeNormal{FanOut{}}, 1), arguments[1]);

        const AnyInference network = small_networks::Small();
        AnyStatus status;
        void* engine = network.start(arguments[1], "as_is", 1, status);
        if (!status.ok()) throw Error(status.message);
        std::vector<float> images(2 * Small::input.size());
        for (Size i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i * 7919 % 1024) / 512 - 1;
        std::vector<float> logits(2 * Small::output.size());
        network.infer(engine, images.data(), 2, logits.data(), status);
        network.stop(engine);
        if (!status.ok()) throw Error(status.message);

        std::printf("%s\n", small_networks::instruction_set());
        for (const float logit : logits) std::printf("%a %.9g\n", static_cast<double>(logit), static_cast<double>(logit));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
