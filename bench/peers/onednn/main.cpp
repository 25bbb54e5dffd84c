// oneDNN's side of the comparison: layers alone. Threads: OMP_NUM_THREADS, or the processors that the process may use.
//   peers_onednn
#include "../serve.hpp"
#include "convolution.hpp"

#include <cstdlib>

namespace {

using namespace peers;

// (With the engine, which may not be there: version 3 of PyPI needs SYCL's runtime.)
std::string about() {
    engine();
    const dnnl_version_t& version = *dnnl::version();
    return "{\"name\": \"oneDNN\", \"version\": \"" + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
           std::to_string(version.patch) + "\"}";
}

std::unique_ptr<Work> make(const std::string& name, std::string& why) {
    Layer layer{};
    int batch = 0;
    char pass_name[32] = "";
    const int found = std::sscanf(name.c_str(), "conv-%d-%d-%d-%d-%d/%d/%31s", &layer.channels, &layer.extent, &layer.filters,
                                  &layer.window, &layer.stride, &batch, pass_name);
    if (found == 7) {
        for (const auto& [known, pass] : passes()) {
            if (known == pass_name) return std::make_unique<ConvolutionWork>(layer, batch, pass);
        }
    }
    why = "no network";
    return nullptr;
}

}  // namespace

int main() {
#ifdef PEERS_OPENCL
    setenv("OCL_ICD_FILENAMES", PEERS_OPENCL, 0);
#endif
    return serve({about, nullptr, make});
}
