#include "experiment.hpp"

#include "../parts/machine.hpp"
#include "../parts/progress_bar.hpp"
#include "../parts/text.hpp"
#include "../train/settings.hpp"
#include "../train/stop.hpp"
#include "text_file.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

namespace paper {

using residua::Error;

namespace {

double macs_of(const RunSettings& settings) { return static_cast<double>(train::chosen(settings.options).macs); }

// "3 hours 10 minutes", "20 seconds".
std::string duration(double seconds) {
    if (seconds < 90) return parts::format("%.0f seconds", seconds);
    if (seconds < 5400) return parts::format("%.0f minutes", seconds / 60);
    const int minutes = static_cast<int>(seconds / 60 + 0.5);
    return parts::format("%d hours %d minutes", minutes / 60, minutes % 60);
}

}  // namespace

Experiment::Experiment(std::vector<Claim> claims, const ExperimentOptions& options)
    : claims_(std::move(claims)), options_(options), data_(options.data_dir) {
    for (Claim& claim : claims_) {
        if (options_.seeds > 0) claim.seeds = options_.seeds;
    }
    for (const Claim& claim : claims_) {
        ClaimResult result;
        result.claim = &claim;
        result.rows.resize(claim.rows.size());
        for (RowResult& row : result.rows) row.outcomes.resize(static_cast<std::size_t>(claim.seeds));
        results_.push_back(std::move(result));
    }
    plan();
}

// Seed by seed, and of each all rows: wherever it ends, rows have as many seeds as others.
void Experiment::plan() {
    std::map<std::string, std::size_t> known;
    int most_seeds = 0;
    for (const Claim& claim : claims_) most_seeds = std::max(most_seeds, claim.seeds);
    for (int seed = 1; seed <= most_seeds; ++seed) {
        for (std::size_t c = 0; c < claims_.size(); ++c) {
            for (std::size_t r = 0; seed <= claims_[c].seeds && r < claims_[c].rows.size(); ++r) {
                const RunSettings settings = with_seed(claims_[c].rows[r].settings, seed);
                const auto [at, is_new] = known.try_emplace(folder_name(settings), runs_.size());
                if (is_new) runs_.push_back({settings, RunFolder(options_.out / "runs", settings), {}, false});
                runs_[at->second].places.push_back({c, r, static_cast<std::size_t>(seed - 1)});
            }
        }
    }
    for (Planned& run : runs_) {
        const Outcome outcome = run.folder.outcome();
        take(run, outcome);
        run.is_finished = outcome.is_finished();
    }
}

void Experiment::take(const Planned& run, const Outcome& outcome) {
    for (const Place& place : run.places) results_[place.claim].rows[place.row].outcomes[place.seed] = outcome;
}

std::vector<std::size_t> Experiment::unfinished() const {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        const Place& place = runs_[i].places.front();
        const bool is_here = results_[place.claim].rows[place.row].not_here.empty();
        if (!runs_[i].is_finished && is_here) list.push_back(i);
    }
    return list;
}

// A data set that is not here takes its rows away, and not the others': an error only where there is nothing to tell at all.
void Experiment::leave_out_what_is_not_here() {
    std::map<std::string, std::string> trouble;
    bool any_is_here = std::any_of(runs_.begin(), runs_.end(), [](const Planned& run) { return run.is_finished; });
    for (const std::size_t i : unfinished()) {
        const std::string& data = runs_[i].settings.options.data;
        if (trouble.count(data) == 0) {
            try {
                data_.of(runs_[i].settings);
                trouble[data] = "";
            } catch (const Error& error) {
                trouble[data] = error.what();
            }
        }
        any_is_here = any_is_here || trouble[data].empty();
        for (const Place& place : runs_[i].places) results_[place.claim].rows[place.row].not_here = trouble[data];
    }
    for (const auto& [data, why] : trouble) {
        if (why.empty()) continue;
        if (!any_is_here) throw Error(why);
        std::printf("not run here: rows of %s: %s\n", data.c_str(), why.c_str());
    }
}

// From runs that were finished on this machine; where there are none, from a trial.
void Experiment::learn_paces() {
    const std::vector<std::size_t> left = unfinished();
    if (left.empty()) return;
    for (const Planned& run : runs_) {
        const Place& place = run.places.front();
        const Outcome& outcome = results_[place.claim].rows[place.row].outcomes[place.seed];
        if (!run.is_finished || outcome.processor != parts::processor() || outcome.threads != options_.threads) continue;
        paces_.saw(run.settings.options.network, macs_of(run.settings), static_cast<double>(outcome.images), outcome.seconds);
    }
    if (!paces_.empty()) return;
    const RunSettings& settings = runs_[left.front()].settings;
    paces_.saw(settings.options.network, macs_of(settings), measured_pace(settings, options_.threads), 1);
}

double Experiment::seconds_of(const RunSettings& settings) {
    const DataSets::Pair& data = data_.of(settings);
    const double images = static_cast<double>(steps_of(settings, data.train.size())) * settings.options.batch;
    return paces_.seconds(settings.options.network, macs_of(settings), images);
}

int Experiment::run() {
    if (!options_.only_reports) {
        if (const int code = run_what_is_left(); code != 0) return code;
    }
    for (std::size_t claim = 0; claim < claims_.size(); ++claim) {
        if (results_[claim].tells()) write(claim);
    }
    write_page();
    say_verdicts();
    return 0;
}

