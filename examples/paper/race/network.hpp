// The network of the race: a whitening layer and six convolutions (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single
// GPU"). As there, without shortcuts: it is not deep.
#pragma once

#include <residua/layers/activation.hpp>
#include <residua/layers/batch_norm.hpp>
#include <residua/layers/conv.hpp>
#include <residua/layers/learned_scale.hpp>
#include <residua/layers/linear.hpp>
#include <residua/layers/pool.hpp>
#include <residua/layers/sequence.hpp>
#include <residua/networks/network.hpp>

namespace paper::race {

using namespace residua;

// Without factors, which the convolution before could have as well; its statistics remember two or three steps, since weights
// move fast.
using Norm = BatchNorm<Real(1e-5), Real(0.4), Affine::shift>;

template <int Channels>
using Stage = Sequence<Conv<Channels>, MaxPool<2>, Norm, Gelu, Conv<Channels>, Norm, Gelu>;

// Principal components of windows of 2x2 pixels, twelve, and their negatives, which the activation behind tells apart
// (first_weights.hpp). Images of 32x32 pixels become 31x31, and in the stages 15x15, 7x7 and 3x3.
inline constexpr Shape image{3, 32, 32};
inline constexpr int window = 2;
inline constexpr int components = image.channels * window * window;
using Whitening = Conv<2 * components, Kernel<window>, Padding<0>, WithBias>;

// Logits are a ninth of what the linear layer says: labels are smoothed, and need none that are large.
using Head = Sequence<MaxPool<3>, Linear<10>, Scale<Real(1.0 / 9)>>;

using Net = Network<image, Sequence<Whitening, Gelu, Stage<64>, Stage<256>, Stage<256>, Head>>;

inline constexpr int batch = 1024;

}  // namespace paper::race
