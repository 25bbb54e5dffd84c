// Parameters of a network to and from safetensors, by name. Needs nlohmann-json.
#pragma once

#include <residua/io/safetensors.hpp>
#include <residua/networks/parameters.hpp>

namespace residua::inline RESIDUA_ISA::io {

inline std::vector<std::int64_t> shape_of(const TensorInfo& info) {
    return {info.dimensions.begin(), info.dimensions.begin() + info.rank};
}

// All tensors of a network under their names, running statistics among them; `metadata` is what else a reader should know. Errors
// as of write_safetensors.
template <class Net>
void save(const Parameters<Net>& parameters, const std::filesystem::path& path,
          std::map<std::string, std::string> metadata = {}) {
    std::vector<TensorToWrite<typename Net::Scalar>> tensors;
    Net::for_each_tensor([&](const TensorInfo& info) {
        tensors.push_back({std::string(info.name.view()), shape_of(info), parameters.data(info)});
    });
    metadata.emplace("format", "pt");  // (PyTorch's layout: what readers of such files ask for)
    write_safetensors(path, tensors, metadata);
}

// All or nothing: every tensor of the network must be in the file with its shape, under the name that `name_in_file(name)` gives
// it, and the file must hold no others (but PyTorch's num_batches_tracked). Error otherwise, and `parameters` is as it was.
template <class Net, class NameInFile>
void load(Parameters<Net>& parameters, const std::filesystem::path& path, NameInFile name_in_file) {
    const SafetensorsFile file = SafetensorsFile::read(path);
    std::vector<std::string> names;  // in the network's order
    Net::for_each_tensor([&](const TensorInfo& info) {
        const std::string name = name_in_file(std::string(info.name.view()));
        file.expect_shape(name, shape_of(info));
        names.push_back(name);
    });
    const std::set<std::string> used(names.begin(), names.end());
    for (const auto& [name, stored] : file.tensors()) {
        const bool counter = name.ends_with("num_batches_tracked");
        if (!counter && !used.contains(name)) {
            throw Error(path.string() + ": tensor " + in_quotes(name) + " " + text_of(stored.shape) +
                        ": expected none of that name in this network");
        }
    }

    // The file's names and shapes are the network's: now its values, a tensor at a time.
    Parameters<Net> loaded;
    auto name = names.begin();
    Net::for_each_tensor([&](const TensorInfo& info) {
        const auto values = file.values<typename Net::Scalar>(*name++);
        std::copy(values.begin(), values.end(), loaded.data(info));
    });
    parameters = std::move(loaded);
}
template <class Net>
void load(Parameters<Net>& parameters, const std::filesystem::path& path) {
    load(parameters, path, [](const std::string& name) { return name; });
}

}  // namespace residua::inline RESIDUA_ISA::io
