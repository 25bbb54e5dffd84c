// A network: a spec bound to an input shape and a kernel policy. All there is to know of it is known to the compiler.
#pragma once

#include <residua/core/names.hpp>
#include <residua/kernels/vectorised.hpp>
#include <residua/layers/recompute.hpp>
#include <residua/layers/linear.hpp>
#include <residua/layers/pool.hpp>
#include <residua/layers/rectified_residual.hpp>
#include <residua/networks/ledger.hpp>
#include <residua/networks/refusal.hpp>
#include <residua/networks/unknown.hpp>
#include <residua/units/tap.hpp>
#include <residua/units/unit.hpp>
#include <residua/units/watch.hpp>

#include <concepts>

namespace residua::inline RESIDUA_ISA {

namespace detail {

template <Shape In, class Spec>
constexpr ShapeInference network_inference() {
    constexpr SizeCheck sizes =
        SizeCheck{}.of(Quantity::channels, In.channels).of(Quantity::height, In.height).of(Quantity::width, In.width);
    if (sizes.failed()) return ShapeInference::failed(In, sizes.wrong);
    if (!fits(In)) return ShapeInference::failed(In, {Quantity::values, static_cast<double>(In.channels) * In.height * In.width});
    return inferred<Spec, Signal(In)>;
}

template <Shape In, class Spec>
inline constexpr ShapeInference checked = network_inference<In, Spec>();

// A policy of recomputation that makes no sense is refused where it is named, and work goes on as if nothing were recomputed.
// (The assertion stands in a class that is only looked at: clang 14 forgets the members of one whose assertion failed.)
template <class Given>
struct IsRecomputation {
    static_assert(fault::never<Given>, "residua: expected KeepAll, or RecomputeEvery of at least one unit");
};
template <class Given>
struct CheckedRecomputation {
    static_assert(sizeof(IsRecomputation<Given>) > 0);
    using type = KeepAll;
};
template <>
struct CheckedRecomputation<KeepAll> {
    using type = KeepAll;
};
template <int Units>
    requires(Units >= 1)
struct CheckedRecomputation<RecomputeEvery<Units>> {
    using type = RecomputeEvery<Units>;
};

template <class Visit>
struct TensorVisitor final : NetworkVisitor {
    constexpr explicit TensorVisitor(Visit& v) : visit(v) {}
    constexpr void tensor(const TensorInfo& info) override { visit(info); }
    Visit& visit;
};
template <class Visit>
struct LayerVisitor final : NetworkVisitor {
    constexpr explicit LayerVisitor(Visit& v) : visit(v) {}
    constexpr void layer(const LayerInfo& info, LayerSettings) override { visit(info); }
    Visit& visit;
};

template <Shape In, class Spec, class K, bool Ok>
struct NetworkBase {
    static constexpr Signal signal{In};
    using Root = residua::At<Spec, signal, K>;
    using InferenceKernels = typename ForInference<K, exceeds(Root::extent.prepared * sizeof(typename K::Scalar))>::type;
    using InferenceRoot = residua::At<Spec, signal, InferenceKernels>;
    template <class Policy>
    using Inferred = residua::At<typename Rewritten<Spec, Policy>::type, signal, InferenceKernels>;
    template <class Recomputation, class Watch = WatchNothing>
    using Trained = residua::At<
        typename Recomputed<typename Rewritten<Spec, Watch>::type, typename CheckedRecomputation<Recomputation>::type>::type,
        signal, K>;
    template <class Watch>  // one after the other; Root::extent.units counts those inside other layers as well
    static constexpr Size watched_units = Rewritten<Spec, Watch>::units;
    using T = typename K::Scalar;

    static constexpr Shape input_shape = In;
    static constexpr Shape output_shape = Root::out;
    static constexpr Shape input = input_shape;
    static constexpr Shape output = output_shape;
    static constexpr Size parameter_count = Root::extent.parameters;
    static constexpr Size statistic_count = Root::extent.statistics;

    // Multiply-adds of convolutions and linear layers, an image, forward.
    static constexpr Size macs = Root::totals.macs;

    // Values of a channel of one image at the place where batch normalisation sees fewest; 0: there is none.
    static constexpr Size fewest_pixels = Root::totals.fewest_pixels;

