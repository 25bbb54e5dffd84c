// The kernel policy of vectors: which kernel serves which operation. PlainLoops is its twin in plain loops.
//
// A policy is a struct with these members; give your own to Network to try other kernels.
#pragma once

#include <residua/kernels/conv_direct.hpp>
#include <residua/kernels/dropout.hpp>
#include <residua/kernels/functions.hpp>
#include <residua/kernels/linear.hpp>
#include <residua/kernels/plain_loops.hpp>

namespace residua::inline RESIDUA_ISA {

template <class T>
struct Vectorised {
    using Scalar = T;
    static constexpr int lanes = simd::lanes<T>;

    template <ConvGeometry G>
    using Convolution = DirectConvolution<T, G>;

    static void moments(const T* x, Shape s, Range blocks, T* to) { image_moments(x, s, blocks, to); }

    template <bool Relu, bool Accumulates>
    static void affine(const T* x, Shape s, Range blocks, const T* scale, const T* shift, T* y) {
        kernels::affine<Relu, Accumulates>(x, s, blocks, scale, shift, y);
    }
    template <bool Relu>
    static void affine_gradient_sums(const T* x, const T* dy, Shape s, Range blocks, const T* mean, const T* inverse,
                                     const T* scale, const T* shift, double* sums) {
        kernels::affine_gradient_sums<Relu>(x, dy, s, blocks, mean, inverse, scale, shift, sums);
    }
    template <bool Relu, bool Accumulates>
    static void affine_gradient(const T* x, const T* dy, Shape s, Range blocks, const T* scale, const T* shift, const T* c1,
                                const T* c2, const T* c3, T* dx) {
        kernels::affine_gradient<Relu, Accumulates>(x, dy, s, blocks, scale, shift, c1, c2, c3, dx);
    }

    template <bool Accumulates, class F>
    static void map(const T* x, Shape s, Range blocks, T* y, F f) {
        kernels::map<Accumulates>(x, s, blocks, y, f);
    }
    template <bool Accumulates, class F>
    static void map_gradient(const T* v, const T* dy, Shape s, Range blocks, T* dx, F f) {
        kernels::map_gradient<Accumulates>(v, dy, s, blocks, dx, f);
    }

    template <bool Both, bool Accumulates>
    static void gate(const T* g, const T* h, const T* f, Shape s, Range blocks, T* y) {
        kernels::gate<Both, Accumulates>(g, h, f, s, blocks, y);
    }
    template <bool Both>
    static void gate_gradient(const T* g, const T* h, const T* f, const T* dy, Shape s, Range blocks, T* dg, T* dh, T* df) {
        kernels::gate_gradient<Both>(g, h, f, dy, s, blocks, dg, dh, df);
    }

    template <bool Accumulates>
    static void max_pool(const T* x, Shape in, Shape out, Window w, Range blocks, T* y) {
        kernels::max_pool<Accumulates>(x, in, out, w, blocks, y);
    }
    template <bool Accumulates>
    static void max_pool_gradient(const T* x, const T* dy, Shape in, Shape out, Window w, Range blocks, T* dx) {
        kernels::max_pool_gradient<Accumulates>(x, dy, in, out, w, blocks, dx);
    }
    template <bool Accumulates>
    static void average_pool(const T* x, Shape in, Shape out, Window w, Range blocks, T* y) {
        kernels::average_pool<Accumulates>(x, in, out, w, blocks, y);
    }
    template <bool Accumulates>
    static void average_pool_gradient(const T* dy, Shape in, Shape out, Window w, Range blocks, T* dx) {
        kernels::average_pool_gradient<Accumulates>(dy, in, out, w, blocks, dx);
    }
    template <bool Accumulates>
    static void global_average(const T* x, Shape in, Range blocks, T* y) {
        kernels::global_average<Accumulates>(x, in, blocks, y);
    }
    template <bool Accumulates>
    static void global_average_gradient(const T* dy, Shape in, Range blocks, T* dx) {
        kernels::global_average_gradient<Accumulates>(dy, in, blocks, dx);
    }

    template <bool Accumulates>
    static void subsample(const T* x, Shape in, Shape out, int stride, int front, T* y) {
        kernels::subsample<Accumulates>(x, in, out, stride, front, y);
    }
    template <bool Accumulates>
    static void subsample_gradient(const T* dy, Shape in, Shape out, int stride, int front, T* dx) {
        kernels::subsample_gradient<Accumulates>(dy, in, out, stride, front, dx);
    }
    template <bool Accumulates>
    static void dropout(const T* x, Shape s, Range blocks, const random::Key& key, double p, T factor, T* y) {
        kernels::dropout<Accumulates>(x, s, blocks, key, p, factor, y);
    }
    static void pack(const T* plain, Shape s, T* image) { kernels::pack(plain, s, image); }
    static void unpack(const T* image, Shape s, T* plain) { kernels::unpack(image, s, plain); }

    static constexpr Size linear_scratch(Shape in) { return kernels::linear_scratch(in); }
    template <bool Accumulates>
    static void linear(const Team& team, int n, const T* x, Shape in, int outputs, const T* w, const T* bias, T* y, T* scratch) {
        kernels::linear<Accumulates>(team, n, x, in, outputs, w, bias, y, scratch);
    }
    template <bool Accumulates>
    static void linear_gradient(const Team& team, int n, const T* x, const T* dy, Shape in, int outputs, const T* w, T* dw,
                                T* dbias, T* dx, T* scratch) {
        kernels::linear_gradient<Accumulates>(team, n, x, dy, in, outputs, w, dw, dbias, dx, scratch);
    }
};

}  // namespace residua::inline RESIDUA_ISA
