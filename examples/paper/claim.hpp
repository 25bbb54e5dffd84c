// A claim of the paper as data: what is trained, what the paper found, and the rules by which its direction is confirmed, refuted
// or left open, all of which stand before anything is run. (claims/README.md says how a file looks.)
#pragma once

#include "../train/options.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paper {

// One network's training, but for its seed. What `train` can be told, and:
struct RunSettings {
    train::Options options;
    std::int64_t steps = 0;  // 0: options.epochs times through the data
    int images = 0;          // of the training set, from its beginning; 0: all
    int test_images = 0;     // likewise
};

// What the paper says of a row: an error in percent, or that it failed (above 20 %).
struct PaperValue {
    double error = 0;
    bool fails = false;
};

struct Row {
    std::string name;
    RunSettings settings;
    std::optional<PaperValue> paper;
    std::string note;
    double value = std::nan("");  // of what the claim varies: where the row stands in a sweep
};

// What a run comes to, as one number.
enum class Measure {
    training_loss,   // mean over the last tenth of the steps
    early_loss,      // mean over the first 400 steps, or what there are
    test_error,      // at the end, %
    gap,             // test loss less training loss, at the end
    gradient_ratio,  // ||dE/dx|| at the first unit over that after the last, at initialisation
    signal_ratio,    // ||x|| after the last unit over that at the first, at initialisation
    last_signal      // ||x|| after the last unit, at initialisation
};
struct MeasureText {
    Measure measure;
    const char* name;     // in files
    const char* meaning;  // in reports
};
const std::vector<MeasureText>& measures();
const MeasureText& text_of(Measure measure);

// A direction that the paper's numbers have.
struct Expectation {
    std::string row;
    std::string than;  // another row; empty: than `bound`
    double bound = 0;
    Measure measure = Measure::training_loss;
    bool higher = true;
    std::string because;  // what in the paper says so
};

// A picture, of these rows in this order.
enum class FigureKind {
    curves,     // training loss (dashed, logarithmic) and test error against steps
    gradients,  // ||dE/dx|| against unit, a line a row, at the step `at`
    signals,    // ||x|| likewise
    gates,      // mean gate against unit
    errors,     // the paper's errors beside ours
    losses,     // final training losses
    sweep       // `measure` against the rows' values
};
struct Figure {
    FigureKind kind = FigureKind::curves;
    std::string title;
    std::string says;  // what to see in it
    std::int64_t at = 0;
    Measure measure = Measure::training_loss;
    std::string across;  // of a sweep: what the rows' values are
    std::vector<std::string> rows;
};

struct Claim {
    std::string name;  // table1
    std::string title;
    std::string says;   // the claim, in a sentence or two
    std::string shows;  // what this scale can show, and what not
    int seeds = 1;
    bool judges = true;  // whether its numbers mean anything at this scale
    std::vector<Row> rows;
    std::vector<Expectation> expectations;
    std::vector<Figure> figures;
    std::map<std::string, std::string> answers;  // of a question, by the verdict on its first expectation

    const Row& row(const std::string& name) const;
};

// The claim in this text, a JSON file's, at this scale (smoke, short, full), at which it may have no row. `where` is how errors
// call it. Errors: it is no JSON; something is missing, unknown or of another kind; a row that no line of the file defines.
Claim read_claim(std::string_view text, const std::string& where, const std::string& scale);

// Those that the program was built with: the names of their files, and their text.
struct BuiltInClaim {
    const char* name;
    const char* text;
    const char* group;  // under which it is run with others: all (the paper's claims), questions; empty: none
};
const std::vector<BuiltInClaim>& built_in_claims();

// The settings that every claim begins with, by scale: the text of claims/scales.json.
const char* scales_text();

}  // namespace paper
