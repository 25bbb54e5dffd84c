// Checkpoints of a training run: parameters, statistics, the optimizer's state, position. Whole or not at all.
#pragma once

#include <residua/core/hash.hpp>
#include <residua/io/atomic_file.hpp>
#include <residua/io/fingerprint.hpp>
#include <residua/io/input_file.hpp>
#include <residua/io/printable.hpp>
#include <residua/io/settings.hpp>
#include <residua/training/trainer.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace residua::inline RESIDUA_ISA::io {

namespace detail {

struct CheckpointHeader {
    char magic[8];
    std::uint32_t version;
    std::uint32_t scalar_bytes;
    std::uint64_t fingerprint;
    std::uint64_t values;
    std::uint64_t state;
    std::uint64_t run;
    std::uint64_t notes;
    std::int64_t steps;
    char optimizer[longest_optimizer_name];  // zeros behind the name
};
static_assert(sizeof(CheckpointHeader) == 88 && std::is_trivially_copyable_v<CheckpointHeader>);

inline constexpr char checkpoint_magic[8] = {'R', 'E', 'S', 'I', 'D', 'U', 'A', '\n'};
inline constexpr std::uint32_t checkpoint_version = 3;

}  // namespace detail

// The most text that a checkpoint carries, in bytes: as notes, and as a run's settings.
inline constexpr std::uint64_t largest_notes = std::uint64_t{1} << 28;
inline constexpr std::uint64_t largest_run = std::uint64_t{1} << 20;

namespace detail {

// Error: more text than a checkpoint carries.
template <class Fail>
void expect_texts(std::uint64_t run, std::uint64_t notes, Fail fail) {
    if (run > largest_run) {
        fail("expected at most " + std::to_string(largest_run) + " bytes of settings, found " + std::to_string(run));
    }
    if (notes > largest_notes) {
        fail("expected at most " + std::to_string(largest_notes) + " bytes of notes, found " + std::to_string(notes));
    }
}

inline void name_optimizer(CheckpointHeader& header, std::string_view name) {
    name.copy(header.optimizer, std::min(name.size(), sizeof header.optimizer));
}
inline std::string_view optimizer_of(const CheckpointHeader& header) {
    const std::string_view whole(header.optimizer, sizeof header.optimizer);
    return whole.substr(0, whole.find_last_not_of('\0') + 1);
}

inline std::string text_at(const InputFile& input, std::uint64_t at, std::uint64_t size) {
    std::string text(size, ' ');
    input.read(at, std::as_writable_bytes(std::span(text)));
    return text;
}

// Of which other network a checkpoint is: its run's settings may tell.
inline std::string other_network(const InputFile& input, const CheckpointHeader& header, std::string_view run) {
    std::string what =
        "expected a checkpoint of this network, found one of another (its layers, their options or its tensors differ)";
    const std::uint64_t room = input.size() - sizeof header;
    if (header.values > room || header.state > room - header.values) return what;
    const std::uint64_t at = sizeof header + header.values + header.state;
    if (header.run > largest_run || header.run > input.size() - at) return what;
    const std::string found = text_at(input, at, header.run);
    return found == run ? what : what + "; " + settings_differ(run, found);
}

}  // namespace detail

// header | parameters and statistics | the optimizer's state | run | notes | checksum of all before.
//   run     what else must be the same for the run to go on with the bits it would have had: lines "name: value"
//   notes   text of the caller's that comes back on loading
// Error: too much text.
template <class Net, int Batch, class... P>
Bytes checkpoint_of(const Trainer<Net, Batch, P...>& trainer, std::string_view run, std::string_view notes) {
    detail::expect_texts(run.size(), notes.size(), [](const std::string& why) { throw Error("residua: checkpoint: " + why); });
    const auto values = std::as_bytes(trainer.parameters().values());
    const auto state = std::as_bytes(trainer.state());
    detail::CheckpointHeader header{};
    std::memcpy(header.magic, detail::checkpoint_magic, 8);
    header.version = detail::checkpoint_version;
    header.scalar_bytes = sizeof(typename Net::Scalar);
    header.fingerprint = fingerprint<Net>();
    header.values = values.size();
    header.state = state.size();
    header.run = run.size();
    header.notes = notes.size();
    header.steps = trainer.steps_taken();
    detail::name_optimizer(header, Trainer<Net, Batch, P...>::Optimizer::name);

    Bytes bytes;
    bytes.reserve(sizeof header + values.size() + state.size() + run.size() + notes.size() + sizeof(std::uint64_t));
    const auto append = [&](std::span<const std::byte> part) { bytes.insert(bytes.end(), part.begin(), part.end()); };
    append(std::as_bytes(std::span(&header, 1)));
    append(values);
    append(state);
    append(std::as_bytes(std::span(run)));
    append(std::as_bytes(std::span(notes)));
    Fnv1a sum;
    sum.add(bytes);
    const std::uint64_t checksum = sum.value();
    append(std::as_bytes(std::span(&checksum, 1)));
    return bytes;
}

