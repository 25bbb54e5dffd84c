// CIFAR-10 and CIFAR-100 in their binary form (cs.toronto.edu/~kriz/cifar.html).
#pragma once

#include <residua/data/dataset.hpp>
#include <residua/data/gzip.hpp>

namespace residua::inline RESIDUA_ISA::data {

namespace detail {

// Appends an input of records: `before` bytes, the label as the last of them, then 3 x 32 x 32 pixels.
inline void append_cifar(Dataset& to, io::InputFile input, Size before, Size expected) {
    const Size record = before + to.image.size();
    Unpacked unpacked(std::move(input));
    const std::vector<std::uint8_t> bytes =
        unpacked.read_rest(expected * record, "bytes (" + std::to_string(expected) + " images)");
    for (Size i = 0; i < expected; ++i) {
        const std::uint8_t* from = bytes.data() + i * record;
        expect_label(unpacked.input().name(), i, from[before - 1], to.classes);
        to.labels.push_back(from[before - 1]);
        to.pixels.insert(to.pixels.end(), from + before, from + record);
    }
}

}  // namespace detail

// data_batch_1.bin to data_batch_5.bin, or test_batch.bin. Errors name the file, expected and found.
inline Dataset read_cifar10(const std::filesystem::path& folder, Part part) {
    Dataset result;
    result.image = {3, 32, 32};
    result.classes = 10;
    result.class_names = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
    if (part == Part::test) {
        detail::append_cifar(result, io::InputFile(folder / "test_batch.bin"), 1, 10'000);
        return result;
    }
    for (int batch = 1; batch <= 5; ++batch) {
        detail::append_cifar(result, io::InputFile(folder / ("data_batch_" + std::to_string(batch) + ".bin")), 1, 10'000);
    }
    return result;
}

// train.bin or test.bin, with the fine labels.
inline Dataset read_cifar100(const std::filesystem::path& folder, Part part) {
    Dataset result;
    result.image = {3, 32, 32};
    result.classes = 100;
    for (int c = 0; c < 100; ++c) result.class_names.push_back(std::to_string(c));
    const bool train = part == Part::train;
    detail::append_cifar(result, io::InputFile(folder / (train ? "train.bin" : "test.bin")), 2, train ? 50'000 : 10'000);
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::data
