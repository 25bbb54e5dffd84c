#include "page.hpp"

#include "../parts/machine.hpp"
#include "../parts/html.hpp"

#include <algorithm>

namespace paper {

using parts::format;

namespace {

// Four digits, or a whole number where those are not enough for one.
std::string in_digits(const std::vector<double>& values) {
    const double largest = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
    return in_short(values, largest >= 1e4 && largest < 1e7 ? "%.0f" : "%.4g");
}

// Each direction, with what was found on both sides.
std::string verdicts_as_table(const ClaimResult& result) {
    std::string table = "| row | verdict | measure | ours | than | ours there | what says so |\n|---|---|---|---|---|---|---|\n";
    for (const Expectation& e : result.claim->expectations) {
        const bool has_other = !e.than.empty();
        const std::string direction = e.higher ? "above " : "below ";
        table += "| " + e.row + " | **" + verdict_in_words(e, result) + "** | " + text_of(e.measure).name + " | " +
                 in_digits(result.row(e.row).values(e.measure)) + " | " + direction +
                 (has_other ? e.than : format("%g", e.bound)) + " | " +
                 (has_other ? in_digits(result.row(e.than).values(e.measure)) : "") + " | " + e.because + " |\n";
    }
    return table;
}

bool has_all_runs(const ClaimResult& result, const std::string& row) {
    const RowResult& found = result.row(row);
    return found.finished() > 0 && found.finished() == static_cast<int>(found.outcomes.size());
}

}  // namespace

std::string page_of_claims(const std::vector<ClaimResult>& results, const Provenance& provenance, const std::string& pictures) {
    std::string page =
        "# The paper, run\nMade by `" + provenance.command + "`, " + parts::date_and_time() +
        ". Beside this page lie, for each claim, every number of it (CSV) and its pictures (SVG); in `runs/` each run's "
        "log.\n";
    for (const ClaimResult& result : results) {
        const Claim& claim = *result.claim;
        if (!result.tells()) continue;
        page += "\n## " + claim.title + "\n" + claim.says + "\n\n";
        const std::string not_here = result.what_is_not_here();
        if (!not_here.empty()) page += "Not run here: " + not_here + ".\n\n";
        if (result.finished() == 0) continue;
        page += provenance.scale + " scale, " + settings_in_words(claim) + "; " + std::to_string(result.finished()) + " of " +
                std::to_string(result.in_all()) + " runs finished, on " + machines_in_words(result) + ". " + claim.shows + "\n\n";
        if (!claim.expectations.empty()) page += verdicts_as_table(result);
        page += "\n| row | network | runs | training loss | test error, % | the paper, % |\n|---|---|---|---|---|---|\n";
        for (std::size_t i = 0; i < claim.rows.size(); ++i) {
            const Row& row = claim.rows[i];
            const std::string paper = !row.paper ? "" : row.paper->fails ? "fails" : format("%.2f", row.paper->error);
            const RowResult& found = result.rows[i];
            page += "| " + row.name + " | `" + row.settings.options.network + "` | " +
                    (found.not_here.empty() ? std::to_string(found.finished()) : "not run here") + " | " +
                    in_short(found.values(Measure::training_loss), "%.4f") + " | " +
                    in_short(found.values(Measure::test_error), "%.2f") + " | " + paper + " |\n";
        }
        for (const Picture& picture : pictures_of(result)) {
            page += "\n![" + picture.title + "](" + pictures + picture.name + ")\n\n" + picture.says + "\n";
        }
    }
    return page;
}

std::string page_of_questions(const std::vector<ClaimResult>& results, const Provenance& provenance,
                              const std::string& pictures) {
    std::string page = "# Questions\nAnswered by running them: `" + provenance.command + "`, " + parts::date_and_time() +
                       ". The numbers are in the files beside the pictures.\n";
    for (const ClaimResult& result : results) {
        const Claim& claim = *result.claim;
        if (claim.answers.empty()) continue;
        const Expectation& asked = claim.expectations.front();
        const std::string command = "`scripts/paper.sh " + claim.name + " --scale " + provenance.scale + " --data-dir DIR`\n";
        page += "\n## " + claim.title + "\n" + claim.says + "\n\n";
        if (!has_all_runs(result, asked.row) || (!asked.than.empty() && !has_all_runs(result, asked.than))) {
            page += "Not answered yet: " + std::to_string(result.finished()) + " of " + std::to_string(result.in_all()) +
                    " runs are finished. " + command;
            continue;
        }

        const std::string verdict = text_of(verdict_on(asked, result));
        const auto answer = claim.answers.find(verdict);
        page += "**" + verdict + "**" + (answer == claim.answers.end() ? "" : ": " + answer->second) + "\n\n";
        page += verdicts_as_table(result) + "\n";
        page += std::to_string(result.finished()) + " of " + std::to_string(result.in_all()) + " runs; " +
                settings_in_words(claim) + "; " + machines_in_words(result) +
                ". A direction is confirmed, or refuted, by the "
                "exact rank test at 5 %: with three seeds against three, by each of one beyond each of the other.\n";
        const std::vector<Picture> all = pictures_of(result);
        if (!all.empty()) {
            page += "\n![" + all.front().title + "](" + pictures + all.front().name + ")\n\n" + all.front().says + "\n";
        }
        page += "\n" + command;
    }
    return page;
}

}  // namespace paper
