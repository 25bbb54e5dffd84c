#include "../../parts/chart.hpp"
#include "../../parts/html.hpp"
#include "parts.hpp"

namespace train::report {

using namespace parts;

namespace {

Curve2d curve_of(const std::vector<Epoch>& epochs, const char* name, double Epoch::*value) {
    Curve2d curve{name, name, {}};
    for (const Epoch& e : epochs) curve.points.emplace_back(static_cast<double>(e.epoch), e.*value);
    return curve;
}

// "training from 0.71 to 0.22, test from 0.70 to 0.21".
std::string described(const std::vector<Curve2d>& lines) {
    std::string text;
    for (const Curve2d& line : lines) {
        if (line.points.empty()) continue;
        text += (text.empty() ? "" : "; ") + line.name +
                format(" from %.4g to %.4g", line.points.front().second, line.points.back().second);
    }
    return text + ".";
}

}  // namespace

std::string curves(const Run& run) {
    const std::vector<Epoch>& epochs = run.progress.epochs;
    Curve2d steps{"training, by step", "by-step", {}};
    const double steps_an_epoch =
        epochs.empty() ? 1 : static_cast<double>(epochs.front().step) / static_cast<double>(epochs.front().epoch);
    const Curve& curve = run.progress.curve;
    for (std::size_t i = 0; i < curve.points.size(); ++i) {
        steps.points.emplace_back(static_cast<double>(i + 1) * curve.steps_a_point / steps_an_epoch, curve.points[i]);
    }
    const std::vector<Curve2d> loss = {steps, curve_of(epochs, "training", &Epoch::train_loss),
                                       curve_of(epochs, "test", &Epoch::test_loss)};
    const std::vector<Curve2d> error = {curve_of(epochs, "training", &Epoch::train_error),
                                        curve_of(epochs, "test", &Epoch::test_error)};
    const std::string over = format(" over %zu epochs: ", epochs.size());
    return "<div class='charts'>" + chart("loss", "Loss", "Loss" + over + described(loss), "loss", loss) +
           chart("error", "Error", "Error in percent" + over + described(error), "error, %", error) + "</div>";
}

}  // namespace train::report
