#include "page.hpp"

#include "../parts/machine.hpp"
#include "../parts/html.hpp"

namespace paper {

using parts::format;

std::string page_of_claims(const std::vector<ClaimResult>& results, const Provenance& provenance) {
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
        if (!claim.expectations.empty()) {
            page +=
                "| row | verdict | measure | ours | than | ours there | what in the paper says so "
                "|\n|---|---|---|---|---|---|---|\n";
        }
        for (const Expectation& e : claim.expectations) {
            const bool has_other = !e.than.empty();
            const std::string direction = e.higher ? "above " : "below ";
            page += "| " + e.row + " | **" + verdict_in_words(e, result) + "** | " + text_of(e.measure).name + " | " +
                    in_short(result.row(e.row).values(e.measure), "%.4g") + " | " + direction +
                    (has_other ? e.than : format("%g", e.bound)) + " | " +
                    (has_other ? in_short(result.row(e.than).values(e.measure), "%.4g") : "") + " | " + e.because + " |\n";
        }
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
            page += "\n![" + picture.title + "](" + picture.name + ")\n\n" + picture.says + "\n";
        }
    }
    return page;
}

std::string page_of_questions(const std::vector<ClaimResult>& results, const Provenance& provenance) {
    std::string page = "# Questions\nAnswered by running them: `" + provenance.command + "`, " + parts::date_and_time() +
                       ". The numbers are in the files beside the pictures.\n";
    for (const ClaimResult& result : results) {
        const Claim& claim = *result.claim;
        if (result.finished() == 0 || claim.answers.empty()) continue;
        const Expectation& asked = claim.expectations.front();
        const Verdict verdict = verdict_on(asked, result);
        const auto answer = claim.answers.find(text_of(verdict));
        page += "\n## " + claim.title + "\n" + claim.says + "\n\n";
        page += "**" + std::string(text_of(verdict)) + "** " + (answer == claim.answers.end() ? "" : answer->second) + "\n\n";
        page +=
            asked.row + ": " + text_of(asked.measure).name + " " + in_short(result.row(asked.row).values(asked.measure), "%.4g");
        if (!asked.than.empty()) {
            page += "; " + asked.than + ": " + in_short(result.row(asked.than).values(asked.measure), "%.4g");
        }
        page += " (" + rule_of(asked) + "). " + settings_in_words(claim) + "; " + machines_in_words(result) + ".\n";
        const std::vector<Picture> pictures = pictures_of(result);
        if (!pictures.empty()) {
            page += "\n![" + pictures.front().title + "](" + pictures.front().name + ")\n\n" + pictures.front().says + "\n";
        }
        page += "\n`scripts/paper.sh " + claim.name + " --scale " + provenance.scale + " --data-dir DIR`\n";
    }
    return page;
}

}  // namespace paper
