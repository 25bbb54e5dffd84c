// Parameters of a network to and from safetensors, by name. Needs nlohmann-json.
#pragma once

#include <residua/io/safetensors.hpp>
#include <residua/networks/parameters.hpp>

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <optional>

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

// The tensors that a load leaves as they are: those of the network whose names begin with one of these ("fc.", the classifier).
struct LeaveOut {
    std::vector<std::string> beginnings;

    LeaveOut(std::initializer_list<std::string> names) : beginnings(names) {}

    bool contains(std::string_view name) const {
        return std::any_of(beginnings.begin(), beginnings.end(),
                           [&](const std::string& beginning) { return name.starts_with(beginning); });
    }
};

// All or nothing: every tensor of the network but those left out must be in the file with its shape, under the name that
// `name_in_file(name)` gives it, and the file must hold no others. What the file has under the name of one that is left out is
// passed over, whatever its shape, and so is PyTorch's num_batches_tracked. Error otherwise, or if nothing of the network's
// begins with what is to be left out; `parameters` is then as it was.
//   io::load(parameters, "others.safetensors", name_in_file, io::LeaveOut{"fc."});
template <class Net, class NameInFile>
    requires std::invocable<NameInFile&, std::string>
void load(Parameters<Net>& parameters, const std::filesystem::path& path, NameInFile name_in_file,
          const LeaveOut& left_out = {}) {
    for (const std::string& beginning : left_out.beginnings) {
        bool found = false;
        Net::for_each_tensor([&](const TensorInfo& info) { found = found || info.name.view().starts_with(beginning); });
        if (!found) {
            throw Error("residua: load: expected tensors to leave out that the network has, found none whose name begins with " +
                        in_quotes(beginning));
        }
    }

    const SafetensorsFile file = SafetensorsFile::read(path);
    std::vector<std::optional<std::string>> names;  // in the network's order; none of what is left out
    std::set<std::string> known;
    Net::for_each_tensor([&](const TensorInfo& info) {
        const std::string name = name_in_file(std::string(info.name.view()));
        known.insert(name);
        names.emplace_back();
        if (left_out.contains(info.name.view())) return;
        file.expect_shape(name, shape_of(info));
        names.back() = name;
    });
    for (const auto& [name, stored] : file.tensors()) {
        const bool counter = name.ends_with("num_batches_tracked");
        if (!counter && !known.contains(name)) {
            throw Error(path.string() + ": tensor " + in_quotes(name) + " " + text_of(stored.shape) +
                        ": expected none of that name in this network");
        }
    }

    // The file's names and shapes are the network's: now its values, a tensor at a time.
    Parameters<Net> loaded = parameters;
    auto name = names.begin();
    Net::for_each_tensor([&](const TensorInfo& info) {
        const std::optional<std::string>& stored = *name++;
        if (!stored) return;
        const auto values = file.values<typename Net::Scalar>(*stored);
        std::copy(values.begin(), values.end(), loaded.data(info));
    });
    parameters = std::move(loaded);
}

// The same where the file's names are the network's.
template <class Net>
void load(Parameters<Net>& parameters, const std::filesystem::path& path, const LeaveOut& left_out = {}) {
    load(
        parameters, path, [](const std::string& name) { return name; }, left_out);
}

}  // namespace residua::inline RESIDUA_ISA::io
