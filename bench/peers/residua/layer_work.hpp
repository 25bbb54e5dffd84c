// A convolution by our kernels.
#pragma once

#include "catalogue.hpp"

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <algorithm>
#include <initializer_list>
#include <type_traits>

namespace peers {

constexpr residua::kernels::ConvGeometry geometry_of(Layer layer) {
    const residua::Window window{layer.window, layer.stride, layer.padding()};
    return {{layer.channels, layer.extent, layer.extent}, {layer.filters, layer.out_extent(), layer.out_extent()}, window, 1};
}

// (Forward's weights are packed before it, as an engine does it; those of the data gradient, which change with each step,
// within.)
template <class K, residua::kernels::ConvGeometry G>
class LayerWork final : public Work {
public:
    using Convolution = typename K::template Convolution<G>;

    LayerWork(int batch, Pass pass, const Options& options)
        : batch_(batch),
          pass_(pass),
          team_(options.threads, std::max(Convolution::worker_bytes, Convolution::backward_worker_bytes)),
          x_(image_count() * in_size),
          y_(image_count() * out_size),
          dx_(gives_dx(pass) ? x_.size() : 0),
          packed_(residua::rounded(Convolution::packed)),
          scratch_(residua::rounded(pass == Pass::forward ? Convolution::forward_scratch : Convolution::gradient_scratch)),
          w_(numbers(sequence::weights, weight_count)),
          dw_(gives_dw(pass) ? weight_count : 0) {
        fill(x_, G.in, sequence::images);
        if (pass == Pass::forward) {
            Convolution::pack(team_, w_.data(), packed_.data());
        } else {
            fill(y_, G.out, sequence::gradients);
        }
    }

    void run() override {
        switch (pass_) {
            case Pass::forward:
                Convolution::template forward<false>(team_, batch_, {x_.data()}, packed_.data(), nullptr, y_.data(),
                                                     scratch_.data(), nullptr);
                break;
            case Pass::data_gradient:
                Convolution::template data_gradient<false>(team_, batch_, y_.data(), w_.data(), dx_.data(), scratch_.data());
                break;
            case Pass::weight_gradient:
                Convolution::weight_gradient(team_, batch_, {x_.data()}, y_.data(), dw_.data(), nullptr, scratch_.data());
                break;
            case Pass::gradients:
                Convolution::template gradients<false>(team_, batch_, {x_.data()}, {y_.data()}, w_.data(), dw_.data(), nullptr,
                                                       dx_.data(), scratch_.data());
        }
    }

    std::vector<Tensor> results() override {
        if (pass_ == Pass::forward) return {plain("y", y_, G.out)};
        std::vector<Tensor> tensors;
        if (gives_dx(pass_)) tensors.push_back(plain("dx", dx_, G.in));
        if (gives_dw(pass_)) tensors.push_back({"dw", {G.out.channels, G.in.channels, G.window.size, G.window.size}, dw_});
        return tensors;
    }

    std::string how() const override { return direct ? "direct" : "Winograd"; }

private:
    using Direct = typename residua::Vectorised<float, residua::Exact>::Convolution<G>;
    static constexpr bool direct = std::is_same_v<Convolution, Direct>;
    static constexpr residua::Size in_size = residua::stored(G.in, K::lanes);
    static constexpr residua::Size out_size = residua::stored(G.out, K::lanes);
    static constexpr residua::Size weight_count = static_cast<residua::Size>(G.in.channels) *
                                                  static_cast<residua::Size>(G.out.channels) *
                                                  static_cast<residua::Size>(G.window.size * G.window.size);

    residua::Size image_count() const { return static_cast<residua::Size>(batch_); }

    void fill(residua::Buffer<float>& blocked, residua::Shape shape, std::uint32_t which) {
        const std::vector<float> values = numbers(which, image_count() * shape.size());
        for (residua::Size i = 0; i < image_count(); ++i)
            K::to_blocked(values.data() + i * shape.size(), shape, blocked.data() + i * residua::stored(shape, K::lanes));
    }

    Tensor plain(const std::string& name, const residua::Buffer<float>& blocked, residua::Shape shape) const {
        Tensor tensor{
            name, {batch_, shape.channels, shape.height, shape.width}, std::vector<float>(image_count() * shape.size())};
        for (residua::Size i = 0; i < image_count(); ++i)
            K::from_blocked(blocked.data() + i * residua::stored(shape, K::lanes), shape,
                            tensor.values.data() + i * shape.size());
        return tensor;
    }

    int batch_;
    Pass pass_;
    residua::Team team_;
    residua::Buffer<float> x_, y_, dx_, packed_, scratch_;  // (y is dy in backward passes)
    std::vector<float> w_, dw_;
};

// All passes of a layer at these batches.
template <int Channels, int Extent, int Filters, int Window, int Stride>
void add_layer(Catalogue& catalogue, std::initializer_list<int> batches) {
    constexpr Layer layer{Channels, Extent, Filters, Window, Stride};
    constexpr residua::kernels::ConvGeometry g = geometry_of(layer);
    using Default = residua::Vectorised<float>;
    using Exact = residua::Vectorised<float, residua::Exact>;
    for (const int batch : batches) {
        for (const auto& [pass_name, pass] : passes()) {
            const auto which = pass;  // (clang 14 captures no structured binding)
            Entry entry{
                work_name(layer.name(), batch, pass_name), layer.flops(batch, pass), layer.bytes(batch, pass), false, {}, {}};
            entry.make = [batch, which](const Options& options) -> std::unique_ptr<Work> {
                return std::make_unique<LayerWork<Default, g>>(batch, which, options);
            };
            if constexpr (!std::is_same_v<Default::Convolution<g>, Exact::Convolution<g>>) {
                entry.make_exact = [batch, which](const Options& options) -> std::unique_ptr<Work> {
                    return std::make_unique<LayerWork<Exact, g>>(batch, which, options);
                };
            }
            catalogue.push_back(std::move(entry));
        }
    }
}

}  // namespace peers
