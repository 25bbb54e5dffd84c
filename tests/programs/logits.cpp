// What a network makes of images, and its weights once more: for comparisons with other programs.
//   logits NETWORK WEIGHTS IMAGES LOGITS COPY
//     NETWORK   preact20 or resnet20, of 10 classes and one channel of 28 x 28
//     WEIGHTS   its safetensors
//     IMAGES    its inputs, float32
//     LOGITS    written: 10 float32 an image
//     COPY      written: the weights, as they were understood
#include <residua/io/weights.hpp>
#include <residua/residua.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

using namespace residua;

namespace {

template <class Net>
void run(char** files) {
    constexpr Size at_once = 16;
    Parameters<Net> parameters;
    io::load(parameters, files[0]);
    io::save(parameters, files[3]);

    const io::Bytes bytes = io::read_file(files[1], 1 << 28);
    std::vector<float> images(bytes.size() / sizeof(float));
    std::memcpy(images.data(), bytes.data(), images.size() * sizeof(float));

    const Inference<Net> engine(parameters);
    typename Inference<Net>::template Workspace<at_once> workspace;
    const std::span<const float> all(images);
    std::vector<float> logits;
    for (Size begin = 0; begin < all.size(); begin += at_once * Net::input.size()) {
        const Size size = std::min(at_once * Net::input.size(), all.size() - begin);
        const std::span<const float> rows = engine(all.subspan(begin, size), workspace);
        logits.insert(logits.end(), rows.begin(), rows.end());
    }
    io::write_file(files[2], std::as_bytes(std::span(logits)));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 6) throw Error("expected NETWORK WEIGHTS IMAGES LOGITS COPY");
        const std::string_view name = argv[1];
        if (name == "preact20") {
            run<cifar::PreActResNet<20, 10, Shape{1, 28, 28}>>(argv + 2);
        } else if (name == "resnet20") {
            run<cifar::ResNet<20, 10, Shape{1, 28, 28}>>(argv + 2);
        } else {
            throw Error("expected preact20 or resnet20");
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "logits: %s\n", error.what());
        return 1;
    }
}
