// What tables of functions hand over by value, whatever instruction set they were made for: errors and shapes.
#pragma once

namespace residua {

// What went wrong, in words; empty if nothing did. (A text that is too long ends in three dots.)
struct AnyStatus {
    char message[1024] = {};

    bool ok() const { return message[0] == 0; }
};

// Of an image.
struct AnyShape {
    int channels = 0;
    int height = 0;
    int width = 0;
};

}  // namespace residua
