// Checkpoints: the same bits after an interruption, and an error for whatever does not fit.
#include <doctest/doctest.h>

#include <residua/io/checkpoint.hpp>
#include <residua/residua.hpp>

#include "../support/folder.hpp"
#include "../support/numbers.hpp"

namespace residua::io {
namespace {

using Net = Network<Shape{3, 7, 6}, cifar::BasicSpec<8, PreActivation, DropoutShortcut<>, 5, 4>>;

struct Run {
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 4> trainer{parameters};

    void steps(int count) {
        for (int i = 0; i < count; ++i) {
            testing::Numbers numbers(static_cast<std::uint64_t>(trainer.steps_taken()) + 1);
            std::vector<float> images(4 * Net::input_shape.size());
            for (float& value : images) value = static_cast<float>(numbers.next());
            const int labels[4] = {0, 1, 2, 3};
            trainer.step(images.data(), labels, 4, 0.05);
        }
    }
};

TEST_CASE("a resumed run goes on with the bits it would have had") {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "checkpoint";
    Run whole;
    whole.steps(7);

    Run first;
    first.steps(4);
    save_checkpoint(first.trainer, path, 42, "notes\n");
    Run second;
    second.steps(1);
    CHECK(load_checkpoint(second.trainer, path, 42) == "notes\n");
    CHECK(second.trainer.steps_taken() == 4);
    second.steps(3);
    CHECK(second.parameters == whole.parameters);
    CHECK(std::equal(second.trainer.momentum().begin(), second.trainer.momentum().end(), whole.trainer.momentum().begin()));
    CHECK(!std::filesystem::exists(path.string() + ".new"));
}

TEST_CASE("damaged and foreign checkpoints are errors that change nothing") {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "checkpoint";
    Run run;
    run.steps(1);
    save_checkpoint(run.trainer, path, 42, "notes");
    const Bytes good = read_file(path, 1 << 24);

    Run victim;
    const Parameters<Net> before = victim.parameters;
    const auto trouble = [&](const Bytes& bytes) -> std::string {
        write_file(path, bytes);
        try {
            load_checkpoint(victim.trainer, path, 42);
        } catch (const Error& error) {
            CHECK(victim.parameters == before);
            CHECK(victim.trainer.steps_taken() == 0);
            return error.what();
        }
        return "none";
    };
    for (Size cut = 0; cut < good.size(); cut += cut < 80 ? 1 : 997) {
        CHECK(trouble(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut))).find("expected") !=
              std::string::npos);
    }
    for (Size at = 0; at < good.size(); at += at < 80 ? 1 : 499) {
        Bytes changed = good;
        changed[at] ^= std::byte{16};
        CAPTURE(at);
        CHECK(trouble(changed).find("expected") != std::string::npos);
    }
    Bytes old = good;
    old[8] = std::byte{1};
    CHECK(trouble(old).find(": expected version 2, found 1") != std::string::npos);
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(trouble(longer) != "none");

    write_file(path, good);
    CHECK_THROWS_AS(load_checkpoint(victim.trainer, path, 43), Error);  // another run's settings
    using Other = Network<Shape{3, 7, 6}, cifar::BasicSpec<8, Original, DropoutShortcut<>, 5, 4>>;
    Parameters<Other> parameters;
    Trainer<Other, 4> other(parameters);
    CHECK_THROWS_AS(load_checkpoint(other, path, 42), Error);
    CHECK_THROWS_AS(load_checkpoint(victim.trainer, folder.path() / "none", 42), Error);
    CHECK(victim.parameters == before);
}

}  // namespace
}  // namespace residua::io
