// Claims as data, what runs leave behind, and how a verdict follows from numbers.
#include <doctest/doctest.h>

#include <residua/core/error.hpp>

#include "claim.hpp"
#include "record.hpp"
#include "results.hpp"
#include "verdict.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace paper {
namespace {

const std::string sound = R"({
    "title": "A title", "says": "A sentence.",
    "scales": {"short": {"seeds": 2, "settings": {"steps": 70}}},
    "rows": [{"name": "one", "network": "resnet20", "paper": 8.5}, {"name": "two", "network": "preact20", "paper": "fails", "settings": {"epochs": 2, "lr": 0.2}}],
    "expectations": [{"row": "two", "is": "higher", "than": "one", "measure": "training_loss", "because": "a table"},
                     {"row": "two", "is": "above", "bound": 20, "measure": "test_error", "because": "fails", "scales": ["full"]}],
    "figures": [{"kind": "curves", "title": "Curves"}, {"kind": "losses", "title": "Losses", "scales": ["full"]}]
})";

std::string replaced(const std::string& what, const std::string& by) {
    std::string text = sound;
    text.replace(text.find(what), what.size(), by);
    return text;
}
std::string error_of(const std::string& text) {
    try {
        read_claim(text, "mine", "short");
    } catch (const residua::Error& error) {
        return error.what();
    }
    return "";
}

TEST_CASE("a claim: the scale's settings, then the claim's, then the row's") {
    const Claim claim = read_claim(sound, "mine", "short");
    CHECK(claim.seeds == 2);
    REQUIRE(claim.rows.size() == 2);
    CHECK(claim.rows[0].settings.steps == 70);
    CHECK(claim.rows[0].settings.options.batch == 128);
    CHECK(claim.rows[0].settings.options.mean == "pixel");
    CHECK(claim.rows[1].settings.steps == 0);
    CHECK(claim.rows[1].settings.options.epochs == 2);
    CHECK(claim.rows[1].settings.options.rate == 0.2);
    CHECK(claim.rows[0].paper->error == 8.5);
    CHECK(claim.rows[1].paper->fails);
    CHECK(claim.expectations.size() == 1);
    CHECK(read_claim(sound, "mine", "full").expectations.size() == 2);
    CHECK(claim.figures.size() == 1);
    CHECK(read_claim(sound, "mine", "full").figures.size() == 2);
    CHECK(claim.figures[0].rows == std::vector<std::string>{"one", "two"});
}

TEST_CASE("every claim of the program can be read at every scale") {
    CHECK(built_in_claims().size() == 17);
    for (const BuiltInClaim& claim : built_in_claims()) {
        for (const char* scale : {"smoke", "short", "full"}) {
            CAPTURE(claim.name);
            const bool is_of_all_scales = std::string(claim.name) != "table5";
            CHECK(read_claim(claim.text, claim.name, scale).rows.empty() == (!is_of_all_scales && std::string(scale) != "full"));
        }
    }
}

TEST_CASE("what a claim gets wrong is said, with its place") {
    CHECK(error_of("{").find("mine: expected JSON") == 0);
    CHECK(error_of("[1]") == "mine: expected an object, found a value of the kind array");
    CHECK(error_of(replaced("\"says\"", "\"say\"")) == "mine: says: expected a text, found nothing");
    CHECK(error_of(replaced("\"network\": \"preact20\"", "\"network\": 20")) ==
          "mine: rows 2: network: expected a text, found a value of the kind number");
    CHECK(error_of(replaced("\"lr\": 0.2", "\"rate\": 0.2")) ==
          "mine: rows 2: settings: found the key 'rate', which means nothing here");
    CHECK(error_of(replaced("\"epochs\": 2", "\"epochs\": 2.5")) ==
          "mine: rows 2: settings: epochs: expected a whole number of 1 to 100000, found 2.5");
    CHECK(error_of(replaced("\"epochs\": 2", "\"epochs\": 2, \"steps\": 3")) ==
          "mine: rows 2: settings: expected one of epochs and steps, found both");
    CHECK(error_of(replaced("\"than\": \"one\"", "\"than\": \"three\"")) ==
          "mine: expectations 1: than: expected one of the rows 'one', 'two', found 'three'");
    CHECK(error_of(replaced("\"higher\"", "\"better\"")) ==
          "mine: expectations 1: is: expected one of higher, above, lower, below, found 'better'");
    CHECK(error_of(replaced("\"fails\", \"settings\"", "\"good\", \"settings\"")) ==
          "mine: rows 2: paper: expected an error in percent or \"fails\", found \"good\"");
    CHECK(error_of(replaced("\"name\": \"two\"", "\"name\": \"one\"")) ==
          "mine: rows: expected names of their own, found 'one' twice");
    CHECK(error_of(replaced("\"curves\"", "\"curve\"")) ==
          "mine: figures 1: kind: expected one of curves, gradients, signals, gates, errors, losses, sweep, found 'curve'");
    CHECK(error_of(replaced("\"training_loss\"", "\"loss\"")).find("measure: expected one of training_loss, early_loss") !=
          std::string::npos);
}

