#include "compare.hpp"

#include <residua/core/hash.hpp>
#include <residua/io/safetensors.hpp>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace residua::inline RESIDUA_ISA::testing {
namespace {

void replace(std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at != std::string::npos) text.replace(at, from.size(), to);
}

// What a tensor of ours is called in the file.
std::string key_of(const Case& c, const TensorInfo& info) {
    std::string name(info.name.view());
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
    void compare(const std::string& group, const std::string& tensor, std::span<const T> ours, const std::vector<double>& theirs,
                 double scale = 0) {
        if (ours.size() != theirs.size())
            throw Error(tensor + ": expected " + std::to_string(ours.size()) + " values, found " + std::to_string(theirs.size()));
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
        bits_.add(std::as_bytes(ours));
    }

    // Of all values that were compared.
    std::uint64_t bits() const { return bits_.value(); }

    // Prints each group; how many exceed the tolerance.
    int report(const char* kernels, double tolerance) const {
        int failures = 0;
        for (const auto& [group, worst] : worst_) {
            const bool ok = worst.first <= tolerance;
            failures += !ok;
            std::printf("  %-20s %-12s %.1e  (want <= %.0e)  %s%s\n", kernels, group.c_str(), worst.first, tolerance,
                        ok ? "ok" : "FAIL: ", ok ? "" : worst.second.c_str());
        }
        return failures;
    }

private:
    std::map<std::string, std::pair<double, std::string>> worst_;
    Fnv1a bits_;
};

template <class T>
std::vector<T> converted(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

template <class T>
Errors errors_of(const Case& c, const Subject<T>& subject, const io::SafetensorsFile& file, bool with_gradients) {
    const auto parameters_of = [&](std::span<const T> values, const TensorInfo& info) {
        return values.subspan(info.offset, info.size);
    };
    Errors errors;

    std::size_t count = 0;
    for (const TensorInfo& info : subject.tensors) count += info.size;
    std::vector<T> values(count);
    for (const TensorInfo& info : subject.tensors) {
        const std::string key = "param." + key_of(c, info);
        const std::vector<T> tensor = converted<T>(file.values<double>(key));
        if (tensor.size() != info.size)
            throw Error(key + ": expected " + std::to_string(info.size) + " values, found " + std::to_string(tensor.size()));
        const std::size_t at = info.offset + (is_statistic(info.role) ? subject.parameter_count : 0);
        std::copy(tensor.begin(), tensor.end(), values.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const std::vector<T> images = converted<T>(file.values<double>("input"));
    const std::vector<std::int64_t> wide_labels = file.values<std::int64_t>("labels");
    const std::vector<int> labels(wide_labels.begin(), wide_labels.end());
    const Given<T> given{values, images, labels};

    const std::vector<T> evaluated = subject.evaluate(given);
    errors.compare("evaluation", "eval.logits", std::span<const T>(evaluated), file.values<double>("eval.logits"));
    if (!subject.pass) return errors;

    const Passed<T> passed = subject.pass(given);
    errors.compare("logits", "train.logits", std::span<const T>(passed.logits), file.values<double>("train.logits"));
    errors.compare("loss", "train.loss", std::span<const double>(&passed.loss, 1), file.values<double>("train.loss"));

    double largest_gradient = 0;
    for (const T gradient : passed.gradients)
        largest_gradient = std::max(largest_gradient, std::abs(static_cast<double>(gradient)));
    for (const TensorInfo& info : subject.tensors) {
        const std::string key = key_of(c, info);
        if (is_statistic(info.role)) {
            errors.compare("statistics", key, parameters_of(passed.statistics, info), file.values<double>("after." + key));
        } else if (with_gradients) {
            errors.compare("gradients", key, parameters_of(passed.gradients, info), file.values<double>("grad." + key),
                           largest_gradient);
        }
    }
    if (!with_gradients) return errors;

    errors.compare("gradients", "input", std::span<const T>(passed.input_gradient), file.values<double>("grad.input"));
    const auto compare_steps = [&](const std::string& group, const std::vector<T>& trained) {
        for (const TensorInfo& info : subject.tensors) {
            if (is_statistic(info.role)) continue;
            const std::string key = group + "." + key_of(c, info);
            errors.compare(group, key, parameters_of(trained, info), file.values<double>(key));
        }
    };
    const int steps = 3;
    for (const bool nesterov : {false, true}) {
        const Sgd sgd{.momentum = 0.9, .weight_decay = 1e-4, .nesterov = nesterov};
        compare_steps(nesterov ? "nesterov" : "sgd", subject.train(given, sgd, 0.1, steps));
    }
    if (subject.train_with_adamw) {
        const AdamW adamw{.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-3, .weight_decay = 0.1};
        compare_steps("adamw", subject.train_with_adamw(given, adamw, 0.01, steps));
    }
    return errors;
}

// Whether float's gradients can be compared.
bool is_steady(const Case& c) { return c.margin >= 3e-5 && c.sensitivity <= 2e-5; }

// Bits of float and of double.
using Bits = std::array<std::uint64_t, 2>;

// Those that a file says a case gives here.
Bits expected_bits(const char* path, const std::string& name) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string of;
        Bits with_fma{};
        Bits without{};
        words >> of >> std::hex >> with_fma[0] >> with_fma[1] >> without[0] >> without[1];
        if (of == name && words) return RESIDUA_HAS_FMA ? with_fma : without;
    }
    throw Error(std::string(path) + ": expected a line of " + name + " and its four hashes, found none");
}

int report_bits(const char* kernels, std::uint64_t found, std::uint64_t expected) {
    const bool ok = found == expected;
    std::printf("  %-20s bits         %016" PRIx64 "  (want %016" PRIx64 ")  %s\n", kernels, found, expected, ok ? "ok" : "FAIL");
    return ok ? 0 : 1;
}

int compare(const Entry& entry, const char* bits) {
    const Case& c = entry.what;
    const auto file = io::SafetensorsFile::read(c.file);
    std::printf("%s\n", c.name);
    int failures = 0;
    const Bits expected = *bits ? expected_bits(bits, c.name) : Bits{};
    if (entry.plain_double) failures += errors_of(c, entry.plain_double(), file, true).report("plain loops, double", 1e-9);
    if (entry.vectorised_double) {
        const Errors errors = errors_of(c, entry.vectorised_double(), file, true);
        failures += errors.report("vectorised, double", 1e-9);
        if (*bits) failures += report_bits("vectorised, double", errors.bits(), expected[1]);
    }
    if (entry.vectorised_float) {
        const bool steady = is_steady(c);
        if (!steady) {
            std::printf(
                "  (margin %.1e, sensitivity %.1e: in float a rounding may switch a ReLU or grow, so gradients and steps are not "
                "compared)\n",
                c.margin, c.sensitivity);
        }
        const Errors errors = errors_of(c, entry.vectorised_float(), file, steady);
        failures += errors.report("vectorised, float", 2e-4);
        if (*bits) failures += report_bits("vectorised, float", errors.bits(), expected[0]);
    }
    std::printf("%s\n", failures == 0 ? "passed" : "FAILED");
    return failures;
}

}  // namespace

int run(std::span<const Entry> entries, const char* bits, int argc, char** argv) {
    const std::string wanted = argc == 2 ? argv[1] : "";
    if (wanted == "--bits") {
        for (const Entry& entry : entries) {
            if (!entry.vectorised_float || !entry.vectorised_double) {
                std::printf("expected a build of both scalars, found one of RESIDUA_TEST_KERNELS_ONLY\n");
                return 2;
            }
            const auto file = io::SafetensorsFile::read(entry.what.file);
            std::printf("%s %016" PRIx64 " %016" PRIx64 "\n", entry.what.name,
                        errors_of(entry.what, entry.vectorised_float(), file, is_steady(entry.what)).bits(),
                        errors_of(entry.what, entry.vectorised_double(), file, true).bits());
        }
        return 0;
    }
    for (const Entry& entry : entries) {
        if (wanted != entry.what.name) continue;
        try {
            return compare(entry, bits) == 0 ? 0 : 1;
        } catch (const std::exception& error) {
            std::printf("FAILED: %s\n", error.what());
            return 1;
        }
    }
    std::printf("expected the name of a case, found '%s'; there are:\n", wanted.c_str());
    for (const Entry& entry : entries) std::printf("  %s\n", entry.what.name);
    return 2;
}

}  // namespace residua::inline RESIDUA_ISA::testing
