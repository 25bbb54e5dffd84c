// Networks chosen at run time: texts of any length come across whole, or say that they were cut.
#include <doctest/doctest.h>

#include <residua/any_network_of.hpp>

#include "../support/folder.hpp"

#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace residua {
namespace {

// Translation units compiled for different processors share these.
static_assert(std::is_trivially_copyable_v<AnyNetwork> && std::is_standard_layout_v<AnyNetwork>);
static_assert(std::is_trivially_copyable_v<AnyStatus> && std::is_trivially_copyable_v<AnyLayer>);

using Net = Network<Shape{1, 4, 4}, Sequence<Conv<2>, BatchNorm<>, Relu, GlobalAveragePool, Linear<2>>>;

struct Run {
    Run() : self(any.start({}, status), any.stop) { REQUIRE(status.ok()); }

    AnyResult step(float value, double rate = 0.1) {
        const std::vector<float> images(2 * 16, value);
        const int labels[2] = {0, 1};
        return any.step(self.get(), images.data(), labels, 2, rate, status);
    }
    std::string load(const char* path, const char* run) {
        std::string notes;
        const auto receive = [](void* context, const char* text, Size size) {
            static_cast<std::string*>(context)->assign(text, size);
        };
        any.load(self.get(), path, run, receive, &notes, status);
        return notes;
    }

    AnyNetwork any = any_network<Net, 2>();
    AnyStatus status;
    std::unique_ptr<void, void (*)(void*)> self;
};

TEST_CASE("a network that is watched tells of its units in the steps that are looked at") {
    using Units = Network<Shape{2, 4, 4},
                          Sequence<Stage<2, Unit<Original, Basic<2>, ExclusiveGating<Real(0)>>>, GlobalAveragePool, Linear<2>>>;
    const AnyNetwork any = any_network<Units, 2, WatchUnits, RecomputeEvery<1>>();
    AnyStatus status;
    const std::unique_ptr<void, void (*)(void*)> self(any.start({}, status), any.stop);
    REQUIRE(status.ok());
    CHECK(any.unit_count == 2);
    CHECK(any.training_bytes == Units::training_bytes<2, RecomputeEvery<1>>);

    std::vector<float> images(2 * 32, 0.5F);
    const int labels[2] = {0, 1};
    any.step(self.get(), images.data(), labels, 2, 0.1, status);
    const AnyUnit first = any.unit(self.get(), 0);
    CHECK(first.signal == doctest::Approx(4));
    CHECK(first.gate > 0);
    CHECK(any.unit(self.get(), 1).gradient > 0);

    images.assign(images.size(), 1.0F);
    any.watch(self.get(), false);
    any.step(self.get(), images.data(), labels, 2, 0.1, status);
    CHECK(any.unit(self.get(), 0).signal == first.signal);
    any.watch(self.get(), true);
    any.step(self.get(), images.data(), labels, 2, 0.1, status);
    CHECK(any.unit(self.get(), 0).signal == doctest::Approx(8));

    const bool is_watched = Run().any.watch != nullptr;
    CHECK(!is_watched);
}

TEST_CASE("notes of any length come back whole, and settings that differ are named") {
    const testing::TemporaryFolder folder;
    const std::string path = (folder.path() / "checkpoint").string();
    Run run;
    run.step(0.5F);
    for (const Size epochs : {Size{0}, Size{7'850}, Size{100'000}}) {
        std::string notes;
        for (Size i = 0; i < epochs; ++i) notes += std::to_string(i) + ",0.000000,0.000000,0.000,0.000000,0.000,0.0,0.00\n";
        run.any.save(run.self.get(), path.c_str(), "lr: 0.1\n", notes.data(), notes.size(), run.status);
        REQUIRE(run.status.ok());

        Run other;
        CHECK(other.load(path.c_str(), "lr: 0.1\n") == notes);
        CHECK(other.status.ok());
        CHECK(other.any.steps_taken(other.self.get()) == 1);
    }
    CHECK(run.load(path.c_str(), "lr: 0.2\n") == "");
    CHECK(std::string(run.status.message) == path + ": expected a run with lr 0.2; found one with lr 0.1");
}

TEST_CASE("weights are saved with what is said about them, and are those that the network infers with") {
    const testing::TemporaryFolder folder;
    const std::string path = (folder.path() / "weights.safetensors").string();
    Run run;
    run.step(0.5F);
    run.any.save_weights(run.self.get(), path.c_str(), "network: small\nclasses: a: b, c\n", run.status);
    REQUIRE(run.status.ok());
    const std::map<std::string, std::string> said{{"classes", "a: b, c"}, {"format", "pt"}, {"network", "small"}};
    CHECK(io::SafetensorsFile::read(path).metadata() == said);

    Parameters<Net> parameters;
    io::load(parameters, path);
    const std::vector<float> images(2 * 16, 0.25F);
    std::vector<float> logits(4);
    run.any.infer(run.self.get(), images.data(), 2, logits.data(), run.status);
    Inference<Net>::Workspace<2> workspace;
    const std::span<const float> found = Inference<Net>(parameters)(images, workspace);
    CHECK(std::vector<float>(found.begin(), found.end()) == logits);

    run.any.save_weights(run.self.get(), (folder.path() / "no/folder").c_str(), "", run.status);
    CHECK(std::string(run.status.message).find("no/folder: cannot be written") != std::string::npos);
}

TEST_CASE("the memory of a step of fewer images is known") {
    const AnyNetwork any = any_network<Net, 8>();
    CHECK(any.training_bytes - 5 * any.image_bytes == Net::training_bytes<3>);
}

TEST_CASE("a text that does not fit says so") {
    const auto copied = [](const std::string& text) {
        char to[8];
        for (char& c : to) c = 'x';
        detail::copy_text(text, to);
        return std::string(to);
    };
    CHECK(copied("") == "");
    CHECK(copied("1234567") == "1234567");
    CHECK(copied("12345678") == "1234...");
    CHECK(copied(std::string(100'000, 'a')) == "aaaa...");

    Run run;
    run.load(std::string(5'000, 'p').c_str(), "");
    const std::string message = run.status.message;
    CHECK(message.size() == 1023);
    CHECK(message.substr(1017) == "ppp...");
}

TEST_CASE("an error comes across, and divergence is seen") {
    AnyStatus status;
    const AnyNetwork any = any_network<Net, 2>();
    AnySettings settings;
    settings.momentum = std::numeric_limits<double>::quiet_NaN();
    CHECK(any.start(settings, status) == nullptr);
    CHECK(std::string(status.message) == "residua: momentum: expected at least 0 and below 1, found nan");

    detail::guarded(status, [] { throw 3; });
    CHECK(std::string(status.message) == "residua: an exception that is no std::exception");
    detail::guarded(status, [] { throw Error(""); });
    CHECK(!status.ok());
    detail::guarded(status, [] {});
    CHECK(status.ok());

    Run run;
    run.step(0.5F);
    CHECK(run.any.is_finite(run.self.get()));
    run.step(0.5F, 1e30);
    run.step(0.5F, 1e30);
    CHECK(!run.any.is_finite(run.self.get()));
}

}  // namespace
}  // namespace residua
