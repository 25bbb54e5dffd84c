// The works of our side, by name.
#pragma once

#include "../work.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace peers {

struct Options {
    int threads = 1;
    bool exact = false;  // direct convolutions alone: Vectorised<float, Exact>
    std::string folder;  // of networks' weights, for the other sides
};

struct Entry {
    std::string name;
    double flops = 0;
    double bytes = 0;   // 0: not said
    bool deep = false;  // takes long
    std::function<std::unique_ptr<Work>(const Options&)> make;
    // Null: exact kernels are the default's, or the work is not tried with them.
    std::function<std::unique_ptr<Work>(const Options&)> make_exact;
};

using Catalogue = std::vector<Entry>;

void add_cifar_squares(Catalogue& catalogue);
void add_cifar_others(Catalogue& catalogue);
void add_cifar_1x1(Catalogue& catalogue);
void add_imagenet_large(Catalogue& catalogue);
void add_imagenet_small(Catalogue& catalogue);
void add_imagenet_others(Catalogue& catalogue);
void add_imagenet_1x1(Catalogue& catalogue);
void add_preact20(Catalogue& catalogue);
void add_preact110(Catalogue& catalogue);
void add_preact164(Catalogue& catalogue);
void add_original(Catalogue& catalogue);
void add_resnet18(Catalogue& catalogue);
void add_resnet50(Catalogue& catalogue);

}  // namespace peers
