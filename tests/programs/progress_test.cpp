// What a checkpoint keeps of a run of the program train.
#include <doctest/doctest.h>

#include "progress.hpp"

#include "../support/message.hpp"

#include <residua/core/error.hpp>

#include <string>

namespace train {
namespace {

TEST_CASE("a run's progress comes back from its text, also after 100,000 epochs") {
    Progress progress;
    progress.loss = 0.1;
    progress.correct = 7;
    progress.images = 32;
    progress.seconds = 1.0 / 3;
    for (int step = 0; step < 12'345; ++step) progress.curve.add(1 / (1.0 + step));
    CHECK(progress.curve.points.size() < 1000);
    CHECK(text_of(progress_of(text_of(progress), 12'345, 0)) == text_of(progress));
    for (int step = 12'345; step < 100'000; ++step) progress.curve.add(1 / (1.0 + step));
    for (std::int64_t epoch = 1; epoch <= 100'000; ++epoch) {
        const double x = static_cast<double>(epoch);
        progress.epochs.push_back({epoch, epoch, 0.1 / x, 2.3 / x, 90 / x, 2.5 / x, 91 / x, 744.4 + x, 87.65 * x});
    }
    const std::string text = text_of(progress);
    CHECK(text.size() < 10'000'000);

    const Progress again = progress_of(text, 100'000, 100'000);
    CHECK(text_of(again) == text);
    CHECK(csv_of(again.epochs) == csv_of(progress.epochs));
    CHECK(again.loss == progress.loss);
    CHECK(again.seconds == progress.seconds);
    CHECK(again.curve.points == progress.curve.points);
    CHECK(again.curve.sum == progress.curve.sum);
}

TEST_CASE("what is no such text is an error") {
    Progress progress;
    progress.curve.add(0.5);
    progress.curve.add(0.25);
    progress.epochs.push_back({1, 2, 3, 4, 5, 6, 7, 8, 9});
    const std::string good = text_of(progress);
    CHECK(text_of(progress_of(good, 2, 1)) == good);
    // (A number that has lost its last digits is one: against damage there is the checksum.)
    for (std::size_t cut = 0; cut < good.rfind(','); ++cut) {
        CAPTURE(cut);
        CHECK_THROWS_AS(progress_of(good.substr(0, cut), 2, 1), residua::Error);
    }
    CHECK_THROWS_AS(progress_of(good + "1,2,3,4,5,6,7,8,9,10\n", 2, 2), residua::Error);
    CHECK_THROWS_AS(progress_of(good + "1,2,3\n", 2, 2), residua::Error);
    CHECK_THROWS_AS(progress_of(good + "1,2,x,4,5,6,7,8,9\n", 2, 2), residua::Error);
}

// The words of the error that a run's text is, with other sums, another curve and another log.
std::string trouble(const std::string& sums, const std::string& curve, const std::string& log, std::int64_t steps) {
    const std::string headings = csv_of({});
    return residua::testing::message_of([&] { progress_of(sums + "\n" + curve + "\n" + headings + log, steps, 1); });
}

TEST_CASE("what no run can have come to is an error that says why") {
    const std::string sums = "0.1 7 32 0.5";
    const std::string curve = "2 0.5 1 0.25 0.125";
    const std::string log = "1,3,0.1,0.2,0.3,0.4,0.5,6,7\n";
    CHECK(trouble(sums, curve, log, 5) == "none");

    CHECK(trouble("nan 7 32 0.5", curve, log, 5) == "expected a finite number of 0 or more, found nan");
    CHECK(trouble("-1 7 32 0.5", curve, log, 5) == "expected a finite number of 0 or more, found -1");
    CHECK(trouble("0.1 7 32 inf", curve, log, 5) == "expected a finite number of 0 or more, found inf");
    CHECK(trouble("0.1 33 32 0.5", curve, log, 5) == "images told right: expected 0 to 32, found 33");
    CHECK(trouble("0.1 -1 32 0.5", curve, log, 5) == "images told right: expected 0 to 32, found -1");
    CHECK(trouble("0.1 0 -1 0.5", curve, log, 5) == "images: expected 0 or more, found -1");

    CHECK(trouble(sums, "0 0.5 0", log, 5) == "steps a point: expected 1 to 5, found 0");
    CHECK(trouble(sums, "2147483647 0.5 5", log, 5) == "steps a point: expected 1 to 5, found 2147483647");
    CHECK(trouble(sums, "2 0.5 2 0.25", log, 5) == "steps of the next point: expected 0 to 1, found 2");
    CHECK(trouble(sums, "2 nan 1 0.25 0.125", log, 5) == "expected a finite number of 0 or more, found nan");
    CHECK(trouble(sums, "2 0.5 1 0.25 -inf", log, 5) == "expected a finite number of 0 or more, found -inf");
    CHECK(trouble(sums, curve, log, 6) == "steps of the curve: expected 6, found 5");
    std::string many = "1 0 0";
    for (int point = 0; point < 1'000'000; ++point) many += " 1";
    CHECK(trouble(sums, many, log, 1'000'000) == "expected fewer than 1000 points of the curve, found more");

    CHECK(trouble(sums, curve, "", 5) == "expected a log of 1 epochs, found 0");
    CHECK(trouble(sums, curve, log + log, 5) == "expected a log of 1 epochs, found more");
    CHECK(trouble(sums, curve, "2,3,0.1,0.2,0.3,0.4,0.5,6,7\n", 5) == "epoch: expected 1, found 2");
    CHECK(trouble(sums, curve, "1,6,0.1,0.2,0.3,0.4,0.5,6,7\n", 5) == "last step of epoch 1: expected 1 to 5, found 6");
    CHECK(trouble(sums, curve, "1,3,0.1,nan,0.3,0.4,0.5,6,7\n", 5) == "expected a finite number of 0 or more, found nan");
}

}  // namespace
}  // namespace train
