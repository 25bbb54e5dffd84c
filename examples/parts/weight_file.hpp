// What a file of weights says beside its tensors.
#pragma once

#include <residua/core/shape.hpp>
#include <residua/data/normalisation.hpp>

#include <map>
#include <string>

namespace parts {

// The metadata of a safetensors file. Error: it is none.
std::map<std::string, std::string> metadata_of(const std::string& weights);

// By which its network was trained, for images of this shape: what the metadata says, or, where they say nothing, what the
// project does whose `names` the tensors have: pixel / 127.5 - 1 (timm, keras), or else torchvision's means and deviations.
// Errors: metadata that cannot be read, or of another shape; none, for images that are not of three channels.
residua::data::Normalisation normalisation_of(const std::map<std::string, std::string>& metadata, const std::string& names,
                                              residua::Shape image);

// The maps of names that there are (io/name_maps.hpp), for a program's help: "as_is, torchvision, ...".
std::string maps_of_names();

}  // namespace parts
