#include "page.hpp"

#include "../../parts/progress_line.hpp"
#include "../../parts/text.hpp"
#include "../plot.hpp"
#include "../text_file.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace paper::race {

using parts::format;

namespace {

constexpr double a_minute = 60;

double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
    if (values.size() < 2) return std::nan("");
    const double mean = mean_of(values);
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

std::vector<const Entrant*> over(const std::vector<Entrant>& entrants) {
    std::vector<const Entrant*> list;
    for (const Entrant& entrant : entrants) {
        if (entrant.finish) list.push_back(&entrant);
    }
    return list;
}

template <class Value>
std::vector<double> each(const std::vector<const Entrant*>& entrants, Value value) {
    std::vector<double> values;
    for (const Entrant* entrant : entrants) values.push_back(value(*entrant->finish));
    return values;
}

const char* yes_or_no(bool is) { return is ? "yes" : "no"; }

std::string with_deviation(double mean, double deviation) {
    return format("%.2f", mean) + (std::isnan(deviation) ? "" : format(" (±%.2f)", deviation));
}

std::string clock_time_or_none(double seconds) { return std::isnan(seconds) ? "" : parts::clock_time(seconds); }

std::string table_of_goals(const std::vector<Tally>& tallies) {
    std::string table =
        "| goal, % | on | times through the data | races | accuracy, % | reached | with six views, % | reached | time, mean | "
        "fastest "
        "| slowest "
        "|\n|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const Tally& tally : tallies) {
        table += format("| %g | ", tally.plan.goal) + tally.machine +
                 format(" | %g | %d | %.2f | %s | ", tally.plan.epochs, tally.races, tally.accuracy,
                        yes_or_no(tally.accuracy >= tally.plan.goal)) +
                 with_deviation(tally.accuracy_with_views, tally.deviation_with_views) + " | " +
                 yes_or_no(tally.accuracy_with_views >= tally.plan.goal) + " | " + parts::clock_time(tally.seconds) + " | " +
                 parts::clock_time(tally.fastest) + " | " + parts::clock_time(tally.slowest) + " |\n";
    }
    return table;
}

std::string table_of_races(const std::vector<const Entrant*>& races) {
    std::string table =
        "| goal, % | seed | accuracy, % | with six views, % | time | of it to 92 % | first weights, s | waiting for images, s | "
        "steps, s | "
        "averages, s |\n|---|---|---|---|---|---|---|---|---|---|\n";
    for (const Entrant* race : races) {
        const Finish& finish = *race->finish;
        table += format("| %g | %d | %.2f | %.2f | ", race->plan.goal, static_cast<int>(race->plan.seed), finish.accuracy,
                        finish.accuracy_with_views) +
                 parts::clock_time(finish.seconds()) + " | " + clock_time_or_none(finish.seconds_to(92)) +
                 format(" | %.1f | %.1f | %.1f | %.1f |\n", finish.seconds_to_begin, finish.seconds_of_batches,
                        finish.seconds_of_steps, finish.seconds_of_averages);
    }
    return table;
}

std::string table_of_parts(const std::vector<Part>& parts) {
    double all = 0;
    for (const Part& part : parts) all += part.seconds;
    std::string table = "| part | multiply-adds an image | a step, ms | of the step, % |\n|---|---|---|---|\n";
    for (const Part& part : parts) {
        table += "| " + part.name + " | " + parts::with_thousands(std::llround(part.macs)) +
                 format(" | %.1f | %.0f |\n", 1000 * part.seconds, 100 * part.seconds / all);
    }
    return table;
}

std::string machines_in_words(const std::vector<const Entrant*>& races) {
    std::set<std::string> machines;
    for (const Entrant* race : races) {
        const Finish& finish = *race->finish;
        machines.insert(finish.machine() + ", " + finish.version);
    }
    std::string text;
    for (const std::string& machine : machines) text += (text.empty() ? "" : "; ") + machine;
    return text;
}

}  // namespace

std::vector<Tally> tallies_of(const std::vector<Entrant>& entrants) {
    std::vector<Tally> tallies;
    for (const Entrant* first : over(entrants)) {
        const double goal = first->plan.goal;
        const std::string machine = first->finish->machine();
        const bool is_known = std::any_of(tallies.begin(), tallies.end(), [&](const Tally& tally) {
            return tally.plan.goal == goal && tally.machine == machine;
        });
        if (is_known) continue;
        std::vector<const Entrant*> races = over(entrants);
        std::erase_if(races, [&](const Entrant* race) { return race->plan.goal != goal || race->finish->machine() != machine; });

        const std::vector<double> plain = each(races, [](const Finish& finish) { return finish.accuracy; });
        const std::vector<double> with_views = each(races, [](const Finish& finish) { return finish.accuracy_with_views; });
        const std::vector<double> seconds = each(races, [](const Finish& finish) { return finish.seconds(); });
        tallies.push_back({first->plan, machine, static_cast<int>(races.size()), mean_of(plain), mean_of(with_views),
                           deviation_of(with_views), mean_of(seconds), *std::min_element(seconds.begin(), seconds.end()),
                           *std::max_element(seconds.begin(), seconds.end())});
    }
    return tallies;
}

