#include "races.hpp"

#include "../../parts/machine.hpp"
#include "../../parts/progress_bar.hpp"
#include "../../parts/progress_line.hpp"
#include "../../parts/text.hpp"
#include "../../train/stop.hpp"
#include "../data_sets.hpp"
#include "../text_file.hpp"
#include "page.hpp"
#include "race.hpp"

#include <residua/io/folder_lock.hpp>

#include <cstdio>

namespace paper::race {

namespace {

// So long is a race to each goal, as found by trial; with how many seeds it is run.
std::vector<Plan> plans_of(const ExperimentOptions& options) {
    const bool is_smoke = options.scale == "smoke";
    const std::vector<Plan> goals = is_smoke ? std::vector<Plan>{{94, 3, 1, 64, 32}, {92, 2, 1, 64, 32}}
                                             : std::vector<Plan>{{94, 12, 1, 0, 0}, {92, 5, 1, 0, 0}};
    const std::string recipe = recipe_in_words();
    const int seeds = options.seeds > 0 ? options.seeds : is_smoke ? 1 : 5;
    std::vector<Plan> plans;
    for (int seed = 1; seed <= seeds; ++seed) {
        for (Plan plan : goals) {
            plan.seed = static_cast<std::uint64_t>(seed);
            plan.recipe = recipe;
            plans.push_back(plan);
        }
    }
    return plans;
}

class Races {
public:
    explicit Races(const ExperimentOptions& options) : options_(options) {
        for (const Plan& plan : plans_of(options)) entrants_.push_back({plan, finish_in(folder_of(plan), plan)});
    }

    int run() {
        if (!options_.only_reports) {
            const bool are_new = left() > 0;
            if (are_new) {
                if (const int code = run_what_is_left(); code != 0) return code;
            }
            // (Not while another process runs a race: its clock would know.)
            if (left() == 0 && (are_new || !std::filesystem::exists(parts_file()))) measure_parts();
        }
        write_results();
        for (const Tally& tally : tallies_of(entrants_)) std::printf("%s\n", in_words(tally).c_str());
        std::printf("summary: %s\npage: %s\n", (options_.out / "race.csv").c_str(), (options_.out / "race.md").c_str());
        return 0;
    }

private:
    std::filesystem::path folder_of(const Plan& plan) const { return options_.out / "runs" / plan.folder(); }
    std::filesystem::path parts_file() const { return options_.out / "race-parts.csv"; }

    std::size_t left() const {
        return static_cast<std::size_t>(
            std::count_if(entrants_.begin(), entrants_.end(), [](const Entrant& entrant) { return !entrant.finish; }));
    }

    int run_what_is_left() {
        const auto read = [&](residua::data::Part part, int images) {
            const std::string folder = folder_with("cifar10", options_.data_dir);
            return parts::read_images("cifar10", folder, part, {3, 32, 32}, 10).beginning(images);
        };
        const parts::ImageSet train = read(residua::data::Part::train, entrants_.front().plan.images);
        const parts::ImageSet test = read(residua::data::Part::test, entrants_.front().plan.test_images);

        std::printf("%zu races, %zu of them over\n", entrants_.size(), entrants_.size() - left());
        std::fflush(stdout);
        std::size_t number = entrants_.size() - left();
        for (Entrant& entrant : entrants_) {
            if (entrant.finish) continue;
            ++number;
            if (!run_one(entrant, number, *train.in_memory(), *test.in_memory())) return 128 + train::stop_signal;
        }
        return 0;
    }

    void measure_parts() const { write(parts_file(), parts_of_a_step(options_.threads, options_.scale == "smoke")); }

    // False: a signal came. (Whose folder is another process's stays without a finish.)
    bool run_one(Entrant& entrant, std::size_t number, const residua::data::Dataset& train, const residua::data::Dataset& test) {
        const std::string name = parts::format("to %g %%, seed %d", entrant.plan.goal, static_cast<int>(entrant.plan.seed));
        const std::filesystem::path folder = folder_of(entrant.plan);
        std::filesystem::create_directories(folder);
        const auto lock = residua::io::FolderLock::if_free(folder);
        if (!lock) {
            std::printf("race %zu of %zu, %s: is run by another process\n", number, entrants_.size(), name.c_str());
            return true;
        }
        entrant.finish = finish_in(folder, entrant.plan);  // by another, since we looked
        if (entrant.finish) return true;

        parts::ProgressBar bar;
        const auto show = [&](const Progress& progress) {
            bar.show(progress.step == progress.steps, [&](int columns) {
                return parts::fitted_line({{parts::format("race %zu/%zu", number, entrants_.size()), 6},
                                           {name, 4},
                                           {"", 3},
                                           {parts::format("loss %.3f", progress.loss), 1},
                                           {parts::clock_time(progress.seconds_left) + " left", 5}},
                                          2, static_cast<double>(progress.step) / static_cast<double>(progress.steps), columns);
            });
        };
        const std::optional<Finish> finish = race::run(entrant.plan, train, test, options_.threads, show);
        bar.end();
        if (!finish) {
            std::printf("interrupted in race %zu, which begins anew with the same command: its clock is one\n", number);
            return false;
        }
        write(folder, entrant.plan, *finish);
        entrant.finish = finish;
        std::printf("race %zu of %zu, %s: %.2f %%, with six views %.2f %%, %s\n", number, entrants_.size(), name.c_str(),
                    finish->accuracy, finish->accuracy_with_views, parts::clock_time(finish->seconds()).c_str());
        std::fflush(stdout);
        write_results();
        return true;
    }

    void write_results() const {
        std::filesystem::create_directories(options_.out);
        const std::vector<Part> parts = std::filesystem::exists(parts_file()) ? parts_in(parts_file()) : std::vector<Part>{};
        write_text(options_.out / "race.csv", summary_as_csv(entrants_));
        const std::string picture = picture_of(entrants_);
        if (!picture.empty()) write_text(options_.out / "race.svg", picture);
        write_text(options_.out / "race.md",
                   page_of(entrants_, parts,
                           {network_in_words(), recipe_in_words(), options_.command, parts::date_and_time(), "race.svg"}));
    }

    ExperimentOptions options_;
    std::vector<Entrant> entrants_;
};

}  // namespace

int run_races(const ExperimentOptions& options) { return Races(options).run(); }

}  // namespace paper::race
