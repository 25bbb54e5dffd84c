// A convolution by oneDNN, 2 or 3.
#pragma once

#include "../work.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <unordered_map>

namespace peers {

inline dnnl::engine& engine() {
    static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}
inline dnnl::stream& stream() {
    static dnnl::stream in_order(engine());
    return in_order;
}

// A tensor's values, in PyTorch's layout, and back.
inline dnnl::memory memory_of(const std::vector<float>& values, const dnnl::memory::desc& plain) {
    dnnl::memory memory(plain, engine());
    auto* data = memory.map_data<float>();
    std::memcpy(data, values.data(), values.size() * sizeof(float));
    memory.unmap_data(data);
    return memory;
}
inline dnnl::memory reordered(dnnl::memory from, const dnnl::memory::desc& to) {
    dnnl::memory result(to, engine());
    dnnl::reorder(from, result).execute(stream(), from, result);
    stream().wait();
    return result;
}
inline std::vector<float> values_of(const dnnl::memory& memory, const dnnl::memory::desc& plain, std::size_t count) {
    dnnl::memory in_order = reordered(memory, plain);
    std::vector<float> values(count);
    auto* data = in_order.map_data<float>();
    std::memcpy(values.data(), data, count * sizeof(float));
    in_order.unmap_data(data);
    return values;
}

// One way of computing one pass: a primitive and its memories, in the layouts that it asked for.
struct Way {
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> memories;
    dnnl::memory result;
    std::string name;

    void run() const { primitive.execute(stream(), memories); }
};

// All ways of one pass that oneDNN offers (its algorithms, layouts, and from version 3 on the implementations of each, but those
// for reference), of which the fastest is kept: what is reordered lies outside of what is timed, as our packing of weights does.
class Convolution {
public:
    Convolution(const Layer& layer, int batch) : layer_(layer), batch_(batch) {
        const std::size_t n = static_cast<std::size_t>(batch);
        x_ = memory_of(numbers(sequence::images, n * static_cast<std::size_t>(layer.inputs())), plain_x());
        w_ = memory_of(numbers(sequence::weights, static_cast<std::size_t>(layer.weights())), plain_w());
    }

    // (pass: one of the first three)
    Way best(Pass pass) {
        if (pass != Pass::forward && !dy_) {
            dy_ = memory_of(
                numbers(sequence::gradients, static_cast<std::size_t>(batch_) * static_cast<std::size_t>(layer_.outputs())),
                plain_y());
        }
        std::optional<Way> best;
        double least = 1e30;
        const auto consider = [&](Way way) {
            const double seconds = time_of(way);
            if (seconds >= least) return;
            least = seconds;
            best = std::move(way);
        };
        using Tag = dnnl::memory::format_tag;
        for (const auto algorithm :
             {dnnl::algorithm::convolution_direct, dnnl::algorithm::convolution_winograd, dnnl::algorithm::convolution_auto}) {
            for (const Tag layout : {Tag::any, Tag::nhwc, Tag::nChw16c}) {
                try {
                    ways(pass, algorithm, layout, consider);
                } catch (const dnnl::error& error) {
                    if (error.status != dnnl_unimplemented) throw;  // (Winograd's where it does not serve)
                }
            }
        }
        if (!best) throw std::runtime_error("oneDNN has no implementation");
        return *best;
    }

    dnnl::memory::desc plain_x() const { return plain(layer_.channels, layer_.extent); }
    dnnl::memory::desc plain_y() const { return plain(layer_.filters, layer_.out_extent()); }
    dnnl::memory::desc plain_w() const {
        return {{layer_.filters, layer_.channels, layer_.window, layer_.window}, f32, dnnl::memory::format_tag::oihw};
    }

private:
    static constexpr auto f32 = dnnl::memory::data_type::f32;

    dnnl::memory::desc plain(int channels, int extent) const {
        return {{batch_, channels, extent, extent}, f32, dnnl::memory::format_tag::nchw};
    }
    static dnnl::memory::desc in(dnnl::memory::format_tag layout, const dnnl::memory::desc& plain) {
        return {dims_of(plain), f32, layout};
    }

#if DNNL_VERSION_MAJOR < 3
    static dnnl::memory::dims dims_of(const dnnl::memory::desc& desc) { return desc.dims(); }
#else
    static dnnl::memory::dims dims_of(const dnnl::memory::desc& desc) { return desc.get_dims(); }
#endif

    // Primitive, with the arguments in the order that oneDNN gives them for this pass.
    template <class Primitive, class... Hint>
    static typename Primitive::primitive_desc described(dnnl::prop_kind kind, dnnl::algorithm algorithm,
                                                        const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                                        const dnnl::memory::desc& c, const dnnl::memory::dims& strides,
                                                        const dnnl::memory::dims& padding, const Hint&... hint) {
#if DNNL_VERSION_MAJOR < 3
        if constexpr (sizeof...(Hint) == 0) {
            return {typename Primitive::desc(kind, algorithm, a, b, c, strides, padding, padding), engine()};
        } else {
            return {typename Primitive::desc(algorithm, a, b, c, strides, padding, padding), engine(), hint...};
        }
#else
        if constexpr (sizeof...(Hint) == 0) {
            return {engine(), kind, algorithm, a, b, c, strides, padding, padding};
        } else {
            return {engine(), algorithm, a, b, c, strides, padding, padding, hint...};
        }
#endif
    }

