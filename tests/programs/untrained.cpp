// Weights of ResNet-18 for ImageNet whose five likeliest classes are 7, 3, 999, 5 and 900, in this order, whatever the image.
//   untrained WEIGHTS
#include <residua/io/name_maps.hpp>
#include <residua/io/weights.hpp>
#include <residua/networks/imagenet.hpp>
#include <residua/training/initial.hpp>

#include <array>
#include <cstdio>
#include <exception>

using namespace residua;

int main(int argc, char** argv) {
    using Net = imagenet::ResNet<18>;
    try {
        if (argc != 2) throw Error("expected WEIGHTS");
        Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, 1);
        // (An image moves the logits by less than what lies between two classes.)
        for (float& weight : parameters.tensor<"fc.weight">()) weight *= 1e-3F;
        float bias = 8;
        for (const Size likely : std::array<Size, 5>{7, 3, 999, 5, 900}) parameters.tensor<"fc.bias">()[likely] = bias--;

        std::vector<io::TensorToWrite<float>> tensors;
        Net::for_each_tensor([&](const TensorInfo& info) {
            tensors.push_back({io::torchvision(std::string(info.name.view())), io::shape_of(info), parameters.data(info)});
        });
        io::write_safetensors(argv[1], tensors, {});
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "untrained: %s\n", error.what());
        return 1;
    }
}
