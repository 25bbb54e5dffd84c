// The kernel policy of vectors: which kernel serves which operation. PlainLoops is its twin in plain loops.
//
// A policy is a struct with the members of these; give your own to Network to try other kernels.
#pragma once

#include <residua/kernels/blocked.hpp>
#include <residua/kernels/conv/choice.hpp>
#include <residua/kernels/elementwise/dropout.hpp>
#include <residua/kernels/elementwise/functions.hpp>
#include <residua/kernels/elementwise/gate.hpp>
#include <residua/kernels/elementwise/map.hpp>
#include <residua/kernels/elementwise/products.hpp>
#include <residua/kernels/linear.hpp>
#include <residua/kernels/norm/affine.hpp>
#include <residua/kernels/norm/moments.hpp>
#include <residua/kernels/plain_loops.hpp>
#include <residua/kernels/pool.hpp>
#include <residua/kernels/subsample.hpp>

namespace residua::inline RESIDUA_ISA {

// `Rule` chooses kernels of convolutions: Fastest, or Exact, which leaves out Winograd's.
template <class T, class Rule = Fastest>
struct Vectorised : kernels::BlockedImages<T>,
                    kernels::MapKernels<T>,
                    kernels::GateKernels<T>,
                    kernels::DropoutKernels<T>,
                    kernels::ProductKernels<T>,
                    kernels::MomentKernels<T>,
                    kernels::AffineKernels<T>,
                    kernels::PoolKernels<T>,
                    kernels::SubsampleKernels<T>,
                    kernels::LinearKernels<T> {
    using Scalar = T;
    static constexpr int lanes = simd::lanes<T>;

    template <kernels::ConvGeometry G>
    using Convolution = typename Rule::template Convolution<T, G>;
};

}  // namespace residua::inline RESIDUA_ISA