std::string in_words(const Tally& tally) {
    const auto reached = [&](double accuracy) { return accuracy >= tally.plan.goal ? "reached" : "missed"; };
    return format("%g %% in %g times through the data: %s with %.2f %%, with six views %s with ", tally.plan.goal,
                  tally.plan.epochs, reached(tally.accuracy), tally.accuracy, reached(tally.accuracy_with_views)) +
           with_deviation(tally.accuracy_with_views, tally.deviation_with_views) + " %; " + parts::clock_time(tally.seconds) +
           " on average (" + parts::clock_time(tally.fastest) + " to " + parts::clock_time(tally.slowest) + "), " +
           parts::counted(tally.races, "race") + ", " + tally.machine;
}

std::string summary_as_csv(const std::vector<Entrant>& entrants) {
    std::string text =
        "goal,epochs,seed,accuracy,accuracy_with_views,seconds,seconds_to_begin,seconds_of_batches,seconds_of_steps,"
        "seconds_of_averages,threads,processor,version,date\n";
    for (const Entrant* race : over(entrants)) {
        const Finish& finish = *race->finish;
        text += format("%g,%g,%d,%.2f,%.2f,%.2f,%.2f,%.2f,%.2f,%.2f,%d,", race->plan.goal, race->plan.epochs,
                       static_cast<int>(race->plan.seed), finish.accuracy, finish.accuracy_with_views, finish.seconds(),
                       finish.seconds_to_begin, finish.seconds_of_batches, finish.seconds_of_steps, finish.seconds_of_averages,
                       finish.threads) +
                quoted(finish.processor) + "," + quoted(finish.version) + "," + finish.date + "\n";
    }
    return text;
}

std::string picture_of(const std::vector<Entrant>& entrants) {
    Plot plot{"Error of the test set against time", {"minutes"}, {"wrong, % (each image seen once)", true}, {}, {}};
    const std::vector<Tally> tallies = tallies_of(entrants);
    for (std::size_t goal = 0; goal < tallies.size(); ++goal) {
        std::string name = format("to %g %%, ", tallies[goal].plan.goal) + tallies[goal].machine;
        for (const Entrant* race : over(entrants)) {
            if (race->plan.goal != tallies[goal].plan.goal || race->finish->machine() != tallies[goal].machine) continue;
            Line line;
            line.name = std::exchange(name, "");
            line.colour = goal;
            for (const Split& split : race->finish->splits)
                line.points.emplace_back(split.seconds / a_minute, 100 - split.accuracy);
            plot.lines.push_back(std::move(line));
        }
    }
    return plot.lines.empty() ? "" : svg_of(plot);
}

std::string page_of(const std::vector<Entrant>& entrants, const std::vector<Part>& parts, const Told& told) {
    const std::vector<const Entrant*> races = over(entrants);
    std::string page =
        "# Race\nMade by `" + told.command + "`, " + told.date +
        ". How soon CIFAR-10's test set is answered rightly: from the first look at training images in memory to the "
        "last step; reading files, and looking at the test set, are not counted. A goal is reached when the mean over the "
        "races reaches it. The numbers are in `race.csv`, each race's course in `runs/`.\n\n";
    if (races.empty()) return page + "No race is over yet.\n";
    page +=
        "The network and the recipe are those of Jordan 2024 (\"94% on CIFAR-10 in 3.29 seconds on a single GPU\", in 9.9 times "
        "through the data): " +
        told.network + "; " + told.recipe + ". On " + machines_in_words(races) + ".\n\n" + table_of_goals(tallies_of(entrants)) +
        "\n![Error of the test set against time](" + told.picture +
        ")\n\nA line is a race. Between beginning and end it goes up and down with the learning rate. The way to 92 % is "
        "another, not a part of that to 94 %: the rate falls earlier.\n\n## Race by race\n\n" +
        table_of_races(races);
    if (parts.empty()) return page;
    page += "\n## Where a step's time goes\n" + parts.front().processor + ", " + parts::counted(parts.front().threads, "thread") +
            format(". A step on %d images: medians,", parts.front().images) +
            " with weights and images that do not move: of networks that end behind a part, less those that end before "
            "it.\n\n" +
            table_of_parts(parts);
    return page;
}

}  // namespace paper::race