    // An image of the user's in blocks of channels, and its logits.
    static constexpr Size input_image = stored(input_shape, K::lanes);
    static constexpr Size output_image = stored(output_shape, K::lanes);

    template <class Recomputation>
    static constexpr Ledger<TrainingPart> training_ledger = [] {
        using R = Trained<Recomputation>;
        constexpr Need scratch = max(R::template forward_scratch<Mode::training, false>, R::template backward_scratch<false>);
        Ledger<TrainingPart> ledger;
        ledger.add(TrainingPart::fixed, {R::extent.fixed, 0});
        ledger.add(TrainingPart::scratch_fixed, {scratch.fixed, 0});
        ledger.add(TrainingPart::input, {0, input_image});
        ledger.add(TrainingPart::logits, {0, output_image});
        ledger.add(TrainingPart::logit_gradients, {0, output_image});
        ledger.add(TrainingPart::input_gradients, {0, R::discards ? 0 : input_image});
        ledger.add(TrainingPart::saved, {0, R::extent.saved});
        ledger.add(TrainingPart::scratch, {0, scratch.image});
        return ledger;
    }();
    // (Tapped: values an image that units hand over.)
    template <class Bound, Size Tapped>
    static constexpr Ledger<InferencePart> ledger_of = [] {
        constexpr Need scratch = Bound::template forward_scratch<Mode::inference, false>;
        Ledger<InferencePart> ledger;
        ledger.add(InferencePart::scratch_fixed, {scratch.fixed, 0});
        ledger.add(InferencePart::input, {0, input_image});
        ledger.add(InferencePart::logits, {0, output_image});
        ledger.add(InferencePart::rows, {0, output_image});
        ledger.add(InferencePart::taps, {0, Tapped});
        ledger.add(InferencePart::scratch, {0, scratch.image});
        return ledger;
    }();
    static constexpr Ledger<InferencePart> inference_ledger = ledger_of<InferenceRoot, 0>;

    // Bytes of one arena: activations kept from forward to backward, gradients of activations, scratch. (Parameters' gradients
    // and the optimizer's state are beside it, and so is training_worker_bytes for each thread.)
    template <int Batch, class Recomputation = KeepAll>
    static constexpr Size training_bytes = [] {
        constexpr Need arena = training_ledger<Recomputation>.total();
        static_assert(detail::arena_fits<T>(Batch, arena), "residua: a batch holds at least one image, and fits into memory");
        return detail::arena_bytes<T>(Batch, arena);
    }();
    template <int Batch>
    static constexpr Size inference_bytes = [] {
        constexpr Need arena = inference_ledger.total();
        static_assert(detail::arena_fits<T>(Batch, arena), "residua: a batch holds at least one image, and fits into memory");
        return detail::arena_bytes<T>(Batch, arena);
    }();

    // Bytes that a step on a full batch reads and writes, as if no cache held anything from one layer to the next. (Parameters:
    // read by either pass, their gradients cleared, added to and read, the optimizer's state and they read and written: as SGD
    // with momentum does it.)
    template <int Batch, class Recomputation = KeepAll>
    static constexpr Size training_traffic = [] {
        [[maybe_unused]] constexpr Size arena = training_bytes<Batch, Recomputation>;  // (for its error)
        using R = Trained<Recomputation>;
        constexpr Traffic layers = traffic_of<K, R>();
        constexpr Size ends = input_shape.size() + input_image + 2 * output_image;  // the user's images, the loss
        constexpr Size image = layers.forward + layers.backward + ends - (R::discards ? input_image : 0);
        return sizeof(T) * (static_cast<Size>(Batch) * image + 10 * parameter_count);
    }();

    // Bytes of scratch of one thread, beside the arena.
    static constexpr Size training_worker_bytes = (Root::totals.training_worker_bytes() + 63) / 64 * 64;
    template <int Batch>
    static constexpr Size inference_worker_bytes = (InferenceRoot::totals.inference_worker_bytes(Batch) + 63) / 64 * 64;
};

// A refused network goes on as a stub that compiles wherever a network does: one error, and no other after it.
template <Shape In, class Spec, class K>
struct NetworkBase<In, Spec, K, false> {
    static constexpr Signal signal{Shape{1}};
    using Root = residua::At<Linear<1>, signal, K>;
    using InferenceRoot = Root;
    template <class>
    using Inferred = Root;
    template <class, class = WatchNothing>
    using Trained = Root;
    template <class>
    static constexpr Unknown watched_units{};
    using T = typename K::Scalar;

