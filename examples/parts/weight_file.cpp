#include "weight_file.hpp"

#include <residua/core/error.hpp>
#include <residua/data/metadata.hpp>
#include <residua/io/name_maps.hpp>
#include <residua/io/safetensors.hpp>

namespace parts {

using namespace residua;

std::map<std::string, std::string> metadata_of(const std::string& weights) {
    return io::SafetensorsFile::read(weights).metadata();
}

std::string maps_of_names() {
    std::string list;
    for (const io::NamedNameMap& map : io::named_name_maps) list += (list.empty() ? "" : ", ") + std::string(map.name);
    return list;
}

data::Normalisation normalisation_of(const std::map<std::string, std::string>& metadata, const std::string& names, Shape image) {
    if (metadata.contains("input") || metadata.contains("input mean") || metadata.contains("input scale")) {
        const data::Normalisation normalisation = data::normalisation_of(metadata);
        if (normalisation.image == image) return normalisation;
        throw Error("the weights' metadata: expected a normalisation for images of " + shown(image) + ", found one for " +
                    shown(normalisation.image));
    }
    if (image.channels == 3 && (names == "timm" || names == "keras")) {
        return data::per_channel(image, {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5});
    }
    if (image.channels == 3) return data::per_channel(image, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});
    throw Error("the weights' metadata: expected a normalisation, for images of " + shown(image) +
                " have no usual one; found none");
}

}  // namespace parts
