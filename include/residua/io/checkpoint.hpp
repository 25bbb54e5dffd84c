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

namespace detail {

// Hashes a network's description. What is added begins with a letter of its own and its lengths, so that no two descriptions
// are one row of bytes.
class Fingerprint final : public NetworkVisitor {
public:
    void tensor(const TensorInfo& info) override {
        add("t", info.name.view());
        add(static_cast<double>(info.role));
        add(info.rank);
        for (const int extent : info.extents) add(extent);
        add(info.initial);
    }
    void layer(const LayerInfo& info) override {
        add("l", info.name.view());
        add("k", info.kind);
        shape(info.in);
        shape(info.out);
        for (const Option& option : info.options) {
            add("o", option.name);
            add(option.value);
        }
    }
    void joint(std::string_view word) override { add("j", word); }

    void shape(Shape s) {
        for (const int extent : {s.channels, s.height, s.width}) add(extent);
    }
    void add(double value) { sum_.add(std::as_bytes(std::span(&value, 1))); }
    std::uint64_t value() const { return sum_.value(); }

private:
    void add(std::string_view letter, std::string_view text) {
        sum_.add(letter);
        add(static_cast<double>(text.size()));
        sum_.add(text);
    }

    Fnv1a sum_;
};

}  // namespace detail

// Tells networks apart: of the scalar type, every tensor, every layer with its shapes and options, and how paths part and meet.
// Kernels and recomputation do not count, for they change no function.
template <class Net>
std::uint64_t fingerprint() {
    detail::Fingerprint visitor;
    visitor.add(sizeof(typename Net::Scalar));
    visitor.shape(Net::input_shape);
    Namer namer(visitor);
    Net::Root::describe(namer);
    visitor.shape(Net::output_shape);
    return visitor.value();
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
inline constexpr std::uint32_t checkpoint_version = 2;

}  // namespace detail

// header | parameters and statistics | momentum | notes | checksum of all before. `run` is a fingerprint of the run's settings,
// `notes` is text of the caller's that comes back on loading.
template <class Net, int Batch, class Policy>
void save_checkpoint(const Trainer<Net, Batch, Policy>& trainer, const std::filesystem::path& path, std::uint64_t run,
                     const std::string& notes) {
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
    const auto append = [&](std::span<const std::byte> part) { bytes.insert(bytes.end(), part.begin(), part.end()); };
    append(std::as_bytes(std::span(&header, 1)));
    append(values);
    append(momentum);
    append(std::as_bytes(std::span(notes.data(), notes.size())));
    Fnv1a sum;
    sum.add(bytes);
    const std::uint64_t checksum = sum.value();
    append(std::as_bytes(std::span(&checksum, 1)));
    write_file(path, bytes);
}

// Sets the trainer to where the checkpoint was saved and returns the notes. Errors say why, and then nothing has changed: not a
// checkpoint, of another version, of another network, of another run, cut short, damaged.
template <class Net, int Batch, class Policy>
std::string load_checkpoint(Trainer<Net, Batch, Policy>& trainer, const std::filesystem::path& path, std::uint64_t run) {
    using T = typename Net::Scalar;
    const Bytes bytes = read_file(path, std::size_t{1} << 36);
    const auto fail = [&](const std::string& why) { throw Error(path.string() + ": " + why); };
    const auto expect = [&](const char* what, std::uint64_t expected, std::uint64_t found) {
        if (expected != found)
            fail(std::string("expected ") + what + " " + std::to_string(expected) + ", found " + std::to_string(found));
    };

    detail::CheckpointHeader header{};
    if (bytes.size() < sizeof header) fail("expected a checkpoint of at least 64 bytes, found " + std::to_string(bytes.size()));
    std::memcpy(&header, bytes.data(), sizeof header);
    if (std::memcmp(header.magic, detail::checkpoint_magic, 8) != 0)
        fail("expected a checkpoint of residua, found another kind of file");
    expect("version", detail::checkpoint_version, header.version);
    if (header.fingerprint != fingerprint<Net>())
        fail("expected a checkpoint of this network, found one of another (its layers, their options or its tensors differ)");
    expect("bytes a scalar", sizeof(T), header.scalar_bytes);
    expect("bytes of parameters", (Net::parameter_count + Net::statistic_count) * sizeof(T), header.values);
    expect("bytes of momentum", Net::parameter_count * sizeof(T), header.momentum);
    const std::size_t fixed = sizeof header + header.values + header.momentum + sizeof(std::uint64_t);
    if (header.notes > bytes.size() || fixed + header.notes != bytes.size()) {
        fail("expected " + std::to_string(fixed) + " bytes and " + std::to_string(header.notes) + " of notes, found " +
             std::to_string(bytes.size()));
    }

    Fnv1a sum;
    sum.add(std::span(bytes).first(bytes.size() - sizeof(std::uint64_t)));
    std::uint64_t checksum = 0;
    std::memcpy(&checksum, bytes.data() + bytes.size() - sizeof checksum, sizeof checksum);
    expect("checksum", checksum, sum.value());
    if (header.run != run) fail("expected a checkpoint of a run with these settings, found one with others");
    if (header.steps < 0) fail("expected a number of steps, found " + std::to_string(header.steps));

    Parameters<Net> parameters;
    std::memcpy(parameters.values().data(), bytes.data() + sizeof header, header.values);
    std::vector<T> momentum(Net::parameter_count);
    std::memcpy(momentum.data(), bytes.data() + sizeof header + header.values, header.momentum);
    const std::size_t notes = sizeof header + header.values + header.momentum;
    trainer.restore(parameters, momentum, header.steps);
    return {reinterpret_cast<const char*>(bytes.data()) + notes, header.notes};
}

}  // namespace residua::inline RESIDUA_ISA::io
