#include "data_sets.hpp"

#include "../train/settings.hpp"

#include <filesystem>

namespace paper {

using namespace residua;

std::string folder_with(const std::string& data, const std::string& folder) {
    const std::map<std::string, std::string> names = {
        {"cifar10", "cifar-10-batches-bin"}, {"cifar100", "cifar-100-binary"}, {"imagenet", "imagenet"}};
    const auto name = names.find(data);
    if (name == names.end()) return folder;
    const std::filesystem::path below = std::filesystem::path(folder) / name->second;
    return std::filesystem::is_directory(below) ? below.string() : folder;
}

const DataSets::Pair& DataSets::of(const RunSettings& settings) {
    const std::string key =
        settings.options.data + " " + std::to_string(settings.images) + " " + std::to_string(settings.test_images);
    std::unique_ptr<Pair>& pair = read_[key];
    if (!pair) {
        train::Options options = settings.options;
        options.data_dir = folder_with(options.data, folder_);
        const AnyNetwork network = train::chosen(options);
        pair = std::make_unique<Pair>(Pair{train::read(options, data::Part::train, network).beginning(settings.images),
                                           train::read(options, data::Part::test, network).beginning(settings.test_images)});
    }
    return *pair;
}

}  // namespace paper
