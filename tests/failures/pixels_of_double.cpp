// A data set of pixels that are neither bytes nor floats.
// expect: the pixels of a data set are std::uint8_t or float
// expect: DatasetOf<double>
#include <residua/data/batches.hpp>
#include <residua/data/from_arrays.hpp>

using namespace residua;

int main() {
    const auto set = data::from_arrays(Shape{1, 2, 2}, 3, std::vector<double>(8), {0, 1});
    data::BatchesOf<double> batches(set, data::per_channel(set), {}, 2, 1);
}