TEST_CASE("the same settings are the same folder, and other settings another") {
    const RunSettings settings = read_claim(sound, "mine", "short").rows[0].settings;
    CHECK(folder_name(with_seed(settings, 1)) == folder_name(with_seed(settings, 1)));
    CHECK(folder_name(with_seed(settings, 1)).find("resnet20.cifar10.70-steps.seed1.") == 0);
    CHECK(folder_name(with_seed(settings, 1)) != folder_name(with_seed(settings, 2)));
    RunSettings other = settings;
    other.options.weight_decay *= 2;
    CHECK(folder_name(with_seed(settings, 1)) != folder_name(with_seed(other, 1)));
    other = settings;
    other.options.network = "resnet110-scale:0.5:1";
    CHECK(folder_name(other).find(':') == std::string::npos);
    other = settings;
    other.options.threads = 7;
    CHECK(folder_name(settings) == folder_name(other));
}

TEST_CASE("a record reads back as it was written") {
    LogLine line;
    line.step = 50;
    line.epoch = 0.125;
    line.rate = 0.1;
    line.loss = 2.25;
    line.error = 87.5;
    line.gradients = {1e-17, 2};
    line.signals = {3, 4};
    LogLine last = line;
    last.step = 70;
    last.test_loss = 2;
    last.test_error = 80;
    const std::string text = log_as_csv({line, last});
    CHECK(text ==
          "step,epoch,lr,loss,error,gradient_stage1,gradient_end,signal_stage1,signal_end,test_loss,test_error\n"
          "50,0.125,0.1,2.25,87.5,1e-17,2,3,4,,\n"
          "70,0.125,0.1,2.25,87.5,1e-17,2,3,4,2,80\n");
    CHECK(log_as_csv(log_of_csv(text, "log")) == text);
    CHECK(log_of_csv(log_as_csv({}), "log").empty());
    const std::string units = units_as_csv({{1, 0, 2.5, 0.5, 0}, {1, 1, 3, 0.25, 0.5}});
    CHECK(units == "step,unit,signal,gradient,gate\n1,0,2.5,0.5,0\n1,1,3,0.25,0.5\n");
    CHECK(units_as_csv(units_of_csv(units, "units")) == units);
    const std::string diverged = "step,unit,signal,gradient,gate\n11,0,1e+15,,0\n11,1,inf,inf,\n";
    CHECK(units_as_csv(units_of_csv(diverged, "units")) == diverged);

    CHECK_THROWS_WITH_AS(log_of_csv("step,loss\n", "log"), "log: expected the headings of a log, found other text",
                         residua::Error);
    CHECK_THROWS_WITH_AS(log_of_csv(text + "60,1,1,1,1,1,1,1,1,,\n", "log"), "log: line 4: expected a step after 70, found 60",
                         residua::Error);
    CHECK_THROWS_WITH_AS(log_of_csv(text + "80,1\n", "log"), "log: line 4: expected 11 values, found 2", residua::Error);
    CHECK_THROWS_WITH_AS(units_of_csv("step,unit,signal,gradient,gate\n1,0,x,1,1\n", "units"),
                         "units: line 2: expected a number, found 'x'", residua::Error);

    const Record record{{line, last}, {{1, 0, 2, 0.5, 0}, {1, 1, 6, 2, 0}, {2, 0, 9, 9, 0}}};
    CHECK(measured(record, Measure::training_loss, 70, false) == 2.25);
    CHECK(measured(record, Measure::test_error, 70, false) == 80);
    CHECK(measured(record, Measure::gap, 70, false) == -0.25);
    CHECK(measured(record, Measure::gradient_ratio, 70, false) == 0.25);
    CHECK(measured(record, Measure::signal_ratio, 70, false) == 3);
    CHECK(measured(record, Measure::last_signal, 70, false) == 6);
    CHECK(std::isinf(measured(record, Measure::training_loss, 70, true)));
    CHECK(measured(record, Measure::test_error, 70, true) == 100);
}

TEST_CASE("the mean over the last tenth, and over the first 400 steps, weighs lines by their steps") {
    Record record;
    for (const auto& [step, loss] : std::vector<std::pair<int, double>>{{300, 3.0}, {500, 2.0}, {900, 1.0}, {1000, 0.5}}) {
        LogLine line;
        line.step = step;
        line.loss = loss;
        record.log.push_back(line);
    }
    CHECK(measured(record, Measure::training_loss, 1000, false) == doctest::Approx(0.5));
    CHECK(measured(record, Measure::early_loss, 1000, false) == doctest::Approx((300 * 3.0 + 100 * 2.0) / 400));
}

