// A network with the weights and the logits of the project that has it: world.py makes the files.
//   world_NAME FOLDER       ends with 1 if a logit differs by more than 1e-4 of the largest
#include <residua/io/test_vector.hpp>
#include <residua/networks/imagenet_v2.hpp>

#include <cstdio>
#include <string>

namespace {

using namespace residua;

constexpr const char* name = RESIDUA_WORLD_NAME;

template <Shape Input>
void compare(const std::string& folder) {
    using Net = imagenet::RESIDUA_WORLD_FAMILY<RESIDUA_WORLD_DEPTH, 1000, Input>;
    const Inference<Net> engine(io::parameters_of<Net>(folder + "/" + name + ".safetensors", io::RESIDUA_WORLD_MAP));
    const std::string size = std::to_string(Input.height) + "x" + std::to_string(Input.width);
    const double apart = io::replay(engine, folder + "/" + name + "." + size + ".safetensors", 1e-4);
    std::printf("%s %s: logits differ by %.1e of the largest\n", name, size.c_str(), apart);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "expected a folder that world.py wrote\n");
        return 2;
    }
    try {
        compare<Shape{3, 224, 224}>(arguments[1]);
        compare<Shape{3, 320, 320}>(arguments[1]);
        compare<Shape{3, 225, 319}>(arguments[1]);
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
