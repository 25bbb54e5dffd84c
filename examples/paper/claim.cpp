#include "claim.hpp"

#include "object.hpp"

#include <algorithm>

namespace paper {

using residua::Error;

namespace {

// A name of a fixed list, as files have it.
template <class Value>
struct Named {
    const char* name;
    Value value;
};
template <class Value, std::size_t N>
Value value_of(const Named<Value> (&list)[N], const std::string& found, const std::string& where) {
    std::string known;
    for (const Named<Value>& entry : list) {
        if (found == entry.name) return entry.value;
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw Error(where + ": expected one of " + known + ", found '" + found + "'");
}

// Every key that a run can have; what is not said stays as it was.
void read_settings(Object from, RunSettings& to) {
    train::Options& options = to.options;
    options.network = from.text_or("network", options.network);
    options.data = from.text_or("data", options.data);
    options.augment = from.text_or("augment", options.augment);
    options.mean = from.text_or("mean", options.mean);
    options.schedule = from.text_or("schedule", options.schedule);
    options.rate = from.number_or("lr", options.rate);
    options.momentum = from.number_or("momentum", options.momentum);
    options.weight_decay = from.number_or("weight_decay", options.weight_decay);
    options.warm_up = from.whole_or("warm_up", options.warm_up, 0, 1'000'000);
    options.batch = from.whole_or("batch", options.batch, 1, 1024);
    to.images = from.whole_or("images", to.images, 1, 10'000'000);
    to.test_images = from.whole_or("test_images", to.test_images, 1, 10'000'000);

    // (How long: one of two ways to say it.)
    const bool in_epochs = from.has("epochs");
    if (in_epochs && from.has("steps")) from.fail("expected one of epochs and steps, found both");
    if (in_epochs) {
        options.epochs = from.whole_or("epochs", options.epochs, 1, 100'000);
        to.steps = 0;
    }
    to.steps = from.whole_or("steps", static_cast<int>(to.steps), 1, 100'000'000);
    from.expect_nothing_else();
}

// Of one scale: {"shows": ..., "seeds": ..., "settings": {...}}.
struct ScaleSettings {
    std::string shows;
    int seeds = 1;
    bool judges = true;
    RunSettings settings;

    void read(Object from) {
        shows = from.text_or("shows", shows);
        judges = from.flag_or("judges", judges);
        seeds = from.whole_or("seeds", seeds, 1, 1000);
        if (from.has("settings")) read_settings(from.object("settings"), settings);
        from.expect_nothing_else();
    }
};

Row read_row(Object from, const RunSettings& defaults) {
    Row row;
    row.settings = defaults;
    row.name = from.text("name");
    row.settings.options.network = from.text("network");
    row.note = from.text_or("note", "");
    row.value = from.number_or("value", row.value);
    if (from.has("paper")) {
        row.paper = from.is_text("paper") ? PaperValue{20, true} : PaperValue{from.number("paper"), false};
        if (row.paper->fails && from.text("paper") != "fails") {
            from.fail("paper: expected an error in percent or \"fails\", found \"" + from.text("paper") + "\"");
        }
    }
    if (from.has("settings")) read_settings(from.object("settings"), row.settings);
    from.expect_nothing_else();
    return row;
}

Measure read_measure(Object& from) {
    const std::string name = from.text("measure");
    std::string known;
    for (const MeasureText& entry : measures()) {
        if (name == entry.name) return entry.measure;
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw Error(from.where("measure") + ": expected one of " + known + ", found '" + name + "'");
}

Expectation read_expectation(Object from) {
    Expectation expectation;
    expectation.row = from.text("row");
    expectation.because = from.text("because");

    static constexpr Named<bool> directions[] = {{"higher", true}, {"above", true}, {"lower", false}, {"below", false}};
    const std::string direction = from.text("is");
    expectation.higher = value_of(directions, direction, from.where("is"));
    const bool against_a_row = direction == "higher" || direction == "lower";
    if (against_a_row) {
        expectation.than = from.text("than");
    } else {
        expectation.bound = from.number("bound");
    }

    expectation.measure = read_measure(from);
    from.expect_nothing_else();
    return expectation;
}

Figure read_figure(Object from) {
    static constexpr Named<FigureKind> kinds[] = {{"curves", FigureKind::curves},   {"gradients", FigureKind::gradients},
                                                  {"signals", FigureKind::signals}, {"gates", FigureKind::gates},
                                                  {"errors", FigureKind::errors},   {"losses", FigureKind::losses},
                                                  {"sweep", FigureKind::sweep}};
    Figure figure;
    figure.kind = value_of(kinds, from.text("kind"), from.where("kind"));
    figure.title = from.text("title");
    figure.says = from.text_or("says", "");
    figure.at = from.whole_or("at", 0, 1, 100'000'000);
    if (figure.kind == FigureKind::sweep) {
        figure.measure = read_measure(from);
        figure.across = from.text("across");
    }
    if (from.has("rows")) figure.rows = from.texts("rows");
    from.expect_nothing_else();
    return figure;
}

// Rows, expectations and figures may be of some scales alone.
bool is_asked(Object& from, const std::string& scale) {
    if (!from.has("scales")) return true;
    const std::vector<std::string> scales = from.texts("scales");
    for (const std::string& name : scales) {
        if (name != "smoke" && name != "short" && name != "full") {
            throw Error(from.where("scales") + ": expected smoke, short or full, found '" + name + "'");
        }
    }
    return std::find(scales.begin(), scales.end(), scale) != scales.end();
}

void expect_row(const Claim& claim, const std::string& name, const std::string& where) {
    std::string known;
    for (const Row& row : claim.rows) {
        if (row.name == name) return;
        known += (known.empty() ? "'" : ", '") + row.name + "'";
    }
    throw Error(where + ": expected one of the rows " + known + ", found '" + name + "'");
}

}  // namespace

const std::vector<MeasureText>& measures() {
    static const std::vector<MeasureText> list = {
        {Measure::training_loss, "training_loss", "training loss, mean over the last tenth of the steps"},
        {Measure::early_loss, "early_loss", "training loss, mean over the first 400 steps"},
        {Measure::test_error, "test_error", "test error at the end, %"},
        {Measure::gap, "gap", "test loss less training loss, at the end"},
        {Measure::gradient_ratio, "gradient_ratio",
         "gradient's norm at the first unit over that after the last, at initialisation"},
        {Measure::signal_ratio, "signal_ratio", "signal's norm after the last unit over that at the first, at initialisation"},
        {Measure::last_signal, "last_signal", "signal's norm after the last unit, at initialisation"}};
    return list;
}

const MeasureText& text_of(Measure measure) {
    return *std::find_if(measures().begin(), measures().end(), [&](const MeasureText& m) { return m.measure == measure; });
}

const Row& Claim::row(const std::string& row_name) const {
    return *std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == row_name; });
}

Claim read_claim(std::string_view text, const std::string& where, const std::string& scale) {
    Object file = Object::parsed(text, where);
    Object common = Object::parsed(scales_text(), "scales.json");
    ScaleSettings chosen;
    chosen.settings.options.data = "cifar10";
    chosen.settings.options.augment = "crop-flip";
    chosen.settings.options.mean = "pixel";  // as the paper's
    chosen.read(common.object(scale));
    if (file.has("scales")) {
        Object own = file.object("scales");
        for (const char* name : {"smoke", "short", "full"}) {
            ScaleSettings of_another;
            if (own.has(name)) (name == scale ? chosen : of_another).read(own.object(name));
        }
        own.expect_nothing_else();
    }

    Claim claim;
    claim.name = where;
    claim.title = file.text("title");
    claim.says = file.text("says");
    claim.shows = chosen.shows;
    claim.seeds = chosen.seeds;
    claim.judges = chosen.judges;
    std::vector<Object> rows = file.objects("rows");
    if (rows.empty()) throw Error(where + ": rows: expected at least one, found none");
    for (Object& from : rows) {
        const bool is_at_this_scale = is_asked(from, scale);
        const Row row = read_row(from, chosen.settings);
        if (is_at_this_scale) claim.rows.push_back(row);
    }
    for (std::size_t i = 0; i < claim.rows.size(); ++i) {
        for (std::size_t other = 0; other < i; ++other) {
            if (claim.rows[i].name != claim.rows[other].name) continue;
            throw Error(where + ": rows: expected names of their own, found '" + claim.rows[i].name + "' twice");
        }
    }

    if (file.has("expectations")) {
        for (Object& from : file.objects("expectations")) {
            const bool is_at_this_scale = is_asked(from, scale);
            const Expectation expectation = read_expectation(from);
            if (!is_at_this_scale) continue;
            expect_row(claim, expectation.row, from.where("row"));
            if (!expectation.than.empty()) expect_row(claim, expectation.than, from.where("than"));
            claim.expectations.push_back(expectation);
        }
    }
    if (file.has("figures")) {
        for (Object& from : file.objects("figures")) {
            const bool is_at_this_scale = is_asked(from, scale);
            Figure figure = read_figure(from);
            if (!is_at_this_scale || claim.rows.empty()) continue;  // (at this scale there is nothing to see)
            for (const std::string& row : figure.rows) expect_row(claim, row, from.where() + ": rows");
            if (figure.rows.empty()) {
                for (const Row& row : claim.rows) figure.rows.push_back(row.name);
            }
            claim.figures.push_back(figure);
        }
    }
    if (file.has("answers")) {
        Object from = file.object("answers");
        for (const char* verdict : {"confirmed", "refuted", "open"}) claim.answers[verdict] = from.text(verdict);
        from.expect_nothing_else();
        if (claim.expectations.empty()) throw Error(from.where() + ": expected an expectation that they answer, found none");
    }
    file.expect_nothing_else();
    return claim;
}

}  // namespace paper
