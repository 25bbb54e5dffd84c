// What a side of the comparison does: a work, under a name that says all of it, and what came out of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace peers {

// The i-th number of a sequence (`which`, below), in [-1, 1) and a multiple of 2^-23: the same bits in C++ and in PyTorch. (The
// hash is Chris Wellons' lowbias32.)
inline float number(std::uint32_t which, std::uint64_t i) {
    std::uint32_t h = static_cast<std::uint32_t>(i) + which * 0x9e3779b9U;
    h = (h ^ (h >> 16)) * 0x7feb352dU;
    h = (h ^ (h >> 15)) * 0x846ca68bU;
    h = h ^ (h >> 16);
    return static_cast<float>(h >> 8) * 0x1p-23F - 1.F;
}

namespace sequence {
constexpr std::uint32_t images = 1;
constexpr std::uint32_t weights = 2;
constexpr std::uint32_t gradients = 3;  // of the output
}  // namespace sequence

inline std::vector<float> numbers(std::uint32_t which, std::size_t count) {
    std::vector<float> result(count);
    for (std::size_t i = 0; i < count; ++i) result[i] = number(which, i);
    return result;
}

// A result, in PyTorch's layout (NCHW, OIHW).
struct Tensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

// As safetensors. (Names are of letters, digits and dots: nothing in them needs an escape.) Error: the file cannot be written.
inline void write(const std::vector<Tensor>& tensors, const std::string& path) {
    std::string header = "{";
    std::size_t begin = 0;
    for (const Tensor& tensor : tensors) {
        if (header.size() > 1) header += ",";
        header += "\"" + tensor.name + "\":{\"dtype\":\"F32\",\"shape\":[";
        for (std::size_t d = 0; d < tensor.shape.size(); ++d) header += (d > 0 ? "," : "") + std::to_string(tensor.shape[d]);
        const std::size_t end = begin + tensor.values.size() * sizeof(float);
        header += "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
        begin = end;
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');

    std::ofstream file(path, std::ios::binary);
    const std::uint64_t size = header.size();
    for (int byte = 0; byte < 8; ++byte) file.put(static_cast<char>(size >> (8 * byte)));
    file << header;
    for (const Tensor& tensor : tensors) {
        const auto* bytes = reinterpret_cast<const char*>(tensor.values.data());
        file.write(bytes, static_cast<std::streamsize>(tensor.values.size() * sizeof(float)));
    }
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

// A work, ready to run.
class Work {
public:
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;

    virtual void run() = 0;                         // once: what is timed
    virtual std::vector<Tensor> results() = 0;      // of the last run
    virtual std::string how() const { return ""; }  // by which kernel
};

enum class Pass { forward, data_gradient, weight_gradient, gradients };

inline const std::vector<std::pair<std::string, Pass>>& passes() {
    static const std::vector<std::pair<std::string, Pass>> all{{"forward", Pass::forward},
                                                               {"data_gradient", Pass::data_gradient},
                                                               {"weight_gradient", Pass::weight_gradient},
                                                               {"gradients", Pass::gradients}};
    return all;
}

inline bool gives_dx(Pass pass) { return pass == Pass::data_gradient || pass == Pass::gradients; }
inline bool gives_dw(Pass pass) { return pass == Pass::weight_gradient || pass == Pass::gradients; }

// A convolution of square images and windows, padded by half a window on each side.
struct Layer {
    int channels;
    int extent;  // height and width, of the input
    int filters;
    int window;
    int stride;

    constexpr int padding() const { return window / 2; }
    constexpr int out_extent() const { return (extent + 2 * padding() - window) / stride + 1; }
    constexpr double weights() const { return 1.0 * channels * filters * window * window; }
    constexpr double inputs() const { return 1.0 * channels * extent * extent; }
    constexpr double outputs() const { return 1.0 * filters * out_extent() * out_extent(); }

    // By the definition, padded taps included.
    constexpr double flops(int batch, Pass pass) const {
        const double one = 2.0 * channels * window * window * outputs() * batch;
        return pass == Pass::gradients ? 2 * one : one;
    }
    // What has to be read and written at least: each tensor once.
    constexpr double bytes(int batch, Pass pass) const {
        const double x_and_y = (inputs() + outputs()) * batch;
        const double floats = pass == Pass::gradients ? x_and_y + inputs() * batch + 2 * weights() : x_and_y + weights();
        return floats * sizeof(float);
    }

    // "conv-16-32-32-3-2": channels, extent, filters, window, stride.
    std::string name() const {
        return "conv-" + std::to_string(channels) + "-" + std::to_string(extent) + "-" + std::to_string(filters) + "-" +
               std::to_string(window) + "-" + std::to_string(stride);
    }
};

// The name of a work: "conv-16-32-32-3-2/128/forward", "preact20/128/train".
inline std::string work_name(const std::string& subject, int batch, const std::string& pass) {
    return subject + "/" + std::to_string(batch) + "/" + pass;
}

}  // namespace peers
