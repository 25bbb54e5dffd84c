// Checkpoints: the same bits after an interruption, and an error for whatever does not fit.
#include <doctest/doctest.h>

#include <residua/io/checkpoint.hpp>
#include <residua/residua.hpp>

#include "../support/folder.hpp"
#include "../support/memory_limit.hpp"
#include "../support/message.hpp"
#include <residua/testing/numbers.hpp>

#include <cstddef>
#include <iterator>

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
    save_checkpoint(first.trainer, path, "lr: 0.05\nseed: 42\n", "notes\n");
    Run second;
    second.steps(1);
    CHECK(load_checkpoint(second.trainer, path, "lr: 0.05\nseed: 42\n") == "notes\n");
    CHECK(second.trainer.steps_taken() == 4);
    second.steps(3);
    CHECK(second.parameters == whole.parameters);
    CHECK(std::equal(second.trainer.state().begin(), second.trainer.state().end(), whole.trainer.state().begin()));
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("notes come back whole at any length") {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "checkpoint";
    Run run;
    std::string notes;
    for (int epoch = 0; epoch < 100'000; ++epoch) notes += "epoch " + std::to_string(epoch) + " of a run that was long" + '\0';
    save_checkpoint(run.trainer, path, "", notes);
    CHECK(load_checkpoint(run.trainer, path, "") == notes);
}

TEST_CASE("damaged and foreign checkpoints are errors that change nothing") {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "checkpoint";
    Run run;
    run.steps(1);
    save_checkpoint(run.trainer, path, "lr: 0.05\nseed: 42\n", "notes");
    const Bytes good = read_file(path, 1 << 24);

    Run victim;
    const Parameters<Net> before = victim.parameters;
    const auto trouble = [&](const Bytes& bytes) -> std::string {
        write_file(path, bytes);
        try {
            load_checkpoint(victim.trainer, path, "lr: 0.05\nseed: 42\n");
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
    CHECK(trouble(old).find(": expected version 3, found 1") != std::string::npos);
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(trouble(longer) != "none");

    write_file(path, good);
    const auto refused = [&](std::string_view settings) -> std::string {
        try {
            load_checkpoint(victim.trainer, path, settings);
        } catch (const Error& error) {
            return std::string(error.what()).substr(path.string().size());
        }
        return "";
    };
    CHECK(refused("lr: 0.06\nseed: 42\n") == ": expected a run with lr 0.06; found one with lr 0.05");
    CHECK(refused("lr: 0.06\nseed: 43\n") == ": expected a run with lr 0.06, seed 43; found one with lr 0.05, seed 42");
    CHECK(refused("lr: 0.05\n") == ": expected a run with no seed; found one with seed 42");
    CHECK(refused("lr: 0.05\nseed: 42\nbatch: 8\n") == ": expected a run with batch 8; found one with no batch");
    CHECK(refused("seed: 42\nlr: 0.05\n") == ": expected a run with these settings, found one with the same in another order");
    CHECK(refused(std::string(1'000'000, 'x')).size() < 400);
    std::string many;
    for (int i = 0; i < 100; ++i) many += "name" + std::to_string(i) + ": \x1b[31m\n";
    CHECK(refused(many).find("\\x1B[31m") != std::string::npos);
    CHECK(refused(many).find("(and 93 more that differ)") != std::string::npos);
    using Other = Network<Shape{3, 7, 6}, cifar::BasicSpec<8, Original, DropoutShortcut<>, 5, 4>>;
    Parameters<Other> parameters;
    Trainer<Other, 4> other(parameters);
    CHECK_THROWS_AS(load_checkpoint(other, path, "lr: 0.05\nseed: 42\n"), Error);
    CHECK_THROWS_WITH_AS(
        load_checkpoint(other, path, "lr: 0.05\nseed: 43\n"),
        (path.string() + ": expected a checkpoint of this network, found one of another (its layers, their options or its "
                         "tensors differ); expected a run with seed 43; found one with seed 42")
            .c_str(),
        Error);
    Trainer<Net, 4, AdamW> adam(victim.parameters);
    CHECK_THROWS_WITH_AS(load_checkpoint(adam, path, "lr: 0.05\nseed: 42\n"),
                         (path.string() + ": expected a checkpoint of the optimizer adamw, found one of sgd").c_str(), Error);
    CHECK_THROWS_AS(load_checkpoint(victim.trainer, folder.path() / "none", "lr: 0.05\nseed: 42\n"), Error);
    CHECK(victim.parameters == before);
}

TEST_CASE("a file of the wrong kind or size is refused from its header") {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "checkpoint";
    Run run;
    save_checkpoint(run.trainer, path, "seed: 42\n", "notes");
    const Bytes good = read_file(path, 1 << 24);
    const auto trouble = [&](Bytes header, std::uintmax_t size) -> std::string {
        header.resize(sizeof(detail::CheckpointHeader));
        write_file(path, header);
        std::filesystem::resize_file(path, size);
        const testing::MemoryLimit limit(std::size_t{1} << 25);
        return testing::message_of([&] { load_checkpoint(run.trainer, path, "seed: 42\n"); });
    };
    const std::uintmax_t sparse = std::uintmax_t{6} << 30;
    CHECK(trouble({}, sparse) == path.string() + ": expected a checkpoint of residua, found another kind of file");
    CHECK(trouble(good, sparse) ==
          path.string() + ": expected " + std::to_string(good.size() - 5) + " bytes and 5 of notes, found 6442450944");
    Bytes liar = good;
    const std::uint64_t notes = sparse - (good.size() - 5);
    std::memcpy(liar.data() + offsetof(detail::CheckpointHeader, notes), &notes, sizeof notes);
    CHECK(trouble(liar, sparse).find("expected at most 268435456 bytes of notes, found 64424") != std::string::npos);
    liar = good;
    std::memcpy(liar.data() + offsetof(detail::CheckpointHeader, run), &notes, sizeof notes);
    CHECK(trouble(liar, sparse).find("expected at most 1048576 bytes of settings, found 64424") != std::string::npos);
    liar[offsetof(detail::CheckpointHeader, fingerprint)] ^= std::byte{1};
    CHECK(trouble(liar, sparse).find("found one of another") != std::string::npos);
    liar = good;
    liar[offsetof(detail::CheckpointHeader, optimizer) + 5] = std::byte{'x'};
    CHECK(trouble(liar, good.size()).find("of the optimizer sgd, found one of sgd\\x00\\x00x") != std::string::npos);
    CHECK(trouble(good, good.size()).find("expected checksum") != std::string::npos);
    CHECK(trouble(good, 64).find("of at least 88 bytes, found 64") != std::string::npos);
    CHECK(trouble(good, 88).find("found 88") != std::string::npos);
    CHECK_THROWS_WITH_AS(load_checkpoint(run.trainer, "/dev/zero", ""), "/dev/zero: expected a file on a disk, found a device",
                         Error);
    CHECK_THROWS_WITH_AS(load_checkpoint(run.trainer, folder.path() / "none", ""),
                         ((folder.path() / "none").string() + ": cannot be opened (No such file or directory)").c_str(), Error);
}

}  // namespace
}  // namespace residua::io
