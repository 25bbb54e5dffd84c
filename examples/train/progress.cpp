#include "progress.hpp"

#include "text.hpp"

#include <cstdio>

namespace train {

namespace {

constexpr std::string_view headings = "epoch,step,lr,train_loss,train_error,test_loss,test_error,images_per_second,seconds";

Epoch epoch_of(std::string_view line) {
    Epoch e;
    e.epoch = number_of<std::int64_t>(next_word(line, ','));
    e.step = number_of<std::int64_t>(next_word(line, ','));
    for (double* field :
         {&e.rate, &e.train_loss, &e.train_error, &e.test_loss, &e.test_error, &e.images_per_second, &e.seconds}) {
        *field = number_of<double>(next_word(line, ','));
    }
    if (!line.empty()) throw residua::Error("expected 9 numbers in a line of the log, found more");
    return e;
}

}  // namespace

void Curve::add(double loss) {
    sum += loss;
    if (++steps < steps_a_point) return;
    points.push_back(sum / steps);
    sum = 0;
    steps = 0;
    if (points.size() < 1000) return;

    for (std::size_t i = 0; i < 500; ++i) points[i] = (points[2 * i] + points[2 * i + 1]) / 2;
    points.resize(500);
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
        char line[512];
        std::snprintf(line, sizeof line, "%lld,%lld,%.6g,%.6f,%.3f,%.6f,%.3f,%.1f,%.2f\n", static_cast<long long>(e.epoch),
                      static_cast<long long>(e.step), e.rate, e.train_loss, e.train_error, e.test_loss, e.test_error,
                      e.images_per_second, e.seconds);
        text += line;
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

Progress progress_of(std::string_view text) {
    Progress progress;
    std::string_view sums = next_word(text, '\n');
    progress.loss = number_of<double>(next_word(sums, ' '));
    progress.correct = number_of<std::int64_t>(next_word(sums, ' '));
    progress.images = number_of<std::int64_t>(next_word(sums, ' '));
    progress.seconds = number_of<double>(sums);

    std::string_view points = next_word(text, '\n');
    Curve& curve = progress.curve;
    curve.steps_a_point = number_of<int>(next_word(points, ' '));
    curve.sum = number_of<double>(next_word(points, ' '));
    curve.steps = number_of<int>(next_word(points, ' '));
    while (!points.empty()) curve.points.push_back(number_of<double>(next_word(points, ' ')));

    if (next_word(text, '\n') != headings) throw residua::Error("expected the headings of a log, found other text");
    while (!text.empty()) progress.epochs.push_back(epoch_of(next_word(text, '\n')));
    return progress;
}

}  // namespace train
