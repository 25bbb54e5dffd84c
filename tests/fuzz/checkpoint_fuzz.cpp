// A checkpoint is refused and the trainer is as it was, or it is loaded and would be saved with the same bytes.
#include "fuzz.hpp"

#include <residua/core/hash.hpp>
#include <residua/io/checkpoint.hpp>
#include <residua/residua.hpp>

namespace residua::fuzz {
namespace {

using Net = Network<Shape{2, 1, 1}, Sequence<Conv<2, Kernel<1>>, BatchNorm<>, GlobalAveragePool, Linear<2>>>;

constexpr std::string_view run = "lr: 0.1\nseed: 42\n";

struct State {
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 1> trainer{parameters};
    Bytes saved = io::checkpoint_of(trainer, run, "");
};

State& state() {
    static State only;
    return only;
}

}  // namespace

std::vector<Bytes> seeds() {
    return {state().saved, io::checkpoint_of(state().trainer, run, "0x1p+0 17 notes\n"), bytes_of("RESIDUA\n")};
}

void try_input(std::span<const std::byte> bytes) {
    Trainer<Net, 1>& trainer = state().trainer;
    const Bytes& saved = state().saved;
    std::string notes;
    if (succeeds([&] { notes = io::load_checkpoint(trainer, io::InputFile("checkpoint", bytes_of(bytes)), run); })) {
        require(io::checkpoint_of(trainer, run, notes) == bytes_of(bytes), "what was loaded is saved as it was");
        io::load_checkpoint(trainer, io::InputFile("checkpoint", saved), run);
    }
    require(io::checkpoint_of(trainer, run, "") == saved, "an error changes nothing");
}

}  // namespace residua::fuzz

// Most inputs get the checksum that belongs to them: else nothing behind it would be reached.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, most);
    if (seed % 8 == 0 || size < 8) return size;

    residua::Fnv1a sum;
    sum.add(std::as_bytes(std::span(data, size - 8)));
    const std::uint64_t checksum = sum.value();
    std::memcpy(data + size - 8, &checksum, 8);
    return size;
}
