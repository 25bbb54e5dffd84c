#include "../../parts/html.hpp"
#include "../../parts/text.hpp"
#include "parts.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace train::report {

using namespace parts;
using namespace residua;

namespace {

std::string shape(const AnyShape& s) { return format("%d\u00a0×\u00a0%d\u00a0×\u00a0%d", s.channels, s.height, s.width); }

// "1,731.5".
std::string with_tenths(double number) {
    const std::int64_t tenths = std::llround(10 * number);
    return with_thousands(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

std::string epochs(const Run& run) {
    std::string html = "<table><caption>Epoch by epoch; seconds are those of training, without tests.</caption>" +
                       column_headings({"epoch", "learning rate", "training loss", "training error", "test loss", "test error",
                                        "images/s", "seconds", "seconds in all"}) +
                       "<tbody>";
    double before = 0;
    for (const Epoch& e : run.progress.epochs) {
        html += "<tr>" + row_heading(with_thousands(e.epoch)) + cell(format("%.4g", e.rate)) +
                cell(format("%.4f", e.train_loss)) + cell(format("%.2f\u00a0%%", e.train_error)) +
                cell(format("%.4f", e.test_loss)) + cell(format("%.2f\u00a0%%", e.test_error)) +
                cell(with_thousands(static_cast<std::int64_t>(e.images_per_second + 0.5))) +
                cell(with_tenths(e.seconds - before)) + cell(with_tenths(e.seconds)) + "</tr>";
        before = e.seconds;
    }
    return scrolling("Epoch by epoch", html + "</tbody></table>");
}

std::string layers(const Run& run) {
    std::string html = "<table><caption>Shapes are channels × height × width.</caption>" +
                       column_headings({"layer", "in", "out", "parameters", "multiply-adds"}) + "<tbody>";
    for (std::size_t i = 0; i < run.network.layer_count; ++i) {
        const AnyLayer layer = run.network.layer(i);
        html += "<tr>" + row_heading(escaped(layer.name)) + cell(shape(layer.in)) + cell(shape(layer.out)) +
                cell(with_thousands(layer.parameters)) + cell(with_thousands(layer.macs)) + "</tr>";
    }
    html += "</tbody><tfoot><tr>" + row_heading("all") + cell("") + cell("") + cell(with_thousands(run.network.parameter_count)) +
            cell(with_thousands(run.network.macs)) + "</tr></tfoot></table>";
    return scrolling("The network, layer by layer", html);
}

}  // namespace train::report
