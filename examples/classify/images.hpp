// Image files as a network for ImageNet sees them.
#pragma once

#include <residua/data/dataset.hpp>
#include <residua/data/normalisation.hpp>

#include <string>
#include <vector>

namespace classify {

// The pixels of a JPEG or PNG file, [3][height][width]: of an image whose shorter side is made height / crop the middle, as large
// as `image`. With a crop of 0.875 they are those of torchvision's Resize(256) and CenterCrop(224). Error: the file is no image,
// or cannot be read.
std::vector<std::uint8_t> seen(const std::string& file, residua::Shape image, double crop);

// These pixels of n images, one after the other, as the network reads them.
std::vector<float> normalised(const std::vector<std::uint8_t>& pixels, const residua::data::Normalisation& normalisation);

}  // namespace classify
