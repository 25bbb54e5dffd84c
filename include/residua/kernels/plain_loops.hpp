// The kernel policy of plain loops: one lane, so that blocked images are NCHW. Readable, slow, in any scalar type.
#pragma once

#include <residua/core/random.hpp>
#include <residua/kernels/conv/reference.hpp>

#include <limits>

namespace residua::inline RESIDUA_ISA {

// Pointers are to one image unless n is given; "blocks" are channels; Accumulates: y += f(x). See Vectorised for the twin.
template <class T>
struct PlainLoops {
    using Scalar = T;
    static constexpr int lanes = 1;

    template <kernels::ConvGeometry G>
    struct Convolution : kernels::reference::Convolution<T, G> {
        template <bool Accumulates, kernels::Rectify R = kernels::Rectify::nowhere>
        static void forward(const Team&, int n, kernels::ConvInput<T> x, const T* weights, const T* bias, T* y, T*, T* moments,
                            const T* addend = nullptr) {
            kernels::reference::Convolution<T, G>::template forward<Accumulates, R>(
                n, x, weights, bias, addend ? addend : y, y, [&](int image, const T* of_image) {
                    if (moments) PlainLoops::moments(of_image, G.out, {0, G.out.channels}, moments + 2 * image * G.out.channels);
                });
        }
    };

    // Mean and sum of squared deviations of each channel of one image.   to [2][channels]
    static void moments(const T* x, Shape s, Range channels, T* to) {
        const double count = static_cast<double>(s.pixels());
        each_channel(s, channels, [&](Size c, Size begin, Size end) {
            double sum = 0;
            for (Size i = begin; i < end; ++i) sum += static_cast<double>(x[i]);
            const T mean = static_cast<T>(sum / count);
            double squares = 0;
            for (Size i = begin; i < end; ++i) squares += square(static_cast<double>(x[i]) - static_cast<double>(mean));
            to[c] = mean;
            to[static_cast<Size>(s.channels) + c] = static_cast<T>(squares);
        });
    }

    // y = scale x + shift, then ReLU if asked.
    template <bool Relu, bool Accumulates>
    static void affine(const T* x, Shape s, Range channels, const T* scale, const T* shift, T* y) {
        each_channel(s, channels, [&](Size c, Size begin, Size end) {
            for (Size i = begin; i < end; ++i) {
                const T value = scale[c] * x[i] + shift[c];
                put<Accumulates>(y[i], Relu && value < 0 ? T(0) : value);
            }
        });
    }
    // With g = dy where the ReLU let pass: sums of g and of g (x - mean) inverse.   sums [2][channels]
    template <bool Relu>
    static void affine_gradient_sums(const T* x, const T* dy, Shape s, Range channels, const T* mean, const T* inverse,
                                     const T* scale, const T* shift, double* sums) {
        each_channel(s, channels, [&](Size c, Size begin, Size end) {
            double sum = 0;
            double dot = 0;
            for (Size i = begin; i < end; ++i) {
                const T g = passed<Relu>(scale[c] * x[i] + shift[c], dy[i]);
                sum += static_cast<double>(g);
                dot += static_cast<double>(g) * static_cast<double>((x[i] - mean[c]) * inverse[c]);
            }
            sums[c] = sum;
            sums[static_cast<Size>(s.channels) + c] = dot;
        });
    }
    // dx = c1 g + c2 x + c3
    template <bool Relu, bool Accumulates>
    static void affine_gradient(const T* x, const T* dy, Shape s, Range channels, const T* scale, const T* shift, const T* c1,
                                const T* c2, const T* c3, T* dx) {
        each_channel(s, channels, [&](Size c, Size begin, Size end) {
            for (Size i = begin; i < end; ++i) {
                const T g = passed<Relu>(scale[c] * x[i] + shift[c], dy[i]);
                put<Accumulates>(dx[i], c1[c] * g + c2[c] * x[i] + c3[c]);
            }
        });
    }

    template <bool Accumulates, class F>
    static void map(const T* x, Shape s, Range channels, T* y, F f) {
        each_value(s, channels, [&](Size i) { put<Accumulates>(y[i], f(x[i])); });
    }
    template <bool Accumulates, class F>
    static void map_gradient(const T* v, const T* dy, Shape s, Range channels, T* dx, F f) {
        each_value(s, channels, [&](Size i) { put<Accumulates>(dx[i], f(v[i], dy[i])); });
    }

