// What the race is made of, beside its network: views, whitening, the rate, averages, and what it leaves behind.
#include <doctest/doctest.h>

#include <residua/core/error.hpp>
#include <residua/core/random.hpp>
#include <residua/data/augment.hpp>

#include "race/finish.hpp"
#include "race/lookahead.hpp"
#include "race/page.hpp"
#include "race/part.hpp"
#include "race/recipe.hpp"
#include "race/views.hpp"
#include "race/whitening.hpp"
#include "../support/folder.hpp"
#include "text_file.hpp"

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace paper::race {
namespace {

std::vector<double> noise(std::size_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = residua::random::uniform4({1}, i)[0] - 0.5;
    return values;
}

TEST_CASE("the rate rises from its first share to all of it, and falls to its last") {
    const Recipe recipe;
    CHECK(rate_at(recipe, 0, 100) == doctest::Approx(0.2 * recipe.rate));
    CHECK(rate_at(recipe, 23, 100) == doctest::Approx(recipe.rate));
    CHECK(rate_at(recipe, 100, 100) == doctest::Approx(0.07 * recipe.rate));
    CHECK(rate_at(recipe, 10, 100) < rate_at(recipe, 11, 100));
    CHECK(rate_at(recipe, 60, 100) > rate_at(recipe, 61, 100));
}

TEST_CASE("a view is reflected at the borders, which are not repeated") {
    //   0 1 2
    //   3 4 5
    const std::vector<float> image = {0, 1, 2, 3, 4, 5};
    const residua::Shape shape{1, 2, 3};
    std::vector<float> seen(6);

    show(image, shape, {0, 0, true}, seen);
    CHECK(seen == std::vector<float>{2, 1, 0, 5, 4, 3});
    show(image, shape, {1, 1, false}, seen);
    CHECK(seen == std::vector<float>{4, 5, 4, 1, 2, 1});
    show(image, shape, {-1, -2, false}, seen);
    CHECK(seen == std::vector<float>{5, 4, 3, 2, 1, 0});
}

TEST_CASE("an image is mirrored every other time, and is shifted anew each time") {
    const ShiftAndFlip change{{3, 32, 32}, 2};
    int mirrored_at_first = 0;
    int unmoved = 0;
    constexpr int images = 2000;
    for (std::uint64_t image = 0; image < images; ++image) {
        residua::random::Key key{7, residua::random::Purpose::augmentation, 0, 0, image};
        const View first = change.view(key);
        key.step = 1;
        const View second = change.view(key);
        key.step = 2;
        const View third = change.view(key);
        CHECK(first.mirrored != second.mirrored);
        CHECK(first.mirrored == third.mirrored);
        mirrored_at_first += first.mirrored;
        unmoved += first.down == 0 && first.right == 0;
        for (const View& view : {first, second, third}) {
            CHECK(std::abs(view.down) <= 2);
            CHECK(std::abs(view.right) <= 2);
        }
    }
    CHECK(std::abs(mirrored_at_first - images / 2) < 100);
    CHECK(std::abs(unmoved - images / 25) < 50);
}

TEST_CASE("the six views count as much as one image") {
    double all = 0;
    for (const CountedView& view : test_views) all += view.counts;
    CHECK(all == 1);
}

TEST_CASE("eigenvectors are of length one and at right angles, and the matrix stretches each by its value") {
    constexpr std::size_t n = 12;
    std::vector<double> matrix = noise(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) matrix[i * n + j] = matrix[j * n + i];
    }
    const Eigen eigen = eigen_of(matrix, n);
    for (std::size_t a = 0; a < n; ++a) {
        const double* vector = eigen.vectors.data() + a * n;
        for (std::size_t b = 0; b < n; ++b) {
            const double product = std::inner_product(vector, vector + n, eigen.vectors.data() + b * n, 0.0);
            CHECK(product == doctest::Approx(a == b ? 1 : 0).epsilon(1e-12));
        }
        for (std::size_t row = 0; row < n; ++row) {
            const double product = std::inner_product(vector, vector + n, matrix.data() + row * n, 0.0);
            CHECK(std::abs(product - eigen.values[a] * vector[row]) < 1e-12);
        }
    }
}

TEST_CASE("whitened windows are uncorrelated, of variance one, and the negatives are there too") {
    residua::data::Dataset set;
    set.image = {3, 8, 8};
    set.classes = 10;
    constexpr int images = 200;
    for (int i = 0; i < images; ++i) {
        set.labels.push_back(0);
        std::uint8_t before = 128;
        for (std::size_t p = 0; p < set.image.size(); ++p) {  // (neighbours resemble each other)
            const auto drawn = residua::random::bits4({2, {}, 0, 0, static_cast<std::uint64_t>(i)}, p)[0] % 256;
            before = static_cast<std::uint8_t>((before + drawn) / 2);
            set.pixels.push_back(before);
        }
    }
    const residua::data::Normalisation normalisation = residua::data::per_channel(set);
    constexpr std::size_t n = 12;
    const std::vector<float> filters = whitening_filters(set, normalisation, 2, images);
    REQUIRE(filters.size() == 2 * n * n);
    for (std::size_t i = 0; i < n * n; ++i) CHECK(filters[n * n + i] == -filters[i]);

    std::vector<double> products(n * n);
    std::vector<float> image(set.image.size());
    double windows = 0;
    for (int i = 0; i < images; ++i) {
        residua::data::normalise(set.image_at(static_cast<std::size_t>(i)), normalisation, {}, image.data());
        for (std::size_t y = 0; y < 7; ++y) {
            for (std::size_t x = 0; x < 7; ++x) {
                std::vector<double> answers(n);
                for (std::size_t filter = 0; filter < n; ++filter) {
                    for (std::size_t at = 0; at < n; ++at) {
                        const std::size_t pixel = (at / 4 * 8 + y + at / 2 % 2) * 8 + x + at % 2;
                        answers[filter] += static_cast<double>(filters[filter * n + at]) * image[pixel];
                    }
                }
                for (std::size_t a = 0; a < n * n; ++a) products[a] += answers[a / n] * answers[a % n];
                ++windows;
            }
        }
    }
    for (std::size_t a = 0; a < n * n; ++a) {
        CHECK(products[a] / windows == doctest::Approx(a / n == a % n ? 1 : 0).epsilon(0.02));
    }
}

TEST_CASE("lookahead: weights are averages every five steps, and the last step leaves the average as it is") {
    std::vector<float> weights = {1};
    Lookahead average(weights);
    constexpr std::int64_t steps = 12;
    const auto move_to = [&](float value, std::int64_t step) {
        weights[0] = value;
        average.after(step, steps, weights);
        return weights[0];
    };
    CHECK(move_to(3, 4) == 3);
    const double kept = std::pow(0.95, 5) * std::pow(5.0 / 12, 3);
    const float first = move_to(2, 5);
    CHECK(first == doctest::Approx(kept * 1 + (1 - kept) * 2));
    CHECK(move_to(5, 12) == first);
}

Finish finish_of(double accuracy, double with_views, double seconds) {
    Finish finish;
    finish.splits = {{10, 1, seconds / 2, 2.25, accuracy - 10}, {20, 2, seconds, 1.5, accuracy}};
    finish.accuracy = accuracy;
    finish.accuracy_with_views = with_views;
    finish.steps = 20;
    finish.seconds_to_begin = 1;
    finish.seconds_of_steps = seconds - 1;
    finish.threads = 2;
    finish.processor = "A processor";
    finish.version = "Residua, a compiler";
    finish.date = "today";
    return finish;
}

std::string error_of(const std::filesystem::path& folder, const Plan& plan) {
    try {
        finish_in(folder, plan);
    } catch (const residua::Error& error) {
        return error.what();
    }
    return "";
}

TEST_CASE("a race's folder reads back as it was written; damage and other races are errors") {
    const residua::testing::TemporaryFolder scratch;
    const std::filesystem::path folder = scratch.path();
    const Plan plan{94, 9.9, 3, 0, 0};
    CHECK(plan.folder() == "race.9.9-epochs.seed3");
    CHECK(!finish_in(folder, plan));

    write(folder, plan, finish_of(93.5, 94.25, 700));
    const std::optional<Finish> read = finish_in(folder, plan);
    REQUIRE(read);
    CHECK(read->accuracy == 93.5);
    CHECK(read->accuracy_with_views == 94.25);
    CHECK(read->seconds() == 700);
    CHECK(read->steps == 20);
    CHECK(read->threads == 2);
    CHECK(read->processor == "A processor");
    REQUIRE(read->splits.size() == 2);
    CHECK(read->splits[1].step == 20);
    CHECK(read->splits[0].seconds == 350);
    CHECK(read->splits[0].loss == 2.25);
    CHECK(read->splits[0].accuracy == 83.5);

    CHECK(error_of(folder, {94, 9.9, 4, 0, 0}).find("expected a run with seed 4; found one with seed 3") != std::string::npos);
    CHECK(error_of(folder, {94, 9.9, 3, 0, 0, "another"}).find("expected a run with recipe another") != std::string::npos);
    write_text(folder / "log.csv", "step,epoch,seconds,loss,accuracy\n1,2,3\n");
    CHECK(error_of(folder, plan).find("log.csv: line 2: expected 5 values, found 3") != std::string::npos);
    write_text(folder / "log.csv", "other\n");
    CHECK(error_of(folder, plan).find("log.csv: expected the headings of a race's log") != std::string::npos);
}

TEST_CASE("parts of a step read back as they were written") {
    const residua::testing::TemporaryFolder scratch;
    const std::filesystem::path file = scratch.path() / "parts.csv";
    write(file, {{"one", 1e6, 0.25, 64, 2, "A processor, and more"}, {"two", 2e6, 0.5, 64, 2, "A processor, and more"}});
    const std::vector<Part> parts = parts_in(file);
    REQUIRE(parts.size() == 2);
    CHECK(parts[1].name == "two");
    CHECK(parts[1].macs == 2e6);
    CHECK(parts[1].seconds == 0.5);
    CHECK(parts[1].images == 64);
    CHECK(parts[1].threads == 2);
    CHECK(parts[1].processor == "A processor, and more");
    write_text(file, "other\n");
    CHECK_THROWS_WITH(parts_in(file), doctest::Contains("expected the parts of a step, found other text"));
}

TEST_CASE("a goal is reached by the mean over its races, plain and with views apart") {
    const std::vector<Entrant> entrants = {{{94, 10, 1, 0, 0}, finish_of(93.8, 94.0, 600)},
                                           {{92, 5, 1, 0, 0}, finish_of(92.5, 93.0, 300)},
                                           {{94, 10, 2, 0, 0}, finish_of(94.0, 94.2, 620)},
                                           {{92, 5, 2, 0, 0}, {}}};
    const std::vector<Tally> tallies = tallies_of(entrants);
    REQUIRE(tallies.size() == 2);
    CHECK(tallies[0].races == 2);
    CHECK(tallies[1].races == 1);
    CHECK(in_words(tallies[0]) ==
          "94 % in 10 times through the data: missed with 93.90 %, with six views reached with 94.10 (±0.14) %; 10:10 on average "
          "(10:00 to 10:20), 2 races, A processor, 2 threads");
    CHECK(in_words(tallies[1]) ==
          "92 % in 5 times through the data: reached with 92.50 %, with six views reached with 93.00 %; 5:00 on average (5:00 to "
          "5:00), 1 race, A processor, 2 threads");
    const std::string page = page_of(entrants, {{"one", 1e6, 0.25, 64, 2, "A processor, and more"}},
                                     {"A network", "A recipe", "a command", "a date", "race.svg"});
    for (const char* words :
         {"| 94 | A processor, 2 threads | 10 | 2 | 93.90 | no | 94.10 (±0.14) | yes | 10:10 | 10:00 | 10:20 |",
          "| 94 | 2 | 94.00 | 94.20 | 10:20 | 10:20 | 1.0 | 0.0 | 619.0 | 0.0 |", "| one | 1,000,000 | 250.0 | 100 |",
          "A step on 64 images", "A network; A recipe"}) {
        CHECK_MESSAGE(page.find(words) != std::string::npos, words << " in " << page);
    }

    std::vector<Entrant> on_two_machines = entrants;
    on_two_machines[2].finish->threads = 1;
    CHECK(tallies_of(on_two_machines).size() == 3);
    CHECK(tallies_of(on_two_machines)[0].seconds == 600);

    CHECK(finish_of(92.5, 93, 300).seconds_to(92) == 300);
    CHECK(std::isnan(finish_of(91.5, 93, 300).seconds_to(92)));
    CHECK(page_of({{{92, 5, 2, 0, 0}, {}}}, {}, {}).find("No race is over yet.") != std::string::npos);
    CHECK(picture_of({{{92, 5, 2, 0, 0}, {}}}).empty());
    CHECK(summary_as_csv(entrants).find("\n94,10,2,94.00,94.20,620.00,1.00,0.00,619.00,0.00,2,A processor,") !=
          std::string::npos);
}

}  // namespace
}  // namespace paper::race
