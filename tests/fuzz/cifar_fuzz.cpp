// A file of three records is refused and the data set is as it was, or its labels and pixels are those of the file. (Images of 2
// x 2: the reader takes the size from the data set.)
#include "fuzz.hpp"

#include <residua/data/cifar.hpp>

namespace residua::fuzz {

std::vector<Bytes> seeds() {
    // The first byte says how many bytes of a record are labels: one (CIFAR-10) or two.
    std::vector<Bytes> result;
    for (const std::size_t before : {std::size_t{1}, std::size_t{2}}) {
        Bytes bytes(1 + 3 * (before + 12), std::byte{5});
        bytes[0] = static_cast<std::byte>(before - 1);
        result.push_back(bytes);
    }
    return result;
}

void try_input(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    const std::size_t before = 1 + (static_cast<std::size_t>(bytes[0]) & 1);
    const auto file = bytes.subspan(1);
    data::Dataset set;
    set.image = {3, 2, 2};
    set.classes = 10;
    if (!succeeds([&] { data::detail::append_cifar(set, io::InputFile("records", bytes_of(file)), before, 3); })) return;

    require(set.size() == 3 && set.pixels.size() == 36, "three images");
    for (const int label : set.labels) require(label < 10, "a label is a class");
    if (file.size() != 3 * (before + 12)) return;  // packed
    for (std::size_t i = 0; i < 3; ++i) {
        const auto record = file.subspan(i * (before + 12), before + 12);
        require(set.labels[i] == static_cast<std::uint8_t>(record[before - 1]), "the label is the record's");
        require(std::memcmp(set.pixels.data() + 12 * i, record.data() + before, 12) == 0, "the pixels are the record's");
    }
}

}  // namespace residua::fuzz
