#include "fuzz.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace residua::fuzz {

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace residua::fuzz

// The first inputs are written into the first folder that is named.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    for (int i = 1; i < *argc; ++i) {
        const std::filesystem::path folder = (*argv)[i];
        if (!std::filesystem::is_directory(folder)) continue;
        int number = 0;
        for (const residua::io::Bytes& seed : residua::fuzz::seeds()) {
            std::ofstream(folder / ("seed-" + std::to_string(number++)), std::ios::binary)
                .write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
        }
        break;
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    residua::fuzz::try_input(std::as_bytes(std::span(data, size)));
    return 0;
}
