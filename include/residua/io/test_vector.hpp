// An input and its logits in a file of weights, by which a reader sees that it computes the same network. Needs nlohmann-json.
#pragma once

#include <residua/inference/engine.hpp>
#include <residua/io/weights.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::io {

// Images, [n][channels][height][width], and what a network makes of them, [n][outputs]. In a file they are the tensors
// test_vector.input and test_vector.logits, which a load of weights passes over.
template <class T>
struct TestVector {
    std::vector<T> input;
    std::vector<T> logits;
};

namespace detail {

inline const std::string test_vector_input = std::string(test_vector_prefix) + "input";
inline const std::string test_vector_logits = std::string(test_vector_prefix) + "logits";

// The shapes of n images and of their logits.
template <class Net>
std::vector<std::int64_t> test_input_shape(std::size_t n) {
    constexpr Shape image = Net::input_shape;
    return {static_cast<std::int64_t>(n), image.channels, image.height, image.width};
}
template <class Net>
std::vector<std::int64_t> test_logits_shape(std::size_t n) {
    return {static_cast<std::int64_t>(n), static_cast<std::int64_t>(Net::output_shape.size())};
}

// A network's logits of images one by one: whoever replays needs memory for one.
template <class Net, class T = typename Net::Scalar>
std::vector<T> logits_of(const Inference<Net>& engine, std::span<const T> images) {
    constexpr std::size_t image = Net::input_shape.size();
    typename Inference<Net>::template Workspace<1> workspace;
    std::vector<T> logits;
    for (std::size_t at = 0; at < images.size(); at += image) {
        const std::span<const T> row = engine(images.subspan(at, std::min(image, images.size() - at)), workspace);
        logits.insert(logits.end(), row.begin(), row.end());
    }
    return logits;
}

}  // namespace detail

// What the network makes of some images. Error: they are not whole images.
template <class Net>
TestVector<typename Net::Scalar> test_vector_of(const Inference<Net>& engine,
                                                std::span<const std::type_identity_t<typename Net::Scalar>> images) {
    return {{images.begin(), images.end()}, detail::logits_of(engine, images)};
}

// As save without a test vector, and with it. Errors as there, or: `test_vector` does not hold one image or more, whole, and as
// many rows of logits.
template <class Net>
void save(const Parameters<Net>& parameters, const std::filesystem::path& path, std::map<std::string, std::string> metadata,
          const TestVector<typename Net::Scalar>& test_vector) {
    constexpr std::size_t image = Net::input_shape.size();
    constexpr std::size_t row = Net::output_shape.size();
    const std::size_t n = test_vector.input.size() / image;
    if (n == 0 || test_vector.input.size() != n * image || test_vector.logits.size() != n * row) {
        throw Error("residua: save: expected a test vector of whole images of " + std::to_string(image) +
                    " values and as many rows of " + std::to_string(row) + " logits, found " +
                    std::to_string(test_vector.input.size()) + " values and " + std::to_string(test_vector.logits.size()) +
                    " logits");
    }
    detail::write_parameters(parameters, path, std::move(metadata),
                             {{detail::test_vector_input, detail::test_input_shape<Net>(n), test_vector.input.data()},
                              {detail::test_vector_logits, detail::test_logits_shape<Net>(n), test_vector.logits.data()}});
}

// Runs the network on the file's test vector and gives the largest difference of a logit, by the largest |logit| that the file
// has. (The file's weights are not looked at.) Errors: the file has no test vector, or one of other images or outputs; a
// difference beyond `tolerance`, of that largest |logit|.
//   io::replay(engine, "resnet50.safetensors", 1e-4);
template <class Net>
double replay(const Inference<Net>& engine, const std::filesystem::path& path, double tolerance) {
    using T = typename Net::Scalar;
    const SafetensorsFile file = SafetensorsFile::read(path);
    for (const std::string& tensor : {detail::test_vector_input, detail::test_vector_logits}) {
        if (!file.contains(tensor)) file.fail("expected a test vector, found no tensor " + in_quotes(tensor));
    }
    const std::size_t n = file.info(detail::test_vector_input).count() / Net::input_shape.size();
    file.expect_shape(detail::test_vector_input, detail::test_input_shape<Net>(std::max<std::size_t>(n, 1)));
    file.expect_shape(detail::test_vector_logits, detail::test_logits_shape<Net>(n));
    const std::vector<T> images = file.values<T>(detail::test_vector_input);
    const std::vector<T> expected = file.values<T>(detail::test_vector_logits);

    const std::vector<T> found = detail::logits_of(engine, std::span<const T>(images));
    double largest = 0;
    double difference = 0;
    std::size_t worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double apart = std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i]));
        largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
        // (NaN is beyond any tolerance.)
        if (apart <= difference) continue;
        difference = std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart;
        worst = i;
    }
    const double relative = difference == 0 ? 0 : difference / largest;
    if (!(relative <= tolerance)) {
        const std::size_t row = Net::output_shape.size();
        file.fail("test vector: expected logits that differ by at most " + shown(tolerance) + " of the largest, found " +
                  shown(relative) + " (image " + std::to_string(worst / row) + ", logit " + std::to_string(worst % row) +
                  ": expected " + shown(static_cast<double>(expected[worst])) + ", found " +
                  shown(static_cast<double>(found[worst])) + ")");
    }
    return relative;
}
template <class Net>
double replay(const Parameters<Net>& parameters, const std::filesystem::path& path, double tolerance) {
    return replay(Inference<Net>(parameters), path, tolerance);
}

}  // namespace residua::inline RESIDUA_ISA::io
