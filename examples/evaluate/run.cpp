#include "run.hpp"

#include "../parts/engine.hpp"
#include "../parts/evaluate.hpp"
#include "../parts/output_paths.hpp"
#include "../parts/progress_bar.hpp"
#include "../parts/text.hpp"
#include "../parts/weight_file.hpp"
#include "networks.hpp"
#include "report.hpp"

#include <residua/io/name_maps.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace evaluate {

using namespace parts;
using namespace residua;

namespace {

// Weights that other projects trained in another form than a network's name alone means.
struct Form {
    const char* names;
    const char* suffix;
};
constexpr Form forms[] = {{"akamaster", "-a2"}};

// The network of the form that these weights have. A name that says its own form is taken as it is.
std::string network_of(const Options& options) {
    for (const Form& form : forms) {
        const bool says_its_own = options.network.find('-') != std::string::npos;
        if (options.names == form.names && !says_its_own) return options.network + form.suffix;
    }
    return options.network;
}

AnyInference table_of(const Options& options, const std::string& network) {
    const std::string data = options.data == "mnist" ? "fashion-mnist" : options.data;
    try {
        return chosen(choices(), network, data, more_choices());
    } catch (const Error& error) {
        if (network == options.network) throw;
        throw Error("--names " + options.names + " means " + network + " by " + options.network + ": " + error.what());
    }
}

Options resolved(Options options, const AnyInference& table) {
    if (options.threads == 0) options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    if (options.batch == 0) options.batch = table.capacity;
    if (options.batch <= table.capacity) return options;
    throw Error("--batch: expected at most " + std::to_string(table.capacity) + ", as this program was built, found " +
                std::to_string(options.batch));
}

void expect_output(const Options& options) {
    if (options.report.empty()) return;
    expect_writable("--report", options.report);
    expect_apart("--report", options.report, "that of --weights", options.weights);
    expect_no_data("--report", options.report, options.data_dir);
}

void show(ProgressBar& bar, const Run& run, const Evaluation& so_far, double seconds) {
    const double done = static_cast<double>(so_far.images()) / run.test->size();
    const double left = (1 - done) / done * seconds;
    bar.show(done >= 1, [&](int columns) {
        const std::string error = format("error %5.2f %%", 100 * so_far.error());
        return fitted_line({{"", 2}, {error, 0}, {clock_time(left) + " left", 1}}, 0, done, columns);
    });
}

}  // namespace

void evaluate_network(const Options& options) {
    io::name_map(options.names);
    Run run;
    run.network = network_of(options);
    run.table = table_of(options, run.network);
    run.options = resolved(options, run.table);
    run.metadata = metadata_of(options.weights);
    const AnyShape& input = run.table.input;
    const data::Normalisation normalisation =
        normalisation_of(run.metadata, options.names, {input.channels, input.height, input.width});
    const Engine engine(run.table, options.weights, options.names, run.options.threads);
    const ImageSet set = read_images(options.data, options.data_dir, data::Part::test, input, run.table.classes);
    run.test = &set;
    expect_output(options);
    std::printf("%s on %s: %s parameters, %.1f M multiply-adds an image\n", run.network.c_str(), options.data.c_str(),
                with_thousands(run.table.parameter_count).c_str(), static_cast<double>(run.table.macs) * 1e-6);
    std::fflush(stdout);

    ProgressBar bar(Elsewhere::nothing);
    const auto began = std::chrono::steady_clock::now();
    const auto since = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
    run.evaluation = parts::evaluate(run.table, engine.self(), set, normalisation, set.size(), run.options.batch,
                                     [&](const Evaluation& so_far) { show(bar, run, so_far, since()); });
    run.seconds = since();
    bar.end();

    const Evaluation& found = run.evaluation;
    std::printf("correct %d of %d\n", found.correct(), found.images());
    std::printf("top-1 error %.2f %%, top-%d error %.2f %%\n", 100 * found.error(), guesses_of(run),
                100 * found.error(guesses_of(run)));
    std::printf("%.0f images/s on %d thread%s\n", found.images() / run.seconds, run.options.threads,
                run.options.threads == 1 ? "" : "s");
    if (options.report.empty()) return;
    write_report(run);
    std::printf("report: %s\n", options.report.c_str());
}

}  // namespace evaluate
