// What a network makes of images, and its weights once more: for comparisons with other programs.
//   logits WEIGHTS IMAGES LOGITS COPY
//     WEIGHTS   safetensors of cifar::PreActResNet<20, 10, Shape{1, 28, 28}>
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
#include <vector>

using namespace residua;

int main(int argc, char** argv) {
    using Net = cifar::PreActResNet<20, 10, Shape{1, 28, 28}>;
    constexpr Size at_once = 16;
    try {
        if (argc != 5) throw Error("expected WEIGHTS IMAGES LOGITS COPY");
        Parameters<Net> parameters;
        io::load(parameters, argv[1]);
        io::save(parameters, argv[4]);

        const io::Bytes bytes = io::read_file(argv[2], 1 << 28);
        std::vector<float> images(bytes.size() / sizeof(float));
        std::memcpy(images.data(), bytes.data(), images.size() * sizeof(float));

        const Inference<Net> engine(parameters);
        Inference<Net>::Workspace<at_once> workspace;
        const std::span<const float> all(images);
        std::vector<float> logits;
        for (Size begin = 0; begin < all.size(); begin += at_once * Net::input.size()) {
            const Size size = std::min(at_once * Net::input.size(), all.size() - begin);
            const std::span<const float> rows = engine(all.subspan(begin, size), workspace);
            logits.insert(logits.end(), rows.begin(), rows.end());
        }
        io::write_file(argv[3], std::as_bytes(std::span(logits)));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "logits: %s\n", error.what());
        return 1;
    }
}
