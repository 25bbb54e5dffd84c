#include "report.hpp"

#include "../parts/html.hpp"
#include "../parts/machine.hpp"
#include "../parts/page.hpp"
#include "../parts/progress_line.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace paper {

using namespace parts;

namespace {

std::string number(double value, const char* pattern) {
    if (std::isnan(value)) return "";
    return std::isinf(value) ? "diverged" : format(pattern, value);
}

std::string table_of_rows(const ClaimResult& result) {
    const Claim& claim = *result.claim;
    std::string html =
        "<table class='results'><caption>Medians, and in brackets how far the seeds reach. The paper's errors are those after "
        "64,000 "
        "steps.</caption>" +
        column_headings({"", "network", "runs", "training loss", "test error, %", "paper, %"}) + "<tbody>";
    for (std::size_t i = 0; i < claim.rows.size(); ++i) {
        const Row& row = claim.rows[i];
        const RowResult& found = result.rows[i];
        std::string runs = std::to_string(found.finished()) + " of " + std::to_string(found.outcomes.size());
        if (!found.not_here.empty()) runs = "not run here";
        const std::string paper = !row.paper ? "" : row.paper->fails ? "fails" : format("%.2f", row.paper->error);
        const std::string note = row.note.empty() ? "" : " <small>(" + escaped(row.note) + ")</small>";
        html += "<tr>" + row_heading(escaped(row.name) + note) +
                cell("<code>" + escaped(row.settings.options.network) + "</code>") + cell(runs) +
                cell(in_short(found.values(Measure::training_loss), "%.4f")) +
                cell(in_short(found.values(Measure::test_error), "%.2f")) + cell(paper) + "</tr>";
    }
    return scrolling("Results, row by row", html + "</tbody></table>");
}

std::string table_of_verdicts(const ClaimResult& result) {
    if (result.claim->expectations.empty()) return "";
    std::string html = "<table class='words'><caption>The rules stand in the claim's file, before anything is run.</caption>" +
                       column_headings({"row", "verdict", "rule", "what in the paper says so"}) + "<tbody>";
    for (const Expectation& e : result.claim->expectations) {
        html += "<tr>" + row_heading(escaped(e.row)) + cell("<strong>" + verdict_in_words(e, result) + "</strong>") +
                cell(escaped(rule_of(e))) + cell(escaped(e.because)) + "</tr>";
    }
    return scrolling("Verdicts", html + "</tbody></table>");
}

std::string figures_in_short(const ClaimResult& result) {
    double seconds = 0;
    for (const RowResult& row : result.rows) {
        for (const Outcome& outcome : row.outcomes) seconds += outcome.seconds;
    }
    const std::size_t directions = result.claim->expectations.size();
    int confirmed = 0;
    int refuted = 0;
    for (const Expectation& e : result.claim->expectations) {
        const Verdict verdict = verdict_on(e, result);
        confirmed += verdict == Verdict::confirmed;
        refuted += verdict == Verdict::refuted;
    }
    return figure("Runs", std::to_string(result.finished()), format("of %d", result.in_all())) +
           figure("Confirmed", std::to_string(confirmed), format("of %zu direction%s", directions, directions == 1 ? "" : "s")) +
           figure("Refuted", std::to_string(refuted), "by the same rules") +
           figure("Training", parts::clock_time(seconds), "of all runs together");
}

std::string settings_in_words(const RunSettings& settings) {
    const train::Options& o = settings.options;
    const std::string length =
        settings.steps > 0 ? std::to_string(settings.steps) + " steps" : std::to_string(o.epochs) + " times through the data";
    return length + format(", in batches of %d, learning rate %g (%s", o.batch, o.rate, o.schedule.c_str()) +
           (o.warm_up > 0 ? ", the first " + std::to_string(o.warm_up) + " steps 0.01" : "") +
           format("), momentum %g, weight decay %g, augmentation %s", o.momentum, o.weight_decay, o.augment.c_str());
}

std::string joined(const std::set<std::string>& texts) {
    std::string text;
    for (const std::string& one : texts) text += (text.empty() ? "" : "; ") + one;
    return text;
}

std::string provenance_of(const ClaimResult& result, const Provenance& provenance) {
    std::set<std::string> data;
    for (const Row& row : result.claim->rows) data.insert(row.settings.options.data);
    std::string html = "<table class='made'><caption>What is needed to make it again.</caption><tbody>";
    const auto row = [&](const char* name, const std::string& text) {
        html += "<tr>" + row_heading(name) + cell(readable(text)) + "</tr>";
    };
    html += "<tr>" + row_heading("command") + cell("<code>" + readable(provenance.command) + "</code>") + "</tr>";
    row("scale", provenance.scale + ": " + result.claim->shows);
    row("data", joined(data) + " in " + provenance.data_dir);
    row("each run", settings_in_words(*result.claim));
    row("seeds", "1 to " + std::to_string(result.claim->seeds));
    row("made on", machines_in_words(result));
    if (const std::string not_here = result.what_is_not_here(); !not_here.empty()) row("not run here", not_here);
    row("date", parts::date_and_time());
    return html + "</tbody></table>";
}

}  // namespace

std::string report_of(const ClaimResult& result, const std::vector<Picture>& pictures, const Provenance& provenance) {
    std::string charts = "<div class='charts'>";
    for (const Picture& picture : pictures) {
        charts += "<figure>" + scrolling(picture.title, picture.svg) + "<figcaption>" + escaped(picture.says) +
                  "</figcaption></figure>";
    }
    charts += "</div>";

    return page(result.claim->title, result.claim->says, figures_in_short(result),
                {{"pictures", "What to see", charts},
                 {"rows", "Row by row", table_of_rows(result)},
                 {"verdicts", "Verdicts", table_of_verdicts(result)},
                 {"made", "How it was made", provenance_of(result, provenance)}});
}

std::string in_short(const std::vector<double>& values, const char* pattern) {
    const Summary summary = summary_of(values);
    if (std::isnan(summary.median)) return "";
    if (values.size() == 1) return number(summary.median, pattern);
    return number(summary.median, pattern) + " (" + number(summary.low, pattern) + " to " + number(summary.high, pattern) + ")";
}

// What all rows have, or the first one's, and that others have theirs.
std::string settings_in_words(const Claim& claim) {
    const std::string first = settings_in_words(claim.rows.front().settings);
    const bool is_of_all = std::all_of(claim.rows.begin(), claim.rows.end(),
                                       [&](const Row& row) { return settings_in_words(row.settings) == first; });
    return is_of_all ? first : first + " (some rows say their own)";
}

std::string machines_in_words(const ClaimResult& result) {
    std::set<std::string> machines;
    for (const RowResult& row : result.rows) {
        for (const Outcome& outcome : row.outcomes) {
            if (!outcome.is_finished()) continue;
            machines.insert(outcome.processor + ", " + parts::counted(outcome.threads, "thread") + ", " + outcome.version);
        }
    }
    return joined(machines);
}

}  // namespace paper