    // y = (1 - g) h + (Both ? g : 1) f
    template <bool Both, bool Accumulates>
    static void gate(const T* g, const T* h, const T* f, Shape s, Range channels, T* y) {
        each_value(s, channels, [&](Size i) { put<Accumulates>(y[i], (1 - g[i]) * h[i] + (Both ? g[i] * f[i] : f[i])); });
    }
    template <bool Both>
    static void gate_gradient(const T* g, const T* h, const T* f, const T* dy, Shape s, Range channels, T* dg, T* dh, T* df) {
        each_value(s, channels, [&](Size i) {
            dg[i] = ((Both ? f[i] : T(0)) - h[i]) * dy[i];
            dh[i] = (1 - g[i]) * dy[i];
            df[i] = Both ? g[i] * dy[i] : dy[i];
        });
    }

    // The sum of x z over each channel of one image.   sums [channels]
    static void channel_products(const T* x, const T* z, Shape s, Range channels, double* sums) {
        each_channel(s, channels, [&](Size c, Size begin, Size end) {
            sums[c] = 0;
            for (Size i = begin; i < end; ++i) sums[c] += static_cast<double>(x[i]) * static_cast<double>(z[i]);
        });
    }

    template <bool Accumulates>
    static void max_pool(const T* x, Shape in, Shape out, Window w, Range channels, T* y) {
        each_window(in, out, w, channels, [&](Size to, auto each_input) {
            T best = -std::numeric_limits<T>::infinity();
            each_input([&](Size from) {
                if (x[from] > best || x[from] != x[from]) best = x[from];
            });
            put<Accumulates>(y[to], best);
        });
    }
    template <bool Accumulates>
    static void max_pool_gradient(const T* x, const T* dy, Shape in, Shape out, Window w, Range channels, T* dx) {
        if (!Accumulates) clear(dx, in, channels);
        each_window(in, out, w, channels, [&](Size to, auto each_input) {
            T best = -std::numeric_limits<T>::infinity();
            Size at = 0;
            bool any = false;
            each_input([&](Size from) {
                if (!any || x[from] > best || x[from] != x[from]) {
                    best = x[from];
                    at = from;
                }
                any = true;
            });
            dx[at] += dy[to];
        });
    }
    template <bool Accumulates>
    static void average_pool(const T* x, Shape in, Shape out, Window w, Range channels, T* y) {
        each_window(in, out, w, channels, [&](Size to, auto each_input) {
            T sum = 0;
            each_input([&](Size from) { sum += x[from]; });
            put<Accumulates>(y[to], sum / static_cast<T>(w.size * w.size));
        });
    }
    template <bool Accumulates>
    static void average_pool_gradient(const T* dy, Shape in, Shape out, Window w, Range channels, T* dx) {
        if (!Accumulates) clear(dx, in, channels);
        each_window(in, out, w, channels, [&](Size to, auto each_input) {
            each_input([&](Size from) { dx[from] += dy[to] / static_cast<T>(w.size * w.size); });
        });
    }
    template <bool Accumulates>
    static void global_average(const T* x, Shape in, Range channels, T* y) {
        each_channel(in, channels, [&](Size c, Size begin, Size end) {
            T sum = 0;
            for (Size i = begin; i < end; ++i) sum += x[i];
            put<Accumulates>(y[c], sum / static_cast<T>(in.pixels()));
        });
    }
    template <bool Accumulates>
    static void global_average_gradient(const T* dy, Shape in, Range channels, T* dx) {
        each_channel(in, channels, [&](Size c, Size begin, Size end) {
            for (Size i = begin; i < end; ++i) put<Accumulates>(dx[i], dy[c] / static_cast<T>(in.pixels()));
        });
    }

    // Rows and columns 0, stride, ... of x, channel c at c + front, zeros elsewhere.
    template <bool Accumulates>
    static void subsample(const T* x, Shape in, Shape out, int stride, int front, T* y) {
        if (!Accumulates) clear(y, out, {0, out.channels});
        each_sample(in, out, stride, front, [&](Size from, Size to) { y[to] += x[from]; });
    }
    template <bool Accumulates>
    static void subsample_gradient(const T* dy, Shape in, Shape out, int stride, int front, T* dx) {
        if (!Accumulates) clear(dx, in, {0, in.channels});
        each_sample(in, out, stride, front, [&](Size from, Size to) { dx[from] += dy[to]; });
    }

    // factor x where the value's uniform number is at least p, else 0.
    template <bool Accumulates>
    static void dropout(const T* x, Shape s, Range channels, const random::Key& key, double p, T factor, T* y) {
        each_value(s, channels, [&](Size i) {
            const bool kept = static_cast<double>(random::uniform4(key, i / 4)[i % 4]) >= p;
            put<Accumulates>(y[i], kept ? factor * x[i] : T(0));
        });
    }

