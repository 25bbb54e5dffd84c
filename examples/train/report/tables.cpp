#include "../text.hpp"
#include "html.hpp"
#include "parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace train::report {

using namespace residua;

namespace {

std::string headings(const std::vector<const char*>& words) {
    std::string html = "<thead><tr>";
    for (const char* word : words) html += column_heading(word);
    return html + "</tr></thead>";
}

std::string class_name(const ImageSet& set, std::size_t label) {
    return escaped(label < set.class_names().size() ? set.class_names()[label] : std::to_string(label));
}

std::string shape(const AnyShape& s) { return format("%d\u00a0×\u00a0%d\u00a0×\u00a0%d", s.channels, s.height, s.width); }

// "1,731.5".
std::string with_tenths(double number) {
    const std::int64_t tenths = std::llround(10 * number);
    return with_thousands(tenths / 10) + "." + std::to_string(tenths % 10);
}

// Of many classes, those that were taken for each other most often.
std::string often_confused(const ImageSet& set, const std::vector<int>& counts, const std::vector<int>& totals) {
    constexpr std::size_t at_most = 30;
    const std::size_t classes = totals.size();
    std::vector<std::size_t> pairs;
    for (std::size_t pair = 0; pair < counts.size(); ++pair) {
        if (counts[pair] > 0 && pair / classes != pair % classes) pairs.push_back(pair);
    }
    std::stable_sort(pairs.begin(), pairs.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
    pairs.resize(std::min(pairs.size(), at_most));

    std::string html = "<table><caption>Test images: the classes that were most often taken for another.</caption>" +
                       headings({"shows", "taken for", "images", "of the class"}) + "<tbody>";
    for (const std::size_t pair : pairs) {
        html += "<tr>" + row_heading(class_name(set, pair / classes)) + cell(class_name(set, pair % classes)) +
                cell(with_thousands(counts[pair])) + cell(with_thousands(totals[pair / classes])) + "</tr>";
    }
    return scrolling("What was taken for what", html + "</tbody></table>");
}

}  // namespace

std::string epochs(const Run& run) {
    std::string html = "<table><caption>Epoch by epoch; seconds are those of training, without tests.</caption>" +
                       headings({"epoch", "learning rate", "training loss", "training error", "test loss", "test error",
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
                       headings({"layer", "in", "out", "parameters", "multiply-adds"}) + "<tbody>";
    for (std::size_t i = 0; i < run.network.layer_count; ++i) {
        const AnyLayer layer = run.network.layer(i);
        html += "<tr>" + row_heading(escaped(layer.name)) + cell(shape(layer.in)) + cell(shape(layer.out)) +
                cell(with_thousands(layer.parameters)) + cell(with_thousands(layer.macs)) + "</tr>";
    }
    html += "</tbody><tfoot><tr>" + row_heading("all") + cell("") + cell("") + cell(with_thousands(run.network.parameter_count)) +
            cell(with_thousands(run.network.macs)) + "</tr></tfoot></table>";
    return scrolling("The network, layer by layer", html);
}

std::string confusion(const Run& run) {
    const ImageSet& set = *run.test;
    const std::size_t classes = static_cast<std::size_t>(run.network.classes);
    std::vector<int> counts(classes * classes);
    std::vector<int> totals(classes);
    for (std::size_t i = 0; i < run.evaluation.predictions().size(); ++i) {
        ++counts[set.labels()[i] * classes + static_cast<std::size_t>(run.evaluation.predictions()[i])];
        ++totals[set.labels()[i]];
    }

    constexpr std::size_t most_for_a_table = 128;
    if (classes > most_for_a_table) return often_confused(set, counts, totals);

    std::string html =
        "<table class='confusion'><caption>Test images: a row for what they show, a column for what they were taken "
        "for.</caption><thead><tr>" +
        column_heading("shows ↓ taken for →");
    for (std::size_t c = 0; c < classes; ++c) html += column_heading(class_name(set, c));
    html += "</tr></thead><tbody>";
    constexpr double strongest = 0.45;  // a tint that text can be read on
    for (std::size_t row = 0; row < classes; ++row) {
        html += "<tr>" + row_heading(class_name(set, row));
        for (std::size_t column = 0; column < classes; ++column) {
            const int count = counts[row * classes + column];
            const double share = totals[row] > 0 ? static_cast<double>(count) / totals[row] : 0;
            const bool hit = row == column;
            const double tint = strongest * std::min(1.0, hit ? share : 4 * share);
            html += format("<td class='%s' style='--share:%.3f'>",
                           hit         ? "hit"
                           : count > 0 ? "miss"
                                       : "none",
                           tint) +
                    with_thousands(count) + "</td>";
        }
        html += "</tr>";
    }
    return scrolling("What was taken for what", html + "</tbody></table>");
}

}  // namespace train::report
