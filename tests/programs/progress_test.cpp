// What a checkpoint keeps of a run of the program train.
#include <doctest/doctest.h>

#include "progress.hpp"

#include <residua/core/error.hpp>

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
    CHECK(text_of(progress_of(text_of(progress))) == text_of(progress));
    for (std::int64_t epoch = 1; epoch <= 100'000; ++epoch) {
        const double x = static_cast<double>(epoch);
        progress.epochs.push_back({epoch, 1563 * epoch, 0.1 / x, 2.3 / x, 90 / x, 2.5 / x, 91 / x, 744.4 + x, 87.65 * x});
    }
    const std::string text = text_of(progress);
    CHECK(text.size() < 10'000'000);

    const Progress again = progress_of(text);
    CHECK(text_of(again) == text);
    CHECK(csv_of(again.epochs) == csv_of(progress.epochs));
    CHECK(again.loss == progress.loss);
    CHECK(again.seconds == progress.seconds);
    CHECK(again.curve.points == progress.curve.points);
    CHECK(again.curve.sum == progress.curve.sum);
}

TEST_CASE("what is no such text is an error") {
    Progress progress;
    progress.epochs.push_back({1, 2, 3, 4, 5, 6, 7, 8, 9});
    const std::string good = text_of(progress);
    CHECK(text_of(progress_of(good)) == good);
    // (A log of no epochs is one, and so is a number that has lost its last digits: against damage there is the checksum.)
    const std::size_t without_epochs = good.find("seconds") + 7;
    for (std::size_t cut = 0; cut < good.rfind(','); ++cut) {
        if (cut == without_epochs || cut == without_epochs + 1) continue;
        CAPTURE(cut);
        CHECK_THROWS_AS(progress_of(good.substr(0, cut)), residua::Error);
    }
    CHECK_THROWS_AS(progress_of(good + "1,2,3,4,5,6,7,8,9,10\n"), residua::Error);
    CHECK_THROWS_AS(progress_of(good + "1,2,3\n"), residua::Error);
    CHECK_THROWS_AS(progress_of(good + "1,2,x,4,5,6,7,8,9\n"), residua::Error);
}

}  // namespace
}  // namespace train
