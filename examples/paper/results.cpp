#include "results.hpp"

#include "../parts/text.hpp"
#include "text_file.hpp"

#include <algorithm>

namespace paper {

namespace {

std::string six_digits(double value) { return parts::csv_field(value, 6); }

std::string joined(const std::vector<double>& values) {
    std::string text;
    for (const double value : values) text += (text.empty() ? "" : " ") + six_digits(value);
    return text;
}

// Training loss and test error of every row, and what else is expected of some.
std::vector<Measure> measures_of(const Claim& claim) {
    std::vector<Measure> list = {Measure::training_loss, Measure::test_error};
    for (const Expectation& e : claim.expectations) {
        if (std::find(list.begin(), list.end(), e.measure) == list.end()) list.push_back(e.measure);
    }
    return list;
}

std::string paper_value(const Row& row, Measure measure) {
    if (!row.paper || measure != Measure::test_error) return "";
    return row.paper->fails ? "fails" : six_digits(row.paper->error);
}

}  // namespace

std::vector<double> RowResult::values(Measure measure) const {
    std::vector<double> result;
    for (const Outcome& outcome : outcomes) {
        if (!outcome.is_finished()) continue;
        result.push_back(measured(outcome.record, measure, outcome.steps, outcome.state == State::diverged));
    }
    return result;
}

int RowResult::finished() const {
    return static_cast<int>(std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.is_finished(); }));
}

const RowResult& ClaimResult::row(const std::string& name) const {
    const auto at = std::find_if(claim->rows.begin(), claim->rows.end(), [&](const Row& row) { return row.name == name; });
    return rows[static_cast<std::size_t>(at - claim->rows.begin())];
}

int ClaimResult::finished() const {
    int sum = 0;
    for (const RowResult& row : rows) sum += row.finished();
    return sum;
}

bool ClaimResult::tells() const {
    return finished() > 0 || std::any_of(rows.begin(), rows.end(), [](const RowResult& row) { return !row.not_here.empty(); });
}

std::string ClaimResult::what_is_not_here() const {
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string& why = rows[i].not_here;
        if (why.empty() || text.find(why) != std::string::npos) continue;
        text += (text.empty() ? "" : "; ") + claim->rows[i].settings.options.data + ": " + why;
    }
    return text;
}

int ClaimResult::in_all() const {
    int sum = 0;
    for (const RowResult& row : rows) sum += row.not_here.empty() ? static_cast<int>(row.outcomes.size()) : 0;
    return sum;
}

Verdict verdict_on(const Expectation& expectation, const ClaimResult& result) {
    if (!result.claim->judges) return Verdict::not_judged;
    const std::vector<double> others =
        expectation.than.empty() ? std::vector<double>() : result.row(expectation.than).values(expectation.measure);
    return verdict_on(expectation, result.row(expectation.row).values(expectation.measure), others);
}

std::string verdict_in_words(const Expectation& expectation, const ClaimResult& result) {
    const auto is_not_here = [&](const std::string& row) {
        return !row.empty() && !result.row(row).not_here.empty() && result.row(row).finished() == 0;
    };
    if (is_not_here(expectation.row) || is_not_here(expectation.than)) return "not run here";
    return text_of(verdict_on(expectation, result));
}

const Outcome* middle_of(const RowResult& row) {
    std::vector<const Outcome*> finished;
    for (const Outcome& outcome : row.outcomes) {
        if (outcome.is_finished()) finished.push_back(&outcome);
    }
    if (finished.empty()) return nullptr;
    const auto loss = [](const Outcome* o) {
        return measured(o->record, Measure::training_loss, o->steps, o->state == State::diverged);
    };
    std::stable_sort(finished.begin(), finished.end(), [&](const Outcome* a, const Outcome* b) { return loss(a) < loss(b); });
    return finished[(finished.size() - 1) / 2];
}

std::string summary_as_csv(const ClaimResult& result) {
    std::string text = "row,network,measure,seeds,values,median,low,high,paper,verdict,rule,because\n";
    const Claim& claim = *result.claim;
    for (std::size_t i = 0; i < claim.rows.size(); ++i) {
        const Row& row = claim.rows[i];
        for (const Measure measure : measures_of(claim)) {
            const std::vector<double> values = result.rows[i].values(measure);
            const Summary summary = summary_of(values);
            const std::string begin = quoted(row.name) + "," + row.settings.options.network + "," + text_of(measure).name + "," +
                                      std::to_string(values.size()) + "," + joined(values) + "," + six_digits(summary.median) +
                                      "," + six_digits(summary.low) + "," + six_digits(summary.high) + "," +
                                      paper_value(row, measure) + ",";
            bool is_expected = false;
            for (const Expectation& e : claim.expectations) {
                if (e.row != row.name || e.measure != measure) continue;
                is_expected = true;
                text += begin + verdict_in_words(e, result) + "," + quoted(rule_of(e)) + "," + quoted(e.because) + "\n";
            }
            if (!is_expected) text += begin + (result.rows[i].not_here.empty() ? "" : "not run here") + ",,\n";
        }
    }
    return text;
}

std::string verdicts_as_text(const ClaimResult& result) {
    std::string text;
    for (const Expectation& e : result.claim->expectations) {
        constexpr std::size_t column = 11;
        std::string verdict = verdict_in_words(e, result) + " ";
        verdict.resize(std::max(verdict.size(), column), ' ');
        text += verdict + e.row + ": " + text_of(e.measure).name + (e.higher ? " above " : " below ") +
                (e.than.empty() ? six_digits(e.bound) : "that of " + e.than) + " (" + e.because + ")\n";
    }
    return text;
}

}  // namespace paper
