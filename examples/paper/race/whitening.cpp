#include "whitening.hpp"

#include <residua/data/augment.hpp>

#include <algorithm>
#include <cmath>

namespace paper::race {

using namespace residua;

namespace {

// Turns rows and columns p and q of the matrix so that what stands where they cross becomes zero, and the vectors with them.
void rotate(std::vector<double>& matrix, std::vector<double>& vectors, std::size_t n, std::size_t p, std::size_t q) {
    const double crossing = matrix[p * n + q];
    if (crossing == 0) return;
    const double half_cotangent = (matrix[q * n + q] - matrix[p * n + p]) / (2 * crossing);
    const double tangent = std::copysign(1.0, half_cotangent) / (std::abs(half_cotangent) + std::hypot(half_cotangent, 1.0));
    const double cosine = 1 / std::hypot(tangent, 1.0);
    const double sine = tangent * cosine;
    const auto turn = [&](double& a, double& b) {
        const double before = a;
        a = cosine * before - sine * b;
        b = sine * before + cosine * b;
    };
    for (std::size_t k = 0; k < n; ++k) turn(matrix[k * n + p], matrix[k * n + q]);
    for (std::size_t k = 0; k < n; ++k) turn(matrix[p * n + k], matrix[q * n + k]);
    for (std::size_t k = 0; k < n; ++k) turn(vectors[p * n + k], vectors[q * n + k]);
}

}  // namespace

Eigen eigen_of(std::vector<double> matrix, std::size_t n) {
    constexpr int sweeps = 30;  // (each squares what is left beside the diagonal: ten are enough for any of this size)
    Eigen result{std::vector<double>(n * n), std::vector<double>(n)};
    for (std::size_t i = 0; i < n; ++i) result.vectors[i * n + i] = 1;
    for (int sweep = 0; sweep < sweeps; ++sweep) {
        for (std::size_t p = 0; p < n; ++p) {
            for (std::size_t q = p + 1; q < n; ++q) rotate(matrix, result.vectors, n, p, q);
        }
    }
    for (std::size_t i = 0; i < n; ++i) result.values[i] = matrix[i * n + i];
    return result;
}

std::vector<float> whitening_filters(const data::Dataset& set, const data::Normalisation& normalisation, int side, int images) {
    const Shape shape = set.image;
    const auto window = static_cast<std::size_t>(side);
    const std::size_t n = static_cast<std::size_t>(shape.channels) * window * window;
    const auto width = static_cast<std::size_t>(shape.width);
    const auto height = static_cast<std::size_t>(shape.height);

    std::vector<double> products(n * n);
    std::vector<float> image(shape.size());
    std::vector<float> values(n);
    double windows = 0;
    for (int i = 0; i < std::min(images, set.size()); ++i) {
        data::normalise(set.pixels.data() + static_cast<std::size_t>(i) * shape.size(), normalisation, {}, image.data());
        for (std::size_t y = 0; y + window <= height; ++y) {
            for (std::size_t x = 0; x + window <= width; ++x) {
                for (std::size_t at = 0; at < n; ++at) {
                    const std::size_t channel = at / (window * window);
                    const std::size_t row = y + at / window % window;
                    values[at] = image[(channel * height + row) * width + x + at % window];
                }
                for (std::size_t a = 0; a < n; ++a) {
                    for (std::size_t b = 0; b < n; ++b) products[a * n + b] += static_cast<double>(values[a]) * values[b];
                }
                ++windows;
            }
        }
    }
    for (double& product : products) product /= windows;

    // (Of components that hardly vary the noise would be all that is left to see.)
    constexpr double least_variance = 5e-4;
    const Eigen eigen = eigen_of(products, n);
    std::vector<float> filters(2 * n * n);
    for (std::size_t i = 0; i < n; ++i) {
        const double scale = 1 / std::sqrt(eigen.values[i] + least_variance);
        for (std::size_t k = 0; k < n; ++k) {
            filters[i * n + k] = static_cast<float>(scale * eigen.vectors[i * n + k]);
            filters[(n + i) * n + k] = -filters[i * n + k];
        }
    }
    return filters;
}

}  // namespace paper::race
