// Compiling is passing: what layers read and write in a training step, counted by hand.
#include <residua/networks/cifar.hpp>

namespace residua {

using K = Vectorised<float>;
constexpr Signal signal(Shape{16, 8, 8});
constexpr Size v = stored(signal, K::lanes);
template <class Spec>
constexpr Traffic moved = traffic_of<K, At<Spec, signal, K>>();

// Forward x, y; backward x, dy, dx.
static_assert(moved<Conv<16>> == Traffic{2 * v, 3 * v});
// Backward y, dy, dx.
static_assert(moved<Relu> == Traffic{2 * v, 3 * v});
// Moments of x first, which nobody counted for the second; x and dy are read twice backward.
static_assert(moved<BatchNorm<>> == Traffic{2 * v, 5 * v});
static_assert(moved<Sequence<Conv<16>, BatchNorm<>>> == Traffic{4 * v, 8 * v});

// A convolution that activates while it loads: x, y; x, dy, dA, then x, dA, dx.
using Activated = Sequence<BatchNorm<>, Relu, Conv<16>>;
static_assert(moved<Activated> == Traffic{2 * v, 6 * v});
// The second one's last pass is the first one's, which reads x and dA for it.
using Branch = Sequence<Activated, Activated>;
static_assert(At<Conv<16>, signal, K>::takes_pending);
static_assert(moved<Branch> == Traffic{4 * v, 10 * v});
// Where they are added: x again forward, dx backward.
using OneUnit = Residual<Branch, Identity>;
static_assert(moved<OneUnit> == Traffic{5 * v, 11 * v});
static_assert(moved<Repeat<7, OneUnit>> == 7 * moved<OneUnit>);
static_assert(moved<Recompute<OneUnit>> == Traffic{5 * v, 16 * v});
// F(x) is kept, read and added where its last layer reads it backward.
static_assert(moved<Residual<Relu, Identity>>.forward == 7 * v);

// An estimate that was made by hand for the whole step: 0.8 GB of tensors and more for the ends, 4.5 GB.
static_assert(cifar::PreActResNet<20>::training_traffic<128> / 10'000'000 == 90);
static_assert(cifar::PreActResNet<110>::training_traffic<128> / 100'000'000 == 44);
static_assert(cifar::PreActResNet<110>::training_traffic<128, RecomputeEvery<3>> >
              cifar::PreActResNet<110>::training_traffic<128>);

}  // namespace residua
