// Our side of the comparison.
//   peers_residua [--threads N] [--exact] [--folder FOLDER]
#include "../serve.hpp"
#include "bandwidth.hpp"
#include "catalogue.hpp"

#include <residua/version.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace {

using namespace peers;

Catalogue catalogue_of_all() {
    Catalogue catalogue;
    for (const auto add :
         {add_cifar_squares, add_cifar_others, add_cifar_1x1, add_imagenet_large, add_imagenet_small, add_imagenet_others,
          add_imagenet_1x1, add_preact20, add_preact110, add_preact164, add_original, add_resnet18, add_resnet50}) {
        add(catalogue);
    }
    return catalogue;
}

std::string list(const Catalogue& catalogue) {
    std::ostringstream text;
    text.precision(15);
    for (const Entry& entry : catalogue) {
        text << (&entry == &catalogue.front() ? "[" : ", ") << "{\"name\": \"" << entry.name << "\", \"flops\": " << entry.flops
             << ", \"bytes\": " << entry.bytes << ", \"deep\": " << (entry.deep ? "true" : "false") << "}";
    }
    return text.str() + "]";
}

std::string about(const Options& options) {
    std::ostringstream text;
    text << "{\"name\": \"" << (options.exact ? "Residua, Exact" : "Residua") << "\", \"version\": \"" << RESIDUA_VERSION_MAJOR
         << "." << RESIDUA_VERSION_MINOR << "." << RESIDUA_VERSION_PATCH << "\", \"threads\": " << options.threads;
    if (!options.exact) {
        text << ", \"fma_peak\": " << bench::fma_peak() * options.threads
             << ", \"ram_bandwidth\": " << ram_bandwidth(options.threads);
    }
    return text.str() + "}";
}

std::unique_ptr<Work> make(const Catalogue& catalogue, const Options& options, const std::string& name, std::string& why) {
    const auto entry = std::find_if(catalogue.begin(), catalogue.end(), [&](const Entry& e) { return e.name == name; });
    if (entry == catalogue.end()) {
        why = "no such work";
        return nullptr;
    }
    const auto& maker = options.exact ? entry->make_exact : entry->make;
    if (!maker) {
        why = "as by default";
        return nullptr;
    }
    return maker(options);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--exact") {
            options.exact = true;
        } else if (option == "--threads" && i + 1 < argc) {
            options.threads = std::atoi(argv[++i]);
        } else if (option == "--folder" && i + 1 < argc) {
            options.folder = argv[++i];
        } else {
            std::cerr << "expected --threads N, --exact or --folder FOLDER, found " << option << "\n";
            return 2;
        }
    }
    const Catalogue catalogue = catalogue_of_all();
    return serve({[&] { return about(options); }, [&] { return list(catalogue); },
                  [&](const std::string& name, std::string& why) { return make(catalogue, options, name, why); }});
}
