#include "../../parts/confusion.hpp"
#include "../../parts/html.hpp"
#include "../../parts/page.hpp"
#include "../../parts/progress_line.hpp"
#include "../../parts/text.hpp"
#include "parts.hpp"

#include <residua/io/atomic_file.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace train {

namespace report {

using namespace parts;

Memory memory_of(const Run& run) {
    constexpr double mebibyte = 1 << 20;
    const auto unused = static_cast<std::size_t>(run.network.capacity - run.options.batch);
    const auto arena = static_cast<double>(run.network.training_bytes - unused * run.network.image_bytes);
    const double parameters = 3.0 * sizeof(float) * static_cast<double>(run.network.parameter_count);
    const double threads = static_cast<double>(run.network.worker_bytes) * run.options.threads;
    return {arena / mebibyte, parameters / mebibyte, threads / mebibyte};
}

std::string figures(const Run& run) {
    const double seconds = run.progress.seconds;
    const double epochs = std::max<double>(1, static_cast<double>(run.progress.epochs.size()));
    double images = 0;
    double before = 0;
    for (const Epoch& e : run.progress.epochs) {
        images += e.images_per_second * (e.seconds - before);
        before = e.seconds;
    }
    const double speed = seconds > 0 ? images / seconds : 0;

    std::string html = figure("Test error", format("%.2f\u00a0%%", 100 * run.evaluation.error()),
                              format("loss %.4f, ", run.evaluation.loss()) + with_thousands(run.test->size()) + " images");
    html += figure("Training", clock_time(seconds),
                   with_thousands(std::llround(seconds)) + format("\u00a0s in all, %.1f\u00a0s an epoch", seconds / epochs));
    html += figure("Speed", with_thousands(std::llround(speed)),
                   format("images/s on %d thread%s", run.options.threads, run.options.threads == 1 ? "" : "s"));
    html +=
        figure("Parameters", with_thousands(run.network.parameter_count), with_thousands(run.network.layer_count) + " layers");
    html += figure("Multiply-adds", format("%.1f M", static_cast<double>(run.network.macs) * 1e-6), "an image, forward");
    html += figure("Memory", format("%.1f\u00a0MiB", memory_of(run).in_all()),
                   format("to train in batches of %d", run.options.batch));
    return html;
}

}  // namespace report

void write_report(const Run& run, const std::filesystem::path& path) {
    using namespace parts;
    using namespace report;
    const std::string html =
        page(run.options.network + " on " + run.options.data, "A report of the program train of Residua.", figures(run),
             {{"training", "Training", curves(run) + epochs(run)},
              {"pictures", "Pictures", pictures(run)},
              {"confusion", "Confusion", confusion(*run.test, run.evaluation)},
              {"made", "How it was made", provenance(run)},
              {"layers", "Layers", layers(run)}});
    residua::io::write_file(path, std::as_bytes(std::span(html)));
}

}  // namespace train
