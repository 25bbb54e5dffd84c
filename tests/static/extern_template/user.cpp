// A file that uses it.
#include "network.hpp"

#include <vector>

int main() {
    const residua::Inference<Net> engine{residua::Parameters<Net>()};
    residua::Inference<Net>::Workspace<2> workspace;
    const std::vector<float> images(2 * Net::input_shape.size());
    return engine(images, workspace).size() == 20 ? 0 : 1;
}