// To a file, whole or not at all (atomic_file.hpp). Errors, after which the file is as it was: too much text; it cannot be
// written.
template <class Net, int Batch, class... P>
void save_checkpoint(const Trainer<Net, Batch, P...>& trainer, const std::filesystem::path& path, std::string_view run,
                     std::string_view notes) {
    write_file(path, checkpoint_of(trainer, run, notes));
}

// Sets the trainer to where the checkpoint was saved and returns the notes. Errors say why, and then nothing has changed: not a
// checkpoint, of another version, of another network, of another run (and which settings differ), cut short, damaged. The
// network knows what size such a file has: any other is refused from its header.
template <class Net, int Batch, class... P>
std::string load_checkpoint(Trainer<Net, Batch, P...>& trainer, const InputFile& input, std::string_view run) {
    using T = typename Net::Scalar;
    using Optimizer = typename Trainer<Net, Batch, P...>::Optimizer;
    const auto expect = [&](const char* what, std::uint64_t expected, std::uint64_t found) {
        if (expected == found) return;
        input.fail(std::string("expected ") + what + " " + std::to_string(expected) + ", found " + std::to_string(found));
    };

    detail::CheckpointHeader header{};
    if (input.size() < sizeof header) {
        input.fail("expected a checkpoint of at least " + std::to_string(sizeof header) + " bytes, found " +
                   std::to_string(input.size()));
    }
    input.read(0, std::as_writable_bytes(std::span(&header, 1)));
    if (std::memcmp(header.magic, detail::checkpoint_magic, 8) != 0)
        input.fail("expected a checkpoint of residua, found another kind of file");
    expect("version", detail::checkpoint_version, header.version);
    if (header.fingerprint != fingerprint<Net>()) input.fail(detail::other_network(input, header, run));
    expect("bytes a scalar", sizeof(T), header.scalar_bytes);
    expect("bytes of parameters", (Net::parameter_count + Net::statistic_count) * sizeof(T), header.values);
    if (const auto found = detail::optimizer_of(header); found != Optimizer::name) {
        input.fail("expected a checkpoint of the optimizer " + std::string(Optimizer::name) + ", found one of " +
                   printable(found));
    }
    expect("bytes of the optimizer's state", trainer.state().size_bytes(), header.state);
    detail::expect_texts(header.run, header.notes, [&](const std::string& why) { input.fail(why); });
    const std::uint64_t fixed = sizeof header + header.values + header.state + header.run + sizeof(std::uint64_t);
    if (input.size() != fixed + header.notes) {
        input.fail("expected " + std::to_string(fixed) + " bytes and " + std::to_string(header.notes) + " of notes, found " +
                   std::to_string(input.size()));
    }

    Fnv1a sum;
    sum.add(std::as_bytes(std::span(&header, 1)));
    std::uint64_t at = sizeof header;
    const auto take = [&](std::span<std::byte> part) {
        input.read(at, part);
        sum.add(part);
        at += part.size();
    };
    Parameters<Net> parameters;
    take(std::as_writable_bytes(parameters.values()));
    std::vector<T> state(trainer.state().size());
    take(std::as_writable_bytes(std::span(state)));
    std::string found(header.run, ' ');
    take(std::as_writable_bytes(std::span(found)));
    std::string notes(header.notes, ' ');
    take(std::as_writable_bytes(std::span(notes)));

    std::uint64_t checksum = 0;
    input.read(at, std::as_writable_bytes(std::span(&checksum, 1)));
    expect("checksum", checksum, sum.value());
    if (found != run) input.fail(detail::settings_differ(run, found));
    if (header.steps < 0) input.fail("expected a number of steps, found " + std::to_string(header.steps));
    trainer.restore(parameters, state, header.steps);
    return notes;
}
template <class Net, int Batch, class... P>
std::string load_checkpoint(Trainer<Net, Batch, P...>& trainer, const std::filesystem::path& path, std::string_view run) {
    return load_checkpoint(trainer, InputFile(path), run);
}

}  // namespace residua::inline RESIDUA_ISA::io
