#include "report.hpp"

#include "../parts/confusion.hpp"
#include "../parts/html.hpp"
#include "../parts/machine.hpp"
#include "../parts/page.hpp"
#include "../parts/pictures.hpp"
#include "../parts/text.hpp"

#include <residua/io/atomic_file.hpp>

#include <cinttypes>
#include <cmath>
#include <span>

namespace evaluate {

using namespace parts;
using namespace residua;

namespace {

std::string figures(const Run& run) {
    constexpr double mebibyte = 1 << 20;
    const Evaluation& found = run.evaluation;
    const std::size_t bytes = run.table.inference_bytes + static_cast<std::size_t>(run.options.threads) * run.table.worker_bytes;
    return figure("Test error", format("%.2f\u00a0%%", 100 * found.error()),
                  with_thousands(found.correct()) + " of " + with_thousands(found.images()) + " correct") +
           figure(format("Top-%d error", guesses_of(run)), format("%.2f\u00a0%%", 100 * found.error(guesses_of(run))),
                  format("loss %.4f", found.loss())) +
           figure("Speed", with_thousands(std::llround(found.images() / run.seconds)),
                  format("images/s on %d thread%s", run.options.threads, run.options.threads == 1 ? "" : "s")) +
           figure("Parameters", with_thousands(run.table.parameter_count), "weights, biases, factors") +
           figure("Multiply-adds", format("%.1f M", static_cast<double>(run.table.macs) * 1e-6), "an image") +
           figure("Memory", format("%.1f\u00a0MiB", static_cast<double>(bytes) / mebibyte),
                  format("beside the weights, for batches of %d", run.table.capacity));
}

std::string pictures(const Run& run) {
    constexpr std::size_t at_most = 16;
    const ImageSet& set = *run.test;
    const std::vector<std::size_t> mistakes = surest_mistakes(set, run.evaluation, at_most);
    const std::string worst = mistakes.empty()
                                  ? "<p>No test image was taken for another.</p>"
                                  : "<h3>Mistakes of which it was surest</h3>" + picture_list(set, run.evaluation, mistakes);
    return worst + "<h3>Test images of which it was least certain</h3>" +
           picture_list(set, run.evaluation, least_certain(run.evaluation, at_most));
}

std::string metadata(const Run& run) {
    std::string text;
    for (const auto& [name, value] : run.metadata) {
        constexpr std::size_t most = 100;
        const std::string beginning = value.size() > most ? value.substr(0, most) + "..." : value;
        text += (text.empty() ? "" : "<br/>") + readable(name) + ": " + readable(beginning);
    }
    return text.empty() ? "none" : text;
}

std::string provenance(const Run& run) {
    const Options& o = run.options;
    std::string html = "<table class='made'><caption>What is needed to make it again.</caption><tbody>";
    const auto row = [&](const char* name, const std::string& cell_html) {
        html += "<tr>" + row_heading(name) + cell(cell_html) + "</tr>";
    };
    row("command", "<code>" + readable(o.command) + "</code>");
    row("network", readable(run.network));
    row("weights", readable(o.weights));
    row("their names", readable(o.names));
    row("their metadata", metadata(run));
    row("data", readable(o.data + " in " + o.data_dir));
    row("to test", with_thousands(run.test->size()) + format(" images (content %016" PRIx64 ")", run.test->content()));
    row("threads", std::to_string(o.threads) + " (they do not change the numbers)");
    row("version", readable(version()));
    row("processor", readable(processor()));
    row("date", date_and_time());
    return html + "</tbody></table>";
}

}  // namespace

void write_report(const Run& run) {
    const std::string html =
        page(run.network + " on " + run.options.data, "A report of the program evaluate of Residua.", figures(run),
             {{"confusion", "Confusion", confusion(*run.test, run.evaluation)},
              {"pictures", "Pictures", pictures(run)},
              {"made", "How it was made", provenance(run)}});
    io::write_file(run.options.report, std::as_bytes(std::span(html)));
}

}  // namespace evaluate