int Experiment::run_what_is_left() {
    leave_out_what_is_not_here();
    learn_paces();

    std::map<std::size_t, double> left;  // seconds of each run that is not finished
    double all = 0;
    for (const std::size_t i : unfinished()) {
        left[i] = seconds_of(runs_[i].settings);
        all += left[i];
    }
    const auto finished =
        static_cast<std::size_t>(std::count_if(runs_.begin(), runs_.end(), [](const Planned& run) { return run.is_finished; }));
    const std::size_t in_all = finished + left.size();
    std::printf("%zu runs, %zu of them finished; the others will take about %s on %d thread%s\n", in_all, finished,
                duration(all).c_str(), options_.threads, options_.threads == 1 ? "" : "s");
    std::fflush(stdout);

    parts::ProgressBar bar;
    std::size_t number = finished;
    int elsewhere = 0;
    for (const std::size_t i : unfinished()) {
        Planned& run = runs_[i];
        const std::string name = run.settings.options.network + ", seed " + std::to_string(run.settings.options.seed);
        double of_others = 0;
        for (const auto& [other, seconds] : left) of_others += other != i ? seconds : 0;
        ++number;
        const auto show = [&](const Pace& pace) {
            const double done = static_cast<double>(pace.step) / static_cast<double>(pace.steps);
            const double images = static_cast<double>(pace.steps - pace.step) * run.settings.options.batch;
            const double seconds = of_others + images / std::max(pace.images_per_second, 1e-9);
            bar.show(pace.step == pace.steps, [&](int columns) {
                return parts::fitted_line({{parts::format("run %zu/%zu", number, in_all), 6},
                                           {name, 4},
                                           {"", 3},
                                           {parts::format("loss %.3f", pace.loss), 1},
                                           {parts::format("%.0f images/s", pace.images_per_second), 0},
                                           {parts::clock_time(seconds) + " left", 5}},
                                          2, done, columns);
            });
        };
        const Ended ended = train_run(run.settings, run.folder, data_, options_.threads, show);
        bar.end();
        if (ended == Ended::interrupted) {
            std::printf("interrupted in run %zu, which is saved: the same command goes on from there\n", number);
            return 128 + train::stop_signal;
        }
        left.erase(i);
        if (ended == Ended::elsewhere) {
            ++elsewhere;
            continue;
        }

        const Outcome outcome = run.folder.outcome();
        run.is_finished = true;
        take(run, outcome);
        paces_.saw(run.settings.options.network, macs_of(run.settings), static_cast<double>(outcome.images), outcome.seconds);
        for (auto& [other, seconds] : left) seconds = seconds_of(runs_[other].settings);
        std::printf("run %zu of %zu, %s: %s, training loss %.4f, test error %.2f %%, %s\n", number, in_all, name.c_str(),
                    text_of(outcome.state),
                    measured(outcome.record, Measure::training_loss, outcome.steps, outcome.state == State::diverged),
                    measured(outcome.record, Measure::test_error, outcome.steps, outcome.state == State::diverged),
                    parts::clock_time(outcome.seconds).c_str());
        std::fflush(stdout);
        std::set<std::size_t> touched;
        for (const Place& place : run.places) touched.insert(place.claim);
        for (const std::size_t claim : touched) write(claim);
    }
    if (elsewhere > 0) {
        std::printf("%d runs are another process's: once it has ended, the same command takes them into account\n", elsewhere);
    }
    return 0;
}

void Experiment::write(std::size_t claim) const {
    const ClaimResult& result = results_[claim];
    const std::string& name = claims_[claim].name;
    const std::vector<Picture> pictures = pictures_of(result);
    std::filesystem::create_directories(options_.out);
    write_text(options_.out / (name + ".csv"), summary_as_csv(result));
    for (const Picture& picture : pictures) write_text(options_.out / picture.name, picture.svg);
    write_text(options_.out / (name + ".html"), report_of(result, pictures, provenance()));
}

void Experiment::write_page() const {
    if (options_.group.empty()) return;
    const bool is_of_all = options_.group == "all";
    const std::filesystem::path page =
        !options_.page.empty() ? options_.page : options_.out / (is_of_all ? "README.md" : "QUESTIONS.md");
    const std::filesystem::path folder = std::filesystem::absolute(page).parent_path();
    std::filesystem::create_directories(folder);
    const std::filesystem::path out = std::filesystem::relative(options_.out, folder);
    const std::string pictures = out == "." ? "" : out.generic_string() + "/";
    write_text(
        page, is_of_all ? page_of_claims(results_, provenance(), pictures) : page_of_questions(results_, provenance(), pictures));
}

void Experiment::say_verdicts() const {
    for (std::size_t claim = 0; claim < claims_.size(); ++claim) {
        std::printf("\n%s: %d of %d runs\n%s", claims_[claim].title.c_str(), results_[claim].finished(), results_[claim].in_all(),
                    verdicts_as_text(results_[claim]).c_str());
        std::printf("summary: %s\nreport: %s\n", (options_.out / (claims_[claim].name + ".csv")).c_str(),
                    (options_.out / (claims_[claim].name + ".html")).c_str());
    }
}

}  // namespace paper