    static void to_blocked(const T* plain, Shape s, T* image) { std::copy(plain, plain + s.size(), image); }
    static void from_blocked(const T* image, Shape s, T* plain) { std::copy(image, image + s.size(), plain); }

    // y = W x + b on n images.   w [outputs][in.size()]
    static constexpr Size linear_scratch(Shape) { return 0; }
    template <bool Accumulates>
    static void linear(const Team&, int n, const T* x, Shape in, int outputs, const T* w, const T* bias, T* y, T*) {
        each_product(
            n, in, outputs, [&](Size to, Size o, Size, Size) { put<Accumulates>(y[to], bias[o]); },
            [&](Size to, Size, Size from, Size weight) { y[to] += w[weight] * x[from]; });
    }
    template <bool Accumulates>
    static void linear_gradient(const Team&, int n, const T* x, const T* dy, Shape in, int outputs, const T* w, T* dw, T* dbias,
                                T* dx, T*) {
        if (dx && !Accumulates) std::fill(dx, dx + static_cast<Size>(n) * in.size(), T(0));
        each_product(
            n, in, outputs, [&](Size to, Size o, Size, Size) { dbias[o] += dy[to]; },
            [&](Size to, Size, Size from, Size weight) {
                dw[weight] += dy[to] * x[from];
                if (dx) dx[from] += dy[to] * w[weight];
            });
    }

private:
    template <bool Accumulates>
    static void put(T& y, T value) {
        y = Accumulates ? y + value : value;
    }
    static double square(double value) { return value * value; }

    // The gradient that a ReLU lets pass whose input was `before`.
    template <bool Relu>
    static T passed(T before, T dy) {
        return Relu && before <= 0 ? T(0) : dy;
    }

    static void clear(T* image, Shape s, Range channels) {
        each_value(s, channels, [&](Size i) { image[i] = T(0); });
    }

    // visit(channel, its first value, the end of its values)
    template <class Visit>
    static void each_channel(Shape s, Range channels, Visit visit) {
        for (int c = channels.begin; c < channels.end; ++c) {
            const Size begin = static_cast<Size>(c) * s.pixels();
            visit(static_cast<Size>(c), begin, begin + s.pixels());
        }
    }
    template <class Visit>
    static void each_value(Shape s, Range channels, Visit visit) {
        each_channel(s, channels, [&](Size, Size begin, Size end) {
            for (Size i = begin; i < end; ++i) visit(i);
        });
    }

    static constexpr Size index(Shape s, int c, int row, int column) {
        return (static_cast<Size>(c) * static_cast<Size>(s.height) + static_cast<Size>(row)) * static_cast<Size>(s.width) +
               static_cast<Size>(column);
    }

    // visit(output, each_input): each_input(f) calls f(input) for all of the window that lies within the image.
    template <class Visit>
    static void each_window(Shape in, Shape out, Window w, Range channels, Visit visit) {
        for (int c = channels.begin; c < channels.end; ++c) {
            for (int row = 0; row < out.height; ++row) {
                for (int column = 0; column < out.width; ++column) {
                    visit(index(out, c, row, column), [&](auto f) {
                        for (int u = 0; u < w.size; ++u) {
                            for (int v = 0; v < w.size; ++v) {
                                const int y = row * w.stride + u - w.padding.before;
                                const int x = column * w.stride + v - w.padding.before;
                                if (y >= 0 && y < in.height && x >= 0 && x < in.width) f(index(in, c, y, x));
                            }
                        }
                    });
                }
            }
        }
    }

    template <class Visit>
    static void each_sample(Shape in, Shape out, int stride, int front, Visit visit) {
        for (int c = 0; c < in.channels; ++c) {
            for (int row = 0; row < out.height; ++row) {
                for (int column = 0; column < out.width; ++column) {
                    visit(index(in, c, row * stride, column * stride), index(out, c + front, row, column));
                }
            }
        }
    }

    // start(output, o, 0, 0), then visit(output, o, input, weight) for its products, of every image and output.
    template <class Start, class Visit>
    static void each_product(int n, Shape in, int outputs, Start start, Visit visit) {
        for (Size image = 0; image < static_cast<Size>(n); ++image) {
            for (Size o = 0; o < static_cast<Size>(outputs); ++o) {
                const Size to = image * static_cast<Size>(outputs) + o;
                start(to, o, 0, 0);
                for (Size i = 0; i < in.size(); ++i) visit(to, o, image * in.size() + i, o * in.size() + i);
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA
