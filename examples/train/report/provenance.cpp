#include "../progress_line.hpp"
#include "../text.hpp"
#include "html.hpp"
#include "parts.hpp"

#include <residua/simd/isa.hpp>
#include <residua/version.hpp>

#include <cinttypes>
#include <ctime>
#include <fstream>

#include <sys/utsname.h>

#define RESIDUA_TEXT_OF(word) #word
#define RESIDUA_TEXT_OF_VALUE(macro) RESIDUA_TEXT_OF(macro)

namespace train::report {

namespace {

std::string date_and_time() {
    const std::time_t now = std::time(nullptr);
    struct tm utc {};
    char text[64] = "unknown";
    if (::gmtime_r(&now, &utc)) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc);
    return text;
}

// As the system calls it; where it does not say, its architecture.
std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
    }
    struct utsname system {};
    return ::uname(&system) == 0 ? system.machine : "unknown";
}

std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "g++ " __VERSION__;
#endif
}

std::string augmentation(const std::string& option) {
    if (option == "flip") return "mirrored with probability one half";
    if (option == "crop-flip") return "shifted by up to 4 pixels each way, zeros outside, and mirrored with probability one half";
    return "none";
}

std::string normalisation(const std::string& option) {
    return option == "pixel" ? "each pixel's mean subtracted" : "each channel's mean subtracted, divided by its deviation";
}

std::string optimizer(const Options& o) {
    return format("SGD, batch %d, learning rate %g (%s", o.batch, o.rate, o.schedule.c_str()) +
           (o.warm_up > 0 ? ", after " + with_thousands(o.warm_up) + " steps of 0.01" : "") +
           format("), momentum %g%s, weight decay %g of %s", o.momentum, o.nesterov ? " (Nesterov)" : "", o.weight_decay,
                  o.decay == "all" ? "all parameters" : "weights only");
}

std::string images_of(const residua::data::Dataset& set) {
    return with_thousands(set.size()) + format(" images (content %016" PRIx64 ")", residua::data::content_hash(set));
}

}  // namespace

std::string provenance(const Run& run) {
    const Options& o = run.options;
    std::string html = "<table class='made'><caption>What is needed to make it again.</caption><tbody>";
    const auto row = [&](const char* name, const std::string& text) {
        html += "<tr>" + row_heading(name) + cell(readable(text)) + "</tr>";
    };
    html += "<tr>" + row_heading("command") + cell("<code>" + readable(o.command) + "</code>") + "</tr>";
    row("network", o.network);
    row("data", o.data + " in " + o.data_dir);
    row("to train on", images_of(*run.train));
    row("to test", images_of(*run.test));
    row("augmentation", augmentation(o.augment));
    row("normalisation", normalisation(o.mean));
    row("optimizer", optimizer(o));
    row("epochs", with_thousands(o.epochs));
    row("seed", std::to_string(o.seed));
    row("threads", std::to_string(o.threads) + " (they do not change the numbers)");
    const Memory memory = memory_of(run);
    row("memory", format("%.1f MiB of activations in batches of %d, %.1f of parameters, gradients and momenta, %.1f of threads",
                         memory.activations, o.batch, memory.parameters, memory.threads));
    row("weights", run.weights);
    row("log", run.log);
    row("version", format("Residua %d.%d.%d, ", RESIDUA_VERSION_MAJOR, RESIDUA_VERSION_MINOR, RESIDUA_VERSION_PATCH) +
                       compiler() + ", compiled for " RESIDUA_TEXT_OF_VALUE(RESIDUA_ISA));
    row("processor", processor());
    row("date", date_and_time());
    return html + "</tbody></table>";
}

}  // namespace train::report
