#include "figures.hpp"

#include "plot.hpp"

#include <algorithm>
#include <cmath>

namespace paper {

namespace {

// Colours belong to rows of a figure, so that a row has one in all its lines.
std::vector<Line> curves_of(const RowResult& row, const std::string& name, std::size_t colour) {
    const Outcome* middle = middle_of(row);
    std::vector<Line> lines;
    for (const Outcome& outcome : row.outcomes) {
        const bool is_middle = &outcome == middle;
        Line loss{is_middle ? name + ", training loss" : "", colour, true, false, !is_middle, false, {}};
        Line error{is_middle ? name + ", test error" : "", colour, false, true, !is_middle, false, {}};
        for (const LogLine& line : outcome.record.log) {
            const double step = static_cast<double>(line.step);
            loss.points.emplace_back(step, line.loss);
            if (!std::isnan(line.test_error)) error.points.emplace_back(step, line.test_error);
        }
        lines.push_back(loss);
        lines.push_back(error);
    }
    return lines;
}

// What one run saw in one step, unit by unit; `at` 0: in its last.
Line units_of(const Outcome& outcome, double UnitLine::*value, std::int64_t at, const std::string& name, std::size_t colour) {
    Line line{name, colour, false, false, false, false, {}};
    const std::vector<UnitLine>& units = outcome.record.units;
    const std::int64_t step = at > 0 || units.empty() ? at : units.back().step;
    for (const UnitLine& unit : units) {
        if (unit.step == step) line.points.emplace_back(unit.unit, unit.*value);
    }
    return line;
}

std::string picture_of_units(const Figure& figure, const ClaimResult& result, double UnitLine::*value, const Axis& axis) {
    Plot plot{figure.title, {"unit (the last point: after the last one)", false, true}, axis, {}, {}};
    for (std::size_t i = 0; i < figure.rows.size(); ++i) {
        const Outcome* middle = middle_of(result.row(figure.rows[i]));
        if (middle) plot.lines.push_back(units_of(*middle, value, figure.at, figure.rows[i], i));
    }
    return svg_of(plot);
}

// At the right end, each row's error after the paper's 64,000 steps.
std::vector<Line> papers_errors(const Figure& figure, const ClaimResult& result, const std::vector<Line>& curves) {
    double last = 0;
    for (const Line& curve : curves) {
        for (const auto& [step, value] : curve.points) last = std::max(last, step);
    }
    std::vector<Line> rings;
    for (std::size_t i = 0; i < figure.rows.size(); ++i) {
        const Row& row = result.claim->row(figure.rows[i]);
        if (!row.paper || row.paper->fails || last == 0) continue;
        rings.push_back({figure.rows[i] + ", the paper's end", i, false, true, false, true, {{last, row.paper->error}}});
    }
    return rings;
}

std::string picture_of_curves(const Figure& figure, const ClaimResult& result) {
    Plot plot{figure.title, {"steps", false, true}, {"training loss", true}, {"test error, %", false}, {}};
    for (std::size_t i = 0; i < figure.rows.size(); ++i) {
        for (Line& line : curves_of(result.row(figure.rows[i]), figure.rows[i], i)) plot.lines.push_back(std::move(line));
    }
    for (Line& rings : papers_errors(figure, result, plot.lines)) plot.lines.push_back(std::move(rings));
    return svg_of(plot);
}

std::string picture_of_rows(const Figure& figure, const ClaimResult& result, Measure measure, const char* axis) {
    std::vector<DotRow> dots;
    for (const std::string& name : figure.rows) {
        const Row& row = result.claim->row(name);
        const Summary summary = summary_of(result.row(name).values(measure));
        const bool has_paper = row.paper && measure == Measure::test_error;
        dots.push_back({name, has_paper ? row.paper->error : std::nan(""), has_paper && row.paper->fails, summary.median,
                        summary.low, summary.high});
    }
    return svg_of_dots(figure.title, axis, dots);
}

// The medians as a line, each seed as a point of thinner ones. (A network that has diverged has no place on it.)
std::string picture_of_sweep(const Figure& figure, const ClaimResult& result) {
    Plot plot{
        figure.title, {figure.across, false}, {text_of(figure.measure).meaning, figure.measure != Measure::test_error}, {}, {}};
    Line medians{"median", 0, false, false, false, false, {}};
    std::vector<Line> seeds;
    for (const std::string& name : figure.rows) {
        const double value = result.claim->row(name).value;
        const std::vector<double> found = result.row(name).values(figure.measure);
        medians.points.emplace_back(value, summary_of(found).median);
        if (seeds.size() < found.size()) seeds.resize(found.size(), Line{"", 0, false, false, true, false, {}});
        for (std::size_t seed = 0; seed < found.size(); ++seed) seeds[seed].points.emplace_back(value, found[seed]);
    }
    plot.lines = seeds;
    plot.lines.push_back(medians);
    return svg_of(plot);
}

std::string picture_of(const Figure& figure, const ClaimResult& result) {
    switch (figure.kind) {
        case FigureKind::curves: return picture_of_curves(figure, result);
        case FigureKind::gradients:
            return picture_of_units(figure, result, &UnitLine::gradient, {"norm of the gradient, dE/dx", true});
        case FigureKind::signals: return picture_of_units(figure, result, &UnitLine::signal, {"norm of the signal, x", true});
        case FigureKind::gates: return picture_of_units(figure, result, &UnitLine::gate, {"mean of the gate, g", true});
        case FigureKind::sweep: return picture_of_sweep(figure, result);
        case FigureKind::errors: return picture_of_rows(figure, result, Measure::test_error, "test error, %");
        default:
            return picture_of_rows(figure, result, Measure::training_loss,
                                   "training loss, mean over the last tenth of the steps");
    }
}

}  // namespace

std::vector<Picture> pictures_of(const ClaimResult& result) {
    std::vector<Picture> pictures;
    int number = 0;
    for (const Figure& figure : result.claim->figures) {
        ++number;
        const bool shows = std::any_of(figure.rows.begin(), figure.rows.end(),
                                       [&](const std::string& row) { return result.row(row).finished() > 0; });
        if (!shows) continue;
        const std::string name = result.claim->name + "-" + std::to_string(number) + ".svg";
        pictures.push_back({name, figure.title, figure.says, picture_of(figure, result)});
    }
    return pictures;
}

}  // namespace paper
