#include "record.hpp"

#include "../parts/text.hpp"
#include "text_file.hpp"

#include <algorithm>
#include <limits>

namespace paper {

using parts::next_word;
using parts::number_of;
using residua::Error;

namespace {

constexpr std::int64_t early_steps = 400;  // the paper's warm-up

// Nine digits are enough for a float, and short.
std::string nine_digits(double value) { return parts::csv_field(value, 9); }

double number_or_none(std::string_view word) { return word.empty() ? std::nan("") : number_of<double>(word); }

std::string log_headings(std::size_t places) {
    std::string text = "step,epoch,lr,loss,error";
    for (const char* what : {"gradient", "signal"}) {
        for (std::size_t i = 0; i < places; ++i) {
            text += "," + std::string(what) + (i + 1 < places ? "_stage" + std::to_string(i + 1) : "_end");
        }
    }
    return text + ",test_loss,test_error";
}
constexpr std::string_view unit_headings = "step,unit,signal,gradient,gate";

double mean_loss(const std::vector<LogLine>& log, std::int64_t after, std::int64_t until) {
    double sum = 0;
    std::int64_t steps = 0;
    std::int64_t before = 0;
    for (const LogLine& line : log) {
        const std::int64_t from = std::max(before, after);
        const std::int64_t to = std::min(line.step, until);
        before = line.step;
        if (to <= from) continue;
        sum += line.loss * static_cast<double>(to - from);
        steps += to - from;
    }
    return steps > 0 ? sum / static_cast<double>(steps) : std::nan("");
}

// What was seen at the two ends of the network in the first step.
struct Ends {
    double first;
    double last;
};
Ends first_ends(const std::vector<UnitLine>& units, double UnitLine::*value) {
    const auto of_the_first_step = [](const UnitLine& line) { return line.step == 1; };
    const auto first = std::find_if(units.begin(), units.end(), of_the_first_step);
    const auto last = std::find_if(units.rbegin(), units.rend(), of_the_first_step);
    if (first == units.end()) return {std::nan(""), std::nan("")};
    return {(*first).*value, (*last).*value};
}

}  // namespace

std::string log_as_csv(const std::vector<LogLine>& log) {
    std::string text = log_headings(log.empty() ? 0 : log.front().gradients.size()) + "\n";
    for (const LogLine& line : log) {
        text += std::to_string(line.step) + "," + nine_digits(line.epoch) + "," + nine_digits(line.rate) + "," +
                nine_digits(line.loss) + "," + nine_digits(line.error);
        for (const double value : line.gradients) text += "," + nine_digits(value);
        for (const double value : line.signals) text += "," + nine_digits(value);
        text += "," + nine_digits(line.test_loss) + "," + nine_digits(line.test_error) + "\n";
    }
    return text;
}

std::vector<LogLine> log_of_csv(std::string_view text, const std::string& where) {
    constexpr std::size_t others = 7;
    const std::string_view headings = next_word(text, '\n');
    const std::size_t columns = words_of(headings).size();
    const std::size_t places = columns > others ? (columns - others) / 2 : 0;
    if (headings != log_headings(places)) throw Error(where + ": expected the headings of a log, found other text");

    std::vector<LogLine> log;
    for_each_line(text, where, [&](std::string_view line) {
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() != columns) {
            throw Error("expected " + std::to_string(columns) + " values, found " + std::to_string(words.size()));
        }
        LogLine result;
        auto word = words.begin();
        result.step = number_of<std::int64_t>(*word++);
        result.epoch = number_of<double>(*word++);
        result.rate = number_of<double>(*word++);
        result.loss = number_of<double>(*word++);
        result.error = number_of<double>(*word++);
        for (std::size_t i = 0; i < places; ++i) result.gradients.push_back(number_or_none(*word++));
        for (std::size_t i = 0; i < places; ++i) result.signals.push_back(number_or_none(*word++));
        result.test_loss = number_or_none(*word++);
        result.test_error = number_or_none(*word++);
        if (!log.empty() && result.step <= log.back().step) {
            throw Error("expected a step after " + std::to_string(log.back().step) + ", found " + std::to_string(result.step));
        }
        log.push_back(std::move(result));
    });
    return log;
}

std::string units_as_csv(const std::vector<UnitLine>& units) {
    std::string text = std::string(unit_headings) + "\n";
    for (const UnitLine& line : units) {
        text += std::to_string(line.step) + "," + std::to_string(line.unit) + "," + nine_digits(line.signal) + "," +
                nine_digits(line.gradient) + "," + nine_digits(line.gate) + "\n";
    }
    return text;
}

std::vector<UnitLine> units_of_csv(std::string_view text, const std::string& where) {
    if (next_word(text, '\n') != unit_headings) throw Error(where + ": expected the headings of units, found other text");
    std::vector<UnitLine> units;
    for_each_line(text, where, [&](std::string_view line) {
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() != 5) throw Error("expected 5 values, found " + std::to_string(words.size()));
        // (A run that diverges has norms that are none.)
        units.push_back({number_of<std::int64_t>(words[0]), number_of<int>(words[1]), number_or_none(words[2]),
                         number_or_none(words[3]), number_or_none(words[4])});
    });
    return units;
}

double measured(const Record& record, Measure measure, std::int64_t steps, bool diverged) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const Ends gradient = first_ends(record.units, &UnitLine::gradient);
    const Ends signal = first_ends(record.units, &UnitLine::signal);
    if (measure == Measure::gradient_ratio) return gradient.first / gradient.last;
    if (measure == Measure::signal_ratio) return signal.last / signal.first;
    if (measure == Measure::last_signal) return signal.last;
    if (diverged) return measure == Measure::test_error ? 100 : infinite;
    if (record.log.empty()) return std::nan("");

    const LogLine& last = record.log.back();
    const double training_loss = mean_loss(record.log, steps - std::max<std::int64_t>(1, steps / 10), steps);
    switch (measure) {
        case Measure::training_loss: return training_loss;
        case Measure::early_loss: return mean_loss(record.log, 0, early_steps);
        case Measure::test_error: return last.test_error;
        default: return last.test_loss - training_loss;
    }
}

}  // namespace paper
