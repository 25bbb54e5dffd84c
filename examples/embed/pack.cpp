// Writes the numbers of a network as they lie in memory, for embed to hold. A tool of the build.
//   pack BLOCK [WEIGHTS]    WEIGHTS: a safetensors file; without it, initial weights
#include "network.hpp"

#include <residua/io/atomic_file.hpp>
#include <residua/io/weights.hpp>
#include <residua/training/initial.hpp>

#include <cstdio>
#include <exception>

using namespace residua;

int main(int argc, char** argv) try {
    if (argc != 2 && argc != 3) throw Error("expected BLOCK [WEIGHTS]");
    const Parameters<Net> parameters =
        argc == 3 ? io::parameters_of<Net>(argv[2]) : initialized<Net>(HeNormal{FanOut{}}, /*seed=*/1);
    io::write_file(argv[1], std::as_bytes(parameters.values()));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "pack: %s\n", error.what());
    return 1;
}
