#include "confusion.hpp"

#include "html.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace parts {

using namespace residua;

namespace {

std::string escaped_name(const ImageSet& set, std::size_t label) { return escaped(set.class_name(label)); }

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
                       column_headings({"shows", "taken for", "images", "of the class"}) + "<tbody>";
    for (const std::size_t pair : pairs) {
        html += "<tr>" + row_heading(escaped_name(set, pair / classes)) + cell(escaped_name(set, pair % classes)) +
                cell(with_thousands(counts[pair])) + cell(with_thousands(totals[pair / classes])) + "</tr>";
    }
    return scrolling("What was taken for what", html + "</tbody></table>");
}

}  // namespace

std::string confusion(const ImageSet& set, const Evaluation& evaluation) {
    const std::size_t classes = static_cast<std::size_t>(set.classes());
    std::vector<int> counts(classes * classes);
    std::vector<int> totals(classes);
    for (std::size_t i = 0; i < evaluation.predictions().size(); ++i) {
        ++counts[set.labels()[i] * classes + static_cast<std::size_t>(evaluation.predictions()[i])];
        ++totals[set.labels()[i]];
    }

    constexpr std::size_t most_for_a_table = 128;
    if (classes > most_for_a_table) return often_confused(set, counts, totals);

    std::string html =
        "<table class='confusion'><caption>Test images: a row for what they show, a column for what they were taken "
        "for.</caption><thead><tr>" +
        column_heading("shows ↓ taken for →");
    for (std::size_t c = 0; c < classes; ++c) html += column_heading(escaped_name(set, c));
    html += "</tr></thead><tbody>";
    constexpr double strongest = 0.45;  // a tint that text can be read on
    for (std::size_t row = 0; row < classes; ++row) {
        html += "<tr>" + row_heading(escaped_name(set, row));
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

}  // namespace parts
