#include "../../parts/html.hpp"
#include "../../parts/machine.hpp"
#include "../../parts/text.hpp"
#include "parts.hpp"

#include <cinttypes>

namespace train::report {

using namespace parts;

namespace {

std::string augmentation(const std::string& option) {
    if (option == "flip") return "mirrored with probability one half";
    if (option == "scale-crop-flip") {
        return "a shorter side of 256 to 480 pixels, a window anywhere, and mirrored with probability one half";
    }
    if (option == "aspect-flip") {
        return "a window of 8 to 100 % of the area, of an aspect of 3:4 to 4:3, and mirrored with probability one half";
    }
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

std::string images_of(const ImageSet& set) {
    return with_thousands(set.size()) + format(" images (content %016" PRIx64 ")", set.content());
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
    row("version", version());
    row("processor", processor());
    row("date", date_and_time());
    return html + "</tbody></table>";
}

}  // namespace train::report