TEST_CASE("the exact rank test") {
    using Values = std::vector<double>;
    CHECK(chance_above(Values{4, 5, 6}, Values{1, 2, 3}) == doctest::Approx(0.05));
    CHECK(chance_above(Values{3, 5, 6}, Values{1, 2, 4}) == doctest::Approx(0.1));
    CHECK(chance_above(Values{1, 2, 3}, Values{4, 5, 6}) == doctest::Approx(1));
    CHECK(chance_above(Values{1}, Values{1}) == doctest::Approx(1));
    // Five against five: at most 4 pairs the other way (Mann and Whitney's table).
    CHECK(chance_above(Values{5, 7, 8, 9, 10}, Values{1, 2, 3, 4, 6}) == doctest::Approx(2.0 / 252));
    CHECK(chance_above(Values{2, 7, 8, 9, 10}, Values{1, 3, 4, 5, 6}) == doctest::Approx(12.0 / 252));
    CHECK(chance_above(Values{1, 7, 8, 9, 10}, Values{2, 3, 4, 5, 6}) == doctest::Approx(19.0 / 252));
}

TEST_CASE("verdicts") {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    Expectation higher{"a", "b", 0, Measure::training_loss, true, ""};
    CHECK(verdict_on(higher, {4, 5, 6}, {1, 2, 3}) == Verdict::confirmed);
    CHECK(verdict_on(higher, {1, 2, 3}, {4, 5, 6}) == Verdict::refuted);
    CHECK(verdict_on(higher, {1, 5, 6}, {4, 2, 3}) == Verdict::open);
    CHECK(verdict_on(higher, {4, 5}, {1, 2}) == Verdict::open);  // too few to tell
    CHECK(verdict_on(higher, {infinite, 5, 6}, {1, 2, 3}) == Verdict::confirmed);
    CHECK(verdict_on(higher, {}, {1, 2, 3}) == Verdict::not_run);
    CHECK(verdict_on(higher, {4, 5, std::nan("")}, {1, 2, 3}) == Verdict::not_run);
    higher.higher = false;
    CHECK(verdict_on(higher, {1, 2, 3}, {4, 5, 6}) == Verdict::confirmed);

    const Expectation above{"a", "", 20, Measure::test_error, true, ""};
    CHECK(verdict_on(above, {10, 21, 22}, {}) == Verdict::confirmed);
    CHECK(verdict_on(above, {10, 19, 22}, {}) == Verdict::refuted);

    CHECK(summary_of({3, 1, 2}).median == 2);
    CHECK(summary_of({4, 1, 2, 3}).median == 2.5);
    CHECK(summary_of({4, 1, 2, 3}).high == 4);
    CHECK(std::isnan(summary_of({}).median));
}

TEST_CASE("a summary says each seed, the middle, the paper's number, the verdict and its rule") {
    const Claim claim = read_claim(sound, "mine", "short");
    ClaimResult result;
    result.claim = &claim;
    result.rows.resize(2);
    for (std::size_t row = 0; row < 2; ++row) {
        for (int seed = 0; seed < 3; ++seed) {
            Outcome outcome;
            outcome.state = State::finished;
            outcome.steps = 50;
            LogLine line;
            line.step = 50;
            line.loss = 1 + static_cast<double>(row) + 0.125 * seed;
            line.test_loss = line.loss;
            line.test_error = 10;
            outcome.record.log = {line};
            result.rows[row].outcomes.push_back(outcome);
        }
    }
    const std::string text = summary_as_csv(result);
    CHECK(text.find("one,resnet20,training_loss,3,1 1.125 1.25,1.125,1,1.25,,,,\n") != std::string::npos);
    CHECK(text.find("one,resnet20,test_error,3,10 10 10,10,10,10,8.5,,,\n") != std::string::npos);
    CHECK(text.find("two,preact20,training_loss,3,2 2.125 2.25,2.125,2,2.25,,confirmed,\"confirmed if training_loss is higher") !=
          std::string::npos);
    CHECK(verdicts_as_text(result) == "confirmed  two: training_loss above that of one (a table)\n");
    CHECK(middle_of(result.rows[1])->record.log[0].loss == 2.125);

    const Claim smoke = read_claim(sound, "mine", "smoke");
    result.claim = &smoke;
    CHECK(verdicts_as_text(result).find("not judged two: ") == 0);
}

}  // namespace
}  // namespace paper
