// Compares a network with PyTorch's float64 values of one case of reference/values (see reference/variants.py):
// logits, loss, every gradient, running statistics, evaluation logits, three SGD steps, plain and Nesterov.
#pragma once

#include <residua/inference/engine.hpp>
#include <residua/io/safetensors.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

// A case as its JSON file describes it, as far as names and tolerances need it.
struct Case {
    const char* name;
    const char* file;
    bool full_preactivation;  // its last BN is called bn_last
    bool conv_shortcut;       // its 1x1 shortcut is called shortcut, not downsample
    bool deep_gate;           // its gate has layers of its own
    double margin;            // distance of the nearest ReLU input from zero: below 3e-5 float may switch one
};

inline void replace(std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at != std::string::npos) text.replace(at, from.size(), to);
}

// What a tensor of ours is called in the file.
inline std::string key_of(const Case& c, std::string name) {
    if (c.full_preactivation && name.rfind("bn1.", 0) == 0) replace(name, "bn1.", "bn_last.");
    if (!c.deep_gate) replace(name, ".gate.conv1.", ".gate.");
    replace(name, ".shortcut.0.", c.conv_shortcut ? ".shortcut.conv." : ".downsample.conv.");
    replace(name, ".shortcut.1.", c.conv_shortcut ? ".shortcut.bn." : ".downsample.bn.");
    return name;
}

// Largest error of a group of tensors: max|a-b| / max|b| of each tensor. A tensor that is zero but for rounding (the gradient of
// a BN's bias right before another BN) has no such ratio: below 1e-13 of `scale` its error is max|a-b| / scale.
class Errors {
public:
    template <class T>
    void compare(const std::string& group, const std::string& tensor, const T* ours, const std::vector<double>& theirs,
                 double scale = 0) {
        double difference = 0;
        double size = 0;
        for (std::size_t i = 0; i < theirs.size(); ++i) {
            const double apart = std::abs(static_cast<double>(ours[i]) - theirs[i]);
            difference = apart <= difference ? difference : apart;  // NaN wins
            size = std::max(size, std::abs(theirs[i]));
        }
        if (size <= 1e-13 * scale) size = scale;
        const double error = size > 0 ? difference / size : difference;
        auto& worst = worst_[group];
        if (!(error <= worst.first)) worst = {error, tensor};
    }

    // Prints each group; how many exceed the tolerance.
    int report(const char* kernels, double tolerance) const {
        int failures = 0;
        for (const auto& [group, worst] : worst_) {
            const bool ok = worst.first <= tolerance;
            failures += !ok;
            std::printf("  %-20s %-12s %.1e  (want <= %.0e)  %s%s%s\n", kernels, group.c_str(), worst.first, tolerance,
                        ok ? "ok" : "FAIL: ", ok ? "" : worst.second.c_str(), "");
        }
        return failures;
    }

private:
    std::map<std::string, std::pair<double, std::string>> worst_;
};

template <class Net, int Batch>
Errors errors_of(const Case& c, const io::SafetensorsFile& file, bool with_gradients) {
    using T = typename Net::Scalar;
    const auto converted = [&](const std::string& key) {
        const std::vector<double> values = file.values<double>(key);
        return std::vector<T>(values.begin(), values.end());
    };

    Parameters<Net> start;
    Net::for_each_tensor([&](const TensorInfo& info) {
        const std::string key = "param." + key_of(c, std::string(info.name.view()));
        const std::vector<T> values = converted(key);
        if (values.size() != info.size)
            throw Error(key + ": expected " + std::to_string(info.size) + " values, found " + std::to_string(values.size()));
        std::copy(values.begin(), values.end(), start.data(info));
    });
    const std::vector<T> images = converted("input");
    const std::vector<std::int64_t> wide_labels = file.values<std::int64_t>("labels");
    const std::vector<int> labels(wide_labels.begin(), wide_labels.end());

    Errors errors;

    const Inference<Net> engine(start);
    typename Inference<Net>::template Workspace<Batch> workspace;
    errors.compare("evaluation", "eval.logits", engine(std::span<const T>(images), workspace).data(),
                   file.values<double>("eval.logits"));

    Parameters<Net> parameters = start;
    TrainingPass<Net, Batch> pass;
    std::vector<T> gradients(Net::parameter_count);
    std::vector<T> input_gradient(images.size());
    const StepResult result = pass(parameters, images.data(), labels.data(), Batch, gradients.data(), {}, input_gradient.data());

    std::vector<T> logits;
    for (int i = 0; i < Batch; ++i) logits.insert(logits.end(), pass.logits_of(i), pass.logits_of(i) + Net::output.size());
    errors.compare("logits", "train.logits", logits.data(), file.values<double>("train.logits"));
    errors.compare("loss", "train.loss", &result.loss, file.values<double>("train.loss"));

    double largest_gradient = 0;
    for (const T gradient : gradients) largest_gradient = std::max(largest_gradient, std::abs(static_cast<double>(gradient)));
    Net::for_each_tensor([&](const TensorInfo& info) {
        const std::string key = key_of(c, std::string(info.name.view()));
        if (is_statistic(info.role)) {
            errors.compare("statistics", key, parameters.data(info), file.values<double>("after." + key));
        } else if (with_gradients) {
            errors.compare("gradients", key, gradients.data() + info.offset, file.values<double>("grad." + key),
                           largest_gradient);
        }
    });
    if (!with_gradients) return errors;

    errors.compare("gradients", "input", input_gradient.data(), file.values<double>("grad.input"));
    for (const bool nesterov : {false, true}) {
        Parameters<Net> trained = start;
        Trainer<Net, Batch> trainer(trained, Sgd{.momentum = 0.9, .weight_decay = 1e-4, .nesterov = nesterov});
        for (int step = 0; step < 3; ++step) trainer.step(images.data(), labels.data(), Batch, 0.1);
        const std::string group = nesterov ? "nesterov" : "sgd";
        Net::for_each_tensor([&](const TensorInfo& info) {
            if (is_statistic(info.role)) return;
            const std::string key = group + "." + key_of(c, std::string(info.name.view()));
            errors.compare(group, key, trained.data(info), file.values<double>(key));
        });
    }
    return errors;
}

// Spec on an input, with every kernel policy that is promised to agree.
template <Shape Input, class Spec, int Batch>
int compare(const Case& c) {
    try {
        const auto file = io::SafetensorsFile::read(c.file);
        std::printf("%s\n", c.name);
        int failures = 0;
#if !defined(RESIDUA_TEST_KERNELS_ONLY) && !defined(RESIDUA_TEST_SANITIZED)  // (plain loops are the same on every processor)
        failures += errors_of<Network<Input, Spec, PlainLoops<double>>, Batch>(c, file, true).report("plain loops, double", 1e-9);
#endif
        failures += errors_of<Network<Input, Spec, Vectorised<double>>, Batch>(c, file, true).report("vectorised, double", 1e-9);
        const bool steady = c.margin >= 3e-5;
        if (!steady)
            std::printf("  (margin %.1e: in float a rounding may switch a ReLU, so gradients and steps are not compared)\n",
                        c.margin);
        failures += errors_of<Network<Input, Spec, Vectorised<float>>, Batch>(c, file, steady).report("vectorised, float", 2e-4);
        std::printf("%s\n", failures == 0 ? "passed" : "FAILED");
        return failures;
    } catch (const std::exception& error) {
        std::printf("FAILED: %s\n", error.what());
        return 1;
    }
}

}  // namespace residua::inline RESIDUA_ISA::testing
