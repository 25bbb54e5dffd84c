// Parameters of a network to and from safetensors, by name. Needs nlohmann-json.
#pragma once

#include <residua/io/fit.hpp>
#include <residua/io/name_maps.hpp>
#include <residua/networks/parameters.hpp>

#include <algorithm>
#include <concepts>

namespace residua::inline RESIDUA_ISA::io {

// The dimensions of a tensor, as a file has them.
inline std::vector<std::int64_t> shape_of(const TensorInfo& info) {
    return {info.dimensions.begin(), info.dimensions.begin() + info.rank};
}

namespace detail {

// A network's tensors, and what else is to stand in the file.
template <class Net>
void write_parameters(const Parameters<Net>& parameters, const std::filesystem::path& path,
                      std::map<std::string, std::string> metadata, std::vector<TensorToWrite<typename Net::Scalar>> tensors) {
    Net::for_each_tensor([&](const TensorInfo& info) {
        tensors.push_back({std::string(info.name.view()), shape_of(info), parameters.data(info)});
    });
    metadata.emplace("format", "pt");  // (PyTorch's layout: what readers of such files ask for)
    write_safetensors(path, tensors, metadata);
}

}  // namespace detail

// All tensors of a network under their names, running statistics among them; `metadata` is what else a reader should know. Errors
// as of write_safetensors.
template <class Net>
void save(const Parameters<Net>& parameters, const std::filesystem::path& path,
          std::map<std::string, std::string> metadata = {}) {
    detail::write_parameters(parameters, path, std::move(metadata), {});
}

namespace detail {

// The network's tensors in their order, under the file's names. Error: nothing of the network's begins with what is to be left
// out.
template <class Net, class NameInFile>
std::vector<WantedTensor> wanted_tensors(NameInFile& name_in_file, const LeaveOut& left_out) {
    std::vector<WantedTensor> wanted;
    Net::for_each_tensor([&](const TensorInfo& info) {
        const std::string name(info.name.view());
        wanted.push_back({name, name_in_file(name), shape_of(info), left_out.contains(name)});
    });
    for (const std::string& beginning : left_out.beginnings) {
        const bool found = std::any_of(wanted.begin(), wanted.end(),
                                       [&](const WantedTensor& tensor) { return tensor.name.starts_with(beginning); });
        if (!found) {
            throw Error("residua: load: expected tensors to leave out that the network has, found none whose name begins with " +
                        in_quotes(beginning));
        }
    }
    return wanted;
}

// A file's values straight into their places, a tensor at a time.
template <class Net>
void take_values(Parameters<Net>& parameters, const SafetensorsFile& file, const std::vector<WantedTensor>& wanted) {
    auto tensor = wanted.begin();
    Net::for_each_tensor([&](const TensorInfo& info) {
        if (!tensor->left_out) file.read_values(tensor->name_in_file, std::span(parameters.data(info), info.size));
        ++tensor;
    });
}

}  // namespace detail

// All or nothing: every tensor of the network but those left out must be in the file with its shape, under the name of its own
// that `name_in_file(name)` gives it (a NameMap, or any function), and the file must hold no others but those passed over. A
// linear layer's [10, 64] may be a 1x1 convolution's [10, 64, 1, 1] and the other way round. What the file has under the name of
// one that is left out is passed over, whatever its shape, and so are PyTorch's num_batches_tracked and a test vector. Error
// otherwise, which lists all that does not fit, or if nothing of the network's begins with what is to be left out; `parameters`
// is then as it was.
//   io::load(parameters, "others.safetensors", io::torchvision, io::LeaveOut{"fc."});
//   io::load(parameters, "two_heads.safetensors", theirs, io::LeaveOut{}, io::PassOver{"value_head."});
template <class Net, class NameInFile>
    requires std::invocable<NameInFile&, std::string>
void load(Parameters<Net>& parameters, const SafetensorsFile& file, NameInFile name_in_file, const LeaveOut& left_out = {},
          const PassOver& passed_over = {}) {
    const std::vector<detail::WantedTensor> wanted = detail::wanted_tensors<Net>(name_in_file, left_out);
    detail::expect_fit(file, wanted, passed_over);
    Parameters<Net> loaded = parameters;  // (the disk may fail yet)
    detail::take_values(loaded, file, wanted);
    parameters = std::move(loaded);
}
template <class Net, class NameInFile>
    requires std::invocable<NameInFile&, std::string>
void load(Parameters<Net>& parameters, const std::filesystem::path& path, NameInFile name_in_file, const LeaveOut& left_out = {},
          const PassOver& passed_over = {}) {
    load(parameters, SafetensorsFile::read(path), name_in_file, left_out, passed_over);
}

// The same where the file's names are the network's.
template <class Net>
void load(Parameters<Net>& parameters, const std::filesystem::path& path, const LeaveOut& left_out = {}) {
    load(parameters, path, as_is, left_out);
}

// The parameters that a file holds, read straight into their places: there is never a second copy of them. Errors as of load.
//   const auto parameters = io::parameters_of<imagenet::ResNet<50>>("resnet50.safetensors", io::torchvision);
template <class Net, class NameInFile = NameMap>
    requires std::invocable<NameInFile&, std::string> Parameters<Net> parameters_of(const SafetensorsFile& file,
                                                                                    NameInFile name_in_file = as_is,
                                                                                    const PassOver& passed_over = {}) {
        const std::vector<detail::WantedTensor> wanted = detail::wanted_tensors<Net>(name_in_file, {});
        detail::expect_fit(file, wanted, passed_over);
        Parameters<Net> parameters;
        detail::take_values(parameters, file, wanted);
        return parameters;
    }
template <class Net, class NameInFile = NameMap>
    requires std::invocable<NameInFile&, std::string> Parameters<Net> parameters_of(const std::filesystem::path& path,
                                                                                    NameInFile name_in_file = as_is,
                                                                                    const PassOver& passed_over = {}) {
        return parameters_of<Net>(SafetensorsFile::read(path), name_in_file, passed_over);
    }

}  // namespace residua::inline RESIDUA_ISA::io