    static constexpr Shape input_shape{1};
    static constexpr Shape output_shape{1};
    static constexpr UnknownShape input{};
    static constexpr UnknownShape output{};
    static constexpr Unknown parameter_count{};
    static constexpr Unknown statistic_count{};
    static constexpr Unknown macs{};
    static constexpr Unknown fewest_pixels{};
    static constexpr Unknown training_worker_bytes{};
    template <int>
    static constexpr Unknown inference_worker_bytes{};
    template <int, class = KeepAll>
    static constexpr Unknown training_bytes{};
    template <int, class = KeepAll>
    static constexpr Unknown training_traffic{};
    template <int>
    static constexpr Unknown inference_bytes{};
    static constexpr Size input_image = 16;
    static constexpr Size output_image = 16;
    template <class>
    static constexpr Ledger<TrainingPart> training_ledger{};
    template <class, Size>
    static constexpr Ledger<InferencePart> ledger_of{};
    static constexpr Ledger<InferencePart> inference_ledger{};
};

}  // namespace detail

// Input is the shape of one image; Spec what is written from stem to classifier; K the kernel policy. A faulty spec gives one
// error, which names the place and the two shapes that do not fit.
template <Shape Input, class Spec, class K = Vectorised<float>>
struct Network : detail::NetworkBase<Input, Spec, K, detail::checked<Input, Spec>.ok()> {
    // (The report is looked at, not inherited from: clang 14 makes a class invalid whose base has a failed assertion. And it is
    // looked at from here: each class between it and the program is a line of the error.)
    static_assert(sizeof(fault::RefusalOf<detail::checked<Input, Spec>>) > 0);

    static constexpr bool valid = detail::checked<Input, Spec>.ok();
    using Base = detail::NetworkBase<Input, Spec, K, valid>;
    using Kernels = K;
    using Scalar = typename K::Scalar;

    // The same network on other kernels.
    template <class Other>
    using With = Network<Input, Spec, Other>;

    // visit(const TensorInfo&) for each parameter and running statistic, in the order of memory.
    template <class Visit>
    static constexpr void for_each_tensor(Visit visit) {
        detail::TensorVisitor<Visit> visitor(visit);
        describe(visitor);
    }

    // visit(const LayerInfo&) for each layer, in the order of the data.
    template <class Visit>
    static constexpr void for_each_layer(Visit visit) {
        detail::LayerVisitor<Visit> visitor(visit);
        describe(visitor);
    }

    // The tensor called Wanted ("layer3.0.conv1.weight"); a name that does not exist is a compile-time error.
    template <Text Wanted>
    static constexpr TensorInfo tensor() {
        constexpr TensorInfo found = find(Wanted.view());
        static_assert(!valid || found.rank > 0, "residua: this network has no parameter of that name");
        return found;
    }

private:
    static constexpr void describe(NetworkVisitor& visitor) {
        Namer namer(visitor);
        Base::Root::describe(namer);
    }

    static constexpr TensorInfo find(std::string_view wanted) {
        TensorInfo found;
        for_each_tensor([&](const TensorInfo& info) {
            if (info.name.view() == wanted) found = info;
        });
        return found;
    }
};

namespace detail {

template <class N>
inline constexpr bool is_network = false;
template <Shape Input, class Spec, class K>
inline constexpr bool is_network<Network<Input, Spec, K>> = true;

}  // namespace detail

// What Parameters, Trainer and Inference are made for: a Network, or a class derived from one, and not the spec that it was made
// of. (A Network is known by its name, without a look inside: that would add lines to the error of one that is refused.)
template <class N>
concept IsNetwork = detail::is_network<N> || requires {
    typename N::Kernels;
    typename N::Scalar;
    typename N::Root;
    { N::valid } -> std::convertible_to<bool>;
};

}  // namespace residua::inline RESIDUA_ISA
