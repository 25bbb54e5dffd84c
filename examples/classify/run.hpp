// What a network takes images for.
#pragma once

#include <string>
#include <vector>

namespace classify {

struct Options {
    std::string network = "resnet50";
    std::string names = "torchvision";
    std::string weights;
    std::string labels;   // empty: classes are called by their numbers
    int threads = 0;      // 0: all of the machine's
    double crop = 0.875;  // how much of an image's shorter side is seen
    std::vector<std::string> images;
};

// Prints the likeliest classes of each image that can be read, and names the others on standard error. How many they were.
// Errors, before the first image: options, weights and labels that will not do.
int classify_images(const Options& options);

}  // namespace classify
