// Networks for inference alone, chosen at run time.
#include <doctest/doctest.h>

#include <residua/any_inference_of.hpp>
#include <residua/networks/network.hpp>
#include <residua/training/initial.hpp>

#include "../support/folder.hpp"

#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace residua {
namespace {

// Translation units compiled for different processors share it.
static_assert(std::is_trivially_copyable_v<AnyInference> && std::is_standard_layout_v<AnyInference>);

using Net = Network<Shape{1, 4, 4}, Sequence<Conv<2>, BatchNorm<>, Relu, GlobalAveragePool, Linear<3>>>;

const AnyInference any = any_inference<Net, 4>();

std::string akamaster_file(const testing::TemporaryFolder& folder, const Parameters<Net>& parameters) {
    const std::string as_is = (folder.path() / "as_is.safetensors").string();
    io::save(parameters, as_is);
    std::vector<io::TensorToWrite<float>> tensors;
    Net::for_each_tensor([&](const TensorInfo& info) {
        tensors.push_back({io::akamaster(std::string(info.name.view())), io::shape_of(info), parameters.data(info)});
    });
    const std::string path = (folder.path() / "akamaster.safetensors").string();
    io::write_safetensors(path, tensors, {});
    return path;
}

TEST_CASE("a table says what a network takes and needs, and infers what its engine does, on any number of threads") {
    CHECK(any.input.channels == 1);
    CHECK(any.input.height == 4);
    CHECK(any.classes == 3);
    CHECK(any.capacity == 4);
    CHECK(any.parameter_count == Net::parameter_count);
    CHECK(any.macs == Net::macs);
    CHECK(any.inference_bytes == Net::inference_bytes<4>);
    CHECK(any.worker_bytes == Net::inference_worker_bytes<4>);

    const testing::TemporaryFolder folder;
    const Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, 1);
    const std::string path = akamaster_file(folder, parameters);
    std::vector<float> images(2 * 16);
    for (Size i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i) / 32;
    Inference<Net>::Workspace<2> workspace;
    const std::span<const float> rows = Inference<Net>(parameters)(images, workspace);
    for (const int threads : {1, 3}) {
        AnyStatus status;
        const std::unique_ptr<void, void (*)(void*)> self(any.start(path.c_str(), "akamaster", threads, status), any.stop);
        REQUIRE(status.ok());
        std::vector<float> logits(2 * 3);
        any.infer(self.get(), images.data(), 2, logits.data(), status);
        CHECK(status.ok());
        CHECK(std::vector<float>(rows.begin(), rows.end()) == logits);
        for (const int n : {-1, 0, 5}) {
            any.infer(self.get(), images.data(), n, logits.data(), status);
            CHECK(std::string(status.message).starts_with("residua: an engine takes 1 to 4 images"));
        }
    }
}

TEST_CASE("a table's start says what does not fit") {
    const testing::TemporaryFolder folder;
    const std::string path = akamaster_file(folder, Parameters<Net>());
    AnyStatus status;
    const auto fails_with = [&](const char* weights, const char* names, const std::string& message) {
        CHECK(any.start(weights, names, 1, status) == nullptr);
        CHECK(std::string(status.message).find(message) != std::string::npos);
    };
    fails_with(path.c_str(), "as_is", "missing: 'fc.weight' [3, 2]");
    fails_with(path.c_str(), "nobody", "expected a map of names out of as_is, torchvision, ");
    fails_with((folder.path() / "none").c_str(), "as_is", "none: cannot be opened");
    CHECK(any.start(path.c_str(), "akamaster", 0, status) == nullptr);
    CHECK(!status.ok());
}

}  // namespace
}  // namespace residua