    template <class Consider>
    void ways(Pass pass, dnnl::algorithm algorithm, dnnl::memory::format_tag layout, const Consider& consider) {
        const dnnl::memory::desc x = in(layout, plain_x()), y = in(layout, plain_y());
        const dnnl::memory::desc w = in(dnnl::memory::format_tag::any, plain_w());
        const dnnl::memory::dims strides{layer_.stride, layer_.stride}, padding{layer_.padding(), layer_.padding()};
        const auto forward = [&](dnnl::prop_kind kind, dnnl::algorithm by) {
            return described<dnnl::convolution_forward>(kind, by, x, w, y, strides, padding);
        };
        if (pass == Pass::forward) {
            auto desc = forward(dnnl::prop_kind::forward_inference, algorithm);
            each<dnnl::convolution_forward>(desc, [&](Way way) {
                way.memories = {{DNNL_ARG_SRC, reordered(x_, desc.src_desc())},
                                {DNNL_ARG_WEIGHTS, reordered(w_, desc.weights_desc())}};
                add_result(way, DNNL_ARG_DST, desc.dst_desc());
                consider(std::move(way));
            });
            return;
        }
        // (A hint of the same algorithm: Winograd's asks for it.)
        const auto hint = forward(dnnl::prop_kind::forward_training, algorithm);
        if (pass == Pass::data_gradient) {
            auto desc = described<dnnl::convolution_backward_data>({}, algorithm, x, w, y, strides, padding, hint);
            each<dnnl::convolution_backward_data>(desc, [&](Way way) {
                way.memories = {{DNNL_ARG_DIFF_DST, reordered(dy_, desc.diff_dst_desc())},
                                {DNNL_ARG_WEIGHTS, reordered(w_, desc.weights_desc())}};
                add_result(way, DNNL_ARG_DIFF_SRC, desc.diff_src_desc());
                consider(std::move(way));
            });
        } else {
            auto desc = described<dnnl::convolution_backward_weights>({}, algorithm, x, w, y, strides, padding, hint);
            each<dnnl::convolution_backward_weights>(desc, [&](Way way) {
                way.memories = {{DNNL_ARG_DIFF_DST, reordered(dy_, desc.diff_dst_desc())},
                                {DNNL_ARG_SRC, reordered(x_, desc.src_desc())}};
                add_result(way, DNNL_ARG_DIFF_WEIGHTS, desc.diff_weights_desc());
                consider(std::move(way));
            });
        }
    }

    template <class Primitive, class Desc, class Take>
    static void each(Desc& desc, const Take& take) {
        const auto take_this = [&] {
            const std::string name = desc.impl_info_str();
            if (name.find("ref") == std::string::npos) take(Way{Primitive(desc), {}, {}, name});
        };
        take_this();
#if DNNL_VERSION_MAJOR >= 3
        while (desc.next_impl()) take_this();  // (2.6 reads memory there that is not its own, and may end the program)
#endif
    }

    static void add_result(Way& way, int argument, const dnnl::memory::desc& desc) {
        way.result = dnnl::memory(desc, engine());
        way.memories[argument] = way.result;
    }

    // The least of three, after one that warms up.
    static double time_of(const Way& way) {
        double least = 1e30;
        for (int i = 0; i < 4; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            way.run();
            stream().wait();
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            if (i > 0) least = std::min(least, seconds);
        }
        return least;
    }

    Layer layer_;
    int batch_;
    dnnl::memory x_, w_, dy_;
};

// One pass, or both gradients, one after the other.
class ConvolutionWork final : public Work {
public:
    ConvolutionWork(const Layer& layer, int batch, Pass pass) : layer_(layer), batch_(batch), convolution_(layer, batch) {
        if (pass == Pass::forward) forward_ = convolution_.best(pass);
        if (gives_dx(pass)) data_ = convolution_.best(Pass::data_gradient);
        if (gives_dw(pass)) weight_ = convolution_.best(Pass::weight_gradient);
    }

    void run() override {
        for (const auto* way : {&forward_, &data_, &weight_}) {
            if (*way) (*way)->run();
        }
        stream().wait();
    }

    std::vector<Tensor> results() override {
        const int out = layer_.out_extent();
        std::vector<Tensor> tensors;
        if (forward_) add(tensors, "y", *forward_, convolution_.plain_y(), {batch_, layer_.filters, out, out});
        if (data_) add(tensors, "dx", *data_, convolution_.plain_x(), {batch_, layer_.channels, layer_.extent, layer_.extent});
        if (weight_)
            add(tensors, "dw", *weight_, convolution_.plain_w(), {layer_.filters, layer_.channels, layer_.window, layer_.window});
        return tensors;
    }

    std::string how() const override {
        std::string names;
        for (const auto* way : {&forward_, &data_, &weight_}) {
            if (*way) names += (names.empty() ? "" : ", ") + (*way)->name;
        }
        return names;
    }

private:
    static void add(std::vector<Tensor>& tensors, const std::string& name, const Way& way, const dnnl::memory::desc& plain,
                    std::vector<std::int64_t> shape) {
        std::size_t count = 1;
        for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
        tensors.push_back({name, std::move(shape), values_of(way.result, plain, count)});
    }

    Layer layer_;
    int batch_;
    Convolution convolution_;
    std::optional<Way> forward_, data_, weight_;
};

}  // namespace peers
