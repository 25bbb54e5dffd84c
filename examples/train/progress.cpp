#include "progress.hpp"

#include "../parts/text.hpp"

#include <algorithm>
#include <cmath>

namespace train {

using namespace parts;

namespace {

constexpr std::string_view headings = "epoch,step,lr,train_loss,train_error,test_loss,test_error,images_per_second,seconds";

// A number of something that is summed: finite, and not below zero. Error: it is none.
double amount_of(std::string_view word) {
    const double amount = number_of<double>(word);
    if (std::isfinite(amount) && amount >= 0) return amount;
    throw residua::Error("expected a finite number of 0 or more, found " + std::string(word.substr(0, 40)));
}

void expect_between(const std::string& what, std::int64_t least, std::int64_t most, std::int64_t found) {
    if (least <= found && found <= most) return;
    std::string range = std::to_string(least);
    if (least != most) range += " to " + std::to_string(most);
    throw residua::Error(what + ": expected " + range + ", found " + std::to_string(found));
}

// The line of that epoch, of a run that has taken so many steps.
Epoch epoch_of(std::string_view line, std::int64_t epoch, std::int64_t steps) {
    Epoch e;
    e.epoch = number_of<std::int64_t>(next_word(line, ','));
    expect_between("epoch", epoch, epoch, e.epoch);
    e.step = number_of<std::int64_t>(next_word(line, ','));
    expect_between("last step of epoch " + std::to_string(epoch), epoch, steps, e.step);
    for (double* field :
         {&e.rate, &e.train_loss, &e.train_error, &e.test_loss, &e.test_error, &e.images_per_second, &e.seconds}) {
        *field = amount_of(next_word(line, ','));
    }
    if (!line.empty()) throw residua::Error("expected 9 numbers in a line of the log, found more");
    return e;
}

// The curve of so many steps.
Curve curve_of(std::string_view line, std::int64_t steps) {
    Curve curve;
    curve.steps_a_point = number_of<int>(next_word(line, ' '));
    expect_between("steps a point", 1, std::max<std::int64_t>(1, steps), curve.steps_a_point);
    curve.sum = amount_of(next_word(line, ' '));
    curve.steps = number_of<int>(next_word(line, ' '));
    expect_between("steps of the next point", 0, curve.steps_a_point - 1, curve.steps);

    while (!line.empty()) {
        if (curve.points.size() + 1 == Curve::points_at_once) {
            throw residua::Error("expected fewer than " + std::to_string(Curve::points_at_once) +
                                 " points of the curve, found more");
        }
        curve.points.push_back(amount_of(next_word(line, ' ')));
    }
    const std::int64_t of_points = static_cast<std::int64_t>(curve.points.size()) * curve.steps_a_point + curve.steps;
    expect_between("steps of the curve", steps, steps, of_points);
    return curve;
}

}  // namespace

void Curve::add(double loss) {
    sum += loss;
    if (++steps < steps_a_point) return;
    points.push_back(sum / steps);
    sum = 0;
    steps = 0;
    if (points.size() < points_at_once) return;

    constexpr std::size_t half = points_at_once / 2;
    for (std::size_t i = 0; i < half; ++i) points[i] = (points[2 * i] + points[2 * i + 1]) / 2;
    points.resize(half);
    steps_a_point *= 2;
}

void Progress::end_epoch(const Epoch& epoch) {
    epochs.push_back(epoch);
    loss = 0;
    correct = 0;
    images = 0;
}

std::string csv_of(const std::vector<Epoch>& epochs) {
    std::string text(headings);
    text += '\n';
    for (const Epoch& e : epochs) {
        text += format("%lld,%lld,%.6g,%.6f,%.3f,%.6f,%.3f,%.1f,%.2f\n", static_cast<long long>(e.epoch),
                       static_cast<long long>(e.step), e.rate, e.train_loss, e.train_error, e.test_loss, e.test_error,
                       e.images_per_second, e.seconds);
    }
    return text;
}

std::string text_of(const Progress& progress) {
    std::string text = exact(progress.loss) + " " + std::to_string(progress.correct) + " " + std::to_string(progress.images) +
                       " " + exact(progress.seconds) + "\n";
    const Curve& curve = progress.curve;
    text += std::to_string(curve.steps_a_point) + " " + exact(curve.sum) + " " + std::to_string(curve.steps);
    for (const double point : curve.points) text += " " + exact(point);
    return text + "\n" + csv_of(progress.epochs);
}

Progress progress_of(std::string_view text, std::int64_t steps, std::int64_t epochs) {
    Progress progress;
    std::string_view sums = next_word(text, '\n');
    progress.loss = amount_of(next_word(sums, ' '));
    progress.correct = number_of<std::int64_t>(next_word(sums, ' '));
    progress.images = number_of<std::int64_t>(next_word(sums, ' '));
    progress.seconds = amount_of(sums);
    if (progress.images < 0) throw residua::Error("images: expected 0 or more, found " + std::to_string(progress.images));
    expect_between("images told right", 0, progress.images, progress.correct);

    progress.curve = curve_of(next_word(text, '\n'), steps);

    if (next_word(text, '\n') != headings) throw residua::Error("expected the headings of a log, found other text");
    for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
        if (text.empty()) {
            throw residua::Error("expected a log of " + std::to_string(epochs) + " epochs, found " + std::to_string(epoch - 1));
        }
        progress.epochs.push_back(epoch_of(next_word(text, '\n'), epoch, steps));
    }
    if (!text.empty()) throw residua::Error("expected a log of " + std::to_string(epochs) + " epochs, found more");
    return progress;
}

}  // namespace train
