// paper: runs the claims of He et al. 2016 and says which are confirmed, refuted or left open.
//
//   paper table1 --scale short --data-dir DIR --out results --threads 2
//   paper all --scale smoke --data-dir DIR
//   paper mine.json --data-dir DIR          a file of one's own (claims/README.md)
//   paper race --data-dir DIR               how soon CIFAR-10 is answered to 94 and 92 %
//   paper --show table1                     the file of a claim, to begin one's own from
//
// A run is a folder in OUT/runs: what is interrupted goes on when the same command is given again, what is finished is not run
// again, and several machines may work on the same folder. Of each claim a summary (CSV), pictures (SVG) and a report (HTML) are
// in OUT, written anew after each run; of `all` and of `questions` a page, too.
#include "experiment.hpp"
#include "race/races.hpp"
#include "text_file.hpp"

#include "../parts/command_line.hpp"
#include "../parts/output_paths.hpp"
#include "../train/settings.hpp"
#include "../train/stop.hpp"

#include <residua/core/error.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace paper;

const BuiltInClaim* built_in(const std::string& name) {
    const auto& list = built_in_claims();
    const auto at = std::find_if(list.begin(), list.end(), [&](const BuiltInClaim& claim) { return name == claim.name; });
    return at == list.end() ? nullptr : &*at;
}

std::string names_of_claims() {
    std::string names;
    for (const BuiltInClaim& claim : built_in_claims()) names += std::string(claim.name) + ", ";
    return names + "all, questions, race";
}

// Error: the claim has no row at this scale.
Claim with_rows(Claim claim, const std::string& scale) {
    if (!claim.rows.empty()) return claim;
    throw residua::Error(claim.name + ": rows: expected at least one at the scale " + scale + ", found none");
}

bool is_group(const std::string& name) { return name == "all" || name == "questions"; }

std::vector<Claim> claims_called(const std::string& name, const std::string& scale) {
    std::vector<Claim> claims;
    if (is_group(name)) {
        for (const BuiltInClaim& claim : built_in_claims()) {
            if (name != claim.group) continue;
            Claim read = read_claim(claim.text, claim.name, scale);
            if (!read.rows.empty()) claims.push_back(std::move(read));
        }
        return claims;
    }
    if (const BuiltInClaim* claim = built_in(name)) return {with_rows(read_claim(claim->text, claim->name, scale), scale)};
    if (!std::filesystem::exists(name)) {
        throw residua::Error("expected a claim (" + names_of_claims() + ") or a file, found '" + name + "'");
    }
    return {with_rows(read_claim(text_in(name), std::filesystem::path(name).stem().string(), scale), scale)};
}

int run_races(const ExperimentOptions& options) {
    if (!options.only_reports) parts::expect_writable("--out", options.out / "race.csv");
    train::listen_for_stop();
    return race::run_races(options);
}

int run(const std::string& claim, ExperimentOptions options) {
    if (options.threads == 0) options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    if (is_group(claim)) options.group = claim;
    if (!options.page.empty() && options.group.empty()) {
        throw residua::Error("--page: expected the claims all or questions, which have one, found '" + claim + "'");
    }
    if (claim == "race") return run_races(options);

    std::vector<Claim> claims = claims_called(claim, options.scale);
    if (!options.only_reports) {
        for (const Claim& one : claims) parts::expect_writable("--out", options.out / (one.name + ".csv"));
        if (!options.page.empty()) parts::expect_writable("--page", options.page);
    }
    train::listen_for_stop();
    Experiment experiment(std::move(claims), options);
    return experiment.run();
}

}  // namespace

int main(int argc, char** argv) {
    parts::open_closed_streams();

    ExperimentOptions options;
    std::string claim;
    std::string shown;
    std::string out = "paper-results";
    std::string page;
    CLI::App app("Runs the claims of He et al. 2016, \"Identity Mappings in Deep Residual Networks\"");
    app.add_option("claim", claim, names_of_claims() + ", or a file of your own");
    app.add_option("--show", shown, "print the file of a claim, and end");
    app.add_option("--scale", options.scale, "smoke (seconds), short (hours), full (the paper's 64,000 steps)")
        ->check(CLI::IsMember({"smoke", "short", "full"}))
        ->capture_default_str();
    app.add_option("--seeds", options.seeds, "runs of each row, with seeds 1, 2, ...; 0: as the claim says")
        ->check(parts::whole_number(0, 1000))
        ->capture_default_str();
    app.add_option("--data-dir", options.data_dir,
                   "folder of the data: files of CIFAR-10 (and CIFAR-100), ImageNet's train and val; each may be in a folder of "
                   "its own there: cifar-10-batches-bin, cifar-100-binary, imagenet");
    app.add_option("--out", out, "folder of runs and results")->capture_default_str();
    app.add_option("--page", page, "of all and of questions: where their page goes (OUT/README.md, OUT/QUESTIONS.md)");
    app.add_option("--threads", options.threads, "threads; 0: all of the machine's (they change no number)")
        ->check(parts::whole_number(0, 1024));
    app.add_flag("--only-reports", options.only_reports, "run nothing: write what the finished runs in OUT have come to");
    options.threads = 0;
    CLI11_PARSE(app, argc, argv);

    options.out = out;
    options.page = page;
    options.command = parts::command_of(argc, argv);
    try {
        if (!shown.empty()) {
            const BuiltInClaim* file = built_in(shown);
            if (!file) throw residua::Error("--show: expected one of " + names_of_claims() + ", found '" + shown + "'");
            std::fputs(file->text, stdout);
            parts::expect_printed();
            return 0;
        }
        if (claim.empty()) {
            throw residua::Error("expected a claim (" + names_of_claims() + ") or a file, found none");
        }
        const int code = run(claim, options);
        if (code == 0) parts::expect_printed();
        return code;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "paper: %s\n", error.what());
        return 1;
    }
}
