// Checkpoints of a training run: parameters, statistics, momentum, position. Whole or not at all.
#pragma once

#include <residua/core/hash.hpp>
#include <residua/io/atomic_file.hpp>
#include <residua/io/input.hpp>
#include <residua/training/trainer.hpp>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace residua::inline RESIDUA_ISA::io {

// Tells networks apart: of every tensor's name and extents, and of the scalar type.
template <class Net>
std::uint64_t fingerprint() {
    Fnv1a sum;
    Net::for_each_tensor([&](const TensorInfo& info) {
        sum.add(info.name.view());
        sum.add(std::as_bytes(std::span(info.dimensions)));
    });
    const auto width = static_cast<std::uint32_t>(sizeof(typename Net::Scalar));
    sum.add(std::as_bytes(std::span(&width, 1)));
    return sum.value();
}

namespace detail {

struct CheckpointHeader {
    char magic[8];
    std::uint32_t version;
    std::uint32_t scalar_bytes;
    std::uint64_t fingerprint;
    std::uint64_t run;  // what else must be the same for the run to go on: the caller's choice
    std::uint64_t values;
    std::uint64_t momentum;
    std::uint64_t notes;
    std::int64_t steps;
};
static_assert(sizeof(CheckpointHeader) == 64 && std::is_trivially_copyable_v<CheckpointHeader>);

inline constexpr char checkpoint_magic[8] = {'R', 'E', 'S', 'I', 'D', 'U', 'A', '\n'};
inline constexpr std::uint32_t checkpoint_version = 1;

}  // namespace detail

// The most text that a checkpoint carries, in bytes.
inline constexpr std::uint64_t largest_notes = std::uint64_t{1} << 28;

// header | parameters and statistics | momentum | notes | checksum of all before. `run` is a fingerprint of the run's settings,
// `notes` is text of the caller's that comes back on loading. Error: the notes are too large.
template <class Net, int Batch, class Recomputation>
Bytes checkpoint_of(const Trainer<Net, Batch, Recomputation>& trainer, std::uint64_t run, const std::string& notes) {
    if (notes.size() > largest_notes) {
        throw Error("expected at most " + std::to_string(largest_notes) + " bytes of notes, found " +
                    std::to_string(notes.size()));
    }
    const auto values = std::as_bytes(trainer.parameters().values());
    const auto momentum = std::as_bytes(trainer.momentum());
    detail::CheckpointHeader header{};
    std::memcpy(header.magic, detail::checkpoint_magic, 8);
    header.version = detail::checkpoint_version;
    header.scalar_bytes = sizeof(typename Net::Scalar);
    header.fingerprint = fingerprint<Net>();
    header.run = run;
    header.values = values.size();
    header.momentum = momentum.size();
    header.notes = notes.size();
    header.steps = trainer.steps_taken();

    Bytes bytes;
    bytes.reserve(sizeof header + values.size() + momentum.size() + notes.size() + sizeof(std::uint64_t));
    const auto append = [&](std::span<const std::byte> part) { bytes.insert(bytes.end(), part.begin(), part.end()); };
    append(std::as_bytes(std::span(&header, 1)));
    append(values);
    append(momentum);
    append(std::as_bytes(std::span(notes)));
    Fnv1a sum;
    sum.add(bytes);
    const std::uint64_t checksum = sum.value();
    append(std::as_bytes(std::span(&checksum, 1)));
    return bytes;
}

// To a file, whole or not at all (atomic_file.hpp). Errors, after which the file is as it was: the notes are too large; it cannot
// be written.
template <class Net, int Batch, class Recomputation>
void save_checkpoint(const Trainer<Net, Batch, Recomputation>& trainer, const std::filesystem::path& path, std::uint64_t run,
                     const std::string& notes) {
    write_file(path, checkpoint_of(trainer, run, notes));
}

// Sets the trainer to where the checkpoint was saved and returns the notes. Errors say why, and then nothing has changed: not a
// checkpoint, of another version, of another network, of another run, cut short, damaged. The network knows what size such a file
// has: any other is refused from its first 64 bytes.
template <class Net, int Batch, class Recomputation>
std::string load_checkpoint(Trainer<Net, Batch, Recomputation>& trainer, const Input& input, std::uint64_t run) {
    using T = typename Net::Scalar;
    const auto expect = [&](const char* what, std::uint64_t expected, std::uint64_t found) {
        if (expected == found) return;
        input.fail(std::string("expected ") + what + " " + std::to_string(expected) + ", found " + std::to_string(found));
    };

    detail::CheckpointHeader header{};
    if (input.size() < sizeof header) {
        input.fail("expected a checkpoint of at least 64 bytes, found " + std::to_string(input.size()));
    }
    input.read(0, std::as_writable_bytes(std::span(&header, 1)));
    if (std::memcmp(header.magic, detail::checkpoint_magic, 8) != 0)
        input.fail("expected a checkpoint of residua, found another kind of file");
    expect("version", detail::checkpoint_version, header.version);
    if (header.fingerprint != fingerprint<Net>())
        input.fail("expected a checkpoint of this network, found one of another (its tensors differ)");
    expect("bytes a scalar", sizeof(T), header.scalar_bytes);
    expect("bytes of parameters", (Net::parameter_count + Net::statistic_count) * sizeof(T), header.values);
    expect("bytes of momentum", Net::parameter_count * sizeof(T), header.momentum);
    if (header.notes > largest_notes) {
        input.fail("expected at most " + std::to_string(largest_notes) + " bytes of notes, found " +
                   std::to_string(header.notes));
    }
    const std::uint64_t fixed = sizeof header + header.values + header.momentum + sizeof(std::uint64_t);
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
    std::vector<T> momentum(Net::parameter_count);
    take(std::as_writable_bytes(std::span(momentum)));
    std::string notes(static_cast<std::size_t>(header.notes), ' ');
    take(std::as_writable_bytes(std::span(notes)));

    std::uint64_t checksum = 0;
    input.read(at, std::as_writable_bytes(std::span(&checksum, 1)));
    expect("checksum", checksum, sum.value());
    if (header.run != run) input.fail("expected a checkpoint of a run with these settings, found one with others");
    if (header.steps < 0) input.fail("expected a number of steps, found " + std::to_string(header.steps));
    trainer.restore(parameters, momentum, header.steps);
    return notes;
}
template <class Net, int Batch, class Recomputation>
std::string load_checkpoint(Trainer<Net, Batch, Recomputation>& trainer, const std::filesystem::path& path, std::uint64_t run) {
    return load_checkpoint(trainer, Input(path), run);
}

}  // namespace residua::inline RESIDUA_ISA::io
